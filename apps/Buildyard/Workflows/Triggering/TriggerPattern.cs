using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>Patterns of triggers.</summary>
internal static class TriggerPattern
{
    /// <summary>The longest regular expression that is used, in characters.</summary>
    public const int LongestRegex = 1_000;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether <paramref name="text"/> matches a pattern: <c>*</c> stands for any characters, or none; anything else for itself.
    /// An empty pattern matches empty text alone.
    /// </summary>
    public static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var star = pattern.IndexOf('*');
        if (star < 0) return text.SequenceEqual(pattern);
        if (pattern.Length - pattern.Count('*') > text.Length || !text.StartsWith(pattern[..star])) return false;
        text = text[star..];
        while (true)
        {
            pattern = pattern[(star + 1)..];
            star = pattern.IndexOf('*');
            if (star < 0) return text.EndsWith(pattern);
            var found = text.IndexOf(pattern[..star]);
            if (found < 0) return false;
            text = text[(found + star)..];
        }
    }

    /// <summary>A regular expression without backtracking, so that its time grows with the text alone; null when it is none, is too long, or needs backtracking.</summary>
    public static Regex? Regex(string pattern)
    {
        if (pattern.Length > LongestRegex) return null;
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_longest);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
