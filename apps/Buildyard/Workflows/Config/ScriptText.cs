using System.Buffers;
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

    private static readonly SearchValues<char> s_operators = SearchValues.Create(";&|()`");

    private static readonly HashSet<string> s_reserved = new(["!", "{", "}", "do", "done", "elif", "else", "esac", "fi", "if", "then", "until", "while"], StringComparer.Ordinal);

    private static readonly HashSet<string> s_leaving = new(["exit", "return", "break", "continue"], StringComparer.Ordinal);

    /// <summary>The pieces of a text. Names alone, what switches or counts, and lines that all scripts have alike are nobody's and not among them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isValue">Whether it is the value of a variable or an input, which may be a script of one word.</param>
    public static IEnumerable<string> Pieces(string text, bool isValue)
    {
        var lines = Lines(text);
        foreach (var (line, words) in lines.Where(line => Says(line.Line, line.Words, isValue)))
        {
            yield return line;
            foreach (var piece in Runs(words).Prepend(words).SelectMany(run => Windows(run, Math.Min(Known, run.Length)))) yield return piece;
        }
        // Also what follows on what: the same commands in another order do something else.
        foreach (var (one, next) in lines.Zip(lines.Skip(1)).Where(pair => !(IsStructure(pair.First.Words) && IsStructure(pair.Second.Words)))) yield return $"{one.Line}\n{next.Line}";
    }

    /// <summary>All that stands within the lines of a text besides its <see cref="Pieces"/>: whatever of it was a piece before has had something written around it.</summary>
    public static IEnumerable<string> Within(string text, bool isValue) =>
        Lines(text).SelectMany(line => Enumerable.Range(1, Math.Min(Known, line.Words.Length)).SelectMany(length => Windows(line.Words, length))
            // A command of one word is a piece where it is all of a line.
            .Concat(isValue ? Runs(line.Words).Select(run => run[0]) : []));

    private static List<(string Line, string[] Words)> Lines(string text) =>
        [.. text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !Opening().IsMatch(line)).Select(line => (line, Words().Matches(line).Select(word => word.Value).ToArray()))];

    private static bool Says(string line, string[] words, bool isValue) => !IsStructure(words) && (line.AsSpan().ContainsAnyExcept(s_ofNames) || (isValue && !IsPlain(line)));

    /// <summary>Whether a value switches or counts: a script is longer, even one that only says <c>env</c>.</summary>
    private static bool IsPlain(string line) => line is { Length: < 3 } or "yes" or "true" or "false" || line.All(char.IsAsciiDigit);

    /// <summary>What holds a script together, or leaves it.</summary>
    private static bool IsStructure(string[] words) => words.All(word => IsBetween(word) || s_leaving.Contains(word) || word.All(char.IsAsciiDigit));

    private static bool IsBetween(string word) => (word[0] == '#' && !word.StartsWith("#!", StringComparison.Ordinal)) || s_operators.Contains(word[0]) || s_reserved.Contains(word);

    /// <summary>The commands in a line.</summary>
    private static IEnumerable<string[]> Runs(string[] words)
    {
        for (var start = 0; start < words.Length; start++)
        {
            var end = Array.FindIndex(words, start, IsBetween) is >= 0 and var found ? found : words.Length;
            if (end > start) yield return words[start..end];
            start = end;
        }
    }

    private static IEnumerable<string> Windows(string[] words, int length) =>
        from start in Enumerable.Range(0, words.Length - length + 1)
        where length > 1 || IsTelling(words[start])
        select string.Join(' ', words, start, length);

    /// <summary>Whether a word says something without its neighbours: what refers to a variable says it elsewhere.</summary>
    private static bool IsTelling(string word) => word.AsSpan().ContainsAnyExcept(s_ofNames) && word.Any(char.IsLetterOrDigit) && !Reference().IsMatch(word);

    /// <summary>A line that does nothing by itself: a comment, an interpreter of the machine's, options of the shell.</summary>
    [GeneratedRegex("^(?:#(?!!)|#!/(?:usr/)?bin/(?:env )?[a-z0-9]+(?: -[a-z]+)?$|set(?: [-+][A-Za-z]+(?: pipefail)?)+$)", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Opening();

    [GeneratedRegex("[;&|()`]+|[\"'<>]|[^\\s;&|()`\"'<>]+", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Words();

    [GeneratedRegex(@"^(?:\w+=)?\$(?:\{?\w+\}?)?$", RegexOptions.CultureInvariant, Matching)]
    private static partial Regex Reference();
}
