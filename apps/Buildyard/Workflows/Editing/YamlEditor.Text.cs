using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;

namespace Buildyard;

public sealed partial class YamlEditor
{
    private bool TryFind(YamlPath path, [NotNullWhen(true)] out YamlPart? part, out YamlPart? parent)
    {
        (part, parent) = (_tree.Root, null);
        foreach (var step in path.Steps)
        {
            if (part is null) return false;
            (part, parent) = (Child(part, step), part);
        }
        return part is not null;
    }

    private static YamlPart? Follow(YamlPart root, YamlPath path)
    {
        var part = root;
        foreach (var step in path.Steps)
            if (part is not null) part = Child(part, step);
        return part;
    }

    private static YamlPart? Child(YamlPart part, object step) => step switch
    {
        string key => part.Kind == YamlPartKind.Map ? part.Find(key) : null,
        int index => part.Kind == YamlPartKind.List && index < part.Items.Count ? part.Items[index] : null,
        _ => null,
    };

    private int DashColumn(YamlPart item)
    {
        var line = _tree.LineOf(item.Start);
        // The dash of an item may stand on a line above it.
        for (; line >= 0; line--)
        {
            var dash = _tree.Line(line).IndexOf('-');
            if (dash >= 0 && _tree.Line(line)[..dash].Trim().IsEmpty) return dash;
        }
        return 0;
    }

    private bool IsBlank(int line) => _tree.Line(line).Trim().IsEmpty;

    /// <summary>Whether a line is a comment that begins at <paramref name="column"/>; -1: anywhere.</summary>
    private bool IsComment(int line, int column)
    {
        var text = _tree.Line(line);
        var spaces = text.Length - text.TrimStart(' ').Length;
        return spaces < text.Length && text[spaces] == '#' && (column < 0 || spaces == column);
    }

    /// <summary>The last line of what begins at a column: of its value, and of comments further in below it.</summary>
    private int Last(YamlPart key, YamlPart value, int column)
    {
        var last = _tree.LineOf(Math.Max(key.Start, Math.Max(key.End, value.End) - 1));
        for (var line = last + 1; line < _tree.LineCount; line++)
        {
            if (IsBlank(line)) continue;
            var text = _tree.Line(line);
            if (!IsComment(line, -1) || text.Length - text.TrimStart(' ').Length <= column) break;
            last = line;
        }
        return last;
    }

    /// <summary>The first line of what begins on a line at a column: comments right above it included.</summary>
    private int First(int line, int column)
    {
        while (line > 0 && IsComment(line - 1, column)) line--;
        return line;
    }

    /// <summary>The lines of an entry or item; null when it shares one with something else.</summary>
    private (int First, int Last)? Extent(YamlPart parent, object step, bool withComments = true)
    {
        if (step is int index) return Blocks(parent, withComments)?[index];
        var (key, value) = parent.Entries.First(e => e.Key.Value == (string)step);
        var column = _tree.Column(key.Start);
        if (!_tree.LeadsItsLine(key.Start)) return null;
        var line = _tree.LineOf(key.Start);
        return (withComments ? First(line, column) : line, Last(key, value, column));
    }

    /// <summary>The lines of each item of a block list; null when items share lines with something else.</summary>
    private List<(int First, int Last)>? Blocks(YamlPart list, bool withComments = true)
    {
        var column = DashColumn(list.Items[0]);
        var blocks = new List<(int First, int Last)>();
        foreach (var item in list.Items)
        {
            var line = _tree.LineOf(item.Start);
            while (line >= 0 && !Dashed(line)) line--;
            if (line < 0 || (blocks.Count > 0 && line <= blocks[^1].Last)) return null;
            blocks.Add((withComments ? First(line, column) : line, Last(item, item, column)));
        }
        return blocks;

        bool Dashed(int line)
        {
            var text = _tree.Line(line);
            return text.Length > column && text[..column].Trim(' ').IsEmpty && text[column] == '-' && (text.Length == column + 1 || text[column + 1] is ' ' or '\t');
        }
    }

    private string InsertBelow(int line, IReadOnlyList<string> lines, int column)
    {
        var at = _tree.LineEnd(line);
        return Text[..at] + _newLine + Joined(lines, column) + Text[at..];
    }

    private string InsertAbove(int line, IReadOnlyList<string> lines, int column)
    {
        var at = _tree.LineStart(line);
        return Text[..at] + Joined(lines, column) + _newLine + Text[at..];
    }

    private string Joined(IReadOnlyList<string> lines, int column)
    {
        var indent = new string(' ', column);
        return string.Join(_newLine, lines.Select(l => l.Length == 0 ? l : indent + l));
    }

    private string WithoutLines(int first, int last) => first == 0
        ? Text[.._tree.LineStart(0)] + Text[(last + 1 < _tree.LineCount ? _tree.LineStart(last + 1) : Text.Length)..]
        : Text[.._tree.LineEnd(first - 1)] + Text[_tree.LineEnd(last)..];

    /// <summary>Puts lines where there is nothing, <c>{}</c> or <c>[]</c>: below the key that it belongs to.</summary>
    private Refusal? Fill(YamlPath path, YamlPart part, IReadOnlyList<string> lines, bool ofList)
    {
        if (path.Steps.Count == 0 || path.Steps[^1] is not string name || !TryFind(path.Parent, out var parent, out _) || parent.IsFlow) return InFlow(path);
        var key = parent.Entries.First(e => e.Key.Value == name).Key;
        var column = _tree.Column(key.Start);
        var colon = Text.IndexOf(':', key.End);
        var line = _tree.LineOf(key.Start);
        if (colon < 0 || _tree.LineOf(colon) != line) return InFlow(path);
        // What stands in its place goes; a comment behind it stays on the key's line.
        var text = part.IsNull && part.Value.Length == 0 ? Text : Text[..(colon + 1)] + Text[part.End..];
        var end = _tree.LineEnd(line) - (Text.Length - text.Length);
        if (!part.IsNull && _tree.LineOf(part.Start) != line) return InFlow(path);
        var filled = text[..end] + _newLine + Joined(lines, ofList ? column : column + 2) + text[end..];
        return Try(filled, tree => Follow(tree.Root!, path) is { IsVacant: false });
    }

    /// <summary>Writes a list or map with one item as an empty one: <c>key: []</c>.</summary>
    private string? Vacate(YamlPart parent)
    {
        var isList = parent.Kind == YamlPartKind.List;
        var first = isList ? Blocks(parent)?[0] : Extent(parent, parent.Entries[0].Key.Value);
        if (first is not { } extent || extent.First == 0) return null;
        // The key that it belongs to stands on the nearest line above that says something.
        var line = extent.First - 1;
        while (line > 0 && (IsBlank(line) || IsComment(line, -1))) line--;
        var colon = _tree.Line(line).LastIndexOf(':');
        if (colon < 0) return null;
        var at = _tree.LineStart(line) + colon + 1;
        return Text[..at] + (isList ? " []" : " {}") + Text[at.._tree.LineEnd(extent.First - 1)] + Text[_tree.LineEnd(extent.Last)..];
    }

    /// <summary>The text with another value at a place, in the style that it has if that can be.</summary>
    private string? Written(YamlPath path, YamlPart part, string value, bool bare)
    {
        TryFind(path.Parent, out var parent, out _);
        var inFlow = InsideFlow(path);
        var (start, end) = (part.ContentStart, part.End);
        if (part.Kind != YamlPartKind.Scalar) start = part.Start;
        var gap = start > 0 && Text[start - 1] is not (' ' or '\t' or '[' or '{' or '\n') ? " " : "";
        if (bare) return Text[..start] + gap + value + Text[end..];
        var wasBlock = part.Style is ScalarStyle.Literal;
        if (inFlow || !(YamlScalars.CanBeBlock(value) || (wasBlock && value.Trim().Length > 0 && YamlScalars.CanBeBlock(value + "\n"))))
        {
            var style = part.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted ? part.Style : ScalarStyle.Plain;
            return Text[..start] + gap + YamlScalars.Inline(value, style, inFlow) + Text[end..];
        }
        if (path.Steps[^1] is not string name) return Text[..start] + gap + YamlScalars.Inline(value, ScalarStyle.DoubleQuoted) + Text[end..];
        var column = _tree.Column(parent!.Entries.First(e => e.Key.Value == name).Key.Start);
        var indent = wasBlock ? BlockIndent(part, column) : column + 2;
        var lines = YamlScalars.Block(value, indent, column);
        // Blank lines that belong to a block kept with “+” go with it; what was behind a plain value on its line, such as a comment, stays behind the mark.
        var tail = _tree.LineEnd(_tree.LineOf(start));
        var behind = wasBlock ? BlockComment(start, tail) : end <= tail ? Text[end..tail] : "";
        if (behind.Trim().Length == 0 && wasBlock is false) behind = "";
        var rest = Math.Max(wasBlock ? end : tail, _tree.LineEnd(_tree.LineOf(Math.Max(start, end - 1))));
        return Text[..start] + gap + lines[0] + behind + _newLine + string.Join(_newLine, lines.Skip(1)) + Text[rest..];
    }

    /// <summary>A comment behind <c>|</c>, with the space before it.</summary>
    private string BlockComment(int start, int end)
    {
        var hash = Text.IndexOf(" #", start, end - start, StringComparison.Ordinal);
        return hash < 0 ? "" : Text[hash..end];
    }

    private int BlockIndent(YamlPart block, int column)
    {
        for (var line = _tree.LineOf(block.ContentStart) + 1; line <= _tree.LineOf(Math.Max(block.ContentStart, block.End - 1)); line++)
        {
            if (IsBlank(line)) continue;
            var text = _tree.Line(line);
            return Math.Max(column + 1, text.Length - text.TrimStart(' ').Length - LeadingSpaces(block.Value));
        }
        return column + 2;
    }

    private static int LeadingSpaces(string value)
    {
        var first = value.Split('\n').FirstOrDefault(l => l.Trim().Length > 0) ?? "";
        return first.Length - first.TrimStart(' ').Length;
    }

    private bool InsideFlow(YamlPath path)
    {
        var part = _tree.Root!;
        foreach (var step in path.Steps)
        {
            if (part.IsFlow) return true;
            part = Child(part, step)!;
        }
        return false;
    }
}
