using System.Text;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>Patterns of paths: <c>*</c> within a folder, <c>**</c> across folders, <c>?</c> one character; a pattern that ends with <c>/</c> means all below it.</summary>
internal static class PathPatterns
{
    public const int Most = 50;
    public const int Longest = 200;

    /// <summary>Reads patterns as they are sent; null where one can't be taken.</summary>
    public static string? Read(IReadOnlyList<string> patterns, List<FieldError> errors)
    {
        var trimmed = patterns.Select(p => p?.Trim() ?? "").Where(p => p.Length > 0).ToList();
        if (trimmed.Count > Most) errors.Add(new FieldError("paths", $"{trimmed.Count} patterns are too many.", $"At most {Most}."));
        foreach (var pattern in trimmed.Take(Most))
        {
            if (pattern.Length > Longest || pattern.StartsWith('/') || pattern.Any(char.IsControl) || pattern.Split('/').Contains(".."))
                errors.Add(new FieldError("paths", $"{(pattern.Length > 40 ? pattern[..40] + "…" : pattern)} is no pattern of paths.", "Patterns below the repository's top such as src/** or *.md, of up to 200 characters."));
        }
        return errors.Count > 0 ? null : string.Join('\n', trimmed);
    }

    public static IReadOnlyList<string> Lines(string kept) => kept.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether one of <paramref name="files"/> fits one of the patterns in <paramref name="kept"/>.</summary>
    public static bool AnyFits(string kept, IReadOnlyCollection<string> files)
    {
        // Without backtracking: a pattern of somebody's can't hold up the server.
        var patterns = Lines(kept).Select(p => new Regex(Expression(p), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10))).ToList();
        return files.Any(file => patterns.Exists(p => p.IsMatch(file)));
    }

    private static string Expression(string pattern)
    {
        var text = new StringBuilder("^");
        if (pattern.EndsWith('/')) pattern += "**";
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 2 < pattern.Length && pattern[i + 1] == '*' && pattern[i + 2] == '/':
                    text.Append("(.*/)?");
                    i += 2;
                    break;
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    text.Append(".*");
                    i++;
                    break;
                case '*':
                    text.Append("[^/]*");
                    break;
                case '?':
                    text.Append("[^/]");
                    break;
                default:
                    text.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }
        return text.Append('$').ToString();
    }
}
