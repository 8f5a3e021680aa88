using System.Security.Cryptography;

namespace Latchkey;

/// <summary>
/// Random bytes for salts and ids, from the system's generator, fetched in advance: an act takes nine times some, and each call
/// into the system costs more than a hash. Every thread has its own supply; what was given out is wiped from it.
/// </summary>
internal sealed class FreshBytes
{
    private static readonly ThreadLocal<FreshBytes> s_ofThread = new(() => new FreshBytes());

    private readonly byte[] _supply = new byte[2048];
    private int _left;

    /// <summary>Fills a span, of at most 2,048 bytes.</summary>
    public static void Fill(Span<byte> bytes) => s_ofThread.Value!.Take(bytes);

    private void Take(Span<byte> bytes)
    {
        if (_left < bytes.Length)
        {
            RandomNumberGenerator.Fill(_supply);
            _left = _supply.Length;
        }

        var taken = _supply.AsSpan(_left - bytes.Length, bytes.Length);
        taken.CopyTo(bytes);
        taken.Clear();
        _left -= bytes.Length;
    }
}
