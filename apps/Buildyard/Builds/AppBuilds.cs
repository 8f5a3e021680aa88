namespace Buildyard;

/// <summary>What an app's own changes mean for its builds. Builds of a disabled app that wait go on waiting; those that run, run on.</summary>
internal sealed class AppBuilds(BuildQueue queue, BuildFiles files, BuildCaches caches)
{
    /// <summary>The app was enabled: what waited may start.</summary>
    public void Enabled() => queue.Wake();

    /// <summary>The app is about to be deleted: nothing of it runs any more when this returns, or is killed and gone within seconds.</summary>
    public Task StopAsync(string appId) => queue.AbortAllAsync(appId, "The app was deleted.");

    /// <summary>The app is deleted: removes what its builds left on disk.</summary>
    public void Remove(string appId)
    {
        files.Remove(appId);
        caches.Remove(appId);
    }
}
