using System.Globalization;

namespace Buildyard;

/// <summary>Finds references that lead back to where they came from. With a stack of its own: a chain may be as long as the file.</summary>
internal static class Cycles
{
    /// <summary>A longer circle is told in part: a file may have thousands of them, each of thousands.</summary>
    private const int MostTold = 8;

    /// <param name="starts">Where to start from.</param>
    /// <param name="next">What something refers to; an unknown name refers to nothing.</param>
    /// <param name="found">Told of each circle once: the reference that closes it, and the names on it.</param>
    public static void Find(IEnumerable<string> starts, Func<string, IReadOnlyList<Reference>> next, Action<Place, string> found)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in starts)
        {
            if (!done.Contains(start)) Walk(start, next, found, done);
        }
    }

    private static void Walk(string start, Func<string, IReadOnlyList<Reference>> next, Action<Place, string> found, HashSet<string> done)
    {
        var path = new List<(string Name, IReadOnlyList<Reference> References, int At)> { (start, next(start), 0) };
        var onPath = new Dictionary<string, int>(StringComparer.Ordinal) { [start] = 0 };
        while (path.Count > 0)
        {
            var (name, references, at) = path[^1];
            if (at >= references.Count)
            {
                done.Add(name);
                onPath.Remove(name);
                path.RemoveAt(path.Count - 1);
                continue;
            }
            path[^1] = (name, references, at + 1);
            var to = references[at];
            if (done.Contains(to.Name)) continue;
            if (onPath.TryGetValue(to.Name, out var from)) found(to.At, Circle(path, from));
            else
            {
                onPath.Add(to.Name, path.Count);
                path.Add((to.Name, next(to.Name), 0));
            }
        }
    }

    private static string Circle(List<(string Name, IReadOnlyList<Reference> References, int At)> path, int from)
    {
        var length = path.Count - from;
        IEnumerable<string> names = length <= MostTold
            ? path[from..].Select(p => p.Name)
            : [path[from].Name, path[from + 1].Name, string.Create(CultureInfo.InvariantCulture, $"… ({length - 3} more) …"), path[^1].Name];
        return string.Join(" → ", names.Append(path[from].Name));
    }
}
