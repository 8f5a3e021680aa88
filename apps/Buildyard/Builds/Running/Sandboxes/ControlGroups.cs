using System.Globalization;

namespace Buildyard;

/// <summary>
/// The kernel's control groups under which each build gets a group of its own: memory of all its processes together, their number,
/// and a small share of the processors while others want them. Version 2 where it is delegated to us, version 1 where it can be written.
/// </summary>
internal sealed class ControlGroups
{
    private const string Name = "buildyard-builds";
    private static int s_tried;
    private readonly List<(string Directory, Func<BuildLimits, IEnumerable<(string File, string Value)>> Bounds)> _places = [];

    private ControlGroups()
    {
    }

    /// <summary>Whether a build's memory is bounded as a whole. The workspace is memory too, so that the bound is the sum of both.</summary>
    public bool BoundMemory { get; private set; }

    /// <summary>What can be used here; null when nothing can.</summary>
    public static ControlGroups? Find()
    {
        var groups = new ControlGroups();
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            // number:controllers:path
            if (line.Split(':', 3) is not [var number, var controllers, var path]) continue;
            if (number == "0") groups.AddUnified(path);
            else foreach (var controller in controllers.Split(',')) groups.AddOld(controller, path);
        }
        foreach (var (directory, _) in groups._places) RemoveLeft(directory);
        return groups._places.Count > 0 ? groups : null;
    }

    /// <summary>Makes the group of a build and puts <paramref name="process"/> into it, and with it all that it starts.</summary>
    /// <exception cref="IOException">The group can't be made after all.</exception>
    public ControlGroup Enter(string id, int process, BuildLimits limits)
    {
        var made = new List<string>();
        foreach (var (parent, bounds) in _places)
        {
            // A group outlives its build for as long as the kernel takes its last processes apart; no two share a name.
            var directory = Path.Combine(parent, Ours(id, process));
            Directory.CreateDirectory(directory);
            made.Add(directory);
            foreach (var (file, value) in bounds(limits))
            {
                var path = Path.Combine(directory, file);
                if (File.Exists(path)) File.WriteAllText(path, value);
            }
            File.WriteAllText(Path.Combine(directory, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));
        }
        return new ControlGroup(made);
    }

    /// <summary>Version 2: our own group's children, once our processes have moved into one of them (a group with children holds none itself).</summary>
    private void AddUnified(string path)
    {
        var own = Path.Combine("/sys/fs/cgroup", path.TrimStart('/'));
        var control = Path.Combine(own, "cgroup.subtree_control");
        try
        {
            if (!File.Exists(control) || !File.ReadAllText(Path.Combine(own, "cgroup.controllers")).Contains("memory", StringComparison.Ordinal)) return;
            if (!File.ReadAllText(control).Contains("memory", StringComparison.Ordinal))
            {
                var server = Directory.CreateDirectory(Path.Combine(own, "buildyard-server")).FullName;
                foreach (var process in File.ReadAllLines(Path.Combine(own, "cgroup.procs"))) File.WriteAllText(Path.Combine(server, "cgroup.procs"), process);
                File.WriteAllText(control, "+memory +pids +cpu");
            }
            var builds = Directory.CreateDirectory(Path.Combine(own, Name)).FullName;
            File.WriteAllText(Path.Combine(builds, "cgroup.subtree_control"), "+memory +pids +cpu");
            Try(builds);
            // All builds together, against everything else that wants the processors.
            File.WriteAllText(Path.Combine(builds, "cpu.weight"), "20");
            _places.Add((builds, limits =>
            [
                ("memory.max", Words(limits.MemoryBytes + limits.DiskBytes)), ("memory.swap.max", "0"),
                ("pids.max", Words(limits.Processes)),
            ]));
            BoundMemory = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not delegated to us: limits of single processes have to do.
        }
    }

    private void AddOld(string controller, string path)
    {
        Func<BuildLimits, IEnumerable<(string, string)>>? bounds = controller switch
        {
            "memory" => limits => [("memory.limit_in_bytes", Words(limits.MemoryBytes + limits.DiskBytes)), ("memory.memsw.limit_in_bytes", Words(limits.MemoryBytes + limits.DiskBytes))],
            "pids" => limits => [("pids.max", Words(limits.Processes))],
            "cpu" => _ => [],
            _ => null,
        };
        if (bounds is null) return;
        var own = Path.Combine("/sys/fs/cgroup", controller, path.TrimStart('/'));
        try
        {
            if (!Directory.Exists(own)) return;
            var builds = Directory.CreateDirectory(Path.Combine(own, Name)).FullName;
            Try(builds);
            if (controller == "cpu") File.WriteAllText(Path.Combine(builds, "cpu.shares"), "200");
            _places.Add((builds, bounds));
            BoundMemory |= controller == "memory";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    /// <summary>Makes a group and removes it: a directory that is there may be another user's.</summary>
    private static void Try(string directory) =>
        Directory.Delete(Directory.CreateDirectory(Path.Combine(directory, Ours("try", Interlocked.Increment(ref s_tried)))).FullName);

    /// <summary>The name of a group that no other process of this machine uses or removes.</summary>
    private static string Ours(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{what}-{number}");

    /// <summary>Removes the groups of builds that a process ran that is gone. One that still holds a process stays, and so do those of a Buildyard beside this one.</summary>
    private static void RemoveLeft(string directory)
    {
        foreach (var left in Directory.EnumerateDirectories(directory))
            if (!Directory.Exists($"/proc/{Path.GetFileName(left).Split('-')[0]}")) ControlGroup.TryRemove(left);
    }

    private static string Words(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The control groups of one build.</summary>
internal sealed class ControlGroup(IReadOnlyList<string> directories)
{
    private long _killed;

    /// <summary>Whether the kernel killed a process for memory since this was asked last.</summary>
    public bool RanOutOfMemory()
    {
        // Version 2 counts in memory.events, version 1 in memory.oom_control; both on a line of their own.
        var killed = directories
            .SelectMany(directory => (string[])[Path.Combine(directory, "memory.events"), Path.Combine(directory, "memory.oom_control")])
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
            .Sum(line => long.TryParse(line.AsSpan("oom_kill ".Length), out var count) ? count : 0);
        var before = Interlocked.Exchange(ref _killed, killed);
        return killed > before;
    }

    /// <summary>Removes the groups, once the kernel has taken the last processes apart; what takes longer is left to the next start.</summary>
    public async Task RemoveAsync(TimeProvider clock)
    {
        foreach (var directory in directories)
        {
            for (var i = 0; i < 20 && !TryRemove(directory); i++) await Task.Delay(TimeSpan.FromMilliseconds(25), clock, CancellationToken.None);
        }
    }

    internal static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
