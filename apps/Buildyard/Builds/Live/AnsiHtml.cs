using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Buildyard;

/// <summary>
/// Turns a log's text into HTML: colours and weight of ANSI escape sequences (ECMA-48, SGR) as classes, every other sequence left out,
/// a line that was written over by carriage returns as it read last, what hides in it by name. Keeps the colours from one piece to the next.
/// </summary>
internal sealed class AnsiHtml
{
    private readonly StringBuilder _html = new();
    private int? _colour;
    private int? _background;
    private bool _bold;
    private bool _faint;
    private bool _underlined;

    /// <summary>The HTML of <paramref name="text"/>, which begins where the last one ended. Lines end with a line feed.</summary>
    public string Convert(string text)
    {
        _html.Clear();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            Line(Last(line));
            if (end < 0) break;
            _html.Append('\n');
            rest = rest[(end + 1)..];
        }
        return _html.ToString();
    }

    /// <summary>What stands in the line after the last time that it was written over.</summary>
    private static ReadOnlySpan<char> Last(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd('\r');
        var at = line.LastIndexOf('\r');
        return at < 0 ? line : line[(at + 1)..];
    }

    private void Line(ReadOnlySpan<char> line)
    {
        var open = false;
        while (!line.IsEmpty)
        {
            var escape = line.IndexOf('\u001b');
            var plain = escape < 0 ? line : line[..escape];
            if (!plain.IsEmpty)
            {
                if (!open) open = Open();
                Append(plain);
            }
            if (escape < 0) break;
            line = line[escape..];
            if (open) _html.Append("</span>");
            open = false;
            line = line[Sequence(line)..];
        }
        if (open) _html.Append("</span>");
    }

    private bool Open()
    {
        if (_colour is null && _background is null && !_bold && !_faint && !_underlined) return false;
        _html.Append("<span class=\"");
        if (_colour is { } colour) _html.Append(CultureInfo.InvariantCulture, $"c{colour} ");
        if (_background is { } background) _html.Append(CultureInfo.InvariantCulture, $"b{background} ");
        if (_bold) _html.Append("bold ");
        if (_faint) _html.Append("faint ");
        if (_underlined) _html.Append("underlined ");
        _html.Length--;
        _html.Append("\">");
        return true;
    }

    private void Append(ReadOnlySpan<char> text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
            if (c >= ' ' || c == '\t') clean.Append(c);
        _html.Append(HtmlEncoder.Default.Encode(clean.ToString().Marked()));
    }

    /// <summary>Takes one escape sequence, and answers how long it is.</summary>
    private int Sequence(ReadOnlySpan<char> text)
    {
        if (text.Length < 2) return text.Length;
        if (text[1] == ']')
        {
            // An operating system command, such as a title: up to a bell or ESC \.
            var bell = text.IndexOf('\a');
            return bell < 0 ? text.Length : bell + 1;
        }
        if (text[1] != '[') return 2;
        var end = 2;
        while (end < text.Length && text[end] is < '@' or > '~') end++;
        if (end == text.Length) return text.Length;
        if (text[end] == 'm') Select(text[2..end]);
        return end + 1;
    }

    private void Select(ReadOnlySpan<char> parameters)
    {
        var codes = new List<int>();
        foreach (var part in parameters.SplitAny(';', ':'))
            codes.Add(int.TryParse(parameters[part], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0);
        for (var i = 0; i < codes.Count; i++)
        {
            switch (codes[i])
            {
                case 0: (_colour, _background, _bold, _faint, _underlined) = (null, null, false, false, false); break;
                case 1: _bold = true; break;
                case 2: _faint = true; break;
                case 4: _underlined = true; break;
                case 22: (_bold, _faint) = (false, false); break;
                case 24: _underlined = false; break;
                case >= 30 and <= 37: _colour = codes[i] - 30; break;
                case >= 90 and <= 97: _colour = codes[i] - 82; break;
                case >= 40 and <= 47: _background = codes[i] - 40; break;
                case >= 100 and <= 107: _background = codes[i] - 92; break;
                case 39: _colour = null; break;
                case 49: _background = null; break;
                case 38: _colour = Extended(codes, ref i); break;
                case 48: _background = Extended(codes, ref i); break;
            }
        }
    }

    /// <summary>One of the sixteen colours that comes near to an indexed one. True colours are left to the page's own.</summary>
    private static int? Extended(List<int> codes, ref int i)
    {
        if (i + 2 < codes.Count && codes[i + 1] == 5)
        {
            var index = codes[i += 2];
            if (index < 16) return index;
            if (index > 231) return index < 244 ? 8 : 7;
            var (red, green, blue) = ((index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6);
            var most = Math.Max(red, Math.Max(green, blue));
            return most == 0 ? 0 : (red * 2 > most ? 1 : 0) | (green * 2 > most ? 2 : 0) | (blue * 2 > most ? 4 : 0) | (most > 3 ? 8 : 0);
        }
        if (i + 4 < codes.Count && codes[i + 1] == 2) i += 4;
        return null;
    }
}
