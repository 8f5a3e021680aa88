namespace Buildyard;

/// <summary>The cache archives of apps: an own shelf for each app, and others beside it for its guarded builds, which the app's own never read.</summary>
internal sealed class BuildCaches(DataDirectory directory, BuildQueueOptions options)
{
    private const string Own = "own";
    private const string Guarded = "guarded";
    private const string Allowed = "allowed";
    private const string Forks = "forks";
    private static readonly string[] s_scopes = [Own, Guarded, Allowed, Forks];

    /// <summary>
    /// Where a build finds and leaves archives. One may hold whatever its build was given or did: what builds with secrets leave is restored into
    /// none that goes without, and what support had a hand in into none that has any. So a guarded build that was allowed secrets finds the app's
    /// own, and what it leaves is found by none. Pull requests from forks read the app's, and leave nothing there.
    /// </summary>
    public BuildCache For(Build build)
    {
        var (to, from) = build switch
        {
            { GoesWithoutSecrets: true } => (Guarded, [Guarded]),
            { GuardReason: not null } => (Allowed, [Own]),
            { FromFork: true } => (Forks, [Forks, Own]),
            _ => (Own, (string[])[Own]),
        };
        return new BuildCache(Shelf(build.AppId, to), [.. from.Select(scope => Shelf(build.AppId, scope))], options.CacheBytes);
    }

    /// <summary>The shelves of an app: its own, those of its guarded builds without and with secrets, and that of pull requests from other repositories.</summary>
    public IReadOnlyList<(string Scope, CacheShelf Shelf)> All(string appId) => [.. s_scopes.Select(scope => (scope, Shelf(appId, scope)))];

    /// <summary>One of them; null where there is no such scope.</summary>
    public CacheShelf? Find(string appId, string scope) => s_scopes.Contains(scope) ? Shelf(appId, scope) : null;

    /// <summary>How many bytes each shelf may hold.</summary>
    public long Quota => options.CacheBytes;

    /// <summary>Removes all of an app's.</summary>
    public void Remove(string appId)
    {
        if (Directory.Exists(Folder(appId))) Directory.Delete(Folder(appId), recursive: true);
    }

    private CacheShelf Shelf(string appId, string scope) => new(Path.Combine(Folder(appId), scope));

    private string Folder(string appId) => Path.Combine(directory.Path, "caches", appId);
}
