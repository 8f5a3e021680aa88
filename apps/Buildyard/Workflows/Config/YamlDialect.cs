using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Buildyard;

/// <summary>What the parser here lets through and Bitrise's own, yaml.v2, refuses. Fed with the events of one text, in order.</summary>
internal sealed partial class YamlDialect(string text)
{
    private readonly Stack<Collection> _open = new();
    private int _said;

    /// <summary>What is wrong with what comes next; null: nothing.</summary>
    public string? Objection(ParsingEvent next)
    {
        var problem = next is NodeEvent or AnchorAlias ? Entry(next) ?? Anchor(next) ?? (next is Scalar scalar ? Value(scalar) : null) : null;
        switch (next)
        {
            case MappingStart map:
                _open.Push(new Collection(IsMap: true, map.Style == MappingStyle.Flow));
                break;
            case SequenceStart list:
                _open.Push(new Collection(IsMap: false, list.Style == SequenceStyle.Flow));
                break;
            case MappingEnd or SequenceEnd:
                _open.Pop();
                break;
        }
        // What is left out, such as the value of “a:”, stands nowhere.
        if (next is not Scalar { Value.Length: 0, Style: ScalarStyle.Plain }) _said = (int)(next is MappingEnd or SequenceEnd ? next.Start : next.End).Index;
        return problem;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnchorName();

    /// <summary>An entry of a map or list: yaml.v2 wants a comma before each but the first in brackets, and no key left out elsewhere (parserc.go).</summary>
    private string? Entry(ParsingEvent next)
    {
        if (!_open.TryPeek(out var around)) return null;
        var number = around.Entries++;
        if (around.IsMap && number % 2 == 1) return null;
        var start = (int)Math.Min(next.Start.Index, text.Length);
        if (around.InBrackets)
            return number == 0 || start < _said || text.AsSpan(_said, start - _said).Contains(',') ? null : "A comma is missing before this.";
        return around.IsMap && next is Scalar { Value.Length: 0, Style: ScalarStyle.Plain } && start < text.Length && text[start] == ':' ? "A key is missing before this “:”." : null;
    }

    private static string? Anchor(ParsingEvent next)
    {
        var name = next is AnchorAlias alias ? alias.Value : ((NodeEvent)next).Anchor;
        return name.IsEmpty || AnchorName().IsMatch(name.Value) ? null : $"The name of an anchor has letters, digits, - and _ only; {name.Value} has others.";
    }

    private string? Value(Scalar scalar) => scalar.Style switch
    {
        ScalarStyle.DoubleQuoted => Escapes(scalar),
        // In brackets a question mark ends a text without quotes (yaml_parser_scan_plain_scalar in scannerc.go).
        ScalarStyle.Plain when _open.TryPeek(out var around) && around.InBrackets && scalar.Value.IndexOf('?', StringComparison.Ordinal) > 0 => "Inside brackets a text with a question mark stands in quotes.",
        _ => null,
    };

    private string? Escapes(Scalar scalar)
    {
        var (start, end) = ((int)Math.Min(scalar.Start.Index, text.Length), (int)Math.Min(scalar.End.Index, text.Length));
        var raw = text.AsSpan(start, Math.Max(0, end - start));
        for (var i = raw.IndexOf('\\'); i >= 0 && i + 1 < raw.Length; i++)
        {
            if (raw[i] != '\\') continue;
            i++;
            if (raw[i] == '/') return "“\\/” is not known in a text in quotes; write “/”.";
            if (raw[i] == 'u' && i + 4 < raw.Length && int.TryParse(raw.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var half) && half is >= 0xD800 and <= 0xDFFF)
                return $"“\\{raw.Slice(i, 5)}” is half a character; write the character itself.";
        }
        return null;
    }

    private sealed record Collection(bool IsMap, bool InBrackets)
    {
        public int Entries { get; set; }
    }
}
