using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>
/// A <c>bitrise.yml</c> as it takes effect: every alias and merge key written out where it stands, lists and maps a line each, without comments.
/// Where two files differ in what they say, they differ here, in the very lines of every part that says something else; so this is what is shown
/// to whoever makes a difference their own.
/// </summary>
internal static class WrittenOut
{
    /// <summary>The text written out; as it is where it can't be read.</summary>
    public static string Of(string text)
    {
        if (YamlSource.Read(text).Root is not { } root) return text;
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(Copy(root))).Save(writer, assignAnchors: false);
        // The end of a document is nothing that a file says.
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Whether a text that can be read says something in one place that takes effect in another.</summary>
    public static bool HasAliases(string text)
    {
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
            if (parser.Current is AnchorAlias) return true;
        return false;
    }

    /// <summary>
    /// What says something else in <paramref name="after"/> though its own lines are the same, as where an alias refers to another place: who looks
    /// at the lines that differ doesn't see it. Null: there is none.
    /// </summary>
    public static string? ChangedUnseen(string before, string after)
    {
        if (!HasAliases(before) && !HasAliases(after)) return null;
        // What can't be read is not saved.
        if (!YamlEditor.Open(before).Succeeded(out var was, out _) || !YamlEditor.Open(after).Succeeded(out var now, out _)) return null;
        foreach (var (part, _) in ConfigSections.Changed(BitriseYaml.ReadSaved(before), BitriseYaml.ReadSaved(after)))
        {
            var (path, name) = PlaceOf(part);
            if ((was.Lines(path) ?? []).SequenceEqual(now.Lines(path) ?? [], StringComparer.Ordinal)) return name;
        }
        return null;
    }

    private static (YamlPath Path, string Name) PlaceOf(ConfigPart part)
    {
        var section = part.Section == nameof(BitriseConfig.AppEnvs) ? "app" : JsonNamingPolicy.SnakeCaseLower.ConvertName(part.Section);
        var path = YamlPath.Root.Key(section);
        return part is { Key: { Length: > 0 } key, Section: not nameof(BitriseConfig.AppEnvs) } ? (path.Key(key), $"{key} of {section}") : (path, section);
    }

    private static YamlNode Copy(YamlNode node) => node switch
    {
        YamlMappingNode map => new YamlMappingNode(map.Children.Select(child => KeyValuePair.Create(Copy(child.Key), Copy(child.Value)))) { Style = MappingStyle.Block, Tag = map.Tag },
        YamlSequenceNode list => new YamlSequenceNode(list.Children.Select(Copy)) { Style = SequenceStyle.Block, Tag = list.Tag },
        YamlScalarNode scalar => new YamlScalarNode(scalar.Value) { Style = scalar.Style, Tag = scalar.Tag },
        _ => throw new InvalidOperationException("A file that is read holds maps, lists and values."),
    };
}
