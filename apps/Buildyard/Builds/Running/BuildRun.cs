namespace Buildyard;

/// <summary>One build, from its order to its result.</summary>
internal sealed class BuildRun(BuildOrder order, BuildOutput output, BuildRunnerOptions options, SpareSandbox spare, TimeProvider clock)
{
    private const int LongestTold = 1000;

    private readonly BuildFindings _findings = new(order.StepCommits);
    private readonly List<StepResult> _steps = [];
    private readonly HashSet<string> _hidden = [.. Secrets(order)];
    private readonly long _began = clock.GetTimestamp();
    private readonly string _directory = Path.Combine(options.Directory, "work", order.Id);
    private readonly GitSource _git = new(options, clock);
    private LogWriter _log = null!;
    private Redactor _redactor = null!;
    private FetchedSource? _source;

    /// <param name="confinement">What keeps the sandbox.</param>
    /// <param name="groups">The control groups it gets; null where there are none.</param>
    /// <param name="abort">Ends the build as aborted.</param>
    public async Task<BuildResult> RunAsync(Confinement confinement, ControlGroups? groups, CancellationToken abort)
    {
        _log = new LogWriter(output, new Redactor(_hidden), order.Limits.OutputBytes, clock);
        _redactor = new Redactor(_hidden);
        using var total = new CancellationTokenSource(order.Limits.Total, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(total.Token, abort);
        try
        {
            Greet(confinement);
            return await PlannedAsync(confinement, groups, stop.Token);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return End(BuildStatus.Aborted, BuildEnd.Aborted, $"The build was aborted{(output.AbortReason is { Length: > 0 } reason ? $": {reason}" : ".")}");
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested)
        {
            return End(BuildStatus.Failed, BuildEnd.TimedOut, $"The build took longer than {Sizes.InWords(order.Limits.Total)}.");
        }
        catch (EnvironmentTooLargeException e)
        {
            return End(BuildStatus.Failed, BuildEnd.Configuration, e.Message);
        }
        catch (SandboxGoneException e)
        {
            return End(BuildStatus.Failed, BuildEnd.Sandbox, e.Message);
        }
        finally
        {
            if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
        }
    }

    private void Greet(Confinement confinement)
    {
        _log.Say($"{Ansi.Bold}{order.AppTitle} · build {order.Number} · {order.Workflow}{Ansi.Plain}");
        if (order.GuardNote is { } note)
        {
            _log.Say($"{Ansi.Yellow}This build is guarded. {note}{Ansi.Plain}");
            _log.Say($"{Ansi.Yellow}It runs without secrets, signing files and SSH keys, and keeps its caches in a scope of its own.{Ansi.Plain}");
        }
        if (confinement.Warning(options.AllowUnsandboxed) is { } warning) _log.Say($"{(confinement.IsIsolated ? Ansi.Yellow : Ansi.Red)}{warning}{Ansi.Plain}");
    }

    private async Task<BuildResult> PlannedAsync(Confinement confinement, ControlGroups? groups, CancellationToken cancellation)
    {
        var (config, check) = BitriseYaml.Read(order.Yaml);
        Hide(SensitiveValues.Telling(config?.Sensitive ?? []));
        if (config is null || !check.IsValid)
            return End(BuildStatus.Failed, BuildEnd.Configuration, $"bitrise.yml can't be run: {string.Join(" ", check.Errors.Take(5).Select(e => $"line {e.Line}: {e.Message}"))}");
        if (config.Plan(order.Workflow) is not { Plan: { } plan } refused)
            return End(BuildStatus.Failed, BuildEnd.Configuration, config.Plan(order.Workflow).Message);
        foreach (var missing in plan.Without) _log.Say($"{Ansi.Yellow}{missing}{Ansi.Plain}");
        _steps.AddRange(plan.Workflows.SelectMany(workflow => workflow.Steps).Select(step => new StepResult(Told(step.Title(BuiltInSteps.Find(step.Reference)?.Title)), StepStatus.Waiting)));
        output.Report([.. _steps]);
        if (!confinement.IsIsolated && !options.AllowUnsandboxed)
            return End(BuildStatus.Failed, BuildEnd.NoSandbox, confinement.Warning(allowsUnsandboxed: false)!);

        var sandboxPlan = new SandboxPlan(order.Id, confinement, order.Limits, _directory, groups, NetworkFence.RulesFor(confinement), options.HiddenInSandboxes());
        if (!string.IsNullOrEmpty(order.Source.RepositoryUrl))
        {
            // What the source goes into is made while the source comes.
            spare.Refill(sandboxPlan);
            var (source, problem) = await _git.FetchAsync(order, Path.Combine(_directory, "source"), cancellation);
            if (source is null) return End(BuildStatus.Failed, BuildEnd.Source, problem!);
            _source = source;
        }
        await using var sandbox = await Sandbox.StartAsync(sandboxPlan, spare, _log, clock, cancellation);
        if (_source is not null)
        {
            if (await GitSource.PlaceAsync(_source, sandbox, $"{sandbox.Root}/src", cancellation) is { } problem) return End(BuildStatus.Failed, BuildEnd.Source, problem);
            if (GitCloneStep.WantsSubmodules(plan) && await _git.AddSubmodulesAsync(_source, order, sandbox, _log, cancellation) is { } missing)
                return End(BuildStatus.Failed, BuildEnd.Source, missing);
            Directory.Delete(_source.Directory, recursive: true);
        }
        var environment = new BuildEnvironment(order, plan, sandbox, _source?.Commit);
        await environment.PlaceSigningFilesAsync(cancellation);
        var run = new RunEnvironment(environment.Given(), plan);
        Hide(environment.SecretValues());
        var steps = new StepRepositories(_git, order, _findings, _directory);
        var index = 0;
        foreach (var workflow in plan.Workflows)
        {
            run.Enter(workflow);
            foreach (var step in workflow.Steps)
            {
                await StepAsync(index++, step, run, environment, sandbox, steps, cancellation);
                // Not before the first step is done: what comes next is not to slow down what is beginning.
                spare.Refill(sandboxPlan);
            }
        }
        return run.IsFailed
            ? End(BuildStatus.Failed, BuildEnd.Finished, $"The step {_steps.First(step => step.Status == StepStatus.Failed).Title} failed.")
            : End(BuildStatus.Success, BuildEnd.Finished, $"The build succeeded in {Sizes.InWords(clock.GetElapsedTime(_began))}.");
    }

    private async Task StepAsync(
        int index, PlannedStep planned, RunEnvironment run, BuildEnvironment environment, Sandbox sandbox, StepRepositories repositories, CancellationToken cancellation)
    {
        var sensitive = new List<string>();
        Environments.Apply(run.Enter(planned), environment.Process, sensitive.Add);
        HideSensitive(sensitive);
        var began = clock.GetTimestamp();
        Set(index, _steps[index] with { Status = StepStatus.Running, Started = clock.GetUtcNow(), LogStart = _log.Position });
        var (resolved, problem) = await AskedAsync(planned, run, environment, sandbox, repositories, cancellation);
        var title = Told(resolved?.Title ?? _steps[index].Title);
        _log.Say($"{Ansi.Bold}{Ansi.Blue}▶ {title}{Ansi.Plain}");
        var decision = resolved is null
            ? new RunDecision(RunVerdict.CantTell, problem!)
            : run.Decide(planned, resolved.RunIf, resolved.IsAlwaysRun, isCi: true, order.PullRequest is not null, environment.Process);
        var (status, reason) = decision.Verdict switch
        {
            RunVerdict.Run => await RunAsync(planned, resolved!, run, environment, sandbox, cancellation),
            RunVerdict.SkipByCondition => (StepStatus.Skipped, $"Its run_if says no: {decision.Reason}"),
            RunVerdict.SkipAsFailed => (StepStatus.Skipped, "A step before it failed, and it doesn't always run."),
            _ => (StepStatus.Failed, decision.Reason),
        };
        // An input may hold a secret, and a reason may name an input; reasons are seen by those who may not see the log.
        reason = reason is null ? null : Told(reason);
        _log.Flush();
        var took = clock.GetElapsedTime(began);
        _log.Say(status switch
        {
            StepStatus.Success => $"{Ansi.Green}✓ {title} · {Sizes.InWords(took)}{Ansi.Plain}",
            StepStatus.Skipped => $"{Ansi.Blue}– {title} · skipped. {reason}{Ansi.Plain}",
            StepStatus.FailedSkippable => $"{Ansi.Yellow}! {title} · failed, which is allowed: {reason}{Ansi.Plain}",
            _ => $"{Ansi.Red}✗ {title} · {reason}{Ansi.Plain}",
        });
        if (status == StepStatus.Failed) run.Fail(title, reason?.TrimEnd('.').Replace("exit code ", "exit status ", StringComparison.Ordinal) ?? "");
        Set(index, _steps[index] with { Title = title, Status = status, Reason = reason, Took = took, LogEnd = _log.Position });
    }

    /// <summary>Finds the step; what its own condition says is asked first where the file gives it, so that nothing is fetched for a step that won't run.</summary>
    private async Task<(ResolvedStep? Step, string? Problem)> AskedAsync(
        PlannedStep planned, RunEnvironment run, BuildEnvironment environment, Sandbox sandbox, StepRepositories repositories, CancellationToken cancellation)
    {
        if (!string.IsNullOrEmpty(planned.Use.RunIf) || planned.Bundle is not null)
        {
            var decision = run.Decide(planned, planned.Use.RunIf, isAlwaysRun: true, isCi: true, order.PullRequest is not null, environment.Process);
            if (decision.Verdict == RunVerdict.CantTell) return (null, decision.Reason);
            if (decision.Verdict != RunVerdict.Run)
                return (new ResolvedStep(planned.Title(BuiltInSteps.Find(planned.Reference)?.Title), planned.Use.RunIf, false, false, [], []) { RunAsync = (_, _) => Task.FromResult(StepEnd.Good) }, null);
        }
        return await ResolvedStep.FindAsync(planned, sandbox, repositories, cancellation);
    }

    private async Task<(StepStatus Status, string? Reason)> RunAsync(
        PlannedStep planned, ResolvedStep resolved, RunEnvironment run, BuildEnvironment environment, Sandbox sandbox, CancellationToken cancellation)
    {
        var (envs, problem) = run.For(resolved.Inputs, isCi: true, order.PullRequest is not null, environment.Process);
        if (envs is null) return (StepStatus.Failed, problem);
        HideSensitive(resolved.Inputs.Where(input => input.IsSensitive == true).Select(input => envs.GetValueOrDefault(input.Key, "")));
        var end = await resolved.RunAsync(
            new StepContext
            {
                Order = order,
                Sandbox = sandbox,
                Log = _log,
                Clock = clock,
                Envs = envs,
                Source = _source,
                Timeout = planned.Use.Timeout is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
                NoOutputTimeout = planned.Use.NoOutputTimeout is > 0 and var silent ? TimeSpan.FromSeconds(silent) : null,
                Findings = _findings,
                Hide = text => _redactor.Hide(text),
            },
            cancellation);
        var outputs = resolved.Declared(end.Outputs);
        HideSensitive(outputs.Where(item => item.IsSensitive == true).Select(item => item.Value));
        run.Add(outputs);
        if (end.Reason is null) return (StepStatus.Success, null);
        return (resolved.IsSkippable ? StepStatus.FailedSkippable : StepStatus.Failed, end.Reason);
    }

    private void HideSensitive(IEnumerable<string> values) => Hide(SensitiveValues.Telling(values));

    private void Hide(IEnumerable<string> values)
    {
        var before = _hidden.Count;
        _hidden.UnionWith(values);
        if (_hidden.Count == before) return;
        _log.Hide(new Redactor(_hidden));
        _redactor = new Redactor(_hidden);
    }

    /// <summary>A title or reason as it leaves the run: without secrets, and as long as something that may come ten thousand times can be.</summary>
    private string Told(string text)
    {
        var hidden = _redactor.Hide(text);
        return hidden.Length <= LongestTold ? hidden : hidden[..(LongestTold - 1)] + "…";
    }

    private void Set(int index, StepResult step)
    {
        _steps[index] = step;
        output.Report([.. _steps]);
    }

    private BuildResult End(BuildStatus status, BuildEnd end, string reason)
    {
        reason = Told(reason);
        _log.Flush();
        for (var i = 0; i < _steps.Count; i++)
        {
            if (_steps[i] is not { Status: StepStatus.Waiting or StepStatus.Running } step) continue;
            _steps[i] = step.Status == StepStatus.Running
                ? step with { Status = StepStatus.Aborted, Took = clock.GetUtcNow() - step.Started, LogEnd = _log.Position }
                : step with { Status = StepStatus.Skipped, Reason = "The build ended before it." };
        }
        output.Report([.. _steps]);
        var colour = status == BuildStatus.Success ? Ansi.Green : status == BuildStatus.Failed ? Ansi.Red : Ansi.Yellow;
        _log.Say($"{Ansi.Bold}{colour}{reason}{Ansi.Plain}");
        return new BuildResult(status, end, reason, [.. _steps], [.. _findings.Artifacts], [.. _findings.Caches], _source?.Commit, [.. _findings.StepCommits]);
    }

    private static IEnumerable<string> Secrets(BuildOrder order) =>
        [
            .. order.Secrets.Select(secret => secret.Value),
            .. order.SigningFiles.SelectMany(file => (string?[])[file.Password, file.KeyPassword]).OfType<string>(),
            .. order.Source.SshPrivateKey is { } key ? [key] : (string[])[],
        ];
}
