namespace Latchkey.AspNetCore;

/// <summary>Where the lines of an indented text, such as YAML, stand: the names that enclose them. Each piece of a difference says it.</summary>
public sealed class Outline
{
    private const int LongestName = 60;

    private readonly List<(int Parent, string? Name)> _places = [];
    private readonly List<int> _around = [];

    /// <summary>Looks at a text.</summary>
    /// <param name="lines">Its lines, without their ends.</param>
    public Outline(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var open = new List<(int Column, bool IsItem, int Place)>();
        foreach (var line in lines)
        {
            var column = Blanks(line, 0);
            var isItem = IsItem(line, column);
            var around = open.FindLastIndex(o => o.Column < column || (o.Column == column && isItem && !o.IsItem));
            var place = around < 0 ? -1 : open[around].Place;
            _around.Add(place);
            if (column == line.Length || line[column] == '#')
            {
                continue;
            }

            open.RemoveRange(around + 1, open.Count - around - 1);
            for (; IsItem(line, column); column = Blanks(line, column + 1))
            {
                open.Add((column, true, place = Add(place, null)));
            }

            open.Add((column, false, Add(place, NameOf(line[column..]))));
        }
    }

    /// <summary>What encloses a line, from the outside in: "workflows › deploy › steps". Empty where nothing does.</summary>
    /// <param name="line">The line, counted from 0.</param>
    public string PathOf(int line)
    {
        var names = new List<string>();
        for (var place = _around[line]; place >= 0; place = _places[place].Parent)
        {
            if (_places[place].Name is { } name)
            {
                names.Insert(0, name);
            }
        }

        return string.Join(" › ", names);
    }

    private int Add(int parent, string? name)
    {
        _places.Add((parent, name));
        return _places.Count - 1;
    }

    private static bool IsItem(string line, int at) => at < line.Length && line[at] == '-' && (at + 1 == line.Length || line[at + 1] == ' ');

    private static int Blanks(string line, int from) => line.Length - line.AsSpan(from).TrimStart(' ').Length;

    // A name below which there is more: nothing stands behind it, or what says how the rest is to be read.
    private static string? NameOf(string text)
    {
        for (var colon = text.IndexOf(':', StringComparison.Ordinal); colon >= 0; colon = text.IndexOf(':', colon + 1))
        {
            if (colon + 1 < text.Length && text[colon + 1] != ' ')
            {
                continue;
            }

            var behind = text[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => word[0] != '#');
            var name = text[..colon].TrimEnd().Trim('"', '\'');
            return name.Length == 0 || !behind.All(word => word[0] is '&' or '!' or '|' or '>') ? null
                : name.Length > LongestName ? $"{name[..LongestName]}…" : name;
        }

        return null;
    }
}
