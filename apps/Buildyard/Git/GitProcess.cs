using System.Diagnostics;
using System.Text;

namespace Buildyard;

/// <summary>What a run of git gave.</summary>
internal readonly record struct GitAnswer(int Status, byte[] Output, string Said)
{
    public string Text => Encoding.UTF8.GetString(Output).Trim();

    /// <summary>Why it failed, in a line for people: the host's own words where it gave some, git's last ones otherwise.</summary>
    public string Reason
    {
        get
        {
            var lines = Said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var line = lines.FirstOrDefault(l => l.Contains("Permission denied", StringComparison.Ordinal) || l.StartsWith("ERROR", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it gave no reason.";
            return line.Length > 300 ? line[..300] : line;
        }
    }
}

/// <summary>
/// Runs git against one address, behind fences, in a directory of ours: no configuration but ours, no prompts, no hooks, no helpers, no protocol
/// that wasn't asked for, no host but the one that was found acceptable, bounded in space and ended, with all it started, when its time is over.
/// It only ever fetches; nothing is checked out by it.
/// </summary>
internal sealed class GitProcess
{
    private const int LongestAnswer = 1024 * 1024;

    // Which certificates the operator trusts: all that git is told of this machine.
    private static readonly string[] s_trust = ["GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    private readonly TimeProvider _clock;
    private readonly List<string> _settings;
    private readonly Dictionary<string, string> _environment;

    private GitProcess(SourceAddress address, string directory, TimeProvider clock)
    {
        _clock = clock;
        Directory = directory;
        Address = address;
        _settings =
        [
            "protocol.allow=never", $"protocol.{address.Protocol}.allow=always", "http.followRedirects=false", "credential.helper=", "core.askPass=",
            "core.hooksPath=/dev/null", "core.fsmonitor=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=30", "gc.auto=0", "maintenance.auto=false",
            "fetch.recurseSubmodules=false", "submodule.recurse=false", "fetch.unpackLimit=1", "init.defaultBranch=main",
        ];
        if (address.Protocol == "https") _settings.Add($"http.curloptResolve={address.Host}:{address.Port}:{address.Address}");
        _environment = new(StringComparer.Ordinal)
        {
            ["PATH"] = SandboxTools.SearchPath,
            ["HOME"] = directory,
            ["LC_ALL"] = "C",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
        };
        foreach (var name in s_trust)
            if (Environment.GetEnvironmentVariable(name) is { } value) _environment[name] = value;
    }

    public SourceAddress Address { get; }
    public string Directory { get; }

    private string Key => Path.Combine(Directory, "key");

    /// <summary>Makes it ready.</summary>
    /// <param name="address">The address, and the only one it can reach.</param>
    /// <param name="directory">Where it works; made when it is absent.</param>
    /// <param name="sshKey">The private key it signs in with; null: none. It lies in the directory until <see cref="ForgetKey"/>.</param>
    /// <param name="knownHosts">Where keys of SSH hosts are kept: a new host's is taken as it is, a changed one's is refused.</param>
    /// <param name="clock">Looks at the room it takes.</param>
    public static async Task<GitProcess> ToAsync(SourceAddress address, string directory, string? sshKey, string knownHosts, TimeProvider clock)
    {
        System.IO.Directory.CreateDirectory(directory);
        var git = new GitProcess(address, directory, clock);
        if (address.Protocol != "ssh") return git;

        var alias = address.Port == 22 ? address.Host : $"[{address.Host}]:{address.Port}";
        List<string> ssh =
        [
            "ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "PreferredAuthentications=publickey",
            "-o", "StrictHostKeyChecking=accept-new", "-o", $"UserKnownHostsFile={knownHosts}", "-o", "GlobalKnownHostsFile=/dev/null", "-o", "UpdateHostKeys=no",
            "-o", $"HostName={address.Address}", "-o", $"HostKeyAlias={alias}", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15",
            "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o", "ControlPath=none",
        ];
        if (sshKey is not null)
        {
            await SshKeygen.WriteKeyAsync(git.Key, sshKey.ReplaceLineEndings("\n").TrimEnd('\n') + "\n");
            ssh.AddRange(["-i", git.Key]);
        }
        git._environment["GIT_SSH_COMMAND"] = string.Join(' ', ssh.Select(Bash.Quote));
        git._environment["GIT_SSH_VARIANT"] = "ssh";
        return git;
    }

    /// <summary>Removes the key: what is fetched from here on would be without it.</summary>
    public void ForgetKey() => File.Delete(Key);

    /// <exception cref="OperationCanceledException">It was ended before it was done.</exception>
    /// <exception cref="IOException">It took more than <paramref name="most"/> bytes of disk.</exception>
    public async Task<GitAnswer> RunAsync(long most, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in _settings)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(setting);
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var said = ReadAsync(process.StandardError.BaseStream, cancellation);
            var output = ReadAsync(process.StandardOutput.BaseStream, cancellation);
            var exit = process.WaitForExitAsync(cancellation);
            while (!exit.IsCompleted)
            {
                await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(200), _clock, CancellationToken.None));
                if (Size() > most) throw new IOException($"It is larger than {Sizes.InWords(most)}.");
            }
            await exit;
            return new GitAnswer(process.ExitCode, await output, Encoding.UTF8.GetString(await said));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Reads to the end and keeps the first of it.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
            if (content.Length < LongestAnswer) await content.WriteAsync(buffer.AsMemory(0, read), cancellation);
        return content.ToArray();
    }

    private long Size()
    {
        try
        {
            return new DirectoryInfo(Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            // git moves files while it works; the next look sees them.
            return 0;
        }
    }
}
