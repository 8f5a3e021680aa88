using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>Writes out what part of a <c>bitrise.yml</c> says, the same text exactly where the same is said, wherever it stands in the file.</summary>
internal static partial class ConfigText
{
    // What stands in fields, as the parts of a tuple do, is said too.
    private static readonly JsonSerializerOptions s_withoutPlaces = new() { IncludeFields = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutPlaces, TellKindsApart } } };

    private static readonly SearchValues<char> s_ofNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@");

    public static string Of(object? part) => JsonSerializer.Serialize(part, s_withoutPlaces);

    /// <summary>
    /// What a part is made up of, down to the lines of its scripts, each as a text that is the same wherever it stands: by these something is known
    /// again under another name, in another place, or with something added. Names, plain settings and the opening lines that scripts have alike are
    /// nobody's and not among them; what is an address or a path says what runs.
    /// </summary>
    /// <param name="text">The part, as <see cref="Of"/> writes it.</param>
    public static IEnumerable<string> Pieces(string text)
    {
        using var json = JsonDocument.Parse(text);
        return [.. Pieces(json.RootElement, isValue: false)];
    }

    private static IEnumerable<string> Pieces(JsonElement element, bool isValue) => element.ValueKind switch
    {
        JsonValueKind.Object when Says(element) => element.EnumerateObject().SelectMany(property => Pieces(property.Value, property.NameEquals(nameof(EnvItem.Value))))
            // What has a name alone is a reference to something that is told elsewhere.
            .Concat(element.EnumerateObject().Skip(1).Any() ? [element.GetRawText()] : []),
        // Also what follows on what: the same steps in another order do something else.
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Pieces(item, isValue)).Concat(element.EnumerateArray().Zip(element.EnumerateArray().Skip(1), (one, next) => $"{one.GetRawText()}\n{next.GetRawText()}")),
        JsonValueKind.String => element.GetString()!.Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => !Opening().IsMatch(line) && (line.AsSpan().ContainsAnyExcept(s_ofNames) || (isValue && !IsPlain(line)))),
        _ => [],
    };

    /// <summary>Whether a value switches or counts: a script is longer, even one that only says <c>env</c>.</summary>
    private static bool IsPlain(string line) => line is { Length: < 3 } or "yes" or "true" or "false" || line.All(char.IsAsciiDigit);

    /// <summary>A line that does nothing by itself: a comment, an interpreter of the machine's, options of the shell.</summary>
    [GeneratedRegex("^(?:#(?!!)|#!/(?:usr/)?bin/(?:env )?[a-z0-9]+(?: -[a-z]+)?$|set(?: [-+][A-Za-z]+(?: pipefail)?)+$)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Opening();

    /// <summary>Whether anything was written here: what is left out is the same for everybody.</summary>
    private static bool Says(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(property => !property.NameEquals("$type") && Says(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(Says),
        JsonValueKind.String => element.GetString()!.Length > 0,
        JsonValueKind.Number or JsonValueKind.True => true,
        _ => false,
    };

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
