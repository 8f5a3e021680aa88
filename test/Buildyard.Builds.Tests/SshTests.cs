using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Buildyard.Builds.Tests;

/// <summary>A repository behind a real ssh server.</summary>
public sealed class SshTests
{
    [Fact]
    public async Task Key_OpensTheRepository_AndIsActivatedForSteps()
    {
        await using var yard = new Yard();
        using var server = new SshServer(yard.Folder("ssh"));
        var repository = server.Repository("app");
        var yaml = Yard.Yaml("ls ~/.ssh 2> /dev/null | sed 's/^/RUN before /'; cat file | sed 's/^/RUN /'", "cat ~/.ssh/*key | head -1; ssh -G example.test | grep -c bitrise_step_activate_ssh_key | sed 's/^/RUN /'")
            .Replace("    - script@1:\n        title: step 2", "    - activate-ssh-key@4: {}\n    - script@1:\n        title: step 2", StringComparison.Ordinal);

        var ran = await yard.RunAsync(yard.Order(yaml) with { Source = new BuildSource(repository, server.Key, Branch: "main") });

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["RUN by ssh", "RUN 1"], ran.Said);
        Assert.DoesNotContain("BEGIN OPENSSH", ran.Log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(yard.Data, "key", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task WithoutItsKey_TheRepositoryIsClosed()
    {
        await using var yard = new Yard();
        using var server = new SshServer(yard.Folder("ssh"));

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(server.Repository("app"), null, Branch: "main") });

        Assert.Equal(BuildEnd.Source, ran.Result.End);
    }

    [Fact]
    public async Task HostThatChangesItsKey_IsRefused()
    {
        await using var yard = new Yard();
        var yaml = Yard.Yaml("echo RUN in");
        BuildSource source;
        Ran first;
        int port;
        using (var server = new SshServer(yard.Folder("ssh")))
        {
            source = new BuildSource(server.Repository("app"), server.Key, Branch: "main");
            port = server.Port;
            first = await yard.RunAsync(yard.Order(yaml) with { Source = source });
        }
        using var other = new SshServer(yard.Folder("other"), port);
        other.Repository("app");

        var second = await yard.RunAsync(yard.Order(yaml) with { Source = source with { RepositoryUrl = other.Repository("second"), SshPrivateKey = other.Key } });

        Assert.Equal(["RUN in"], first.Said);
        Assert.Equal(BuildEnd.Source, second.Result.End);
        Assert.Empty(second.Said);
    }

    [Fact]
    public async Task GuardedBuild_ActivatesNoKey_AndSaysWhy()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - activate-ssh-key: {}\n    - script: {inputs: [content: 'ls ~/.ssh; echo RUN done']}\n") with
        {
            GuardNote = "Sam of support started it.",
            Source = new BuildSource(null, "-----BEGIN OPENSSH PRIVATE KEY-----\nabcdefgh\n-----END OPENSSH PRIVATE KEY-----"),
        });

        Assert.StartsWith("This build is guarded. Sam of support started it.", ran.Plain.Split('\n')[1], StringComparison.Ordinal);
        Assert.Contains("This build is guarded: it gets no SSH key, so there is nothing to activate.", ran.Plain, StringComparison.Ordinal);
        Assert.Contains("cannot access '/bitrise/home/.ssh'", ran.Plain, StringComparison.Ordinal);
    }

    private sealed class SshServer : IDisposable
    {
        private readonly string _folder;
        private readonly Process _server;
        private readonly Task _said;

        public SshServer(string folder, int port = 0)
        {
            _folder = folder;
            Port = port != 0 ? port : Free();
            Command.Shell(folder, "ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; cp key.pub authorized; chmod 600 authorized");
            File.WriteAllText(Path.Combine(folder, "config"),
                $"""
                Port {Port}
                ListenAddress 127.0.0.1
                HostKey {folder}/host
                AuthorizedKeysFile {folder}/authorized
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                PidFile {folder}/pid

                """);
            Directory.CreateDirectory("/run/sshd");
            _server = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", Path.Combine(folder, "config")]) { UseShellExecute = false, RedirectStandardError = true })!;
            while (!_server.StandardError.ReadLine()!.Contains("listening", StringComparison.Ordinal))
            {
                // It says so when it does.
            }
            _said = _server.StandardError.ReadToEndAsync();
        }

        public int Port { get; }

        public string Key => File.ReadAllText(Path.Combine(_folder, "key"));

        public string Repository(string name)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            Command.Shell(folder, "git init -q -b main; echo 'by ssh' > file; git add -A; git commit -qm first");
            return $"ssh://{Environment.UserName}@127.0.0.1:{Port}{folder}";
        }

        public void Dispose()
        {
            _server.Kill(entireProcessTree: true);
            _server.WaitForExit();
            _server.Dispose();
        }

        private static int Free()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
