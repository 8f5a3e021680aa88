namespace Buildyard;

/// <summary>Finds out what keeps a sandbox on this machine, by making one.</summary>
internal sealed class SandboxProbe(LaunchThread launcher, string directory, bool allowNetwork, IReadOnlyList<string> hidden, TimeProvider clock)
{
    private static readonly BuildLimits s_small = new() { DiskBytes = 16 * 1024 * 1024, Processes = 64 };

    public async Task<Confinement> FindAsync(CancellationToken cancellation)
    {
        var lacking = SandboxTools.Lacking("bwrap", "bash", "unshare", "setpriv", "prlimit", "mount", "tar", "git");
        if (lacking.Count > 0) return new Confinement($"It lacks {string.Join(", ", lacking)}.", null);
        var network = !allowNetwork
            ? "The operator gives builds none."
            : SandboxTools.Lacking("slirp4netns", "nft") is { Count: > 0 } missing ? $"This machine lacks {string.Join(", ", missing)}. An administrator installs slirp4netns and nftables."
            : TunNode.Obstacle();
        if (network is null && (network = await TryAsync(new Confinement(null, null), cancellation)) is null) return new Confinement(null, null);
        var problem = await TryAsync(new Confinement(null, network), cancellation);
        return new Confinement(problem, network);
    }

    /// <summary>Why a sandbox of this kind can't be made; null when it can.</summary>
    private async Task<string?> TryAsync(Confinement confinement, CancellationToken cancellation)
    {
        File.Delete(Path.Combine(directory, "log"));
        using var output = new BuildOutput(Path.Combine(directory, "log"));
        var log = new LogWriter(output, new Redactor([]), 64 * 1024, clock);
        try
        {
            var plan = new SandboxPlan("probe", confinement, s_small, directory, null, NetworkFence.RulesFor(confinement), hidden);
            await using var spare = new SpareSandbox(launcher, clock);
            await using var sandbox = await Sandbox.StartAsync(plan, spare, log, clock, cancellation);
            return await sandbox.AskAsync("[ -w src ] && ENVMAN_ENVSTORE_PATH=.tools/envstore .tools/bin/envman version > /dev/null\ntell \"$id\" $?", cancellation) == 0 ? null : "The sandbox's workspace can't be used.";
        }
        catch (SandboxGoneException e)
        {
            // What its last program said before it ended is the reason that people can do something about.
            log.Flush();
            return (await File.ReadAllLinesAsync(output.Path, CancellationToken.None)).LastOrDefault(line => line.Length > 0) is { } said ? $"{e.Message} {said}" : e.Message;
        }
    }
}
