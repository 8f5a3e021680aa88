using System.Diagnostics;
using System.Text.Json;

namespace Buildyard.Workflows;

/// <summary>Plans and environments, tried on the runs of Bitrise's own CLI: what is planned is run by bash, without any sandbox, and compared.</summary>
public sealed class RunPlanTests
{
    private const string Header = "format_version: \"23\"\n";

    public static TheoryData<string> Runs()
    {
        var runs = new TheoryData<string>();
        var folder = Path.Combine(SharedFiles.Find("bitrise-yml"), "runs");
        foreach (var file in Directory.EnumerateFiles(folder, "*.expected.json").Order(StringComparer.Ordinal)) runs.Add(Path.GetFileName(file)[..^".expected.json".Length]);
        return runs;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Runs_AreThoseOfBitrise(string run)
    {
        var folder = Path.Combine(SharedFiles.Find("bitrise-yml"), "runs");
        var expected = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, run + ".expected.json")));
        var (config, _) = BitriseYaml.Read(await File.ReadAllTextAsync(Path.Combine(folder, run + ".yml")));

        var planned = config!.Plan(expected.GetProperty("workflow").GetString()!);

        var found = planned.Plan is { } plan ? await RunAsync(plan) : new Outcome(1, [], []);
        Assert.Equal(expected.GetProperty("exit").GetInt32(), found.Exit);
        Assert.Equal(expected.GetProperty("lines").EnumerateArray().Select(l => l.GetString()), found.Lines);
        Assert.Equal(
            expected.GetProperty("steps").EnumerateArray().Select(s => (s.GetProperty("title").GetString(), s.GetProperty("status").GetString())),
            found.Steps.Select(s => ((string?)s.Title, (string?)s.Status)));
    }

    [Theory]
    [InlineData("nope", RunPlanFailure.UnknownWorkflow)]
    [InlineData("_util", RunPlanFailure.UtilityWorkflow)]
    [InlineData("lost", RunPlanFailure.UnknownReference)]
    [InlineData("round", RunPlanFailure.Circle)]
    [InlineData("bundles", RunPlanFailure.Circle)]
    public void WhatCantRun_SaysWhy(string workflow, RunPlanFailure failure)
    {
        var (config, _) = BitriseYaml.Read(Header + """
            step_bundles:
              a: {steps: [{"bundle::b": {}}]}
              b: {steps: [{"bundle::a": {}}]}
            workflows:
              _util: {}
              lost: {before_run: [ghost]}
              round: {after_run: [round]}
              bundles: {steps: [{"bundle::a": {}}]}
            """);

        var (plan, why, message) = config!.Plan(workflow);

        Assert.Null(plan);
        Assert.Equal(failure, why);
        Assert.NotEqual("", message);
    }

    [Fact]
    public void ChainsThatMultiply_AreBounded()
    {
        var text = new System.Text.StringBuilder(Header + "workflows:\n  w0: {steps: [{script: {}}]}\n");
        for (var i = 1; i < 60; i++) text.Append($"  w{i}: {{before_run: [w{i - 1}, w{i - 1}]}}\n");
        var (config, check) = BitriseYaml.Read(text.ToString());

        Assert.True(check.IsValid);
        Assert.Equal(RunPlanFailure.TooLarge, config!.Plan("w59").Failure);
    }

    /// <summary>However often something runs, and whatever stands around it: a plan takes little more than the file.</summary>
    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Repeated))]
    public void WhatRunsOften_IsNotHeldOften(string what, string text, RunPlanFailure? failure)
    {
        var (config, check) = BitriseYaml.Read(Header + text);
        Assert.True(check.IsValid, $"{what}: {check.Errors.FirstOrDefault()}");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var planned = config!.Plan("main");

        Assert.Equal(failure, planned.Failure);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000, $"{what}: {GC.GetAllocatedBytesForCurrentThread() - before:N0} bytes");
    }

    public static TheoryData<string, string, RunPlanFailure?> Repeated { get; } = new()
    {
        {
            "bundles around one that is used often",
            "step_bundles:\n" + Each(150, i => $"  b{i}:\n    envs:\n{Each(60, k => $"    - V{k}: v\n")}    steps:\n    - bundle::b{i + 1}: {{}}\n")
                + "  b150:\n    steps:\n" + Each(5_000, _ => "    - bundle::leaf: {}\n") + "  leaf: {steps: [{script: {}}]}\nworkflows:\n  main: {steps: [{bundle::b0: {}}]}\n",
            RunPlanFailure.TooLarge
        },
    };

    [Fact]
    public void NestedBundles_SeeWhatIsAroundThem()
    {
        var (config, _) = BitriseYaml.Read(Header + """
            step_bundles:
              inner:
                inputs:
                - name: nobody
                steps:
                - script: {}
              outer:
                run_if: .IsCI
                inputs:
                - name: somebody
                steps:
                - bundle::inner:
                    run_if: .IsBuildOK
                    inputs:
                    - name: $name and more
                - script: {}
            workflows:
              main:
                steps:
                - bundle::outer:
                    inputs:
                    - name: ada
            """);

        var steps = config!.Plan("main").Plan!.Workflows.Single().Steps;

        Assert.Equal("ada and more", Environments.Apply(steps[0].Bundle!.Envs)["name"]);
        Assert.Equal([".IsCI", ".IsBuildOK"], steps[0].Bundle!.Conditions.Select(c => c.RunIf));
        Assert.Equal("ada", Environments.Apply(steps[1].Bundle!.Envs)["name"]);
        Assert.NotEqual(steps[0].Bundle!.Number, steps[1].Bundle!.Number);
    }

    [Fact]
    public void ABundlesCondition_IsAskedOnce()
    {
        var (config, _) = BitriseYaml.Read(Header + """
            step_bundles:
              b:
                run_if: '{{enveq "GO" "yes"}}'
                steps:
                - script: {}
                - script: {}
            workflows:
              main: {steps: [{"bundle::b": {}}]}
            """);
        var plan = config!.Plan("main").Plan!;
        var environment = new RunEnvironment([new EnvItem("GO", "yes")], plan);
        environment.Enter(plan.Workflows[0]);

        var steps = plan.Workflows[0].Steps;
        environment.Enter(steps[0]);
        Assert.Equal(RunVerdict.Run, environment.Decide(steps[0], null, false, isCi: true, isPullRequest: false).Verdict);
        environment.Add([new EnvItem("GO", "no")]);
        environment.Enter(steps[1]);
        Assert.Equal(RunVerdict.Run, environment.Decide(steps[1], null, false, isCi: true, isPullRequest: false).Verdict);
    }

    [Fact]
    public void InputsThatAreTemplates_AreWrittenOut()
    {
        var (config, _) = BitriseYaml.Read(Header + """
            workflows:
              main:
                envs:
                - WHO: ada
                steps:
                - script:
                    inputs:
                    - content: 'hello {{getenv "WHO"}}{{if .IsPR}} in a pull request{{else}} on a branch{{end}}'
                      opts: {is_template: true}
            """);
        var plan = config!.Plan("main").Plan!;
        var environment = new RunEnvironment([], plan);
        environment.Enter(plan.Workflows[0]);
        environment.Enter(plan.Workflows[0].Steps[0]);

        var (envs, _) = environment.For(plan.Workflows[0].Steps[0].Use.Inputs, isCi: true, isPullRequest: false);

        Assert.Equal("hello ada on a branch", envs!["content"]);
    }

    [Theory]
    [InlineData("script", "", "script", "")]
    [InlineData("script@1.2", "", "script", "1.2")]
    [InlineData("path::./steps/a", "path", "./steps/a", "")]
    [InlineData("git::https://git.test/a.git@v1", "git", "https://git.test/a.git", "v1")]
    [InlineData("git::git@git.test:org/a.git@main", "git", "git@git.test:org/a.git", "main")]
    [InlineData("git::ssh://git@git.test/org/a.git@feature/x", "git", "ssh://git@git.test/org/a.git", "feature/x")]
    [InlineData("git::https://ci:pass@git.test/a.git@v1", "git", "https://ci:pass@git.test/a.git", "v1")]
    [InlineData("git::https://git.test:8443/a.git@v1", "git", "https://git.test:8443/a.git", "v1")]
    [InlineData("git::git@git.test:org/a.git", "git", "git@git.test:org/a.git", "")]
    [InlineData("::script@1", "", "script", "1")]
    [InlineData("https://lib.test/steps.git::script@1.0.0", "https://lib.test/steps.git", "script", "1.0.0")]
    public void StepIds_NameTheirSource(string text, string source, string id, string version) =>
        Assert.Equal(new StepReference(source, id, version), StepReference.Parse(text));

    private static string Each(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));

    private static async Task<Outcome> RunAsync(RunPlan plan)
    {
        var environment = new RunEnvironment([new EnvItem("CI", "true")], plan);
        var (lines, steps) = (new List<string>(), new List<(string, string)>());
        foreach (var workflow in plan.Workflows)
        {
            environment.Enter(workflow);
            foreach (var step in workflow.Steps)
            {
                environment.Enter(step);
                var decision = environment.Decide(step, step.Use.RunIf, step.Use.IsAlwaysRun ?? false, isCi: true, isPullRequest: false);
                if (decision.Verdict != RunVerdict.Run)
                {
                    steps.Add((step.Title(), "skipped"));
                    continue;
                }
                // The script step takes its content as it is.
                var (envs, problem) = environment.For(step.Use.Inputs.Select(i => new EnvItem(i.Key, "") { IsExpand = false }.With(i)), isCi: true, isPullRequest: false);
                Assert.Null(problem);
                var (exit, printed, outputs) = await BashAsync(envs!);
                lines.AddRange(printed);
                environment.Add(outputs);
                var failed = exit != 0;
                var soft = failed && step.Use.IsSkippable == true;
                if (failed && !soft) environment.Fail(step.Title(), $"exit code: {exit}");
                steps.Add((step.Title(), soft ? "failed_skippable" : failed ? "failed" : "success"));
            }
        }
        return new Outcome(environment.IsFailed ? 1 : 0, lines, steps);
    }

    private static async Task<(int Exit, IEnumerable<string> Lines, List<EnvItem> Outputs)> BashAsync(IReadOnlyDictionary<string, string> envs)
    {
        var store = Path.GetTempFileName();
        var start = new ProcessStartInfo("bash", ["-c", $"envman() {{ printf '%s\\0%s\\0' \"$3\" \"$5\" >> '{store}'; }}; export -f envman; exec bash -c \"$content\""]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (key, value) in envs) start.Environment[key] = value;
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        var parts = (await File.ReadAllTextAsync(store)).Split('\0');
        File.Delete(store);
        return (bash.ExitCode, output.Split('\n').Where(l => l.StartsWith("RUN ", StringComparison.Ordinal)), [.. parts.Chunk(2).Where(p => p.Length == 2).Select(p => new EnvItem(p[0], p[1]))]);
    }

    private sealed record Outcome(int Exit, IEnumerable<string> Lines, IEnumerable<(string Title, string Status)> Steps);
}
