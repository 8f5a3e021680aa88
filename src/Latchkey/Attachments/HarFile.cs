using System.Buffers;
using System.Text.Json;

namespace Latchkey;

/// <summary>
/// Cleans a HAR file (HTTP Archive 1.2) in one walk: what the format names and is no secret is written anew, all else is left out.
/// A second walk follows only where a removed value is still found in what the first one wrote.
/// </summary>
internal static class HarFile
{
    /// <summary>Whether a JSON text is a HAR file: its <c>log</c> has <c>entries</c>. Null where it is no JSON at all.</summary>
    public static bool? IsHar(ReadOnlySpan<byte> text)
    {
        try
        {
            var isHar = false;
            var json = new Utf8JsonReader(text, JsonBody.Reading);
            while (json.Read())
            {
                if (json.CurrentDepth == 2 && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("entries"u8)) isHar = true;
                if (json.CurrentDepth == 1 && json.TokenType == JsonTokenType.PropertyName && !json.ValueTextEquals("log"u8)) json.Skip();
            }

            return isHar;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static Answer<CleanAttachment> Clean(ReadOnlySpan<byte> file)
    {
        var known = new KnownSecrets();
        try
        {
            var (bytes, removed) = Walk(file, known);
            if (known.AreIn(bytes.Span)) (bytes, removed) = Walk(file, known);
            return new CleanAttachment(AttachmentType.Har, bytes, 0, 0, removed.ToList());
        }
        catch (JsonException e)
        {
            return FileRefusal.Invalid($"This HAR file can't be read (line {e.LineNumber + 1}). Save it again from the browser's network panel.");
        }
    }

    private static (ReadOnlyMemory<byte> Bytes, RemovedParts Removed) Walk(ReadOnlySpan<byte> file, KnownSecrets known)
    {
        var removed = new RemovedParts();
        var output = new ArrayBufferWriter<byte>(Math.Max(256, file.Length / 4));
        using (var writer = new Utf8JsonWriter(output, JsonBody.Writing))
        {
            var json = new Utf8JsonReader(file, JsonBody.Reading);
            json.Read();
            new HarWalk(writer, new HarValues(known, removed), known).Root(ref json);
            if (json.Read()) throw new JsonException("More follows behind the file's end.");
        }

        return (output.WrittenMemory, removed);
    }
}
