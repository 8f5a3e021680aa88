using System.Text;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// A cache key with its templates: <c>{{ .OS }}</c>, <c>.Arch</c>, <c>.Branch</c>, <c>.CommitHash</c>, <c>.Workflow</c>,
/// <c>{{ getenv "NAME" }}</c>, <c>{{ checksum "file" "**/*.lock" }}</c>. Anything else is a problem that names it.
/// </summary>
internal static partial class CacheKey
{
    private const int Longest = 512;

    /// <param name="template">The key as written.</param>
    /// <param name="envs">The environment of the step.</param>
    /// <param name="checksum">Gives the checksum of the files that patterns name; null when there are none.</param>
    /// <returns>The key, or why it can't be had.</returns>
    public static async Task<(string? Key, string? Problem)> EvaluateAsync(
        string template, IReadOnlyDictionary<string, string> envs, Func<IReadOnlyList<string>, Task<string?>> checksum)
    {
        var key = new StringBuilder();
        var at = 0;
        foreach (Match match in Template().Matches(template))
        {
            key.Append(template, at, match.Index - at);
            at = match.Index + match.Length;
            var words = Word().Matches(match.Groups["body"].Value).Select(word => word.Value).ToList();
            var arguments = words.Skip(1).Select(word => word.Trim('"')).ToList();
            string? value;
            switch (words.FirstOrDefault())
            {
                case ".OS": value = "linux"; break;
                case ".Arch": value = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64"; break;
                case ".Branch": value = envs.GetValueOrDefault("BITRISE_GIT_BRANCH", ""); break;
                case ".CommitHash": value = envs.GetValueOrDefault("BITRISE_GIT_COMMIT", ""); break;
                case ".Workflow": value = envs.GetValueOrDefault("BITRISE_TRIGGERED_WORKFLOW_ID", ""); break;
                case "getenv" when arguments.Count == 1: value = envs.GetValueOrDefault(arguments[0], ""); break;
                case "checksum" when arguments.Count > 0:
                    value = await checksum(arguments);
                    if (value is null) return (null, $"No file matches {string.Join(", ", arguments)}.");
                    break;
                default: return (null, $"The key holds {match.Value}, which is not known. There are .OS, .Arch, .Branch, .CommitHash, .Workflow, getenv and checksum.");
            }
            key.Append(value);
        }
        key.Append(template, at, template.Length - at);
        var text = key.ToString().Trim();
        return text.Length switch
        {
            0 => (null, "The key is empty."),
            > Longest => (null, $"The key is longer than {Longest} characters."),
            _ => (text, null),
        };
    }

    [GeneratedRegex(@"\{\{(?<body>[^{}]*)\}\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Template();

    [GeneratedRegex("""
        "[^"]*"|[^\s"]+
        """, RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Word();
}
