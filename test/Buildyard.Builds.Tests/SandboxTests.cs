using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Buildyard.Builds.Tests;

/// <summary>Steps that try to get out, to stay, or to take more than is theirs.</summary>
public sealed class SandboxTests
{
    private static readonly BuildLimits s_small = new()
    {
        DiskBytes = 48L * 1024 * 1024,
        MemoryBytes = 256L * 1024 * 1024,
        Processes = 64,
        OutputBytes = 1024 * 1024,
        Total = TimeSpan.FromMinutes(2),
    };

    [Fact]
    public async Task ThisMachine_HasASandboxWithANetwork()
    {
        await using var yard = new Yard();

        Assert.Equal(new Confinement(null, null), await yard.Runner.ConfinementAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Step_IsNobody()
    {
        await using var yard = new Yard();

        var ran = await yard.ScriptAsync(
            """
            echo "RUN $(id -u) $(id -g)"
            grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status | tr -s '\t\n' '  ' | sed 's/^/RUN /'; echo
            unshare -Ur true 2> /dev/null && echo 'RUN made a user namespace'
            mount -t tmpfs none /tmp 2> /dev/null && echo 'RUN mounted'
            chroot / true 2> /dev/null && echo 'RUN changed its root'
            touch /usr/bin/x /etc/x /x /dev/x 2> /dev/null && echo 'RUN wrote outside'
            [ ! -w /proc/sysrq-trigger ] || echo 'RUN can write to the kernel'
            """);

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["RUN 1000 1000", "RUN CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 CapAmb: 0000000000000000 NoNewPrivs: 1 "], ran.Said);
    }

    [Fact]
    public async Task Step_SeesNoFilesButItsOwn()
    {
        await using var yard = new Yard();
        var secret = Path.Combine(yard.Data, "buildyard.db");
        await File.WriteAllTextAsync(secret, "the data directory", TestContext.Current.CancellationToken);
        var host = Path.Combine(Path.GetTempPath(), $"buildyard-host-{Environment.ProcessId}");
        await File.WriteAllTextAsync(host, "the host", TestContext.Current.CancellationToken);
        try
        {
            var ran = await yard.ScriptAsync(
                $"""
                cat {secret} {host} /etc/shadow /root/.bashrc 2> /dev/null && echo 'RUN read the host'
                ls -d {yard.Data} /root /home /var /mnt /srv /opt /sys /run 2> /dev/null | sed 's/^/RUN sees /'
                for process in /proc/[0-9]*; do
                  cat "$process/root{secret}" "$process/cwd/{Path.GetFileName(secret)}" 2> /dev/null && echo 'RUN read through a process'
                  tr '\0' '\n' < "$process/environ" 2> /dev/null | grep -E '^(DOTNET|XUNIT|PWD=/work)' | sed 's/^/RUN environ /'
                done
                ln -s / everything && cat "everything{secret}" 2> /dev/null && echo 'RUN read through a link'
                echo "RUN $(ls / | tr '\n' ' ')"
                """);

            Assert.Equal(["RUN bin bitrise dev etc lib lib64 proc sbin tmp usr "], ran.Said);
        }
        finally
        {
            File.Delete(host);
        }
    }

    [Fact]
    public async Task DataDirectoryBelowUsr_IsNotSeenEither()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("Only root can put a data directory below /usr.");
        // Open to everybody: where Buildyard is not root, its own files are open to whoever a sandbox is outside.
        var data = Directory.CreateDirectory($"/usr/local/share/buildyard-test-{Environment.ProcessId}").FullName;
        var link = Path.Combine(Path.GetTempPath(), $"buildyard-link-{Environment.ProcessId}");
        Directory.CreateSymbolicLink(link, data);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(data, "buildyard.db"), "the data directory", TestContext.Current.CancellationToken);
            await using var yard = new Yard(options => options with { Directory = Directory.CreateDirectory(Path.Combine(link, "runner")).FullName, Hidden = [link] });

            var ran = await yard.ScriptAsync($"find {data} -mindepth 1 | sed 's/^/RUN sees /'; touch {data}/x 2> /dev/null && echo 'RUN wrote'; echo RUN $(ls -d /usr/local/share)");

            Assert.Equal(["RUN /usr/local/share"], ran.Said);
        }
        finally
        {
            File.Delete(link);
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Step_SeesAndSignalsNoOtherProcess()
    {
        await using var yard = new Yard();
        using var other = Process.Start("sleep", "60");
        try
        {
            var ran = await yard.ScriptAsync(
                $"""
                echo "RUN $(ls /proc | grep -c '^[0-9]')"
                kill -9 {other.Id} 2> /dev/null && echo 'RUN killed'
                kill -9 {Environment.ProcessId} 2> /dev/null && echo 'RUN killed'
                cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' ' ' | grep -c -E '[s]leep 60|[d]otnet|[s]lirp' | sed 's/^/RUN /'
                """);

            Assert.False(other.HasExited);
            Assert.True(ran.Said[0] is { } line && int.Parse(line.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture) < 12, ran.Said[0]);
            Assert.Equal("RUN 0", ran.Said[^1]);
            Assert.Equal(2, ran.Said.Count);
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task Step_ReachesNothingOfThisMachineOrItsNetwork()
    {
        await using var yard = new Yard();
        using var everywhere = new TcpListener(IPAddress.IPv6Any, 0);
        everywhere.Server.DualMode = true;
        everywhere.Start();
        var port = ((IPEndPoint)everywhere.LocalEndpoint).Port;
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(address => address.Address.ToString().Split('%')[0]);
        var targets = own.Concat(["127.0.0.1", "127.1.2.3", "::1", "10.0.2.2", "10.0.2.3", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "fc00::1", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1"]).Distinct();

        var ran = await yard.ScriptAsync(
            $$"""
            for address in {{string.Join(' ', targets)}}; do
              timeout 2 bash -c "exec 3<> /dev/tcp/$address/{{port}}" 2> /dev/null && echo "RUN reached $address"
            done
            perl -e '
              use Socket;
              # A socket bound to the card itself asks no route for its way.
              for my $address (qw({{string.Join(' ', targets.Where(t => !t.Contains(':', StringComparison.Ordinal)))}})) {
                socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, 25, "tap0\0");
                eval { local $SIG{ALRM} = sub { die }; alarm 2; print "RUN bound and reached $address\n" if connect($s, sockaddr_in({{port}}, inet_aton($address))); alarm 0; };
              }
              print "RUN raw socket\n" if socket(my $raw, PF_INET, SOCK_RAW, 1);
              print "RUN packet socket\n" if socket(my $packet, 17, SOCK_RAW, 0x0300);
            '
            nft flush ruleset 2> /dev/null && echo 'RUN took the fence down'
            ip route add default dev lo 2> /dev/null && echo 'RUN changed its routes'
            echo "RUN $(cut -d : -f 1 /proc/net/dev | tail -n +3 | tr -d ' ' | sort | tr '\n' ' ')"
            """);

        Assert.Equal(["RUN lo tap0 "], ran.Said);
        Assert.False(everywhere.Pending(), "Somebody came through.");
    }

    [Fact]
    public async Task Step_ReachesThePublicInternet()
    {
        await using var yard = new Yard();

        // The stack answers for the address itself, so that this needs no internet: what it can't do is let a refused one through.
        var ran = await yard.ScriptAsync("timeout 5 bash -c 'exec 3<> /dev/tcp/1.1.1.1/443' && echo RUN open");

        Assert.Equal(["RUN open"], ran.Said);
    }

    [Fact]
    public async Task NetworkThatEnds_FailsItsBuild_AndSaysSo()
    {
        await using var yard = new Yard();
        var word = $"network-{Environment.ProcessId}";
        var running = yard.ScriptAsync($"( exec -a {word} sleep 1000 ) & while grep -q tap0 /proc/net/dev; do sleep 0.1; done; echo RUN alone", "echo RUN never");
        string? step;
        while ((step = Directory.EnumerateDirectories("/proc").FirstOrDefault(process => CommandLine(process).StartsWith(word, StringComparison.Ordinal))) is null)
        {
            Assert.False(running.IsCompleted, "The step never ran.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        // Its network's process names, as the last word but one, a process in the same network.
        var network = new FileInfo($"{step}/ns/net").LinkTarget;
        var stack = Directory.EnumerateDirectories("/proc").Single(process =>
            CommandLine(process).Split('\0') is ["slirp4netns", .., var inside, "tap0", _] && new FileInfo($"/proc/{inside}/ns/net").LinkTarget == network);
        using (var process = Process.GetProcessById(int.Parse(Path.GetFileName(stack), System.Globalization.CultureInfo.InvariantCulture))) process.Kill();

        var ran = await running;

        Assert.Equal(["RUN alone"], ran.Said);
        Assert.Equal((BuildStatus.Failed, "The sandbox's network ended before its build did."), (ran.Result.Status, ran.Result.Reason));
    }

    [Theory]
    [InlineData("sleep 1000 &")]
    [InlineData("( setsid sleep 1000 & )")]
    [InlineData("nohup bash -c 'trap \"\" TERM HUP INT; while :; do sleep 1000; done' > /dev/null 2>&1 &")]
    [InlineData("perl -e 'fork and exit; POSIX::setsid() if eval { require POSIX }; fork and exit; $SIG{TERM} = \"IGNORE\"; sleep 1000' > /dev/null 2>&1 < /dev/null")]
    public async Task Process_DoesNotOutliveItsStep(string script)
    {
        await using var yard = new Yard();

        var ran = await yard.ScriptAsync(script, "echo \"RUN $(cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[s]leep 1000')\"");

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["RUN 0"], ran.Said);
    }

    [Fact]
    public async Task Sandbox_EndsWithItsBuild()
    {
        await using var yard = new Yard();
        var word = $"left-{Environment.ProcessId}";

        await yard.ScriptAsync($"( setsid bash -c 'exec -a {word} sleep 1000' & ); sleep 0.3; echo RUN");

        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), directory => CommandLine(directory).Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sandbox_EndsWithItsRunner_HoweverFarItIsMade()
    {
        // The bound on processes tells those of these runners from everybody else's.
        var limits = s_small with { Processes = 487 };
        for (var i = 0; i < 20; i++)
        {
            await using var yard = new Yard();
            var ran = await yard.RunAsync(yard.Order(Yard.Yaml("true", $"sleep 0.{i:00}")) with { Limits = limits });
            Assert.Equal(BuildStatus.Success, ran.Result.Status);
        }

        // What is killed is gone in a moment; what waits for its parent's word waits for ever.
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Directory.EnumerateDirectories("/proc").Any(IsLeft)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, bound.Token);

        bool IsLeft(string directory) =>
            Read(directory, "limits").Contains($"Max processes             {limits.Processes} ", StringComparison.Ordinal) && !Read(directory, "stat").Contains(") Z ", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Builds_GoOn_WhileOthersOfThisMachineStart()
    {
        await using var yard = new Yard();
        using var over = new CancellationTokenSource();
        var others = Task.Run(async () =>
        {
            // Whoever starts removes what is left of builds of earlier ones.
            while (!over.IsCancellationRequested) await new Yard().DisposeAsync();
        });

        var ran = new List<Ran>();
        for (var i = 0; i < 10; i++) ran.Add(await yard.ScriptAsync("echo RUN"));
        await over.CancelAsync();
        await others;

        Assert.All(ran, build => Assert.True(build.Result.Status == BuildStatus.Success, build.Plain));
    }

    [Fact]
    public async Task ForkBomb_FailsAlone()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("bomb() { bomb | bomb & }; bomb; sleep 2; echo RUN still here", "echo RUN after")) with { Limits = s_small with { Total = TimeSpan.FromSeconds(60) } };

        var (ran, other) = await TogetherAsync(yard, order);

        Assert.Equal(["RUN other"], other.Said);
        Assert.NotEqual(BuildStatus.Aborted, ran.Result.Status);
    }

    [Fact]
    public async Task EndlessOutput_IsCutAndTheBuildGoesOn()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("timeout 3 yes abcdefghijklmnopqrstuvwxyz; true", "echo RUN after")) with { Limits = s_small };

        var ran = await yard.RunAsync(order);

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Contains("Output stopped at 1 MB", ran.Plain, StringComparison.Ordinal);
        Assert.InRange(ran.Log.Length, 1024 * 1024, 1100 * 1024);
        Assert.Contains("The build succeeded", ran.Lines.SkipLast(1).Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("head -c 100000000 /dev/zero > big")]
    [InlineData("head -c 100000000 /dev/zero > /tmp/big")]
    [InlineData("head -c 100000000 /dev/zero > /dev/shm/big")]
    [InlineData("i=0; while : > file-$i; do i=$((i + 1)); done 2> /dev/null; false")]
    public async Task FullDisk_FailsAloneAndSaysWhy(string script)
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml(script)) with { Limits = s_small };

        var (ran, other) = await TogetherAsync(yard, order);

        Assert.Equal(BuildStatus.Failed, ran.Result.Status);
        Assert.Contains("the workspace is full: a build has 48 MB", ran.Result.Steps[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["RUN other"], other.Said);
    }

    [Fact]
    public async Task EatenMemory_FailsAlone()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("perl -e '$x = \"a\" x (1 << 30); print \"RUN ate it\\n\"'", "echo RUN after")) with { Limits = s_small };

        var (ran, other) = await TogetherAsync(yard, order);

        Assert.Equal(StepStatus.Failed, ran.Result.Steps[0].Status);
        Assert.Empty(ran.Said);
        Assert.Equal(["RUN other"], other.Said);
    }

    [Theory]
    [InlineData("kill -9 -1; sleep 1")]
    [InlineData("kill -9 $PPID; sleep 1")]
    [InlineData("kill -9 2; kill -9 1; sleep 1")]
    [InlineData("kill -STOP -1; sleep 30")]
    public async Task Step_ThatAttacksItsSandbox_EndsItsOwnBuildOnly(string script)
    {
        await using var yard = new Yard();
        var yaml = Yard.Yaml(script).Replace("title: step 1", "title: step 1\n        timeout: 5", StringComparison.Ordinal);

        var (ran, other) = await TogetherAsync(yard, yard.Order(yaml) with { Limits = s_small with { Total = TimeSpan.FromSeconds(20) } });

        Assert.Equal(BuildStatus.Failed, ran.Result.Status);
        Assert.Equal(["RUN other"], other.Said);
    }

    private static async Task<(Ran Ran, Ran Other)> TogetherAsync(Yard yard, BuildOrder order)
    {
        var other = yard.RunAsync(yard.Order(Yard.Yaml("for i in 1 2 3; do ls -l /usr/bin > /dev/null; sleep 0.5; done; echo RUN other")));
        return (await yard.RunAsync(order), await other);
    }

    private static string CommandLine(string directory) => Read(directory, "cmdline");

    private static string Read(string directory, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
