using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Buildyard;

/// <summary>Writes out what part of a <c>bitrise.yml</c> says, the same text exactly where the same is said, wherever it stands in the file.</summary>
internal static class ConfigText
{
    // What stands in fields, as the parts of a tuple do, is said too.
    private static readonly JsonSerializerOptions s_withoutPlaces = new() { IncludeFields = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutPlaces, TellKindsApart } } };

    public static string Of(object? part) => JsonSerializer.Serialize(part, s_withoutPlaces);

    /// <summary>
    /// What a part is made up of, down to the commands of its scripts, each as a text that is the same wherever it stands: by these something is known
    /// again under another name or in another place. Names and plain settings are nobody's and not among them; what is an address or a path says what
    /// runs.
    /// </summary>
    /// <param name="text">The part, as <see cref="Of"/> writes it.</param>
    public static IEnumerable<string> Pieces(string text) => Read(text, ScriptText.Pieces);

    /// <summary>Of the <see cref="Pieces"/> those that nobody comes to say by chance.</summary>
    /// <param name="text">The part, as <see cref="Of"/> writes it.</param>
    public static IEnumerable<string> Copies(string text) => Read(text, ScriptText.Copies, hasWhole: false);

    /// <summary>Which of some pieces stand in a part, whatever is written around them.</summary>
    /// <param name="text">The part, as <see cref="Of"/> writes it.</param>
    /// <param name="pieces">What is looked for.</param>
    public static IEnumerable<string> Find(string text, HashSet<string> pieces) =>
        Read(text, (value, _) => ScriptText.Find(value, pieces)).Where(pieces.Contains);

    private static List<string> Read(string text, Func<string, bool, IEnumerable<string>> ofText, bool hasWhole = true)
    {
        using var json = JsonDocument.Parse(text);
        return [.. Pieces(json.RootElement, isValue: false)];

        IEnumerable<string> Pieces(JsonElement element, bool isValue) => element.ValueKind switch
        {
            JsonValueKind.Object when Says(element) => element.EnumerateObject().Where(property => !IsRemark(property)).SelectMany(property => Pieces(property.Value, property.NameEquals(nameof(EnvItem.Value))))
                // What has a name alone is a reference to something that is told elsewhere.
                .Concat(hasWhole && element.EnumerateObject().Where(IsSaid).Skip(1).Any() ? [element.GetRawText()] : []).Concat(Referring(element)),
            // Also what follows on what: the same steps in another order do something else.
            JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Pieces(item, isValue)).Concat(!hasWhole ? [] : element.EnumerateArray().Zip(element.EnumerateArray().Skip(1), (one, next) => $"{one.GetRawText()}\n{next.GetRawText()}")),
            JsonValueKind.String => ofText(element.GetString()!, isValue),
            _ => [],
        };

        // The same reference is another thing where it is replaced and where it isn't.
        IEnumerable<string> Referring(JsonElement item)
        {
            if (!item.TryGetProperty(nameof(EnvItem.IsExpand), out _) || item.GetProperty(nameof(EnvItem.Value)).GetString() is not { } said) return [];
            var how = $"{Switch(nameof(EnvItem.IsExpand))}{Switch(nameof(EnvItem.IsTemplate))}_";
            return said.Split('\n').Where(line => line.Contains('$', StringComparison.Ordinal) || line.Contains("{{", StringComparison.Ordinal))
                .SelectMany(line => ofText(line.Replace("$", $"${how}", StringComparison.Ordinal).Replace("{{", $"{{{{{how} ", StringComparison.Ordinal), true))
                .Where(piece => piece.Contains(how, StringComparison.Ordinal));

            char Switch(string name) => item.GetProperty(name).ValueKind switch { JsonValueKind.True => 'y', JsonValueKind.False => 'n', _ => 'd' };
        }
    }

    /// <summary>Whether anything was written here: what is left out is the same for everybody.</summary>
    private static bool Says(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(IsSaid),
        JsonValueKind.Array => element.EnumerateArray().Any(Says),
        JsonValueKind.String => element.GetString()!.Length > 0,
        JsonValueKind.Number or JsonValueKind.True => true,
        _ => false,
    };

    /// <summary>What is said to people: it runs nothing.</summary>
    private static bool IsRemark(JsonProperty property) =>
        property.NameEquals(nameof(BitriseConfig.Title)) || property.NameEquals(nameof(BitriseConfig.Summary)) || property.NameEquals(nameof(BitriseConfig.Description));

    private static bool IsSaid(JsonProperty property) => !property.NameEquals("$type") && Says(property.Value);

    private static void LeaveOutPlaces(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i].PropertyType == typeof(Place) || type.Properties[i].PropertyType == typeof(IReadOnlyList<Place>)) type.Properties.RemoveAt(i);
    }

    /// <summary>What stands where one of several kinds may, such as an item of a list of steps, is written whole, with its kind.</summary>
    private static void TellKindsApart(JsonTypeInfo type)
    {
        if (!type.Type.IsAbstract || type.Type.Assembly != typeof(ConfigText).Assembly) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions();
        foreach (var kind in type.Type.Assembly.GetTypes().Where(t => t.IsSubclassOf(type.Type)))
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, kind.Name));
    }
}
