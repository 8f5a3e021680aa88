using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>Patterns of triggers.</summary>
internal static class TriggerPattern
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether <paramref name="text"/> matches a pattern: <c>*</c> stands for any characters, or none; anything else for itself.
    /// An empty pattern matches empty text alone.
    /// </summary>
    public static bool Glob(string pattern, string text)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1) return text == pattern;
        if (!text.StartsWith(parts[0], StringComparison.Ordinal)) return false;
        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0) return false;
            at = found + part.Length;
        }
        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }

    /// <summary>A regular expression without backtracking, so that its time grows with the text alone; null when it is none, or needs backtracking.</summary>
    public static Regex? Regex(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_longest);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public static bool Matches(TriggerCondition condition, string text)
    {
        if (!condition.IsRegex) return Glob(condition.Text, text);
        try
        {
            return Regex(condition.Text)?.IsMatch(text) ?? false;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
