using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// What a text that may be a script is made up of, so that it is known again in another place, in another order, or with something written around
/// or into it: its lines, which line follows which, the addresses it names, and the words of its commands that follow one another, both without
/// what stands between them and with it: quotes, redirections and other marks make something else of the same words. Commands are told apart as a
/// shell tells them (POSIX.1-2024, XCU 2.3 and 2.4).
/// </summary>
internal static partial class ScriptText
{
    /// <summary>So many words that follow one another make a command known.</summary>
    private const int Known = 3;

    /// <summary>So many make a copy of it.</summary>
    private const int Copied = 6;

    private const int Matching = 10_000;

    private static readonly SearchValues<char> s_ofNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@");

    private static readonly SearchValues<char> s_operators = SearchValues.Create(";&|()`!<>");

    private static readonly SearchValues<char> s_ending = SearchValues.Create(";&|()`");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_reserved =
        new HashSet<string>(["do", "done", "elif", "else", "esac", "fi", "if", "then", "until", "while"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_before =
        new HashSet<string>(["builtin", "command", "env", "exec", "nice", "nohup", "sudo", "time"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_leaving =
        new HashSet<string>(["exit", "return", "break", "continue"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The pieces of a text. Names alone, what switches or counts, and lines that all scripts have alike are nobody's and not among them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isValue">Whether it is the value of a variable or an input, which may be a script of one word.</param>
    public static IEnumerable<string> Pieces(string text, bool isValue) => Readings(text).SelectMany(lines => Pieces(lines, isValue));

    private static IEnumerable<string> Pieces(List<Line> lines, bool isValue)
    {
        foreach (var line in lines.Where(line => Says(line, isValue)))
        {
            yield return Whole(line);
            if (line.IsRemark) continue;
            foreach (var piece in Commands(line).Append((0, line.Count)).Distinct().SelectMany(run => Windows(line, run, Known, isValue))) yield return piece;
            foreach (var piece in line.Marked.Windows(Math.Min(Known, line.Marked.Count))) yield return piece;
            foreach (var command in line.Marked.Commands()) yield return command;
            foreach (var address in Addresses(line)) yield return address;
        }
        foreach (var pair in Pairs(lines)) yield return pair;
    }

    /// <summary>Of the pieces those that nobody comes to write by chance: longer lines, what runs a script, addresses, and so many words in one order.</summary>
    public static IEnumerable<string> Copies(string text, bool isValue)
    {
        foreach (var line in Readings(text).SelectMany(lines => lines).Where(line => Says(line, isValue) && !line.IsRemark))
        {
            if (Telling(line, 0, line.Count) >= Known || line.Text.StartsWith("#!", StringComparison.Ordinal)) yield return Whole(line);
            if (line.Count >= Copied)
                foreach (var piece in Windows(line, (0, line.Count), Copied, isValue).Concat(line.Marked.Windows(Copied))) yield return piece;
            foreach (var address in Addresses(line)) yield return address;
        }
    }

    /// <summary>Which of some pieces stand in a text, whatever is written around them.</summary>
    public static IEnumerable<string> Find(string text, HashSet<string> pieces)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var known = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        var readings = Readings(text).ToList();
        foreach (var line in readings.SelectMany(lines => lines))
        {
            Look(Whole(line));
            if (line.IsRemark) continue;
            for (var start = 0; start < line.Count; start++)
                for (var length = 1; length <= Copied && start + length <= line.Count; length++) Look(line.Span(start, length));
            foreach (var piece in Enumerable.Range(2, Copied - 1).SelectMany(length => line.Marked.Windows(length)).Concat(line.Marked.Commands())) Look(piece);
        }
        foreach (var pair in readings.SelectMany(Pairs)) Look(pair);
        return found;

        void Look(ReadOnlySpan<char> piece)
        {
            if (known.TryGetValue(piece, out var same)) found.Add(same);
        }
    }

    /// <summary>A text by its lines: those that go on in the next one put together, and as they stand. A comment ends with its line, and what reads it may be no shell.</summary>
    private static IEnumerable<List<Line>> Readings(string text)
    {
        yield return Lines(text.Replace("\\\n", " ", StringComparison.Ordinal));
        if (text.Contains("\\\n", StringComparison.Ordinal)) yield return Lines(text);
    }

    private static List<Line> Lines(string text)
    {
        var (lines, around) = (new List<Line>(), new Stack<int>());
        foreach (var written in text.Split('\n'))
        {
            var said = written.Trim();
            if (said.Length == 0 || Opening().IsMatch(said)) continue;
            var indent = 0;
            foreach (var blank in written.TakeWhile(char.IsWhiteSpace)) indent = blank == '\t' ? (indent / 8 * 8) + 8 : indent + 1;
            while (around.TryPeek(out var outer) && outer >= indent) around.Pop();
            var line = new Line(said, around.Count);
            if (!line.IsComment) around.Push(indent);
            lines.Add(line);
        }
        return lines;
    }

    private static string Whole(Line line) => $"{line.Text}\n";

    /// <summary>
    /// What follows on what, and how much further in it stands, and what comes first of several: the same commands in another order, without one of
    /// them, or under another condition, do something else.
    /// </summary>
    private static IEnumerable<string> Pairs(List<Line> lines)
    {
        var commands = lines.FindAll(line => !line.IsComment);
        if (commands.Count < 2) yield break;
        if (!Opens().IsMatch(commands[0].Text)) yield return $"\n{commands[0].Text}";
        foreach (var (first, second) in commands.Zip(commands.Skip(1)))
        {
            if (IsStructure(first) && IsStructure(second)) continue;
            var pair = $"{first.Text}\n{second.Text}";
            yield return pair;
            yield return string.Create(CultureInfo.InvariantCulture, $"{pair}\n{second.Level - first.Level}");
        }
    }

    private static bool Says(Line line, bool isValue) => !IsStructure(line) && (line.Text.AsSpan().ContainsAnyExcept(s_ofNames) || (isValue && !IsPlain(line.Text)));

    /// <summary>Whether a value switches or counts: a script is longer, even one that only says <c>env</c>.</summary>
    private static bool IsPlain(ReadOnlySpan<char> word) => word is { Length: < 3 } or "yes" or "true" or "false" || !word.ContainsAnyExceptInRange('0', '9');

    /// <summary>Whether a line only holds a script together, or leaves it. Whatever else a line is of says something, numbers and marks too.</summary>
    private static bool IsStructure(Line line) => Opens().IsMatch(line.Text) || Structure().IsMatch(Discarded().Replace(line.Text, ""));

    /// <summary>How many of some words say something.</summary>
    private static int Telling(Line line, int start, int length)
    {
        var count = 0;
        for (var at = start; at < start + length; at++)
            if (Tells(line[at], at == 0 ? [] : line[at - 1])) count++;
        return count;
    }

    /// <summary>Whether a word says something: not what stands between commands or leaves a script, with the status it leaves it with.</summary>
    private static bool Tells(ReadOnlySpan<char> word, ReadOnlySpan<char> before) =>
        !IsBetween(word) && !s_leaving.Contains(word) && !(s_leaving.Contains(before) && !word.ContainsAnyExceptInRange('0', '9'));

    private static bool IsBetween(ReadOnlySpan<char> word) => s_operators.Contains(word[0]) || s_reserved.Contains(word);

    /// <summary>Where the commands in a line stand.</summary>
    private static IEnumerable<(int Start, int Length)> Commands(Line line)
    {
        var start = 0;
        for (var at = 0; at <= line.Count; at++)
        {
            if (at < line.Count && !IsBetween(line[at])) continue;
            if (at > start) yield return (start, at - start);
            start = at + 1;
        }
    }

    /// <summary>A short command whole, or each so many words of a longer one.</summary>
    private static IEnumerable<string> Windows(Line line, (int Start, int Length) command, int most, bool isValue)
    {
        var length = Math.Min(most, command.Length);
        for (var start = command.Start; length > 0 && start + length <= command.Start + command.Length; start++)
            // One word is a command where it may be a script; what refers to a variable says it elsewhere.
            if (length > 1 ? Telling(line, start, length) > 0 : (isValue && line[start][0] != '$' && !IsPlain(line[start]) && !IsBetween(line[start]))) yield return line.Span(start, length).ToString();
    }

    private static IEnumerable<string> Addresses(Line line) =>
        Enumerable.Range(0, line.Count).Where(at => line[at].Contains("://", StringComparison.Ordinal)).Select(at => line[at].ToString());

    /// <summary>What scripts begin with that says nothing: an interpreter that any may have.</summary>
    [GeneratedRegex("^#!/(?:usr/)?bin/(?:env )?(?:bash|sh|zsh|python3?|node|ruby|perl)(?: -[eu]+)?$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Opening();

    /// <summary>A line that only sets others apart, or ends a script at its first failure: what is without it says something (<see cref="Pairs"/>).</summary>
    [GeneratedRegex("^(?:#[#=*~ -]*|set(?: -(?:[eu]+|[eu]*o (?:pipefail|errexit|nounset)))+)$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Opens();

    /// <summary>A comment in plain words. In another text, or another language, others do something.</summary>
    [GeneratedRegex("^#+(?: [\\w .,:;!?'()/-]*)?$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Remark();

    // Words that hold a script together, what leaves it, quotes and brackets.
    [GeneratedRegex("^(?:(?:do|done|elif|else|esac|fi|if|then|until|while|(?:exit|return|break|continue)(?: +(?:[0-9]+|\\$\\?))?)(?![^ ;&|(){}])|\\*\\)|[ ;&|(){}\\[\\]\"',\\\\])*$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Structure();

    // An address without its version, a reference to a variable, a word or what may stand for one; what stands between commands.
    [GeneratedRegex("[A-Za-z][A-Za-z0-9+.-]*://[^\\s\"'`;|&()<>@]+|\\$\\w+|[\\w?]+|[;&|()`!<>]+", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Words();

    // Where nobody reads it.
    [GeneratedRegex(@"(?:[0-9&]?>>? */dev/null|2>&1)", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Discarded();

    // How somebody sets blanks says nothing.
    [GeneratedRegex(" *(?<mark>[;&|()`<>]+) *|\\s+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Matching)]
    private static partial Regex Blanks();

    /// <summary>A line as it stands, and its words with a blank between.</summary>
    private sealed class Line
    {
        private readonly List<(int Start, int End)> _places = [];
        private readonly string _words;

        public Line(string text, int level)
        {
            (Text, Level) = (text, level);
            IsComment = text[0] == '#' && !text.StartsWith("#!", StringComparison.Ordinal);
            IsRemark = IsComment && Remark().IsMatch(text);
            var told = Discarded().Replace(text, " ").Replace("${", "$", StringComparison.Ordinal);
            var words = new StringBuilder(told.Length);
            foreach (var word in Words().EnumerateMatches(told))
            {
                if (words.Length > 0) words.Append(' ');
                words.Append(told, word.Index, word.Length);
                _places.Add((words.Length - word.Length, words.Length));
            }
            _words = words.ToString();
            Marked = new Marked(text);
        }

        public string Text { get; }

        /// <summary>How many lines it stands within, by how far in they stand.</summary>
        public int Level { get; }

        public bool IsComment { get; }

        /// <summary>Whether it is said to people: it is known again as a whole alone.</summary>
        public bool IsRemark { get; }

        public Marked Marked { get; }

        public int Count => _places.Count;

        public ReadOnlySpan<char> this[int word] => Span(word, 1);

        public ReadOnlySpan<char> Span(int word, int length) => _words.AsSpan(_places[word].Start, _places[word + length - 1].End - _places[word].Start);
    }

    /// <summary>A line with the marks between its words. Those up to the next blank, or operator, are a word's own.</summary>
    private sealed class Marked
    {
        private const string Ends = "\v";

        private readonly string _text;
        private readonly List<(int Start, int End)> _places = [];

        public Marked(string line)
        {
            _text = Blanks().Replace(Discarded().Replace(line, "\a"), match => match.Groups["mark"] is { Success: true } mark ? mark.Value : " ");
            foreach (var word in Words().EnumerateMatches(_text)) _places.Add((word.Index, word.Index + word.Length));
        }

        public int Count => _places.Count;

        /// <summary>Each so many words that follow one another; those that a line begins or ends with, or a command, also with that.</summary>
        /// <param name="length">How many.</param>
        public IEnumerable<string> Windows(int length)
        {
            if (length < 2) yield break;
            for (var start = 0; start + length <= _places.Count; start++)
            {
                var (from, to, next) = (Left(start), Right(start + length - 1), start + length);
                if (!Enumerable.Range(start, length).Any(word => Tells(Of(word), word == 0 ? [] : Of(word - 1)))) continue;
                yield return _text[from..to];
                if (start == 0) yield return $"\t{_text[..to]}";
                if (next == _places.Count) yield return $"{_text[from..]}\t";
                if (start == 0 || BeginsCommand(start - 1)) yield return Ends + _text[(start == 0 ? 0 : _places[start - 1].End)..to].TrimStart();
                if (next == _places.Count || EndsCommand(next)) yield return _text[from..(next == _places.Count ? _text.Length : _places[next].Start)].TrimEnd() + Ends;
            }
        }

        /// <summary>Each command whole.</summary>
        public IEnumerable<string> Commands()
        {
            var start = 0;
            for (var at = 0; at <= _places.Count; at++)
            {
                if (at < _places.Count && !EndsCommand(at)) continue;
                var command = _text.AsSpan(start, (at < _places.Count ? _places[at].Start : _text.Length) - start).Trim();
                if (!IsPlain(command) && !Structure().IsMatch(command)) yield return $"\t{command}\t";
                if (at < _places.Count) start = _places[at].End;
            }
        }

        private int Left(int word)
        {
            var (least, at) = (word == 0 ? 0 : _places[word - 1].End, _places[word].Start);
            while (at > least && _text[at - 1] != ' ') at--;
            return at;
        }

        private int Right(int word)
        {
            var (most, at) = (word + 1 == _places.Count ? _text.Length : _places[word + 1].Start, _places[word].End);
            while (at < most && _text[at] != ' ') at++;
            return at;
        }

        private bool EndsCommand(int word) => s_ending.Contains(_text[_places[word].Start]) || s_reserved.Contains(Of(word));

        private bool BeginsCommand(int word) => EndsCommand(word) || s_before.Contains(Of(word));

        private ReadOnlySpan<char> Of(int word) => _text.AsSpan(_places[word].Start, _places[word].End - _places[word].Start);
    }
}
