using Latchkey.Testing;

namespace Buildyard.Hosting;

/// <summary>A demo's data as its first start leaves it: made once for each time that clocks begin at, and copied from then on.</summary>
internal static class DemoDirectory
{
    private static readonly SemaphoreSlim s_making = new(1);
    private static readonly Dictionary<DateTimeOffset, string> s_made = [];

    /// <summary>Fills an empty directory as a first start at that clock would. Clocks of other kinds are left to a start of their own.</summary>
    public static async Task CopyAsync(TimeProvider? clock, string to)
    {
        if (clock is not (null or ManualClock)) return;
        // Those that keep the system's time share one, a few minutes old at most.
        var time = clock?.GetUtcNow() ?? default;
        string? from;
        await s_making.WaitAsync();
        try
        {
            if (!s_made.TryGetValue(time, out from)) s_made[time] = from = await MakeAsync(clock is null ? null : new ManualClock(time));
        }
        finally
        {
            s_making.Release();
        }
        Copy(new DirectoryInfo(from), to);
    }

    private static async Task<string> MakeAsync(ManualClock? clock)
    {
        var path = Directory.CreateTempSubdirectory("buildyard-demo-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        await (await BuildyardHost.OpenAsync(clock, path, ownsDirectory: false, args: null, configure: null)).DisposeAsync();
        return path;
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        foreach (var file in from.EnumerateFiles()) file.CopyTo(Path.Combine(to, file.Name));
        foreach (var directory in from.EnumerateDirectories())
        {
            var below = Path.Combine(to, directory.Name);
            if (OperatingSystem.IsLinux()) Directory.CreateDirectory(below, directory.UnixFileMode);
            Copy(directory, below);
        }
    }
}
