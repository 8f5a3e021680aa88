using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary>Reads templates. Depth is bounded, so that no text can exhaust the stack.</summary>
internal sealed class TemplateParser
{
    private const int Deepest = 32;

    private readonly string _text;
    private int _at;
    private int _depth;

    private TemplateParser(string text) => _text = text;

    public static IReadOnlyList<TemplatePart> Parse(string text)
    {
        var parser = new TemplateParser(text);
        var (parts, end) = parser.Parts(inIf: false);
        return end is null ? parts : throw new TemplateException($"There is an “{end}” without an “if”.");
    }

    /// <summary>Parts up to the end of the text, or up to <c>else</c> or <c>end</c>, whose word is given back.</summary>
    private (List<TemplatePart> Parts, string? End) Parts(bool inIf)
    {
        if (++_depth > Deepest) throw new TemplateException("The template is nested too deeply.");
        var parts = new List<TemplatePart>();
        while (_at < _text.Length)
        {
            var open = _text.IndexOf("{{", _at, StringComparison.Ordinal);
            var words = open < 0 ? _text[_at..] : _text[_at..open];
            _at = open < 0 ? _text.Length : open + 2;
            if (Marked(_at, '-', ahead: true))
            {
                words = words.TrimEnd();
                _at++;
            }
            if (words.Length > 0) parts.Add(new TemplatePart.Words(words));
            if (open < 0) break;
            Skip();
            if (_text.AsSpan(_at).StartsWith("/*"))
            {
                var end = _text.IndexOf("*/", _at, StringComparison.Ordinal);
                if (end < 0) throw new TemplateException("A comment doesn't end.");
                _at = end + 2;
                Close();
                continue;
            }
            var start = _at;
            var word = Word();
            switch (word)
            {
                case "if":
                    parts.Add(If());
                    break;
                case "end" or "else" when inIf:
                    _depth--;
                    return (parts, word);
                case "end" or "else":
                    return (parts, word);
                case "range" or "with" or "define" or "template" or "block" or "break" or "continue":
                    throw new TemplateException($"“{word}” can't be used here.");
                default:
                    _at = start;
                    parts.Add(new TemplatePart.Value(Pipeline()));
                    Close();
                    break;
            }
        }
        _depth--;
        return inIf ? throw new TemplateException("An “if” has no “end”.") : (parts, null);
    }

    private TemplatePart.If If()
    {
        var condition = Pipeline();
        Close();
        var (then, end) = Parts(inIf: true);
        if (end == "end")
        {
            Close();
            return new TemplatePart.If(condition, then, []);
        }
        Skip();
        var start = _at;
        if (Word() == "if") return new TemplatePart.If(condition, then, [Nested()]);
        _at = start;
        Close();
        var (otherwise, last) = Parts(inIf: true);
        if (last != "end") throw new TemplateException("An “if” has two “else”.");
        Close();
        return new TemplatePart.If(condition, then, otherwise);
    }

    /// <summary>An <c>else if</c>, which shares the <c>end</c> of what it stands in.</summary>
    private TemplatePart.If Nested()
    {
        if (++_depth > Deepest) throw new TemplateException("The template is nested too deeply.");
        var nested = If();
        _depth--;
        return nested;
    }

    private TemplateExpression Pipeline()
    {
        if (++_depth > Deepest) throw new TemplateException("The template is nested too deeply.");
        var value = Command(null);
        Skip();
        while (Take('|'))
        {
            value = Command(value);
            Skip();
        }
        _depth--;
        return value;
    }

    /// <summary>A value, or a function with its arguments; what a pipe brings is the last argument.</summary>
    private TemplateExpression Command(TemplateExpression? piped)
    {
        Skip();
        var word = PeekWord();
        if (TemplateValues.Arguments(word) is not { } count)
        {
            var value = Operand();
            Skip();
            if (piped is not null || !AtEnd()) throw new TemplateException($"“{Rest()}” stands where a pipe, a bracket or the end should be: {(piped is null ? "only functions take arguments" : "a pipe leads to a function")}.");
            return value;
        }
        Word();
        var arguments = new List<TemplateExpression>();
        for (Skip(); !AtEnd(); Skip()) arguments.Add(Operand());
        if (piped is not null) arguments.Add(piped);
        if (arguments.Count < count.Least || arguments.Count > count.Most)
            throw new TemplateException($"{word} takes {(count.Most == count.Least ? count.Least.ToString(CultureInfo.InvariantCulture) : $"{count.Least} or more")} arguments; it has {arguments.Count}.");
        return new TemplateExpression.Call(word, arguments);
    }

    private TemplateExpression Operand()
    {
        Skip();
        if (_at >= _text.Length) throw new TemplateException("The template ends within “{{ … }}”.");
        switch (_text[_at])
        {
            case '(':
                _at++;
                var inner = Pipeline();
                Skip();
                return Take(')') ? inner : throw new TemplateException("A bracket is not closed.");
            case '"':
                return new TemplateExpression.Literal(Quoted());
            case '`':
                var end = _text.IndexOf('`', _at + 1);
                if (end < 0) throw new TemplateException("A text in `…` doesn't end.");
                var raw = _text[(_at + 1)..end];
                _at = end + 1;
                return new TemplateExpression.Literal(raw);
        }
        var word = Word();
        if (word.StartsWith("$.", StringComparison.Ordinal)) word = word[1..];
        return word switch
        {
            "true" => new TemplateExpression.Literal(true),
            "false" => new TemplateExpression.Literal(false),
            _ when TemplateValues.IsFact(word) => new TemplateExpression.Fact(word),
            _ when long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new TemplateExpression.Literal(number),
            _ when TemplateValues.Arguments(word) is { } count =>
                throw new TemplateException($"{word} takes {(count.Most == count.Least ? "" : "at least ")}{count.Least} arguments; as an argument itself it stands in brackets."),
            "" => throw new TemplateException($"“{Rest()}” can't be read here."),
            _ => throw new TemplateException($"“{word}” is not known here."),
        };
    }

    private string Quoted()
    {
        var text = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\n') break;
            if (c == '"')
            {
                _at++;
                return text.ToString();
            }
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }
            if (++_at >= _text.Length) break;
            text.Append(_text[_at] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '"' => '"',
                '\\' => '\\',
                var other => throw new TemplateException($"“\\{other}” is not known in a text."),
            });
        }
        throw new TemplateException("A text in quotes doesn't end.");
    }

    private void Close()
    {
        Skip();
        var trim = Marked(_at, '-', ahead: false);
        if (trim) _at++;
        if (!_text.AsSpan(_at).StartsWith("}}")) throw new TemplateException(_at >= _text.Length ? "“{{” is not closed by “}}”." : $"“{Rest()}” can't be read here.");
        _at += 2;
        while (trim && _at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }

    /// <summary>Whether a <c>-</c> at <paramref name="at"/> trims the white space beside <c>{{</c> or <c>}}</c>: one has to stand between it and what is inside.</summary>
    private bool Marked(int at, char mark, bool ahead) =>
        at < _text.Length && _text[at] == mark
        && (ahead ? at >= 2 && _text[at - 1] == '{' && at + 1 < _text.Length && char.IsWhiteSpace(_text[at + 1])
            : _text.AsSpan(at + 1).StartsWith("}}") && at > 0 && char.IsWhiteSpace(_text[at - 1]));

    private bool AtEnd() => _at >= _text.Length || _text[_at] is ')' or '|' || _text.AsSpan(_at).StartsWith("}}") || Marked(_at, '-', ahead: false);

    private void Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private string PeekWord()
    {
        var start = _at;
        var word = Word();
        _at = start;
        return word;
    }

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '.' or '_' or '$' || (_text[_at] is '-' or '+' && _at == start && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))) _at++;
        return _text[start.._at];
    }

    private string Rest()
    {
        var rest = _text.AsSpan(_at);
        var end = rest.IndexOf("}}");
        if (end >= 0) rest = rest[..end];
        rest = rest.Trim();
        return rest.Length > 40 ? $"{rest[..40]}…" : rest.ToString();
    }
}
