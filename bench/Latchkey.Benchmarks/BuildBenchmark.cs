using System.Diagnostics;
using System.Globalization;
using Buildyard;

namespace Latchkey.Benchmarks;

/// <summary>
/// Builds as Buildyard runs them, against the same bash under bubblewrap by hand. <c>build-start</c>: from the start of a build to the
/// first line of its script. A sandbox stands ready when a build begins; what is left is the plan, the script's way in and its bash.
/// </summary>
internal static class BuildBenchmark
{
    private const int Starts = 30;
    private const int WarmUp = 5;
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

    private static Task InYardAsync(Func<BuildRunner, Func<string, string, BuildOrder>, Task> measure) => Sample.InFolderAsync(async folder =>
    {
        await using var runner = new BuildRunner(new BuildRunnerOptions { Directory = Path.Combine(folder, "runner") }, TimeProvider.System);
        await measure(runner, (id, script) => new BuildOrder
        {
            Id = id,
            AppId = "app_1",
            AppSlug = "bench",
            AppTitle = "Bench",
            AccountId = "acc_1",
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

    /// <summary>The same bash under bubblewrap, and one who reads its pipe.</summary>
    public static async Task<double> ByHandAsync(string script, int lines)
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
