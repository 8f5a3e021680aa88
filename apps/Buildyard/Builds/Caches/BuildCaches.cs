namespace Buildyard;

/// <summary>The cache archives of apps: an own shelf for each app, and one beside it for its guarded builds, which the others never read.</summary>
internal sealed class BuildCaches(DataDirectory directory, BuildQueueOptions options)
{
    private const string Own = "own";
    private const string Guarded = "guarded";
    private const string Forks = "forks";
    private static readonly string[] s_scopes = [Own, Guarded, Forks];

    /// <summary>
    /// Where a build finds and leaves archives. Pull requests from forks read the app's, and leave nothing there; nor does a guarded build,
    /// also where it was allowed secrets: what support had a hand in is restored into no build that has any.
    /// </summary>
    public BuildCache For(Build build)
    {
        var own = Shelf(build.AppId, Own);
        var apart = build.GuardReason is not null ? Shelf(build.AppId, Guarded) : build.FromFork ? Shelf(build.AppId, Forks) : null;
        return apart is null ? new BuildCache(own, [own], options.CacheBytes)
            : new BuildCache(apart, build is { GuardReason: not null, GoesWithoutSecrets: false } ? [own] : [apart, own], options.CacheBytes);
    }

    /// <summary>The shelves of an app: its own, those of its guarded builds, and those of pull requests from other repositories.</summary>
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
