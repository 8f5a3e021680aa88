using System.Text;

namespace Buildyard;

/// <summary>A repository that stands inside another.</summary>
/// <param name="Path">Where it goes, in the outer one's work tree.</param>
/// <param name="Url">Where it comes from.</param>
/// <param name="Commit">The commit that the outer one wants, in full.</param>
internal sealed record Submodule(string Path, string Url, string Commit);

/// <summary>
/// Reads which submodules a commit names, from its own objects: what a step does to the work tree later changes nothing about it.
/// </summary>
internal static class Submodules
{
    /// <summary>How many one build may have, those inside others included; and how deep they may stand in each other.</summary>
    public const int Most = 50;
    public const int Deepest = 5;

    /// <summary>Those of <paramref name="commit"/>, in the order of <c>.gitmodules</c>. What is named there but not in the tree, or the other way round, is none.</summary>
    public static async Task<IReadOnlyList<Submodule>> ReadAsync(GitProcess git, string url, string commit, long most, CancellationToken cancellation)
    {
        var listed = await git.RunAsync(most, cancellation, "config", $"--blob={commit}:.gitmodules", "-z", "--get-regexp", @"^submodule\..*\.(path|url)$");
        if (listed.Status != 0) return [];
        var values = new OrderedDictionary<string, (string? Path, string? Url)>(StringComparer.Ordinal);
        foreach (var entry in Encoding.UTF8.GetString(listed.Output).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            // submodule.NAME.path, a line's end, and the value
            if (entry.Split('\n', 2) is not [var key, var value]) continue;
            var dot = key.LastIndexOf('.');
            var (path, from) = values.GetValueOrDefault(key[..dot]);
            values[key[..dot]] = key.EndsWith(".path", StringComparison.Ordinal) ? (value, from) : (path, value);
        }
        var found = new List<Submodule>();
        foreach (var (path, from) in values.Values.Take(Most + 1))
        {
            if (path is null || from is null || path.StartsWith('-')) continue;
            // 160000 commit HASH, a tab, and the path
            var listing = (await git.RunAsync(most, cancellation, "ls-tree", "--full-tree", commit, "--", path)).Text.Split('\t')[0].Split(' ');
            if (listing is ["160000", "commit", { Length: 40 } hash]) found.Add(new Submodule(path, Resolve(url, from), hash));
        }
        return found;
    }

    /// <summary>An address that begins with dots is relative to the outer repository's (gitmodules(5)).</summary>
    private static string Resolve(string outer, string url)
    {
        if (!url.StartsWith("./", StringComparison.Ordinal) && !url.StartsWith("../", StringComparison.Ordinal)) return url;
        outer = outer.TrimEnd('/');
        while (true)
        {
            if (url.StartsWith("./", StringComparison.Ordinal))
            {
                url = url[2..];
            }
            else if (url.StartsWith("../", StringComparison.Ordinal))
            {
                url = url[3..];
                var end = outer.LastIndexOfAny(['/', ':']);
                outer = end < 0 ? "" : outer[end] == ':' ? outer[..(end + 1)] : outer[..end];
            }
            else
            {
                return outer.EndsWith(':') ? outer + url : $"{outer}/{url}";
            }
        }
    }
}
