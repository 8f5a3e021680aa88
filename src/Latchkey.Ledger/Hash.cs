using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Latchkey.Ledger;

/// <summary>A SHA-256 value: 32 bytes, compared by value. The default is 32 zero bytes, which is the hash of nothing known.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Hash
{
    /// <summary>The length in bytes: 32.</summary>
    public const int Size = 32;

    internal const int TextLength = 44;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Takes the value from exactly 32 bytes.</summary>
    /// <param name="bytes">32 bytes; any other length is an <see cref="ArgumentException"/>.</param>
    public Hash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A hash is {Size} bytes, not {bytes.Length}.", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Writes the 32 bytes to the front of <paramref name="destination"/>, which must have room for them.</summary>
    /// <param name="destination">At least 32 bytes long.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The value in standard base64 with padding (RFC 4648, section 4): 44 characters.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Writes what <see cref="ToString"/> gives as 44 bytes of ASCII.</summary>
    internal void WriteText(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Base64.EncodeToUtf8(bytes, destination, out _, out _);
    }

    /// <summary>Reads the form that <see cref="ToString"/> writes, and no other: no blanks, no missing padding, no stray last bits.</summary>
    /// <param name="text">44 characters of standard base64; null is refused.</param>
    /// <param name="hash">The value, or the default when the answer is false.</param>
    public static bool TryParse(string? text, out Hash hash)
    {
        hash = default;
        if (text is not { Length: TextLength } || !StrictBase64.TryDecode(text, out var bytes) || bytes.Length != Size)
            return false;
        hash = new Hash(bytes);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>; anything else is a <see cref="FormatException"/>.</summary>
    /// <param name="text">44 characters of standard base64.</param>
    public static Hash Parse(string text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException($"A hash is {TextLength} characters of standard base64 that stand for {Size} bytes.");
}
