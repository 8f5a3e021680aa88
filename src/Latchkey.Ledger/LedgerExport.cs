using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>Content that an entry commits to, as an export carries it.</summary>
/// <param name="Id">Its id in the entry, <c>cnt_…</c>.</param>
/// <param name="Salt">The 32 bytes it was committed with.</param>
/// <param name="Text">The content, whose UTF-8 was committed to.</param>
public sealed record ExportedContent(string Id, ReadOnlyMemory<byte> Salt, string Text);

/// <summary>
/// The export of a ledger: JSON Lines, one entry a line, in order of seq from 0. Each line is
/// <c>{"seq":n,"leaf":"base64","entry":"the canonical bytes as a string","content":{"cnt_…":{"salt":"base64","text":"…"}}}</c>.
/// </summary>
public static class LedgerExport
{
    // The entry is JSON inside a string; only what JSON itself asks for is escaped, so that people can read it.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one line with its newline.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="seq">The entry's number.</param>
    /// <param name="leaf">The leaf hash as it is stored.</param>
    /// <param name="entry">The entry's bytes as they are stored.</param>
    /// <param name="content">What is left of its content; what was erased is not there.</param>
    public static void WriteLine(IBufferWriter<byte> output, long seq, Hash leaf, ReadOnlySpan<byte> entry, params IReadOnlyList<ExportedContent> content)
    {
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, seq);
            json.WriteString("leaf"u8, leaf.ToString());
            json.WriteString("entry"u8, entry);
            if (content.Count > 0)
            {
                json.WriteStartObject("content"u8);
                foreach (var item in content)
                {
                    json.WriteStartObject(item.Id);
                    json.WriteBase64String("salt"u8, item.Salt.Span);
                    json.WriteString("text"u8, item.Text);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads one line. A content that is null counts as erased.</summary>
    internal static ExportLine ReadLine(ReadOnlySpan<byte> utf8)
    {
        if (CanonicalJson.Read(utf8) is not JsonObject members)
            throw new LedgerFormatException("$", "is not an object");
        var seq = members.Take<long>("seq", "a whole number");
        if (seq is < 0 or > CanonicalJson.MaxInteger)
            throw new LedgerFormatException("$.seq", $"is {seq}; it lies within 0 and 2^53 − 1");
        if (!Hash.TryParse(members.TakeText("leaf"), out var leaf))
            throw new LedgerFormatException("$.leaf", "is not 32 bytes in standard base64");
        var entry = Encoding.UTF8.GetBytes(members.TakeText("entry"));
        members.Remove("content", out var content);
        members.ExpectNoMore();
        return new ExportLine(seq, leaf, entry, ReadContent(content));
    }

    private static List<ExportedContent> ReadContent(JsonNode? content)
    {
        var items = new List<ExportedContent>();
        if (content is null)
            return items;
        foreach (var (id, node) in content as JsonObject ?? throw new LedgerFormatException("$.content", "is not an object"))
        {
            if (node is null)
                continue;
            var item = node as JsonObject ?? throw new LedgerFormatException($"$.content.{id}", "is not an object");
            if (!StrictBase64.TryDecode(item.TakeText("salt"), out var salt))
                throw new LedgerFormatException($"$.content.{id}.salt", "is not standard base64");
            items.Add(new ExportedContent(id, salt, item.Take<string>("text", "a string")));
            item.ExpectNoMore();
        }

        return items;
    }
}

/// <summary>One line of an export as it was read; whether it is true is another matter.</summary>
internal sealed record ExportLine(long Seq, Hash Leaf, byte[] Entry, IReadOnlyList<ExportedContent> Content);
