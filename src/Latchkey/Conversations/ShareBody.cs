using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Latchkey;

/// <summary>How the parts of a share lie in their content: as JSON.</summary>
public static class ShareBody
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the parts.</summary>
    public static string Write(ImmutableArray<SharePart> parts) => JsonSerializer.Serialize(parts, s_json);

    /// <summary>Reads the parts; null where the text is no list of them.</summary>
    public static ImmutableArray<SharePart>? Read(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<ImmutableArray<SharePart>>(body, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
