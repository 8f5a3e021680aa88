using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>The fields of one entry while it is read. What is absent was left out, never null.</summary>
internal sealed class FactFields(JsonObject json)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public string Text(string name) => TextOrNull(name) ?? throw Missing(name, "a string");

    public string? TextOrNull(string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw Missing(name, "a string"),
    };

    public AppId? AppOrNull(string name) => TextOrNull(name) is { } app ? new AppId(app) : null;

    public PersonId? PersonOrNull(string name) => TextOrNull(name) is { } person ? new PersonId(person) : null;

    public AgentId? AgentOrNull(string name) => TextOrNull(name) is { } agent ? new AgentId(agent) : null;

    public int Number(string name) => NumberOrNull(name) ?? throw Missing(name, "a whole number");

    public DateTimeOffset? TimeOrNull(string name) => json[name] is null ? null : Time(name);

    public ImmutableArray<string> Texts(string name) =>
        json[name] is JsonArray array
            ? [.. array.Select(item => item?.GetValue<string>() ?? throw Missing(name, "a list of strings"))]
            : throw Missing(name, "a list of strings");

    public ImmutableArray<string> TextsOrNone(string name) => json[name] is null ? [] : Texts(name);

    public DateTimeOffset Time(string name) =>
        DateTimeOffset.TryParseExact(Text(name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Missing(name, "a UTC time with milliseconds");

    public T Enum<T>(string name)
        where T : struct, Enum
    {
        var text = Text(name);
        foreach (var value in System.Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) == text)
            {
                return value;
            }
        }

        throw Missing(name, $"a value of {typeof(T).Name}");
    }

    public int? NumberOrNull(string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        _ => throw Missing(name, "a whole number"),
    };

    public bool Flag(string name) =>
        json[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : throw Missing(name, "true or false");

    public Content Content(string name) => ContentOrNull(name) ?? throw Missing(name, "a content's id and sha256");

    public Content? ContentOrNull(string name)
    {
        if (json[name] is null)
        {
            return null;
        }

        return json[name] is JsonObject content
            && content["id"]?.GetValue<string>() is { } id
            && Hash.TryParse(content["sha256"]?.GetValue<string>() ?? "", out var hash)
                ? Latchkey.Content.Named(id, hash)
                : throw Missing(name, "a content's id and sha256");
    }

    public IEnumerable<FactFields> Objects(string name) =>
        json[name] is JsonArray array
            ? array.Select(item => new FactFields(item as JsonObject ?? throw Missing(name, "a list of objects")))
            : throw Missing(name, "a list of objects");

    private static FormatException Missing(string name, string wanted) =>
        new($"The entry's field '{name}' is missing or wrong; it takes {wanted}.");
}
