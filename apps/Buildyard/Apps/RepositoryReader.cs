using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Buildyard;

/// <summary>
/// Reads <c>bitrise.yml</c> from a repository with <c>git</c>, as a stranger would: over https, without credentials or prompts,
/// in bounded time and space, and never from an address inside the operator's network unless configuration
/// <c>Git:AllowPrivateHosts</c> (default false) says so.
/// </summary>
internal sealed class RepositoryReader(IConfiguration configuration, TimeProvider clock)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private const long LargestClone = 64L * 1024 * 1024;

    public async Task<Outcome<string>> ReadYamlAsync(string url, CancellationToken cancellation)
    {
        var uri = Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null;
        if (uri?.Scheme != "https")
            return Refuse("It can't be read over SSH: this app has no SSH key yet.", "An https address that anyone may read, or paste or upload bitrise.yml.");
        var resolve = await ResolveAsync(uri, cancellation);
        if (!resolve.Succeeded(out var address, out var refusal)) return refusal;

        var folder = Directory.CreateTempSubdirectory("buildyard-git-").FullName;
        try
        {
            using var timeout = new CancellationTokenSource(s_longest, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            try
            {
                var (status, _, said) = await GitAsync(folder, stop.Token,
                    "-c", $"http.curloptResolve={uri.Host}:{uri.Port}:{address}",
                    "clone", "--quiet", "--depth=1", "--no-checkout", "--no-tags", "--single-branch", "--", url, "repository");
                if (status != 0) return Refuse($"git could not read it: {Last(said)}", "A repository that anyone may read.");
                var (shown, content, _) = await GitAsync(Path.Combine(folder, "repository"), stop.Token, "cat-file", "blob", "HEAD:bitrise.yml");
                if (shown != 0) return Refuse("There is no bitrise.yml at the top of its default branch.", "A repository with one, or paste or upload it.");
                return YamlText.Decode(content).Succeeded(out var text, out var unreadable) ? text : unreadable;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                return Refuse("It took longer than 30 seconds to read.", "A smaller repository, or paste or upload bitrise.yml.");
            }
            catch (IOException e)
            {
                return Refuse(e.Message, "A smaller repository, or paste or upload bitrise.yml.");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Resolves once and hands git the very address that was checked, so that a name can't point elsewhere a moment later.</summary>
    private async Task<Outcome<string>> ResolveAsync(Uri uri, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(uri.DnsSafeHost, cancellation);
        }
        catch (SocketException)
        {
            return Refuse($"There is no host named {uri.Host}.", "An address that can be reached.");
        }
        var allowed = configuration.GetValue("Git:AllowPrivateHosts", false)
            ? addresses
            : Array.FindAll(addresses, address => PublicAddresses.Contains(address));
        return allowed.Length > 0
            ? allowed[0].ToString()
            : Refuse("Its host is inside a private network.", "A host on the public internet.");
    }

    private async Task<(int Status, byte[] Output, string Said)> GitAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] fences =
        [
            "-c", "protocol.allow=never", "-c", "protocol.https.allow=always", "-c", "http.followRedirects=false",
            "-c", "credential.helper=", "-c", "core.askPass=", "-c", "core.hooksPath=/dev/null", "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=10",
        ];
        foreach (var argument in fences.Concat(arguments)) start.ArgumentList.Add(argument);
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["HOME"] = folder;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var said = process.StandardError.ReadToEndAsync(cancellation);
            var output = ReadAsync(process.StandardOutput.BaseStream, cancellation);
            var exit = process.WaitForExitAsync(cancellation);
            while (!exit.IsCompleted)
            {
                await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(100), clock, CancellationToken.None));
                if (Size(folder) > LargestClone) throw new IOException("It is larger than 64 MB.");
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

    private static string Last(string said)
    {
        var line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no reason given.";
        return line.Length > 200 ? line[..200] : line;
    }

    private static Refusal Refuse(string problem, string accepted) => Refusal.Invalid(new FieldError("repository_url", problem, accepted));
}
