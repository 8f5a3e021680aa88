using System.Text;

namespace Buildyard;

/// <summary>The text of a <c>bitrise.yml</c> as it travels: UTF-8, at most 400 KB, byte order mark and line ends kept as they are.</summary>
internal static class YamlText
{
    /// <summary>The largest file, in bytes.</summary>
    public const int Largest = 400 * 1024;

    private const char Mark = '\uFEFF';
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads bytes as text. A byte order mark stays the first character.</summary>
    public static Outcome<string> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Largest) return TooLarge();
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            return Refusal.Invalid(new FieldError("bitrise_yml", $"It is not UTF-8 text (byte {e.Index}).", "A file saved as UTF-8."));
        }
    }

    public static byte[] Encode(string text) => s_strict.GetBytes(text);

    public static bool IsTooLarge(string text) => s_strict.GetMaxByteCount(text.Length) > Largest && Encoding.UTF8.GetByteCount(text) > Largest;

    public static Refusal TooLarge() =>
        Refusal.Invalid(new FieldError("bitrise_yml", "It is larger than 400 KB.", "A file of at most 400 KB."));

    /// <summary>The body of a request; null when it is larger than a file may be.</summary>
    public static async Task<byte[]?> ReadBodyAsync(HttpRequest request)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            await content.WriteAsync(buffer.AsMemory(0, read));
            if (content.Length > Largest) return null;
        }
        return content.ToArray();
    }

    /// <summary>What a text area shows of <paramref name="text"/>.</summary>
    public static string ForEditing(string text) => text.TrimStart(Mark).ReplaceLineEndings("\n");

    /// <summary>
    /// What a text area sent back, with the byte order mark and the line ends of the text that it showed:
    /// browsers send CRLF whatever was there before.
    /// </summary>
    public static string FromEditing(string typed, string? shown)
    {
        var crlf = shown is not null && shown.Contains("\r\n", StringComparison.Ordinal) && !shown.Replace("\r\n", "", StringComparison.Ordinal).Contains('\n', StringComparison.Ordinal);
        var text = typed.TrimStart(Mark).ReplaceLineEndings(crlf ? "\r\n" : "\n");
        return shown is [Mark, ..] ? Mark + text : text;
    }
}
