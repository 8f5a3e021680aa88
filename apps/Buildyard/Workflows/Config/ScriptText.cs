using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// What a text that may be a script is made up of, so that it is known again in another place, in another order, or with something written around
/// it: its lines, which line follows which, and the commands in a line, told apart as a shell tells them (POSIX.1-2024, XCU 2.3 and 2.4).
/// </summary>
internal static partial class ScriptText
{
    /// <summary>So many words that follow one another make a long command known.</summary>
    private const int Known = 6;

    private const int Matching = 10_000;

    private static readonly SearchValues<char> s_ofNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@");

    private static readonly SearchValues<char> s_lettersAndDigits = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    private static readonly SearchValues<char> s_operators = SearchValues.Create(";&|()`");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_reserved =
        new HashSet<string>(["!", "{", "}", "do", "done", "elif", "else", "esac", "fi", "if", "then", "until", "while"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_leaving =
        new HashSet<string>(["exit", "return", "break", "continue"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The pieces of a text. Names alone, what switches or counts, and lines that all scripts have alike are nobody's and not among them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isValue">Whether it is the value of a variable or an input, which may be a script of one word.</param>
    public static IEnumerable<string> Pieces(string text, bool isValue)
    {
        var lines = Lines(text);
        foreach (var line in lines.Where(line => Says(line, isValue)))
        {
            yield return line.Text;
            foreach (var piece in Commands(line).Append((0, line.Count)).Distinct().SelectMany(run => Windows(line, run))) yield return piece;
        }
        foreach (var pair in Pairs(lines)) yield return pair;
    }

    /// <summary>Which of some pieces stand in a text, whatever is written around them.</summary>
    public static IEnumerable<string> Find(string text, bool isValue, HashSet<string> pieces)
    {
        var (lines, found) = (Lines(text), new HashSet<string>(StringComparer.Ordinal));
        var known = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var line in lines)
        {
            Look(line.Text);
            for (var start = 0; start < line.Count; start++)
                for (var length = IsTelling(line[start]) ? 1 : 2; length <= Known && start + length <= line.Count; length++) Look(line.Span(start, length));
            // A command of one word is a piece where it is all of a line.
            if (isValue)
                foreach (var (start, _) in Commands(line)) Look(line[start]);
        }
        foreach (var pair in Pairs(lines)) Look(pair);
        return found;

        void Look(ReadOnlySpan<char> piece)
        {
            if (known.TryGetValue(piece, out var same)) found.Add(same);
        }
    }

    private static List<Line> Lines(string text) =>
        [.. text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !Opening().IsMatch(line)).Select(line => new Line(line))];

    /// <summary>What follows on what: the same commands in another order do something else.</summary>
    private static IEnumerable<string> Pairs(List<Line> lines) =>
        from pair in lines.Zip(lines.Skip(1))
        where !(IsStructure(pair.First) && IsStructure(pair.Second))
        select $"{pair.First.Text}\n{pair.Second.Text}";

    private static bool Says(Line line, bool isValue) => !IsStructure(line) && (line.Text.AsSpan().ContainsAnyExcept(s_ofNames) || (isValue && !IsPlain(line.Text)));

    /// <summary>Whether a value switches or counts: a script is longer, even one that only says <c>env</c>.</summary>
    private static bool IsPlain(string line) => line is { Length: < 3 } or "yes" or "true" or "false" || line.All(char.IsAsciiDigit);

    /// <summary>Whether a line only holds a script together, or leaves it.</summary>
    private static bool IsStructure(Line line)
    {
        for (var at = 0; at < line.Count; at++)
            if (!IsBetween(line[at]) && !s_leaving.Contains(line[at]) && line[at].ContainsAnyExceptInRange('0', '9')) return false;
        return true;
    }

    private static bool IsBetween(ReadOnlySpan<char> word) => (word[0] == '#' && word is not ['#', '!', ..]) || s_operators.Contains(word[0]) || s_reserved.Contains(word);

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

    /// <summary>A command whole, or each so many words of a long one.</summary>
    private static IEnumerable<string> Windows(Line line, (int Start, int Length) command)
    {
        var length = Math.Min(Known, command.Length);
        for (var start = command.Start; start + length <= command.Start + command.Length; start++)
            if (length > 1 || IsTelling(line[start])) yield return line.Span(start, length).ToString();
    }

    /// <summary>Whether a word says something without its neighbours: what refers to a variable says it elsewhere.</summary>
    private static bool IsTelling(ReadOnlySpan<char> word) =>
        word.ContainsAnyExcept(s_ofNames) && word.ContainsAny(s_lettersAndDigits) && !Reference().IsMatch(word);

    /// <summary>A line that does nothing by itself: a comment, an interpreter of the machine's, options of the shell.</summary>
    [GeneratedRegex("^(?:#(?!!)|#!/(?:usr/)?bin/(?:env )?[a-z0-9]+(?: -[a-z]+)?$|set(?: [-+][A-Za-z]+(?: pipefail)?)+$)", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Opening();

    [GeneratedRegex("[;&|()`]+|[\"'<>]|[^\\s;&|()`\"'<>]+", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Words();

    [GeneratedRegex(@"^(?:\w+=)?\$(?:\{?\w+\}?)?$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Reference();

    /// <summary>A line as it stands, and its words with a blank between.</summary>
    private sealed class Line
    {
        private readonly List<(int Start, int End)> _places = [];
        private readonly string _words;

        public Line(string text)
        {
            Text = text;
            var words = new StringBuilder(text.Length);
            foreach (var word in Words().EnumerateMatches(text))
            {
                if (words.Length > 0) words.Append(' ');
                words.Append(text, word.Index, word.Length);
                _places.Add((words.Length - word.Length, words.Length));
            }
            _words = words.ToString();
        }

        public string Text { get; }

        public int Count => _places.Count;

        public ReadOnlySpan<char> this[int word] => Span(word, 1);

        public ReadOnlySpan<char> Span(int word, int length) => _words.AsSpan(_places[word].Start, _places[word + length - 1].End - _places[word].Start);
    }
}
