using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Buildyard;

/// <summary>What a sandbox is started with.</summary>
/// <param name="Id">Of the build that it is made for or after; names its control groups.</param>
/// <param name="Confinement">What this machine can do.</param>
/// <param name="Limits">The build's bounds.</param>
/// <param name="Directory">Where a workspace without isolation is made.</param>
/// <param name="Groups">The control groups that can be used; null when there are none.</param>
/// <param name="Rules">The fence of its network; empty without one.</param>
/// <param name="Hidden">Directories below <c>/usr</c>, which a sandbox sees, that it is not to see.</param>
internal sealed record SandboxPlan(string Id, Confinement Confinement, BuildLimits Limits, string Directory, ControlGroups? Groups, string Rules, IReadOnlyList<string> Hidden)
{
    /// <summary>Whether a sandbox that was made ready for <paramref name="other"/> is as one made for this plan.</summary>
    public bool IsServedBy(SandboxPlan other) =>
        Confinement.IsIsolated && Confinement == other.Confinement && Limits == other.Limits && Groups == other.Groups && Rules == other.Rules;
}

/// <summary>The processes of a sandbox as seen from outside: the chain that becomes the sandbox, and its network.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly SandboxPlan _plan;
    private readonly string _user;
    private readonly TimeProvider _clock;
    private Process? _network;
    private ControlGroup? _group;

    private SandboxProcess(Process process, SandboxPlan plan, string mark, string root, string user, TimeProvider clock)
    {
        _process = process;
        _plan = plan;
        _user = user;
        _clock = clock;
        Mark = mark;
        Root = root;
    }

    /// <summary>What its sandbox was made ready for.</summary>
    public SandboxPlan Plan => _plan;

    /// <summary>The word of its marks.</summary>
    public string Mark { get; }
    public string Root { get; }
    public Stream Input => _process.StandardInput.BaseStream;
    public Stream Answers => _process.StandardOutput.BaseStream;
    public Stream Log => _process.StandardError.BaseStream;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasEnded => _process.HasExited || HasLostNetwork;

    /// <summary>Whether the network that it was given has ended before it.</summary>
    public bool HasLostNetwork => _network is { HasExited: true };

    /// <summary>Makes a sandbox, up to the process inside that waits for commands. Nothing of any build is in it yet.</summary>
    /// <exception cref="SandboxGoneException">It can't be made; the message says why.</exception>
    public static async Task<SandboxProcess> PrepareAsync(SandboxPlan plan, LaunchThread launcher, TimeProvider clock, CancellationToken cancellation)
    {
        var mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var root = plan.Confinement.IsIsolated ? "/bitrise" : Path.Combine(plan.Directory, "work");
        if (!plan.Confinement.IsIsolated) Directory.CreateDirectory(root);
        var user = SomeUser();
        var process = await launcher.StartAsync(plan.Confinement.IsIsolated ? Isolated(plan, mark, user) : Plain(plan, root, mark));
        var sandbox = new SandboxProcess(process, plan, mark, root, user, clock);
        await sandbox.OrGoneAsync(stop => sandbox.ReadyAsync(launcher, stop), cancellation);
        return sandbox;
    }

    /// <summary>Does the start in bounded time. A sandbox that can't be started is gone, with all that is there of it.</summary>
    private async Task OrGoneAsync(Func<CancellationToken, Task> act, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(s_startTime, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await act(stop.Token);
        }
        catch (Exception e)
        {
            Kill();
            await DisposeAsync();
            throw e switch
            {
                IOException or UnauthorizedAccessException => new SandboxGoneException($"The sandbox can't be made: {e.Message}"),
                OperationCanceledException when timeout.IsCancellationRequested => new SandboxGoneException("The sandbox did not start within 20 seconds."),
                _ => e,
            };
        }
    }

    /// <summary>Whether the workspace's folders and tools are there already; the entry makes them.</summary>
    public bool IsFurnished => _plan.Confinement.IsIsolated;

    public bool RanOutOfMemory() => _group?.RanOutOfMemory() ?? false;

    /// <summary>Whether what is inside has answered: from then on all of it dies with its first process.</summary>
    public bool Stands { get; set; }

    /// <summary>Ends it with all that is in it.</summary>
    public void Kill()
    {
        // Before it stands, bubblewrap's child does not die with it yet, and would wait for its parent's word for ever.
        if (!_process.HasExited) _process.Kill(entireProcessTree: !_plan.Confinement.IsIsolated || !Stands);
        if (_network is { HasExited: false }) _network.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_network is not null)
        {
            await _network.WaitForExitAsync();
            _network.Dispose();
        }
        if (_group is not null) await _group.RemoveAsync(_clock);
        if (!_plan.Confinement.IsIsolated) Directory.Delete(Root, recursive: true);
    }

    private async Task ReadyAsync(LaunchThread launcher, CancellationToken cancellation)
    {
        if (_plan.Confinement.IsIsolated && await LineAsync(Answers, cancellation) != "ready")
            throw new SandboxGoneException($"The sandbox can't be made: {await ComplaintAsync(_process)}");
        // Before it goes on: what it starts from here on is in the group with it.
        _group = _plan.Groups?.Enter(_plan.Id, _process.Id, _plan.Limits);
        if (!_plan.Confinement.IsIsolated) return;
        if (_plan.Confinement.HasNetwork) await PlugInAsync(launcher, cancellation);
        await Input.WriteAsync("go\n"u8.ToArray(), cancellation);
        await Input.FlushAsync(cancellation);
    }

    private async Task PlugInAsync(LaunchThread launcher, CancellationToken cancellation)
    {
        _network = await launcher.StartAsync(Network(_process.Id, _user));
        // slirp4netns says 1 when the network stands.
        var said = new byte[1];
        if (await _network.StandardOutput.BaseStream.ReadAsync(said, cancellation) != 1 || said[0] != (byte)'1')
            throw new SandboxGoneException($"The sandbox's network can't be made: {await ComplaintAsync(_network)}. {TunNode.Advice}");
    }

    /// <summary>
    /// As root, each sandbox gets a user of its own that owns nothing anywhere, so that neither files nor the count of processes are shared.
    /// As anybody else, it stays that user outside, and nobody's files but /usr are there to be seen.
    /// </summary>
    private static string SomeUser() => string.Create(CultureInfo.InvariantCulture, $"{RandomNumberGenerator.GetInt32(2_000_000_000, 2_100_000_000)}");

    private static List<string> AsUser(string user) =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--pdeathsig", "KILL", "--"] : ["setpriv", "--pdeathsig", "KILL", "--"];

    private static ProcessStartInfo Isolated(SandboxPlan plan, string mark, string user)
    {
        var network = plan.Confinement.HasNetwork;
        var limits = plan.Limits;
        List<string> words =
        [
            .. AsUser(user),
            "nice", "-n", "10",
            "unshare", "--user", "--map-root-user", "--mount", .. network ? ["--net"] : (string[])[], "--",
            "/bin/bash", "-c", SandboxScripts.Entry, "entry",
            Number(limits.DiskBytes), Number(Math.Max(limits.DiskBytes / 4096, 16 * 1024)), plan.Rules, SandboxScripts.Envman, SandboxScripts.Bitrise,
            "prlimit", "--core=0", "--nofile=16384", $"--nproc={limits.Processes}",
            // Address space that is only reserved costs nothing and is reserved freely by many runtimes; what can be written is counted.
            .. plan.Groups?.BoundMemory == true ? (string[])[] : [$"--data={limits.MemoryBytes}"],
            "--",
            .. Bubblewrap(network, plan.Hidden),
            "/bin/bash", "-c", SandboxScripts.Agent, "agent", mark, "all",
        ];
        return Start(words, "/");
    }

    private static IEnumerable<string> Bubblewrap(bool hasNetwork, IEnumerable<string> hidden) =>
    [
        "bwrap",
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", .. hasNetwork ? (string[])[] : ["--unshare-net"],
        "--disable-userns", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL",
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "buildyard-build",
        "--ro-bind", "/usr", "/usr",
        .. hidden.SelectMany(directory => (string[])["--tmpfs", directory, "--remount-ro", directory]),
        "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        "--dir", "/etc",
        .. ((string[])["passwd", "group", "hosts", "nsswitch.conf", "resolv.conf"]).SelectMany(name => (string[])["--ro-bind", $"/mnt/etc/{name}", $"/etc/{name}"]),
        .. ((string[])["alternatives", "ca-certificates", "ssl/certs", "ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "services", "protocols"])
            .SelectMany(name => (string[])["--ro-bind-try", $"/etc/{name}", $"/etc/{name}"]),
        "--proc", "/proc", "--dev", "/dev", "--bind", "/mnt/shm", "/dev/shm", "--remount-ro", "/dev",
        "--bind", "/mnt/work", "/bitrise", "--bind", "/mnt/tmp", "/tmp", "--remount-ro", "/",
        "--chdir", "/bitrise", "--setenv", "PATH", SandboxTools.SearchPath, "--",
    ];

    private static ProcessStartInfo Plain(SandboxPlan plan, string root, string mark) =>
        Start(["setsid", "prlimit", "--core=0", $"--data={plan.Limits.MemoryBytes}", "--", "/bin/bash", "-c", SandboxScripts.Agent, "agent", mark, "group"], root);

    /// <summary>The user-mode network: no way to this machine's loopback, itself locked into nothing.</summary>
    private static ProcessStartInfo Network(int process, string user)
    {
        var brought = TunNode.IsBrought;
        List<string> words =
        [
            .. brought ? ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--mount", "--"] : (string[])[],
            "/bin/bash", "-c", SandboxScripts.Network, "network", brought ? "own" : "",
            .. AsUser(user),
            "slirp4netns", "--configure", "--mtu=1500", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp", "--ready-fd=3", Number(process), "tap0",
        ];
        return Start(words, "/");
    }

    private static ProcessStartInfo Start(List<string> words, string directory)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Nothing of Buildyard's own environment reaches a build.
        start.Environment.Clear();
        start.Environment["PATH"] = SandboxTools.SearchPath;
        return start;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var next = new byte[1];
        while (line.Length < 100 && await stream.ReadAsync(next, cancellation) == 1 && next[0] != (byte)'\n') line.Append((char)next[0]);
        return line.ToString();
    }

    private static async Task<string> ComplaintAsync(Process process)
    {
        if (!process.HasExited) process.Kill();
        var said = await process.StandardError.ReadToEndAsync();
        // The last line may only say that somebody else failed, as slirp4netns has it.
        var lines = string.Join("; ", said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(2));
        return lines.Length switch { 0 => "no reason given", > 300 => lines[..300], _ => lines };
    }
}
