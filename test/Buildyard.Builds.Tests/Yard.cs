using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;

namespace Buildyard.Builds.Tests;

/// <summary>A place to run real builds in: a runner on this machine, with a directory that is gone afterwards.</summary>
internal sealed class Yard : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-builds-");
    private readonly Sealing _sealing = new(new EphemeralDataProtectionProvider());
    private int _last;

    public Yard(Func<BuildRunnerOptions, BuildRunnerOptions>? change = null)
    {
        var options = new BuildRunnerOptions { Directory = Path.Combine(_directory.FullName, "data", "builds"), AllowPrivateHosts = true };
        Directory.CreateDirectory(options.Directory);
        Runner = new BuildRunner(change?.Invoke(options) ?? options, TimeProvider.System);
    }

    public BuildRunner Runner { get; }

    /// <summary>Stands for Buildyard's data directory.</summary>
    public string Data => Path.Combine(_directory.FullName, "data");

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_directory.FullName, name)).FullName;

    public CacheShelf Shelf(string name) => new(Folder(name), _sealing);

    public BuildOrder Order(string yaml, string workflow = "main")
    {
        var number = ++_last;
        return new BuildOrder
        {
            Id = $"bld_{number}",
            AppId = "app_1",
            AppSlug = "sample",
            AppTitle = "Sample",
            AccountId = "acc_1",
            Number = number,
            Slug = $"slug-{number}",
            Url = $"https://buildyard.test/apps/sample/builds/{number}",
            AppUrl = "https://buildyard.test/apps/sample",
            Triggered = DateTimeOffset.UnixEpoch.AddYears(56),
            Yaml = yaml,
            Workflow = workflow,
            ArtifactsDirectory = Path.Combine(_directory.FullName, "artifacts", $"{number}"),
        };
    }

    /// <summary>Runs scripts as the steps of one workflow.</summary>
    public Task<Ran> ScriptAsync(params string[] scripts) => RunAsync(Order(Yaml(scripts)));

    public async Task<Ran> RunAsync(BuildOrder order, CancellationToken abort = default)
    {
        using var output = Output(order);
        var result = await Runner.RunAsync(order, output, abort);
        output.Complete();
        return new Ran(order, result, await File.ReadAllTextAsync(output.Path, CancellationToken.None));
    }

    public BuildOutput Output(BuildOrder order) => new(Path.Combine(_directory.FullName, order.Id + ".log"));

    /// <summary>A <c>bitrise.yml</c> with a workflow <c>main</c> of script steps, titled by their number.</summary>
    public static string Yaml(params string[] scripts)
    {
        var yaml = new StringBuilder("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n");
        for (var i = 0; i < scripts.Length; i++)
        {
            yaml.Append($"    - script@1:\n        title: step {i + 1}\n        inputs:\n        - content: |\n");
            foreach (var line in scripts[i].ReplaceLineEndings("\n").Split('\n')) yaml.Append($"            {line}\n");
        }
        return yaml.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}

/// <summary>A build that has run.</summary>
internal sealed partial record Ran(BuildOrder Order, BuildResult Result, string Log)
{
    /// <summary>The log without its colours.</summary>
    public string Plain { get; } = Colours().Replace(Log, "");

    public IEnumerable<string> Lines => Plain.Split('\n');

    /// <summary>What the scripts said with <c>RUN …</c>.</summary>
    public IReadOnlyList<string> Said => [.. Lines.Where(line => line.StartsWith("RUN ", StringComparison.Ordinal))];

    public IEnumerable<StepStatus> Statuses => Result.Steps.Select(step => step.Status);

    [GeneratedRegex(@"\e\[[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Colours();
}
