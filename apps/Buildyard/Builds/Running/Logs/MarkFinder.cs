using System.Text;

namespace Buildyard;

/// <summary>
/// Divides a stream of bytes at marks: a byte <c>0x1E</c>, a word, and a line after it. The word is made anew for each sandbox,
/// so that nothing a step prints by chance is one.
/// </summary>
internal sealed class MarkFinder(string word)
{
    private const int LongestLine = 64;
    private readonly byte[] _mark = [0x1e, .. Encoding.ASCII.GetBytes(word)];
    private byte[] _held = [];

    /// <summary>
    /// Takes the next bytes. Calls <paramref name="text"/> for what stands between marks, and <paramref name="marked"/> with the rest of the line of each mark.
    /// </summary>
    public void Write(ReadOnlySpan<byte> bytes, TextHandler text, Action<string> marked)
    {
        if (_held.Length > 0)
        {
            bytes = (byte[])[.. _held, .. bytes];
            _held = [];
        }
        while (!bytes.IsEmpty)
        {
            var start = bytes.IndexOf((byte)0x1e);
            if (start < 0)
            {
                text(bytes);
                return;
            }
            if (start > 0) text(bytes[..start]);
            bytes = bytes[start..];
            var known = Math.Min(bytes.Length, _mark.Length);
            if (!bytes[..known].SequenceEqual(_mark.AsSpan(0, known)))
            {
                text(bytes[..1]);
                bytes = bytes[1..];
                continue;
            }
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0 && bytes.Length <= _mark.Length + LongestLine)
            {
                _held = bytes.ToArray();
                return;
            }
            if (end < 0 || end > _mark.Length + LongestLine)
            {
                text(bytes[..1]);
                bytes = bytes[1..];
                continue;
            }
            marked(Encoding.ASCII.GetString(bytes[_mark.Length..end]).Trim());
            bytes = bytes[(end + 1)..];
        }
    }

    public delegate void TextHandler(ReadOnlySpan<byte> text);
}
