using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Buildyard;

/// <summary>Finds tabs where YAML wants spaces and the parser here doesn't mind: Bitrise refuses them (scannerc.go of its yaml.v2).</summary>
internal static class YamlTabs
{
    /// <summary>The line, from 1, of a tab before the first thing the text says; null: there is none.</summary>
    public static int? Leading(ReadOnlySpan<char> text)
    {
        var number = 1;
        foreach (var line in text.EnumerateLines())
        {
            var rest = line.TrimStart(' ');
            if (rest is ['\t', ..]) return number;
            if (rest.Length > 0 && rest[0] != '#') return null;
            number++;
        }
        return null;
    }

    /// <summary>Whether a tab indents what begins at <paramref name="start"/>, outside of any <c>[ ]</c> and <c>{ }</c>.</summary>
    public static bool Indents(ReadOnlySpan<char> text, Mark start)
    {
        var before = text[..(int)Math.Min(start.Index, text.Length)];
        before = before[(before.LastIndexOf('\n') + 1)..];
        return before.Contains('\t') && before.IndexOfAnyExcept(" \t-?") < 0;
    }

    /// <summary>Whether a tab stands in the indentation that the first lines of a block of text set for all of it.</summary>
    public static bool BeginsBlock(ReadOnlySpan<char> text, Scalar scalar)
    {
        if (scalar.Style is not (ScalarStyle.Literal or ScalarStyle.Folded)) return false;
        var rest = text[(int)Math.Min(scalar.Start.Index, text.Length)..];
        var end = rest.IndexOf('\n');
        // The header itself may say how deep it is: “|2”, “>-2”.
        if (end < 0 || rest[..Math.Min(end, 3)].IndexOfAnyInRange('1', '9') >= 0) return false;
        foreach (var line in rest[(end + 1)..].EnumerateLines())
        {
            var content = line.TrimStart(' ');
            if (content.Length > 0) return content[0] == '\t';
        }
        return false;
    }
}
