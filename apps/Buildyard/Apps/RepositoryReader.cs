using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Buildyard;

/// <summary>
/// Reads repositories with <c>git</c>: over https as a stranger would, over ssh with a key that it is handed; without prompts,
/// in bounded time and space, and never from an address inside the operator's network unless configuration
/// <c>Git:AllowPrivateHosts</c> (default false) says so.
/// </summary>
internal sealed class RepositoryReader(IConfiguration configuration, TimeProvider clock)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private const long LargestClone = 64L * 1024 * 1024;

    /// <summary>The text of <c>bitrise.yml</c> at the top of the default branch.</summary>
    public Task<Outcome<string>> ReadYamlAsync(string url, string? sshKey, CancellationToken cancellation) =>
        InFolderAsync(url, sshKey, ", or paste or upload bitrise.yml", async (git, stop) =>
        {
            var (status, _, said) = await git.RunAsync(git.Folder, stop, "clone", "--quiet", "--depth=1", "--no-checkout", "--no-tags", "--single-branch", "--", url, "repository");
            if (status != 0) return Refuse($"git could not read it: {Last(said)}", sshKey is null ? "A repository that anyone may read." : "A repository that this key may read.");
            var (shown, content, _) = await git.RunAsync(Path.Combine(git.Folder, "repository"), stop, "cat-file", "blob", "HEAD:bitrise.yml");
            if (shown != 0) return Refuse("There is no bitrise.yml at the top of its default branch.", "A repository with one, or paste or upload it.");
            return YamlText.Decode(content).Succeeded(out var text, out var unreadable) ? text : unreadable;
        }, cancellation);

    /// <summary>The branch that the repository's <c>HEAD</c> names.</summary>
    public Task<Outcome<string>> DefaultBranchAsync(string url, string? sshKey, CancellationToken cancellation) =>
        InFolderAsync(url, sshKey, "", async (git, stop) =>
        {
            var (status, content, said) = await git.RunAsync(git.Folder, stop, "ls-remote", "--symref", "--", url, "HEAD");
            if (status != 0) return Refuse($"git could not read it: {Last(said)}", sshKey is null ? "A repository that anyone may read." : "A repository that this app's key may read.");
            const string Head = "ref: refs/heads/";
            var line = System.Text.Encoding.UTF8.GetString(content).Split('\n').FirstOrDefault(l => l.StartsWith(Head, StringComparison.Ordinal));
            return line is null ? Refuse("It has no branch yet.", "A repository with a branch.") : line[Head.Length..].Split('\t')[0];
        }, cancellation);

    private async Task<Outcome<string>> InFolderAsync(string url, string? sshKey, string otherwise, Func<Git, CancellationToken, Task<Outcome<string>>> act, CancellationToken cancellation)
    {
        if (RepositoryUrl.Place(url) is not var (overSsh, host, port)) return Refuse("It is not an https or ssh address.", "An address that git can read.");
        if (overSsh && sshKey is null)
            return Refuse("It can't be read over SSH without a key.", $"An SSH key, an https address that anyone may read{otherwise}.");
        var resolve = await ResolveAsync(host, cancellation);
        if (!resolve.Succeeded(out var address, out var refusal)) return refusal;

        var folder = Directory.CreateTempSubdirectory("buildyard-git-").FullName;
        try
        {
            using var timeout = new CancellationTokenSource(s_longest, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            try
            {
                var git = overSsh ? await Git.OverSshAsync(folder, host, address, sshKey!, clock) : Git.OverHttps(folder, host, port, address, clock);
                return await act(git, stop.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                return Refuse("It took longer than 30 seconds to read.", $"A smaller repository{otherwise}.");
            }
            catch (IOException e)
            {
                return Refuse(e.Message, $"A smaller repository{otherwise}.");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Resolves once and hands git the very address that was checked, so that a name can't point elsewhere a moment later.</summary>
    private async Task<Outcome<string>> ResolveAsync(string host, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return Refuse($"There is no host named {host}.", "An address that can be reached.");
        }
        var allowed = configuration.GetValue("Git:AllowPrivateHosts", false)
            ? addresses
            : Array.FindAll(addresses, address => PublicAddresses.Contains(address));
        return allowed.Length > 0
            ? allowed[0].ToString()
            : Refuse("Its host is inside a private network.", "A host on the public internet.");
    }

    private static string Last(string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // Over ssh git's own words come last and say less than the host's.
        var line = lines.FirstOrDefault(l => l.Contains("Permission denied", StringComparison.Ordinal) || l.StartsWith("ERROR", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "no reason given.";
        return line.Length > 200 ? line[..200] : line;
    }

    private static Refusal Refuse(string problem, string accepted) => Refusal.Invalid(new FieldError("repository_url", problem, accepted));

    /// <summary>One way to run git against one address: fenced, and deaf to whatever configuration this machine has.</summary>
    private sealed class Git
    {
        private readonly TimeProvider _clock;
        private readonly string[] _way;
        private readonly string? _ssh;

        private Git(string folder, TimeProvider clock, string[] way, string? ssh) => (Folder, _clock, _way, _ssh) = (folder, clock, way, ssh);

        public string Folder { get; }

        public static Git OverHttps(string folder, string host, int port, string address, TimeProvider clock) => new(folder, clock,
            ["-c", "protocol.https.allow=always", "-c", "http.followRedirects=false", "-c", $"http.curloptResolve={host}:{port}:{address}", "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=10"], null);

        /// <summary>The host's key is taken as it is: what is read here is judged by what it says, and the key proves nothing to whoever sees it used.</summary>
        public static async Task<Git> OverSshAsync(string folder, string host, string address, string sshKey, TimeProvider clock)
        {
            var key = Path.Combine(folder, "key");
            await SshKeygen.WriteKeyAsync(key, sshKey);
            string[] options =
            [
                "BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", $"IdentityFile={key}", "PreferredAuthentications=publickey", "StrictHostKeyChecking=accept-new",
                $"UserKnownHostsFile={Path.Combine(folder, "known-hosts")}", "GlobalKnownHostsFile=/dev/null", $"HostName={address}", $"HostKeyAlias={host}",
                "ConnectTimeout=10", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
            ];
            return new Git(folder, clock, ["-c", "protocol.ssh.allow=always"], $"ssh -F /dev/null {string.Join(' ', options.Select(option => $"-o '{option}'"))}");
        }

        public async Task<(int Status, byte[] Output, string Said)> RunAsync(string directory, CancellationToken cancellation, params string[] arguments)
        {
            var start = new ProcessStartInfo("git") { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            string[] fences = ["-c", "protocol.allow=never", "-c", "credential.helper=", "-c", "core.askPass=", "-c", "core.hooksPath=/dev/null"];
            foreach (var argument in fences.Concat(_way).Concat(arguments)) start.ArgumentList.Add(argument);
            start.Environment["GIT_TERMINAL_PROMPT"] = "0";
            start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
            start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
            start.Environment["HOME"] = Folder;
            if (_ssh is not null) (start.Environment["GIT_SSH_COMMAND"], start.Environment["GIT_SSH_VARIANT"]) = (_ssh, "ssh");
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var said = process.StandardError.ReadToEndAsync(cancellation);
                var output = ReadAsync(process.StandardOutput.BaseStream, cancellation);
                var exit = process.WaitForExitAsync(cancellation);
                while (!exit.IsCompleted)
                {
                    await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(100), _clock, CancellationToken.None));
                    if (Size(Folder) > LargestClone) throw new IOException("It is larger than 64 MB.");
                }
                await exit;
                return (process.ExitCode, await output, await said);
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }

        private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
        {
            var content = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
            {
                // One byte too many is kept, so that what is too large is seen to be.
                if (content.Length <= YamlText.Largest) await content.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            return content.ToArray();
        }

        private static long Size(string folder)
        {
            try
            {
                return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            }
            catch (IOException)
            {
                // git moves files while it works; the next look sees them.
                return 0;
            }
        }
    }
}
