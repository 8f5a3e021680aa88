using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Latchkey.Ledger;

/// <summary>
/// The one spelling of a JSON value (RFC 8785, JSON Canonicalization Scheme): no blanks, properties in the order of their
/// UTF-16 code units, numbers as ECMAScript prints them, strings with the fewest escapes.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The deepest nesting accepted: 64 arrays or objects within one another.</summary>
    public const int MaxDepth = 64;

    /// <summary>The largest integer that every JSON reader holds exactly: 2^53 − 1 (RFC 7493, section 2.2).</summary>
    public const long MaxInteger = (1L << 53) - 1;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>Rewrites any JSON value in its canonical form.</summary>
    /// <param name="utf8">One JSON value as UTF-8, without a byte order mark.</param>
    /// <exception cref="LedgerFormatException">It is not JSON, nests deeper than <see cref="MaxDepth"/>, has a property twice, holds half a surrogate pair, or a number is beyond a double.</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> utf8)
    {
        var node = Read(utf8);
        var writer = new CanonicalWriter(anyValue: true);
        writer.Write(node);
        return writer.ToArray();
    }

    /// <summary>Writes an object as the ledger hashes it: canonical, and made only of strings, integers, booleans, arrays and objects.</summary>
    /// <param name="value">Its integers lie within ±<see cref="MaxInteger"/>. Values of other CLR types (times, ids, enums) are made strings by the caller.</param>
    /// <exception cref="LedgerFormatException">It holds null, a number that is no such integer, half a surrogate pair, or nests deeper than <see cref="MaxDepth"/>; the message names the JSON path.</exception>
    public static byte[] Encode(JsonObject value)
    {
        var writer = new CanonicalWriter(anyValue: false);
        writer.Write(value);
        return writer.ToArray();
    }

    internal static JsonNode? Read(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
            throw new LedgerFormatException("$", "is not UTF-8");
        try
        {
            return JsonNode.Parse(utf8, documentOptions: Strict);
        }
        catch (JsonException e)
        {
            throw new LedgerFormatException("$", $"is not the JSON expected here: {e.Message.TrimEnd('.')}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new LedgerFormatException("$", "holds half a surrogate pair", e);
        }
    }
}
