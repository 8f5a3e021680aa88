using System.Buffers;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>Writes single values so that they read back as they are, with as few marks as they need.</summary>
internal static class YamlScalars
{
    private static readonly SearchValues<char> s_ofFlow = SearchValues.Create(",[]{}:");

    /// <summary>A value on one line: plain where that reads back as the same text, else in quotes.</summary>
    /// <param name="value">The text.</param>
    /// <param name="like">The style that it had; kept where it can be.</param>
    /// <param name="inFlow">Whether it stands within brackets.</param>
    public static string Inline(string value, ScalarStyle like = ScalarStyle.Plain, bool inFlow = false)
    {
        var printable = value.All(IsPrintable);
        if (like == ScalarStyle.SingleQuoted && printable) return Single(value);
        if (like == ScalarStyle.DoubleQuoted || !printable) return Double(value);
        if (IsPlain(value, inFlow)) return value;
        return value.AsSpan().IndexOfAny('"', '\\') >= 0 ? Single(value) : Double(value);
    }

    /// <summary>Whether <paramref name="value"/> reads back as the same text without quotes.</summary>
    public static bool IsPlain(string value, bool inFlow)
    {
        if (value.Length == 0 || value.Trim() != value || value.Any(c => !IsPrintable(c))) return false;
        if (value[0] is '-' or '?' or ':' && (value.Length == 1 || value[1] == ' ' || inFlow)) return false;
        if (value[0] is ',' or '[' or ']' or '{' or '}' or '#' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' or '=') return false;
        if (value.StartsWith("...", StringComparison.Ordinal) || value.StartsWith("---", StringComparison.Ordinal) || value == "<<") return false;
        if (value.Contains(": ", StringComparison.Ordinal) || value.Contains(" #", StringComparison.Ordinal) || value.EndsWith(':')) return false;
        if (value.Contains('\t', StringComparison.Ordinal)) return false;
        if (inFlow && value.AsSpan().ContainsAny(s_ofFlow)) return false;
        // A number that is written as it would be anyway, such as 5, is the same with or without quotes; yes and 1.10 are not.
        return Scalars.AsText(new YamlScalarNode(value) { Style = ScalarStyle.Plain }) == value;
    }

    /// <summary>Whether <paramref name="value"/> can stand as a block behind <c>|</c>.</summary>
    public static bool CanBeBlock(string value) =>
        value.Contains('\n', StringComparison.Ordinal) && value.All(c => c is '\n' or '\t' || IsPrintable(c)) && value.Any(c => c != '\n' && c != ' ' && c != '\t');

    /// <summary>The lines of a block: <c>|</c> with what it needs, then the text, indented by <paramref name="indent"/> spaces.</summary>
    /// <param name="value">The text.</param>
    /// <param name="indent">Spaces before each line.</param>
    /// <param name="parent">The column of what the block belongs to, for an explicit indentation.</param>
    public static List<string> Block(string value, int indent, int parent)
    {
        var body = value.TrimEnd('\n');
        var breaks = value.Length - body.Length;
        var lines = body.Split('\n');
        var first = lines.First(l => l.Length > 0);
        // Leading spaces, also on lines that hold nothing else above the first, would be taken for the indentation.
        var explicitIndent = first[0] == ' ' || lines.TakeWhile(l => l != first).Any(l => l.Length > 0) || lines.Any(l => l.Trim(' ').Length == 0 && l.Length > 0) ? $"{indent - parent}" : "";
        var chomp = breaks switch { 0 => "-", 1 => "", _ => "+" };
        var pad = new string(' ', indent);
        return ["|" + explicitIndent + chomp, .. lines.Select(l => l.Length == 0 ? "" : pad + l), .. Enumerable.Repeat("", Math.Max(0, breaks - 1))];
    }

    private static string Single(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Double(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsPrintable(c) => c.ToString(),
                _ => $"\\u{(int)c:X4}",
            });
        }
        return text.Append('"').ToString();
    }

    private static bool IsPrintable(char c) => c is >= ' ' and not ('\u007F' or (>= '\u0080' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF');
}
