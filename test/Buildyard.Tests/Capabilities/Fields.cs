using System.Text.Json;

namespace Buildyard.Capabilities;

internal static class Fields
{
    /// <summary>Every value of these names, wherever in the document, in order.</summary>
    public static string Of(string json, IReadOnlyList<string> names) => string.Join('\n', In(JsonElement.Parse(json), names));

    private static IEnumerable<string> In(JsonElement element, IReadOnlyList<string> names) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => In(item, names)),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p =>
            names.Contains(p.Name, StringComparer.Ordinal) ? [$"{p.Name}: {p.Value.GetRawText()}"] : In(p.Value, names)),
        _ => [],
    };
}
