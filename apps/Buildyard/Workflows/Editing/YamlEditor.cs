using YamlDotNet.Core;

namespace Buildyard;

/// <summary>
/// Changes single places of a YAML text and leaves every other character as it is: comments, order, quotes, indentation, line ends
/// and byte order mark. What can't be changed in place is refused, and nothing has changed then.
/// </summary>
public sealed partial class YamlEditor
{
    private readonly string _newLine;
    private YamlTree _tree;

    private YamlEditor(YamlTree tree)
    {
        _tree = tree;
        _newLine = tree.LineCount > 1 && tree.LineStart(1) - tree.LineEnd(0) == 2 ? "\r\n" : "\n";
    }



    public string Text => _tree.Text;

    public static Outcome<YamlEditor> Open(string text) =>
        YamlTree.Read(text) is { } tree ? new YamlEditor(tree) : Refuse("The file can't be read as it is.");

    /// <summary>Sets the value at <paramref name="path"/>; a key that its map doesn't have is added.</summary>
    /// <param name="path">Where.</param>
    /// <param name="value">The text.</param>
    /// <param name="after">Keys that a new key is put behind; when none of them is there it comes first. Null: it comes last.</param>
    /// <param name="bare">Whether the value is a number or a switch, and written as it is.</param>
    public Refusal? Set(YamlPath path, string value, IReadOnlyList<string>? after = null, bool bare = false)
    {
        if (!TryFind(path, out var part, out _))
            return path.Steps[^1] is string key ? Add(path.Parent, key, bare ? new YamlFragment.Bare(value) : value, after) : Missing(path);
        if (SharedOn(path) is { } shared) return shared;
        if (part.Kind == YamlPartKind.Scalar && !part.IsNull && part.Value == value && (!bare || part.Style == ScalarStyle.Plain)) return null;
        if (part.Kind is YamlPartKind.Map or YamlPartKind.List && !part.IsVacant) return Refuse($"{path} is no single value.");
        return Try(Written(path, part, value, bare), tree => tree.Root is { } root && Follow(root, path) is { Kind: YamlPartKind.Scalar } set && set.Value == value);
    }

    /// <summary>Sets a value, or takes its key away when the value is empty.</summary>
    public Refusal? SetOrRemove(YamlPath path, string? value, IReadOnlyList<string>? after = null, bool bare = false)
    {
        if (!string.IsNullOrEmpty(value)) return Set(path, value, after, bare);
        return TryFind(path, out _, out _) ? Remove(path) : null;
    }

    /// <summary>Adds a key to a map. A map that isn't there is added too.</summary>
    public Refusal? Add(YamlPath map, string key, YamlFragment value, IReadOnlyList<string>? after = null)
    {
        if (!TryFind(map, out var part, out _))
            return map.Steps is [.., string missing] ? Add(map.Parent, missing, new YamlFragment.Map((key, value))) : Missing(map);
        if (SharedOn(map) is { } shared) return shared;
        var lines = YamlFragment.Entry(key, value);
        if (part.IsVacant) return Fill(map, part, lines, ofList: false);
        if (part.Kind != YamlPartKind.Map) return Refuse($"{map} is no map.");
        if (part.IsFlow) return InFlow(map);
        var place = after is null ? part.Entries.Count - 1 : part.Entries.FindLastIndex(e => after.Contains(e.Key.Value));
        var count = part.Entries.Count;
        var first = part.Entries[0].Key.Start;
        var column = _tree.Column(first);
        if (place < 0 && _tree.LeadsItsLine(first)) return Try(InsertAbove(First(_tree.LineOf(first), column), lines, column), tree => Follow(tree.Root!, map)?.Entries.Count == count + 1);
        place = Math.Max(0, place);
        return Try(InsertBelow(Last(part.Entries[place].Key, part.Entries[place].Value, column), lines, column), tree => Follow(tree.Root!, map)?.Entries.Count == count + 1);
    }

    /// <summary>Inserts an item into a list. A list that isn't there is added.</summary>
    public Refusal? Insert(YamlPath list, int index, YamlFragment item, IReadOnlyList<string>? after = null)
    {
        if (!TryFind(list, out var part, out _))
            return list.Steps is [.., string key] ? Add(list.Parent, key, new YamlFragment.List(item), after) : Missing(list);
        if (SharedOn(list) is { } shared) return shared;
        var lines = YamlFragment.Item(item);
        if (part.IsVacant) return Fill(list, part, lines, ofList: true);
        if (part.Kind != YamlPartKind.List) return Refuse($"{list} is no list.");
        if (part.IsFlow) return InFlow(list);
        var count = part.Items.Count;
        if (Blocks(part) is not { } blocks) return InFlow(list);
        index = Math.Clamp(index, 0, count);
        var column = DashColumn(part.Items[0]);
        var text = index == 0 ? InsertAbove(blocks[0].First, lines, column) : InsertBelow(blocks[index - 1].Last, lines, column);
        return Try(text, tree => Follow(tree.Root!, list)?.Items.Count == count + 1);
    }

    /// <summary>Takes away a key with its value, or an item. Comments right above it go with it.</summary>
    public Refusal? Remove(YamlPath path)
    {
        if (!TryFind(path, out var part, out var parent)) return Missing(path);
        if (SharedOn(path.Parent) is { } shared) return shared;
        var count = parent!.Entries.Count + parent.Items.Count;
        if (parent.IsFlow) return InFlow(path.Parent);
        if (count == 1)
        {
            // A list or map that would be empty is written as such, so that what it belongs to keeps its shape.
            if (path.Steps.Count == 1) return Refuse("The file would be empty.");
            return Try(Vacate(parent), tree => Follow(tree.Root!, path.Parent) is { IsVacant: true });
        }
        if (Extent(parent, path.Steps[^1]) is not { } extent) return InFlow(path.Parent);
        return Try(WithoutLines(extent.First, extent.Last), tree => Follow(tree.Root!, path.Parent) is { } left && left.Entries.Count + left.Items.Count == count - 1);
    }

    /// <summary>Moves an item up or down by one, with the comments right above it.</summary>
    public Refusal? Move(YamlPath list, int index, int by)
    {
        if (!TryFind(list, out var part, out _)) return Missing(list);
        if (SharedOn(list) is { } shared) return shared;
        var (upper, lower) = by < 0 ? (index - 1, index) : (index, index + 1);
        if (upper < 0 || lower >= part.Items.Count) return null;
        if (part.IsFlow || Blocks(part) is not { } blocks) return InFlow(list);
        var (one, other) = (blocks[upper], blocks[lower]);
        var (a, b, c, d) = (_tree.LineStart(one.First), _tree.LineEnd(one.Last), _tree.LineStart(other.First), _tree.LineEnd(other.Last));
        return Try(Text[..a] + Text[c..d] + Text[b..c] + Text[a..b] + Text[d..], tree => Follow(tree.Root!, list)?.Items.Count == part.Items.Count);
    }

    /// <summary>Gives a key another name.</summary>
    public Refusal? Rename(YamlPath path, string name)
    {
        if (!TryFind(path, out _, out var parent)) return Missing(path);
        if (SharedOn(path.Parent) is { } shared) return shared;
        if (parent!.Find(name) is not null) return Refuse($"There is a {name} already.");
        var key = parent.Entries.First(e => e.Key.Value == (string)path.Steps[^1]).Key;
        return Try(Text[..key.ContentStart] + YamlScalars.Inline(name, key.Style, parent.IsFlow) + Text[key.End..], tree => Follow(tree.Root!, path.Parent.Key(name)) is not null);
    }

    /// <summary>Puts lines of text below a key of a map, as a new key of it, at the same column.</summary>
    /// <param name="map">The map.</param>
    /// <param name="below">The key they come below.</param>
    /// <param name="lines">The lines, from column 0 on; the first one names the key.</param>
    public Refusal? AddLines(YamlPath map, string below, IReadOnlyList<string> lines)
    {
        if (!TryFind(map.Key(below), out _, out var part)) return Missing(map.Key(below));
        if (SharedOn(map) is { } shared) return shared;
        if (part!.IsFlow || Extent(part, below) is not { } extent) return InFlow(map);
        var count = part.Entries.Count;
        var column = _tree.Column(part.Entries[0].Key.Start);
        return Try(InsertBelow(extent.Last, [.. Spaced(part) ? [""] : Array.Empty<string>(), .. lines], column), tree => Follow(tree.Root!, map)?.Entries.Count == count + 1);
    }

    /// <summary>Whether the entries of a map have blank lines between them.</summary>
    private bool Spaced(YamlPart map) => map.Entries.Count > 1 && _tree.LineOf(map.Entries[1].Key.Start) is > 0 and var line
        && Enumerable.Range(0, line).Reverse().TakeWhile(l => IsComment(l, -1) || IsBlank(l)).Any(IsBlank);

    /// <summary>Inserts an item that is given as lines, from column 0 on, into a list; comments may lead it.</summary>
    public Refusal? InsertLines(YamlPath list, int index, IReadOnlyList<string> lines)
    {
        if (!TryFind(list, out var part, out _)) return Missing(list);
        if (SharedOn(list) is { } shared) return shared;
        if (part.IsVacant) return Fill(list, part, lines, ofList: true);
        if (part.Kind != YamlPartKind.List || part.IsFlow || Blocks(part) is not { } blocks) return InFlow(list);
        var (count, column) = (part.Items.Count, DashColumn(part.Items[0]));
        return Try(index == 0 ? InsertAbove(blocks[0].First, lines, column) : InsertBelow(blocks[Math.Min(index, count) - 1].Last, lines, column), tree => Follow(tree.Root!, list)?.Items.Count == count + 1);
    }

    /// <summary>Replaces a key or item, with its value and the comments right above it, by other lines.</summary>
    public Refusal? ReplaceLines(YamlPath path, IReadOnlyList<string> lines)
    {
        if (!TryFind(path, out _, out var parent)) return Missing(path);
        if (SharedOn(path) is { } shared) return shared;
        if (parent!.IsFlow || Extent(parent, path.Steps[^1]) is not { } extent) return InFlow(path.Parent);
        var indent = new string(' ', path.Steps[^1] is int ? DashColumn(parent.Items[0]) : _tree.Column(parent.Entries[0].Key.Start));
        var text = string.Join(_newLine, lines.Select(l => l.Length == 0 ? l : indent + l));
        return Try(Text[.._tree.LineStart(extent.First)] + text + Text[_tree.LineEnd(extent.Last)..], tree => Follow(tree.Root!, path.Parent) is { } whole && whole.Entries.Count == parent.Entries.Count && whole.Items.Count == parent.Items.Count);
    }

    /// <summary>The lines of a key or item with its value, moved to column 0; null when it doesn't stand on lines of its own.</summary>
    /// <param name="path">Where.</param>
    /// <param name="withComments">Whether comments right above it are among them.</param>
    public IReadOnlyList<string>? Lines(YamlPath path, bool withComments = false)
    {
        if (!TryFind(path, out _, out var parent) || parent is not { IsFlow: false } || Extent(parent, path.Steps[^1], withComments) is not { } extent) return null;
        var column = path.Steps[^1] is int ? DashColumn(parent.Items[0]) : _tree.Column(parent.Entries[0].Key.Start);
        var lines = new List<string>();
        for (var line = extent.First; line <= extent.Last; line++)
        {
            var text = _tree.Line(line).ToString();
            var spaces = text.Length - text.TrimStart(' ').Length;
            lines.Add(text[Math.Min(column, spaces)..]);
        }
        return lines;
    }

    /// <summary>The node at a place; null when there is none.</summary>
    internal YamlPart? Find(YamlPath path) => TryFind(path, out var part, out _) ? part : null;

    /// <summary>Why a place can't be changed where it stands; null when it can.</summary>
    public Refusal? SharedOn(YamlPath path)
    {
        var part = _tree.Root!;
        foreach (var (index, step) in path.Steps.Index().Append((path.Steps.Count, null!)))
        {
            if (part.Kind == YamlPartKind.Alias) return Refuse($"{Named(index)} is taken over from elsewhere in the file (*{part.Value}).");
            if (part.Anchor is { } anchor && _tree.Shared.Contains(anchor)) return Refuse($"{Named(index)} is used in other places of the file too (&{anchor}).");
            if (step is null || Child(part, step) is not { } next) return null;
            part = next;
        }
        return null;

        string Named(int count) => count == 0 ? "The file" : new YamlPath([.. path.Steps.Take(count)]).ToString();
    }

    internal static Refusal Refuse(string why) => new(
        StatusCodes.Status422UnprocessableEntity, "edit_in_yaml", $"{why} Change it in the bitrise.yml itself.", []);

    private static Refusal InFlow(YamlPath path) => Refuse($"{(path.Steps.Count == 0 ? "The file" : path)} is written on one line, in brackets.");

    private static Refusal Missing(YamlPath path) => Refuse($"There is no {path} in the file.");

    /// <summary>Takes a new text over if it reads as expected.</summary>
    private Refusal? Try(string? text, Func<YamlTree, bool> isAsExpected)
    {
        if (text is null || YamlTree.Read(text) is not { Root: not null } tree || !isAsExpected(tree))
            return Refuse("This place is written in a way that can't be changed by a form.");
        _tree = tree;
        return null;
    }
}
