using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary>What a sandbox is started with.</summary>
/// <param name="Id">Of the build; names its control groups.</param>
/// <param name="Confinement">What this machine can do.</param>
/// <param name="Limits">The build's bounds.</param>
/// <param name="Directory">Where a workspace without isolation is made.</param>
/// <param name="Groups">The control groups that can be used; null when there are none.</param>
internal sealed record SandboxPlan(string Id, Confinement Confinement, BuildLimits Limits, string Directory, ControlGroups? Groups);

/// <summary>The processes of a sandbox as seen from outside: the chain that becomes the sandbox, and its network.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(20);
    private static int s_lastUser;

    private readonly Process _process;
    private readonly SandboxPlan _plan;
    private readonly string _user;
    private readonly TimeProvider _clock;
    private Process? _network;
    private ControlGroup? _group;

    private SandboxProcess(Process process, SandboxPlan plan, string root, string user, TimeProvider clock)
    {
        _process = process;
        _plan = plan;
        _user = user;
        _clock = clock;
        Root = root;
    }

    public string Root { get; }
    public Stream Input => _process.StandardInput.BaseStream;
    public Stream Answers => _process.StandardOutput.BaseStream;
    public Stream Log => _process.StandardError.BaseStream;

    public static async Task<SandboxProcess> StartAsync(SandboxPlan plan, string mark, LaunchThread launcher, TimeProvider clock, CancellationToken cancellation)
    {
        var root = plan.Confinement.IsIsolated ? "/bitrise" : Path.Combine(plan.Directory, plan.Id);
        if (!plan.Confinement.IsIsolated) Directory.CreateDirectory(root);
        var user = NextUser();
        var process = await launcher.StartAsync(plan.Confinement.IsIsolated ? Isolated(plan, mark, user) : Plain(plan, root, mark));
        var sandbox = new SandboxProcess(process, plan, root, user, clock);
        try
        {
            using var timeout = new CancellationTokenSource(s_startTime, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            try
            {
                sandbox._group = plan.Groups?.Enter(plan.Id, process.Id, plan.Limits);
                if (plan.Confinement.IsIsolated) await sandbox.AdmitAsync(launcher, stop.Token);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SandboxGoneException($"The sandbox can't be made: {e.Message}");
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new SandboxGoneException("The sandbox did not start within 20 seconds.");
            }
            return sandbox;
        }
        catch
        {
            sandbox.Kill();
            await sandbox.DisposeAsync();
            throw;
        }
    }

    public bool RanOutOfMemory() => _group?.RanOutOfMemory() ?? false;

    public void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: !_plan.Confinement.IsIsolated);
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

    /// <summary>Waits for the entry to be ready, plugs the network in, and lets it become the sandbox.</summary>
    private async Task AdmitAsync(LaunchThread launcher, CancellationToken cancellation)
    {
        if (await LineAsync(Answers, cancellation) != "ready") throw new SandboxGoneException($"The sandbox can't be made: {await ComplaintAsync(_process)}");
        if (_plan.Confinement.HasNetwork)
        {
            _network = await launcher.StartAsync(Network(_process.Id, _user));
            // slirp4netns says 1 when the network stands.
            var said = new byte[1];
            if (await _network.StandardOutput.BaseStream.ReadAsync(said, cancellation) != 1)
                throw new SandboxGoneException($"The sandbox's network can't be made: {await ComplaintAsync(_network)}");
        }
        await Input.WriteAsync("go\n"u8.ToArray(), cancellation);
        await Input.FlushAsync(cancellation);
    }

    /// <summary>
    /// As root, each sandbox gets a user of its own that owns nothing anywhere, so that neither files nor the count of processes are shared.
    /// As anybody else, it stays that user outside, and nobody's files but /usr are there to be seen.
    /// </summary>
    private static string NextUser() => string.Create(CultureInfo.InvariantCulture, $"{2_000_000_000 + (Interlocked.Increment(ref s_lastUser) & 0xffff)}");

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
            Number(limits.DiskBytes), Number(Math.Max(limits.DiskBytes / 4096, 16 * 1024)), network ? NetworkFence.Rules() : "",
            "prlimit", "--core=0", "--nofile=16384", $"--nproc={limits.Processes}",
            // Address space that is only reserved costs nothing and is reserved freely by many runtimes; what can be written is counted.
            .. plan.Groups?.BoundMemory == true ? (string[])[] : [$"--data={limits.MemoryBytes}"],
            "--",
            .. Bubblewrap(network),
            "/bin/bash", "-c", SandboxScripts.Agent, "agent", mark, "all",
        ];
        return Start(words, "/");
    }

    private static IEnumerable<string> Bubblewrap(bool hasNetwork) =>
    [
        "bwrap",
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", .. hasNetwork ? (string[])[] : ["--unshare-net"],
        "--disable-userns", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL",
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "buildyard-build",
        "--ro-bind", "/usr", "/usr",
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
    private static ProcessStartInfo Network(int process, string user) =>
        Start([.. AsUser(user), "slirp4netns", "--configure", "--mtu=1500", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp", "--ready-fd=1", Number(process), "tap0"], "/");

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
        var line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no reason given";
        return line.Length > 200 ? line[..200] : line;
    }
}
