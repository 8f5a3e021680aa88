using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>A map with its merge keys (<c>&lt;&lt;</c>) applied: its own entries first, then those it takes over.</summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);

    private YamlMap(YamlMappingNode node) => Add(node);

    /// <summary>What <c>key:</c> with nothing behind it is, where a map is wanted.</summary>
    public static YamlMap Empty { get; } = new([]);

    public IReadOnlyCollection<YamlEntry> Entries => _entries.Values;

    public static YamlMap? From(YamlNode node) => node is YamlMappingNode map ? new YamlMap(map) : null;

    public YamlEntry? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Whether a node says nothing: <c>key:</c>, <c>~</c> or <c>null</c>.</summary>
    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>Whether a key takes over other maps; in quotes it is a name like any other.</summary>
    public static bool IsMerge(YamlNode key) => key is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: "<<" };

    /// <summary>What a node is, in words.</summary>
    public static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a map",
        YamlSequenceNode => "a list",
        _ when IsNull(node) => "empty",
        _ => "a single value",
    };

    private void Add(YamlMappingNode node)
    {
        foreach (var (key, value) in node.Children)
        {
            if (key is not YamlScalarNode scalar || IsMerge(key)) continue;
            var name = IsNull(key) ? "" : scalar.Value ?? "";
            _entries.TryAdd(name, new YamlEntry(name, key, value));
        }
        foreach (var (key, value) in node.Children)
        {
            if (!IsMerge(key)) continue;
            foreach (var merged in value is YamlSequenceNode list ? list.Children : [value])
                if (merged is YamlMappingNode map) Add(map);
        }
    }
}

internal sealed record YamlEntry(string Name, YamlNode Key, YamlNode Value);
