using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>Reads fields of maps, and says of each that has another shape than it should. What is absent or says nothing is null.</summary>
internal sealed class FieldReader(Findings findings)
{
    public static Place At(YamlNode node) => new((int)Math.Max(1, node.Start.Line), (int)Math.Max(1, node.Start.Column));

    public Findings Findings => findings;

    public string? Text(YamlMap map, string key, string owner) => Text(map.Find(key)?.Value, key, owner);

    public string? Text(YamlNode? node, string key, string owner)
    {
        if (node is null || YamlMap.IsNull(node)) return null;
        if (node is YamlScalarNode { Value: { } text }) return text;
        Wrong(node, key, owner, "text");
        return null;
    }

    public bool? Switch(YamlMap map, string key, string owner)
    {
        if (map.Find(key)?.Value is not { } node || YamlMap.IsNull(node)) return null;
        if (node is YamlScalarNode scalar && Scalars.Switch(scalar) is { } value) return value;
        Wrong(node, key, owner, "true or false, without quotes");
        return null;
    }

    public int? Number(YamlMap map, string key, string owner)
    {
        if (map.Find(key)?.Value is not { } node || YamlMap.IsNull(node)) return null;
        if (node is YamlScalarNode scalar && Scalars.Number(scalar) is { } value) return value;
        Wrong(node, key, owner, "a whole number");
        return null;
    }

    public YamlMap? Map(YamlMap map, string key, string owner, string what = "a map")
    {
        if (map.Find(key)?.Value is not { } node || YamlMap.IsNull(node)) return null;
        if (YamlMap.From(node) is { } inner) return inner;
        Wrong(node, key, owner, what);
        return null;
    }

    public IList<YamlNode> List(YamlMap map, string key, string owner, string what = "a list")
    {
        if (map.Find(key)?.Value is not { } node || YamlMap.IsNull(node)) return [];
        if (node is YamlSequenceNode list) return list.Children;
        Wrong(node, key, owner, what);
        return [];
    }

    /// <summary>A list of names; one that says nothing is an empty name.</summary>
    public List<Reference> Names(YamlMap map, string key, string owner, string what)
    {
        var names = new List<Reference>();
        foreach (var node in List(map, key, owner, $"a list of {what}"))
        {
            if (node is YamlScalarNode scalar) names.Add(new Reference(YamlMap.IsNull(node) ? "" : scalar.Value ?? "", At(node)));
            else findings.Error(node, $"{key} of {owner} holds {YamlMap.Kind(node)}. It should hold {what}.");
        }
        return names;
    }

    /// <summary>A map of texts.</summary>
    public OrderedDictionary<string, string> Texts(YamlMap map, string key, string owner)
    {
        var texts = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Map(map, key, owner)?.Entries ?? [])
            texts[entry.Name] = Text(entry.Value, entry.Name, $"{key} of {owner}") ?? "";
        return texts;
    }

    /// <summary>Texts that are only looked at for their shape.</summary>
    public void ExpectTexts(YamlMap map, string owner, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) Text(map, key, owner);
    }

    /// <summary>Lists of texts that are only looked at for their shape.</summary>
    public void ExpectLists(YamlMap map, string owner, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) Names(map, key, owner, "texts");
    }

    /// <summary>A <c>meta</c>: a map of anything, whose inner maps have texts as keys.</summary>
    public YamlMap? Meta(YamlMap map, string owner)
    {
        var meta = Map(map, "meta", owner);
        foreach (var entry in meta?.Entries ?? []) ExpectTextKeys(entry.Value, $"meta of {owner}");
        return meta;
    }

    public bool ExpectTextKeys(YamlNode node, string owner)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                {
                    if (key is YamlScalarNode scalar && Scalars.KindOf(scalar) != ScalarKind.Text)
                    {
                        findings.Error(key, $"A key in {owner} is not text. Put {scalar.Value} in quotes.");
                        return false;
                    }
                    if (!ExpectTextKeys(value, owner)) return false;
                }
                return true;
            case YamlSequenceNode list:
                return list.Children.All(item => ExpectTextKeys(item, owner));
            default:
                return true;
        }
    }

    public void Wrong(YamlNode node, string key, string owner, string what) =>
        findings.Error(node, $"{key} of {owner} is {Scalar(node)}. It should be {what}.");

    private static string Scalar(YamlNode node) => node switch
    {
        YamlScalarNode { Value: { Length: > 0 and <= 40 } text } when !YamlMap.IsNull(node) => $"“{text}”",
        _ => YamlMap.Kind(node),
    };
}
