namespace Buildyard;

/// <summary>
/// The cache archives of apps, on shelves apart. In an archive may lie whatever the build that left it was given: so none that was left beside secrets
/// is restored into a build that goes without, and none that support or a stranger had a hand in is restored into a build of the customer's.
/// </summary>
internal sealed class BuildCaches(DataDirectory directory, BuildQueueOptions options, Sealing sealing)
{
    private const string Own = "own";
    private const string Guarded = "guarded";
    private const string Allowed = "allowed";
    private const string Forks = "forks";
    private static readonly string[] s_scopes = [Own, Guarded, Allowed, Forks];

    /// <summary>
    /// Where a build finds and leaves archives. What a guarded build leaves stays apart for good: one that goes without secrets finds what others like
    /// it left; one that was allowed them finds what it would unguarded, and what it leaves is restored into none.
    /// </summary>
    public BuildCache For(Build build)
    {
        var usual = build.FromFork ? Forks : Own;
        var (finds, leaves) = build.GoesWithoutSecrets ? (Guarded, Guarded) : (usual, build.GuardReason is null ? usual : Allowed);
        return new BuildCache(Shelf(build.AppId, leaves), Shelf(build.AppId, finds), options.CacheBytes);
    }

    /// <summary>The shelves of an app: its own, those of its guarded builds without secrets and with, and those of pull requests from other repositories.</summary>
    public IReadOnlyList<(string Scope, CacheShelf Shelf)> All(string appId) => [.. s_scopes.Select(scope => (scope, Shelf(appId, scope)))];

    /// <summary>One of them; null where there is no such scope.</summary>
    public CacheShelf? Find(string appId, string scope) => s_scopes.Contains(scope) ? Shelf(appId, scope) : null;

    /// <summary>How many bytes each shelf may hold.</summary>
    public long Quota => options.CacheBytes;

    /// <summary>How many bytes all of an app's take.</summary>
    public long SizeOf(string appId) => s_scopes.Sum(scope => Shelf(appId, scope).Size);

    /// <summary>Removes what an earlier process left half done. Called once, before the first build.</summary>
    public void Clean()
    {
        if (!Directory.Exists(Root)) return;
        foreach (var app in Directory.EnumerateDirectories(Root).Select(Path.GetFileName))
            foreach (var (_, shelf) in All(app!)) shelf.Clean();
    }

    /// <summary>Removes all of an app's.</summary>
    public void Remove(string appId)
    {
        if (Directory.Exists(Folder(appId))) Directory.Delete(Folder(appId), recursive: true);
    }

    private CacheShelf Shelf(string appId, string scope) => new(Path.Combine(Folder(appId), scope), sealing);

    private string Root => Path.Combine(directory.Path, "caches");

    private string Folder(string appId) => Path.Combine(Root, appId);
}
