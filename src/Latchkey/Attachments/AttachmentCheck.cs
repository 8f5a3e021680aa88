using System.Text;

namespace Latchkey;

/// <summary>
/// Looks at a file that someone wants to attach, and makes it anew from only the parts that are needed: pictures without anything
/// but the picture, HAR files and text without what signs anyone in. What it is, its content says. Pure: no disk, no clock, and
/// whatever the bytes are, the answer is a value.
/// </summary>
public static class AttachmentCheck
{
    /// <summary>How much of a file says what it is.</summary>
    internal const int HeadBytes = 1024;

    /// <summary>Reads a file to its end and cleans it. Reading stops at the limit of what the file's first bytes say it is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="limits">How large it may be; null for the defaults.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The cleaned file, or why it is not taken; the refusal's field is <c>file</c>.</returns>
    public static async Task<Answer<CleanAttachment>> CleanAsync(Stream file, AttachmentLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= new();
        var bytes = new byte[64 * 1024];
        var length = await file.ReadAtLeastAsync(bytes, HeadBytes, throwOnEndOfStream: false, cancellation);
        var (what, most) = LimitOf(bytes.AsSpan(0, Math.Min(length, HeadBytes)), limits);
        while (length <= most)
        {
            if (length == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(most + 1L, bytes.Length * 2L));
            var read = await file.ReadAsync(bytes.AsMemory(length), cancellation);
            if (read == 0) return Clean(bytes.AsMemory(0, length), limits);
            length += read;
        }

        return FileRefusal.TooLarge(what, most);
    }

    /// <summary>Cleans a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="limits">How large it may be; null for the defaults.</param>
    /// <returns>The cleaned file, or why it is not taken; the refusal's field is <c>file</c>.</returns>
    public static Answer<CleanAttachment> Clean(ReadOnlyMemory<byte> file, AttachmentLimits? limits = null)
    {
        limits ??= new();
        var bytes = file.Span;
        if (bytes.IsEmpty) return FileRefusal.Empty;
        var (what, most) = LimitOf(bytes[..Math.Min(bytes.Length, HeadBytes)], limits);
        if (bytes.Length > most) return FileRefusal.TooLarge(what, most);
        return PictureType(bytes) switch
        {
            AttachmentType.Png => PngPicture.Rebuild(bytes, limits),
            AttachmentType.Jpeg => JpegPicture.Rebuild(bytes, limits),
            AttachmentType.Gif => GifPicture.Rebuild(bytes, limits),
            AttachmentType.Webp => WebPPicture.Rebuild(bytes, limits),
            _ => Text(bytes, limits),
        };
    }

    private static AttachmentType? PictureType(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(PngPicture.Signature) ? AttachmentType.Png
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? AttachmentType.Jpeg
        : bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8) ? AttachmentType.Gif
        : bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? AttachmentType.Webp
        : null;

    /// <summary>How large a file may be that begins so, and what it is called where it is larger.</summary>
    internal static (string What, int Bytes) LimitOf(ReadOnlySpan<byte> head, AttachmentLimits limits) =>
        PictureType(head) is not null ? ("A picture", limits.PictureBytes)
        : WithoutMark(head).TrimStart(" \t\r\n"u8).StartsWith("{"u8) ? ("A HAR file", limits.HarBytes)
        : ("A text", limits.TextBytes);

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;

    private static Answer<CleanAttachment> Text(ReadOnlySpan<byte> bytes, AttachmentLimits limits)
    {
        if (NameOfRefused(bytes) is { } refused) return FileRefusal.NotAccepted(refused);
        bytes = WithoutMark(bytes);
        if (bytes.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            switch (HarFile.IsHar(bytes))
            {
                case true:
                    return HarFile.Clean(bytes);
                case null when bytes.IndexOf("\"log\""u8) >= 0 && bytes.IndexOf("\"entries\""u8) >= 0:
                    return NoHar;
                default:
                    break;
            }
        }

        // A part of a recording, or one inside of something else, has the same secrets in it.
        if (bytes.IndexOf("\"request\""u8) >= 0 && bytes.IndexOf("\"headers\""u8) >= 0 && bytes.IndexOf("\"cookies\""u8) >= 0) return NoHar;

        if (bytes.Length > limits.TextBytes) return FileRefusal.TooLarge("A text", limits.TextBytes);
        if (bytes.Contains((byte)0)) return FileRefusal.NotAccepted("This kind of file");
        try
        {
            var removed = new RemovedParts();
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            var kept = TextSecrets.Mask(text, (name, _) => removed.Add(RemovedKind.Secret, name: name));
            return new CleanAttachment(AttachmentType.Text, Encoding.UTF8.GetBytes(kept), 0, 0, removed.ToList());
        }
        catch (DecoderFallbackException)
        {
            return FileRefusal.NotAccepted("A file that is neither a picture nor text in UTF-8");
        }
    }

    private static Refusal NoHar { get; } = FileRefusal.Invalid(
        "This looks like a HAR file, but it is damaged or cut off, so it can't be cleaned. Save it again from the browser's network panel.");

    // What browsers or viewers would take for something active, whatever it is called.
    private static string? NameOfRefused(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, HeadBytes)];
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return "Text in UTF-16 (save it as UTF-8)";
        if (head.IndexOf("%PDF-"u8) >= 0) return "A PDF";
        if (head.StartsWith("PK"u8) && head.Length > 3 && head[2] < 9) return "A zip archive";
        var text = WithoutMark(head).TrimStart(" \t\r\n\f\v"u8);
        if (text.Length < 2 || text[0] != '<' || !(char.IsAsciiLetter((char)text[1]) || text[1] is (byte)'!' or (byte)'?' or (byte)'/')) return null;
        return Encoding.Latin1.GetString(text).Contains("<svg", StringComparison.OrdinalIgnoreCase) ? "An SVG picture" : "A page or XML";
    }
}
