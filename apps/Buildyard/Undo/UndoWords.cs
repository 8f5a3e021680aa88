using System.Text.Json;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>What undoing does, in sentences. Values that are sealed are never told.</summary>
internal static partial class UndoWords
{
    private const int LongestValue = 80;

    // A row of which more than this changed was replaced as a whole.
    private const int MostTold = 3;

    public static IEnumerable<string> Of(ChangedRow row, bool gone) => row switch
    {
        { Before: null } => [gone ? $"{Sentence(row.Called)} is gone already." : $"Removes {row.Called}."],
        // They went with it, and nothing kept them.
        { After: null, Entity: nameof(Webhook) or nameof(IncomingHook) } => [$"Brings {row.Called} back as it was, without the list of its earlier deliveries."],
        { After: null } => [$"Brings {row.Called} back as it was."],
        _ when UndoRules.Given(row) is { Count: <= MostTold } given => given.Select(property => Back(row, property, row.Before[property])),
        _ => [$"Sets {row.Called} back to what it was."],
    };

    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Back(ChangedRow row, string property, JsonElement before)
    {
        var isAddress = row.Entity == nameof(App) && property == nameof(App.RepositoryUrl);
        var of = $"the {Words(property)} of {row.Called}";
        return before.ValueKind switch
        {
            JsonValueKind.True => $"Switches {Words(property)} of {row.Called} on again.",
            JsonValueKind.False => $"Switches {Words(property)} of {row.Called} off again.",
            JsonValueKind.Null => $"Clears {of}.",
            // Sealed values are bytes, which JSON has as a text too: what an entity calls a text is told, bytes are not.
            JsonValueKind.String when before.GetString() is { } text && !IsSealed(row, property) && !property.EndsWith("Hash", StringComparison.Ordinal) => text.Length is > 0 and <= LongestValue && !text.Contains('\n', StringComparison.Ordinal)
                ? $"Sets {of} back to “{(isAddress ? RepositoryAddress.Shown(text) : text)}”."
                : $"Sets {of} back to what it was.",
            JsonValueKind.Number when !IsSealed(row, property) => $"Sets {of} back to {Number(row, property, before)}.",
            _ => $"Sets {of} back to what it was.",
        };
    }

    private static string Number(ChangedRow row, string property, JsonElement value) =>
        row.Entity == nameof(AppRole) && property == nameof(AppRole.Role) ? ((MemberRole)value.GetInt32()).Label() : value.GetRawText();

    public static bool IsSealed(ChangedRow row, string property) =>
        Type.GetType($"{nameof(Buildyard)}.{row.Entity}")?.GetProperty(property)?.PropertyType == typeof(byte[]);

    public static string Words(string property) => InnerCapital().Replace(property.StartsWith("Is", StringComparison.Ordinal) ? property[2..] : property, " $0").ToLowerInvariant().Replace("url", "URL", StringComparison.Ordinal);

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex InnerCapital();
}
