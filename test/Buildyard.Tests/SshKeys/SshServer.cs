using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Buildyard.SshKeys;

/// <summary>A real sshd on loopback that lets in one key and serves the repositories of one folder.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("buildyard-sshd-").FullName;
    private readonly Process _process;

    private SshServer(int port)
    {
        Port = port;
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_folder, "host"));
        File.WriteAllText(Keys, "");
        File.WriteAllText(Path.Combine(_folder, "config"), string.Join('\n',
            $"Port {port}", "ListenAddress 127.0.0.1", $"HostKey {_folder}/host", $"PidFile {_folder}/pid", $"AuthorizedKeysFile {Keys}",
            "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "UsePAM no", "PermitRootLogin yes", "LogLevel ERROR", ""));
        // sshd wants the place where it would drop its rights.
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd");
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", Path.Combine(_folder, "config")]) { UseShellExecute = false, RedirectStandardError = true })!;
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    private string Keys => Path.Combine(_folder, "authorized");

    public static async Task<SshServer> StartAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var server = new SshServer(port);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>The address of a repository that has one commit on its branch.</summary>
    public string Repository(string name, string branch, string yaml)
    {
        var work = Path.Combine(_folder, name);
        Run("git", "init", "--quiet", $"--initial-branch={branch}", work);
        File.WriteAllText(Path.Combine(work, "bitrise.yml"), yaml);
        Run("git", "-C", work, "add", ".");
        Run("git", "-C", work, "-c", "user.name=Test", "-c", "user.email=test@northwind.test", "commit", "--quiet", "-m", "Start");
        return string.Create(CultureInfo.InvariantCulture, $"ssh://{Environment.UserName}@127.0.0.1:{Port}{work}");
    }

    public void LetIn(string publicKey) => File.WriteAllText(Keys, publicKey + "\n");

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswersAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, timeout.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
            }
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
