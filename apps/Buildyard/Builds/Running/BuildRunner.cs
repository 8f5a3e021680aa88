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

    /// <summary>Whether steps get a network where this machine can give them one. Default true.</summary>
    public bool AllowNetwork { get; init; } = true;
}

/// <summary>Runs builds: clones, plans, and runs each step in a sandbox that ends with the build.</summary>
public sealed class BuildRunner(BuildRunnerOptions options, TimeProvider clock) : IDisposable
{
    private readonly LaunchThread _launcher = new();
    private readonly SemaphoreSlim _finding = new(1);
    private readonly ControlGroups? _groups = ControlGroups.Find();
    private Confinement? _confinement;

    /// <summary>Removes what builds of an earlier process left behind. Called once, before the first build.</summary>
    public void Clean()
    {
        var work = Path.Combine(options.Directory, "work");
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
    }

    /// <summary>
    /// What keeps a sandbox here. Found out by making one, once; asked again as long as there is none, since what is missing may be installed.
    /// </summary>
    public async Task<Confinement> ConfinementAsync(CancellationToken cancellation)
    {
        await _finding.WaitAsync(cancellation);
        try
        {
            if (_confinement is { IsIsolated: true } known) return known;
            var path = Path.Combine(options.Directory, "work", "probe");
            Directory.CreateDirectory(path);
            return _confinement = await new SandboxProbe(_launcher, path, options.AllowNetwork, clock).FindAsync(cancellation);
        }
        finally
        {
            _finding.Release();
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
        return await new BuildRun(order, output, options, _launcher, clock).RunAsync(confinement, _groups, abort);
    }

    /// <summary>Ends the thread that starts builds. Builds that run go on; they are the caller's to abort.</summary>
    public void Dispose()
    {
        _launcher.Dispose();
        _finding.Dispose();
    }
}
