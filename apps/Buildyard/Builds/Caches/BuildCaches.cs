namespace Buildyard;

/// <summary>The cache archives of apps: an own shelf for each app, and one beside it for its guarded builds, which the others never read.</summary>
internal sealed class BuildCaches(DataDirectory directory, BuildQueueOptions options)
{
    /// <summary>Where a build finds and leaves archives. Pull requests from forks read the app's, and leave nothing there.</summary>
    public BuildCache For(Build build)
    {
        var own = Of(build.AppId);
        if (build.GoesWithoutSecrets) return new BuildCache(Guarded(build.AppId), [Guarded(build.AppId), own], options.CacheBytes);
        return build.FromFork ? new BuildCache(Forks(build.AppId), [Forks(build.AppId), own], options.CacheBytes) : new BuildCache(own, [own], options.CacheBytes);
    }

    /// <summary>The app's own archives.</summary>
    public CacheShelf Of(string appId) => new(Path.Combine(Folder(appId), "own"));

    /// <summary>Those of its guarded builds.</summary>
    public CacheShelf Guarded(string appId) => new(Path.Combine(Folder(appId), "guarded"));

    /// <summary>Those of pull requests from other repositories.</summary>
    public CacheShelf Forks(string appId) => new(Path.Combine(Folder(appId), "forks"));

    /// <summary>How many bytes each shelf may hold.</summary>
    public long Quota => options.CacheBytes;

    /// <summary>Removes all of an app's.</summary>
    public void Remove(string appId)
    {
        if (Directory.Exists(Folder(appId))) Directory.Delete(Folder(appId), recursive: true);
    }

    private string Folder(string appId) => Path.Combine(directory.Path, "caches", appId);
}
