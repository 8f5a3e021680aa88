using System.Diagnostics;
using System.Globalization;
using Buildyard;

namespace Latchkey.Benchmarks;

/// <summary>
/// Builds as Buildyard runs them, against the same bash under bubblewrap by hand. <c>build-start</c>: from the start of a build to the
/// first line of its script; the difference is the fence and the network of the sandbox, the plan, and the tools that steps find.
/// <c>log</c>: lines a second from a step through redaction and the log file to those who follow it, against a pipe.
/// </summary>
internal static class BuildBenchmark
{
    private const int Starts = 30;
    private const int WarmUp = 5;
    private const int Lines = 2_000_000;
    private const int Rounds = 3;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(300);

    public static Task StartAsync() => InYardAsync(async (runner, order) =>
    {
        var values = new List<double>();
        var limits = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            // Builds rarely begin in the moment that another ends; the next sandbox is made ready meanwhile.
            await Task.Delay(s_between, TimeProvider.System);
            var value = await FirstLineAsync(runner, order($"start-{i}", "echo RUN first; sleep 0.05"));
            var limit = await ByHandAsync("echo RUN first", lines: 1);
            if (i < WarmUp) continue;
            values.Add(value);
            limits.Add(limit);
        }
        Figure.Print("build-start", Figure.Median(values), "ms", Figure.Median(limits), "small is good");
        Figure.Print("build-start-p99", Figure.Percentile(values, 0.99), "ms", Figure.Percentile(limits, 0.99), "small is good");
    });

    public static Task LogAsync() => InYardAsync(async (runner, order) =>
    {
        var script = $"seq -f 'line %08.0f of a log that is as long as such lines are' 1 {Lines}";
        foreach (var followers in (int[])[1, 100])
        {
            var values = new List<double>();
            var limits = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                values.Add(Lines / await FollowedAsync(runner, order($"log-{followers}-{round}", script), followers) * 1000);
                limits.Add(Lines / await ByHandAsync(script, Lines) * 1000);
            }
            Figure.Print(followers == 1 ? "log" : $"log-{followers}", Figure.Median(values), "lines/s", Figure.Median(limits), "near 1 is good");
        }
    });

    private static Task InYardAsync(Func<BuildRunner, Func<string, string, BuildOrder>, Task> measure) => Sample.InFolderAsync(async folder =>
    {
        await using var runner = new BuildRunner(new BuildRunnerOptions { Directory = Path.Combine(folder, "runner") }, TimeProvider.System);
        await measure(runner, (id, script) => new BuildOrder
        {
            Id = id,
            AppId = "app_1",
            AppSlug = "bench",
            AppTitle = "Bench",
            Number = 1,
            Slug = id,
            Url = "https://bench.test/builds/1",
            AppUrl = "https://bench.test",
            Triggered = TimeProvider.System.GetUtcNow(),
            Yaml = $"format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script@1:\n        inputs:\n        - content: |-\n            {script}\n",
            Workflow = "main",
            ArtifactsDirectory = Path.Combine(folder, id),
            Limits = new BuildLimits { OutputBytes = 1024L * 1024 * 1024 },
            Secrets = [new BuildSecret("TOKEN", "a-secret-value-of-some-length"), new BuildSecret("OTHER", "lines are never this")],
        });
    });

    private static async Task<double> FirstLineAsync(BuildRunner runner, BuildOrder order)
    {
        using var output = new BuildOutput(order.ArtifactsDirectory + ".log");
        var from = TimeProvider.System.GetTimestamp();
        var running = runner.RunAsync(order, output, CancellationToken.None);
        await using var log = new FileStream(output.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var view = output.View;
        while (!(await reader.ReadToEndAsync()).Contains("RUN first", StringComparison.Ordinal)) view = await output.NextAsync(view, CancellationToken.None);
        var time = Figure.Milliseconds(from);
        Expect((await running).Status == BuildStatus.Success, "The build failed.");
        return time;
    }

    /// <summary>The time until the last of the followers has read the whole log, measured from the step's first byte.</summary>
    private static async Task<double> FollowedAsync(BuildRunner runner, BuildOrder order, int followers)
    {
        using var output = new BuildOutput(order.ArtifactsDirectory + ".log");
        var reading = Enumerable.Range(0, followers).Select(_ => FollowAsync(output)).ToArray();
        var from = TimeProvider.System.GetTimestamp();
        var result = await runner.RunAsync(order, output, CancellationToken.None);
        output.Complete();
        var read = await Task.WhenAll(reading);
        Expect(result.Status == BuildStatus.Success && read.All(length => length == output.View.Length), "A follower missed something.");
        File.Delete(output.Path);
        return Figure.Milliseconds(from);
    }

    private static async Task<long> FollowAsync(BuildOutput output)
    {
        await using var log = new FileStream(output.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[64 * 1024];
        var view = output.View;
        var read = 0L;
        while (true)
        {
            while (read < view.Length) read += await log.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, view.Length - read)));
            if (view.IsComplete) return read;
            view = await output.NextAsync(view, CancellationToken.None);
        }
    }

    /// <summary>The same bash under bubblewrap, and one who reads its pipe.</summary>
    private static async Task<double> ByHandAsync(string script, int lines)
    {
        var start = new ProcessStartInfo(
            "bwrap",
            [
                "--unshare-all", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/usr", "/usr",
                "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
                "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--setenv", "PATH", "/usr/bin:/bin", "--", "/bin/bash", "-c", script,
            ])
        { UseShellExecute = false, RedirectStandardOutput = true };
        var from = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        var buffer = new byte[64 * 1024];
        var seen = 0;
        int read;
        while (seen < lines && (read = await process.StandardOutput.BaseStream.ReadAsync(buffer)) > 0) seen += buffer.AsSpan(0, read).Count((byte)'\n');
        var time = Figure.Milliseconds(from);
        await process.WaitForExitAsync();
        Expect(seen == lines, string.Create(CultureInfo.InvariantCulture, $"{seen} of {lines} lines came."));
        return time;
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
