using System.Globalization;
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
    /// <summary>How many lines may be written out to be shown: beyond, nobody looks at them. A line of very many characters is several.</summary>
    public const int MostLines = 10_000;

    private const int LongLine = 200;

    /// <summary>Says that a file is too long to be shown written out.</summary>
    public static string TooLong { get; } = string.Create(CultureInfo.InvariantCulture, $"Written out, bitrise.yml takes more than {MostLines:N0} lines, too many to show.");

    /// <summary>The text written out; as it is where it can't be read. Null: it is too long to be shown.</summary>
    public static string? Of(string text)
    {
        if (YamlSource.Read(text).Root is not { } root) return text.AsSpan().Count('\n') > MostLines ? null : text;
        if (Lines(root) > MostLines) return null;
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(Copy(root))).Save(writer, assignAnchors: false);
        // The end of a document is nothing that a file says.
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Both texts written out; null where what each says holds where it stands, so that there is nothing to write out.</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other.</param>
    /// <param name="isTooLong">Whether they would have to be written out, and are too long to be shown.</param>
    public static (string Before, string After)? Both(string before, string after, out bool isTooLong)
    {
        isTooLong = false;
        if (!HasAliases(before) && !HasAliases(after)) return null;
        if (Of(before) is { } was && Of(after) is { } now) return (was, now);
        isTooLong = true;
        return null;
    }

    /// <summary>How many lines of two texts are from the first that differs to the last.</summary>
    public static int Changed(string before, string after)
    {
        var (one, other) = (before.Split('\n'), after.Split('\n'));
        var (most, start) = (Math.Min(one.Length, other.Length), 0);
        while (start < most && one[start] == other[start]) start++;
        var end = 0;
        while (end < most - start && one[^(end + 1)] == other[^(end + 1)]) end++;
        return Math.Max(one.Length, other.Length) - start - end;
    }

    private static bool HasAliases(string text)
    {
        if (!text.Contains('*', StringComparison.Ordinal) || YamlSource.Read(text).Root is null) return false;
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        while (parser.MoveNext())
            if (parser.Current is AnchorAlias) return true;
        return false;
    }

    private static long Lines(YamlNode node) => node switch
    {
        YamlMappingNode map => Math.Max(1, map.Children.Sum(child => Lines(child.Value) + (child.Value is YamlScalarNode ? 0 : 1))),
        YamlSequenceNode list => Math.Max(1, list.Children.Sum(Lines)),
        YamlScalarNode { Value: { } value } => 1 + value.AsSpan().Count('\n') + (value.Length / LongLine),
        _ => 1,
    };

    private static YamlNode Copy(YamlNode node) => node switch
    {
        YamlMappingNode map => new YamlMappingNode(map.Children.Select(child => KeyValuePair.Create(Copy(child.Key), Copy(child.Value)))) { Style = MappingStyle.Block, Tag = map.Tag },
        YamlSequenceNode list => new YamlSequenceNode(list.Children.Select(Copy)) { Style = SequenceStyle.Block, Tag = list.Tag },
        YamlScalarNode scalar => new YamlScalarNode(scalar.Value) { Style = scalar.Style, Tag = scalar.Tag },
        _ => throw new InvalidOperationException("A file that is read holds maps, lists and values."),
    };
}
