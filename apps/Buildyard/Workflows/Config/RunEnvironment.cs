namespace Buildyard;

/// <summary>
/// The environment of one build as it grows: what each step sees, and whether it runs. Variables only ever add up, in this order:
/// secrets and what the build was started with, the app's, the build's status, the target workflow's, then for each workflow in turn its own
/// and what its steps put out. A bundle's variables are seen by its steps alone; what they put out stays.
/// </summary>
public sealed class RunEnvironment
{
    private readonly List<EnvItem> _items;
    private readonly Dictionary<int, RunIfResult> _bundles = [];
    private List<EnvItem> _bundleItems = [];
    private int _bundle;

    /// <param name="given">Secrets, then what the build was started with: API, hooks, build number and the like.</param>
    /// <param name="plan">What runs.</param>
    public RunEnvironment(IEnumerable<EnvItem> given, RunPlan plan) =>
        _items = [.. given, .. plan.AppEnvs, .. Status(failed: false), .. plan.TargetEnvs];

    /// <summary>Whether a step has failed that may not.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>The build comes to a workflow.</summary>
    public void Enter(PlannedWorkflow workflow)
    {
        _items.AddRange(workflow.Envs);
        _bundle = 0;
    }

    /// <summary>The build comes to a step: what it and its condition see, before its inputs.</summary>
    public IReadOnlyList<EnvItem> Enter(PlannedStep step)
    {
        var bundle = step.Bundle?.Number ?? 0;
        if (bundle != _bundle && step.Bundle is not null) _bundleItems = [.. _items, .. step.Bundle.Envs];
        _bundle = bundle;
        return Visible;
    }

    /// <summary>Whether the entered step runs: by the conditions of its bundles, its own, and whether the build is failed.</summary>
    /// <param name="step">The step that was entered.</param>
    /// <param name="runIf">Its condition, the step's own where the file names none; null or empty: it runs.</param>
    /// <param name="isAlwaysRun">Whether it runs in a failed build.</param>
    /// <param name="isCi">For <c>.IsCI</c>.</param>
    /// <param name="isPullRequest">For <c>.IsPR</c>.</param>
    /// <param name="process">What is in the environment without being declared by anyone; for variables that refer to it.</param>
    public RunDecision Decide(PlannedStep step, string? runIf, bool isAlwaysRun, bool isCi, bool isPullRequest, IReadOnlyDictionary<string, string>? process = null)
    {
        TemplateFacts? facts = null;
        foreach (var (bundle, condition) in step.Bundle?.Conditions ?? [])
        {
            // A bundle's condition is asked once, on entering it: its steps can't change it for each other.
            if (!_bundles.TryGetValue(bundle, out var asked)) asked = _bundles[bundle] = Ask(condition);
            if (asked.Value is not true) return Answer(asked, condition);
        }
        if (!string.IsNullOrEmpty(runIf) && Ask(runIf) is { Value: not true } own) return Answer(own, runIf);
        return IsFailed && !isAlwaysRun ? new RunDecision(RunVerdict.SkipAsFailed, "") : new RunDecision(RunVerdict.Run, "");

        RunIfResult Ask(string condition) => RunIf.Parse(condition).Evaluate(facts ??= new TemplateFacts(isCi, isPullRequest, IsFailed, Environments.Apply(Visible, process)));
    }

    /// <summary>The whole environment of the entered step, its inputs included.</summary>
    /// <param name="inputs">Its inputs, the step's own defaults merged with what the file gives.</param>
    /// <param name="isCi">For <c>.IsCI</c> in inputs that are templates.</param>
    /// <param name="isPullRequest">For <c>.IsPR</c> there.</param>
    /// <param name="process">What is in the environment without being declared by anyone.</param>
    /// <returns>The environment, or the problem of an input's template.</returns>
    public (IReadOnlyDictionary<string, string>? Envs, string? Problem) For(IEnumerable<EnvItem> inputs, bool isCi, bool isPullRequest, IReadOnlyDictionary<string, string>? process = null)
    {
        var envs = Environments.Apply(Visible, process);
        var ready = new List<EnvItem>();
        foreach (var input in inputs)
        {
            if (input.IsTemplate != true)
            {
                ready.Add(input);
                continue;
            }
            var (text, problem) = Template.Parse(input.Value).Evaluate(new TemplateFacts(isCi, isPullRequest, IsFailed, envs));
            if (text is null) return (null, $"The input {input.Key} is a template that can't be used: {problem}");
            ready.Add(input with { Value = text });
        }
        return (Environments.Apply(ready, envs), null);
    }

    /// <summary>Takes over what a step put out, also one that failed.</summary>
    public void Add(IReadOnlyCollection<EnvItem> outputs)
    {
        _items.AddRange(outputs);
        if (_bundle != 0) _bundleItems.AddRange(outputs);
    }

    /// <summary>The build is failed by a step. Only the first one is named to those that still run.</summary>
    public void Fail(string stepTitle, string message)
    {
        if (IsFailed) return;
        IsFailed = true;
        Add([
            new EnvItem("BITRISE_FAILED_STEP_TITLE", stepTitle) { IsExpand = false },
            new EnvItem("BITRISE_FAILED_STEP_ERROR_MESSAGE", message) { IsExpand = false },
            .. Status(failed: true)]);
    }

    private List<EnvItem> Visible => _bundle == 0 ? _items : _bundleItems;

    private static RunDecision Answer(RunIfResult result, string condition) =>
        result.Problem is { } problem ? new RunDecision(RunVerdict.CantTell, $"run_if “{condition}” can't be evaluated: {problem}") : new RunDecision(RunVerdict.SkipByCondition, condition);

    private static EnvItem[] Status(bool failed) =>
        [new("STEPLIB_BUILD_STATUS", failed ? "1" : "0"), new("BITRISE_BUILD_STATUS", failed ? "1" : "0")];
}

/// <summary>Whether a step runs.</summary>
/// <param name="Verdict">What is to be done.</param>
/// <param name="Reason">The condition that keeps it from running, or why that can't be told.</param>
public readonly record struct RunDecision(RunVerdict Verdict, string Reason);

public enum RunVerdict
{
    Run,

    /// <summary>Its condition, or its bundle's, says no.</summary>
    SkipByCondition,

    /// <summary>A step before it has failed, and it is not one that always runs.</summary>
    SkipAsFailed,

    /// <summary>A condition can't be evaluated: the step fails.</summary>
    CantTell,
}
