namespace Buildyard;

/// <summary>Finds references that lead back to where they came from. With a stack of its own: a chain may be as long as the file.</summary>
internal static class Cycles
{
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
        var onPath = new HashSet<string>(StringComparer.Ordinal) { start };
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
            if (!onPath.Add(to.Name)) found(to.At, string.Join(" → ", path.Select(p => p.Name).SkipWhile(n => n != to.Name).Append(to.Name)));
            else path.Add((to.Name, next(to.Name), 0));
        }
    }
}
