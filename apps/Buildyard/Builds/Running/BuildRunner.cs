namespace Buildyard;

/// <summary>How builds are run on this machine.</summary>
public sealed record BuildRunnerOptions
{
    /// <summary>Where the engine keeps what it needs for itself: clones on their way into a sandbox, known SSH hosts. No step ever sees it.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Whether a build may run without a sandbox where this machine has none. Default false: such a build is refused.
    /// Its steps could then read and change everything that Buildyard itself can.
    /// </summary>
    public bool AllowUnsandboxed { get; init; }

    /// <summary>Whether repositories may lie on hosts of the operator's own network, or on this machine's disk. Default false.</summary>
    public bool AllowPrivateHosts { get; init; }

    /// <summary>Repositories of this instance's own. Default none.</summary>
    public OwnRepositories OwnRepositories { get; init; } = OwnRepositories.None;

    /// <summary>Directories, besides <see cref="Directory"/>, that no step is ever to see, wherever they lie. Default none.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Those of them that lie where a sandbox would see them: the outermost, which exist and have no link in their paths.</summary>
    internal IReadOnlyList<string> HiddenInSandboxes()
    {
        var seen = Hidden.Append(Directory).Select(Real).Where(path => path.StartsWith("/usr/", StringComparison.Ordinal) && System.IO.Directory.Exists(path)).Distinct(StringComparer.Ordinal).ToList();
        return [.. seen.Where(path => !seen.Exists(other => path.StartsWith($"{other}/", StringComparison.Ordinal)))];
    }

    private static string Real(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(path) is not { } parent) return path;
        return System.IO.Directory.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? Real(target.FullName) : Path.Combine(Real(parent), Path.GetFileName(path));
    }

    /// <summary>Whether a sandbox is used where this machine has one. Default true; false is as on a machine that has none.</summary>
    public bool UseSandbox { get; init; } = true;

    /// <summary>Whether steps get a network where this machine can give them one. Default true.</summary>
    public bool AllowNetwork { get; init; } = true;
}

/// <summary>Runs builds: clones, plans, and runs each step in a sandbox that ends with the build.</summary>
public sealed class BuildRunner : IAsyncDisposable
{
    private readonly BuildRunnerOptions _options;
    private readonly TimeProvider _clock;
    private readonly LaunchThread _launcher;
    private readonly SpareSandbox _spare;
    private readonly SemaphoreSlim _finding = new(1);
    private readonly ControlGroups? _groups = ControlGroups.Find();
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(10);
    private Confinement? _confinement;
    private long _asked;

    public BuildRunner(BuildRunnerOptions options, TimeProvider clock)
    {
        (_options, _clock, _launcher) = (options, clock, new LaunchThread());
        _spare = new SpareSandbox(_launcher, clock);
    }

    /// <summary>Removes what builds of an earlier process left behind. Called once, before the first build.</summary>
    public void Clean()
    {
        var work = Path.Combine(_options.Directory, "work");
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
    }

    /// <summary>
    /// What keeps a sandbox here. Found out by making one, once; as long as something is missing it is asked again, ten seconds later at
    /// the earliest, since what is missing may be installed.
    /// </summary>
    public async Task<Confinement> ConfinementAsync(CancellationToken cancellation)
    {
        await _finding.WaitAsync(cancellation);
        try
        {
            if (_confinement is { } known && ((known.IsIsolated && (known.HasNetwork || !_options.AllowNetwork)) || _clock.GetElapsedTime(_asked) < s_askAgain)) return known;
            _asked = _clock.GetTimestamp();
            if (!_options.UseSandbox) return _confinement = new Confinement("The operator switched it off.", null);
            var path = Path.Combine(_options.Directory, "work", "probe");
            Directory.CreateDirectory(path);
            return _confinement = await new SandboxProbe(_launcher, path, _options.AllowNetwork, _options.HiddenInSandboxes(), _clock).FindAsync(cancellation);
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>What people ought to know of where builds run here; null when nothing is missing.</summary>
    public async Task<string?> WarningAsync(CancellationToken cancellation)
    {
        try
        {
            return (await ConfinementAsync(cancellation)).Warning(_options.AllowUnsandboxed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A start and a page go on where a build would not. What the exception says names places of this machine.
            return "Whether builds have a sandbox can't be found out: the data directory can't be written.";
        }
    }

    /// <summary>
    /// Runs one build to its end and says what came of it. Never throws for what a build does; an order that can't be run is a failed result.
    /// The log's last line says why it ended; <paramref name="output"/> is left open for the caller.
    /// </summary>
    /// <param name="order">What to build.</param>
    /// <param name="output">Where it is written and watched.</param>
    /// <param name="abort">Kills everything the build started, at once; the result is <see cref="BuildStatus.Aborted"/>.</param>
    /// <exception cref="IOException">The log or the engine's own directory can't be written.</exception>
    public async Task<BuildResult> RunAsync(BuildOrder order, BuildOutput output, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(output);
        var confinement = await ConfinementAsync(CancellationToken.None);
        return await new BuildRun(order, output, _options, _spare, _clock).RunAsync(confinement, _groups, abort);
    }

    /// <summary>Ends the thread that starts builds. Builds that run go on; they are the caller's to abort.</summary>
    public async ValueTask DisposeAsync()
    {
        await _spare.DisposeAsync();
        _launcher.Dispose();
        _finding.Dispose();
    }
}
