using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Buildyard;

/// <summary>A node of a text, with the characters that it takes. Unlike the parser's own tree it knows where collections end, and keeps aliases as they are written.</summary>
internal sealed class YamlPart
{
    public required YamlPartKind Kind { get; init; }

    /// <summary>The index of its first character: of its anchor or tag, where it has one.</summary>
    public required int Start { get; init; }

    /// <summary>The index behind its last character; line ends and comments behind it are not its own.</summary>
    public int End { get; set; }

    /// <summary>The index of its first character behind anchor and tag.</summary>
    public int ContentStart { get; init; }
    public string Value { get; init; } = "";
    public ScalarStyle Style { get; init; }
    public bool IsFlow { get; init; }
    public string? Anchor { get; init; }
    public List<(YamlPart Key, YamlPart Value)> Entries { get; } = [];
    public List<YamlPart> Items { get; } = [];

    public bool IsNull => Kind == YamlPartKind.Scalar && Style is ScalarStyle.Plain or ScalarStyle.Any && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Whether it says nothing, so that a block can be put in its place: nothing, <c>{}</c> or <c>[]</c>.</summary>
    public bool IsVacant => IsNull || (IsFlow && Entries.Count == 0 && Items.Count == 0);

    public YamlPart? Find(string key) => Entries.FirstOrDefault(e => e.Key.Value == key).Value;
}

internal enum YamlPartKind
{
    Scalar,
    Map,
    List,
    Alias,
}

/// <summary>A text and its tree.</summary>
internal sealed class YamlTree
{
    private readonly List<int> _lines = [];

    private YamlTree(string text)
    {
        Text = text;
        _lines.Add(text is ['\uFEFF', ..] ? 1 : 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            if (text[i] is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') _lines.Add(i + 1);
        }
    }

    public string Text { get; }
    public YamlPart? Root { get; private set; }

    /// <summary>Anchors that an alias names: what carries one of them is shared.</summary>
    public HashSet<string> Shared { get; } = new(StringComparer.Ordinal);

    public int LineCount => _lines.Count;

    /// <summary>Reads <paramref name="text"/>; null when it is no YAML, or out of bounds.</summary>
    public static YamlTree? Read(string text)
    {
        if (YamlText.IsTooLarge(text) || YamlSource.Read(text).Root is null) return null;
        var tree = new YamlTree(text);
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        tree.Root = tree.Node(parser);
        return tree;
    }

    public int LineOf(int index)
    {
        var found = _lines.BinarySearch(index);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The index of a line's first character. Lines count from 0.</summary>
    public int LineStart(int line) => _lines[line];

    /// <summary>The index of a line's break, or of the end of the text.</summary>
    public int LineEnd(int line)
    {
        var end = line + 1 < _lines.Count ? _lines[line + 1] : Text.Length;
        while (end > _lines[line] && Text[end - 1] is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') end--;
        return end;
    }

    public ReadOnlySpan<char> Line(int line) => Text.AsSpan(LineStart(line), LineEnd(line) - LineStart(line));

    public int Column(int index) => index - LineStart(LineOf(index));

    /// <summary>Whether nothing but white space and dashes of lists stands before it on its line.</summary>
    public bool LeadsItsLine(int index) => Text.AsSpan(LineStart(LineOf(index)), Column(index)).Trim().IsEmpty;

    private YamlPart Node(Parser parser)
    {
        var start = parser.Current!;
        switch (start)
        {
            case AnchorAlias alias:
                parser.MoveNext();
                Shared.Add(alias.Value.Value);
                return new YamlPart { Kind = YamlPartKind.Alias, Start = Index(alias.Start), End = Index(alias.End), Value = alias.Value.Value };
            case Scalar scalar:
                parser.MoveNext();
                return ScalarPart(scalar);
            case MappingStart map:
                parser.MoveNext();
                var mapping = new YamlPart { Kind = YamlPartKind.Map, Start = Index(map.Start), ContentStart = Content(map, Text.Length), IsFlow = map.Style == MappingStyle.Flow, Anchor = Name(map) };
                while (parser.Current is not MappingEnd) mapping.Entries.Add((Node(parser), Node(parser)));
                Close(mapping, parser, mapping.Entries.Count == 0 ? null : mapping.Entries[^1]);
                return mapping;
            default:
                var sequence = parser.Consume<SequenceStart>();
                var list = new YamlPart { Kind = YamlPartKind.List, Start = Index(sequence.Start), ContentStart = Content(sequence, Text.Length), IsFlow = sequence.Style == SequenceStyle.Flow, Anchor = Name(sequence) };
                while (parser.Current is not SequenceEnd) list.Items.Add(Node(parser));
                Close(list, parser, list.Items.Count == 0 ? null : (list.Items[^1], list.Items[^1]));
                return list;
        }
    }

    private void Close(YamlPart part, Parser parser, (YamlPart Key, YamlPart Value)? last)
    {
        var end = parser.Current!;
        parser.MoveNext();
        // The parser says where the bracket that closes it stands, not where it ends.
        part.End = part.IsFlow ? Math.Min(Text.Length, Index(end.Start) + 1)
            : last is not { } child ? part.Start
            : child.Value.End > child.Key.End ? child.Value.End : Colon(child.Key.End);
    }

    /// <summary>Where an entry without a value ends: behind its colon.</summary>
    public int Colon(int from)
    {
        var at = from;
        while (at < Text.Length && Text[at] is ' ' or '\t') at++;
        return at < Text.Length && Text[at] == ':' ? at + 1 : from;
    }

    private YamlPart ScalarPart(Scalar scalar)
    {
        var (start, end) = (Index(scalar.Start), Index(scalar.End));
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
        {
            while (end > start && char.IsWhiteSpace(Text[end - 1])) end--;
        }
        return new YamlPart { Kind = YamlPartKind.Scalar, Start = start, End = end, ContentStart = Content(scalar, end), Value = scalar.Value, Style = scalar.Style, Anchor = Name(scalar) };
    }

    private int Content(NodeEvent node, int end)
    {
        var content = Index(node.Start);
        if (node.Anchor.IsEmpty && node.Tag.IsEmpty) return content;
        while (content < end && Text[content] is '&' or '!')
        {
            while (content < end && !char.IsWhiteSpace(Text[content])) content++;
            while (content < end && char.IsWhiteSpace(Text[content])) content++;
        }
        return content;
    }

    private static string? Name(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    /// <summary>The index of a place of the text.</summary>
    public int IndexOf(Place place) => Index(place.Line, place.Column);

    private int Index(Mark mark) => Index(mark.Line, mark.Column);

    private int Index(long line, long column) =>
        (int)Math.Min(Text.Length, _lines[(int)Math.Min(Math.Max(0, line - 1), _lines.Count - 1)] + Math.Max(0, column - 1));
}
