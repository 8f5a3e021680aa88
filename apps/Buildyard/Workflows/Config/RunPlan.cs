namespace Buildyard;

/// <summary>What a build of one workflow runs, in order.</summary>
/// <param name="Workflow">The workflow that was asked for.</param>
/// <param name="Title">Its title, or its id.</param>
/// <param name="AppEnvs">The app's variables, which come before any workflow's.</param>
/// <param name="TargetEnvs">The variables of the workflow that was asked for: workflows that run before it see them too.</param>
/// <param name="Workflows">The workflows in the order they run: what runs before, itself, what runs after. One may come more than once.</param>
public sealed record RunPlan(string Workflow, string Title, IReadOnlyList<EnvItem> AppEnvs, IReadOnlyList<EnvItem> TargetEnvs, IReadOnlyList<PlannedWorkflow> Workflows)
{
    public string? DefaultStepLibSource { get; init; }
    public StackChoice Stack { get; init; } = new();

    /// <summary>-100 to 100; the higher one starts first.</summary>
    public int Priority { get; init; }

    /// <summary>What the file asks for that no build here has, a sentence each.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    internal const string NoContainers = "Containers and services are not run here: every step runs in the build's own sandbox, and finds what this machine has.";

    internal static string NoTools(IEnumerable<string> tools) => $"Tools are not installed here ({string.Join(", ", tools)}): steps find what this machine has.";
}

/// <summary>One run of a workflow within a build.</summary>
public sealed record PlannedWorkflow(string Id, string Title, IReadOnlyList<EnvItem> Envs, IReadOnlyList<PlannedStep> Steps);

/// <summary>One step of a build.</summary>
/// <param name="Reference">What it is.</param>
/// <param name="Use">As the file uses it: its condition, limits, inputs and outputs. What is null there is as the step itself says.</param>
public sealed record PlannedStep(StepReference Reference, StepUse Use)
{
    /// <summary>The bundle that it stands in; null: none.</summary>
    public PlannedBundle? Bundle { get; init; }

    /// <summary>What it is called: as the file says, else as the step itself says, else by its id.</summary>
    /// <param name="ownTitle">The title in the step's <c>step.yml</c>; null or empty: none.</param>
    public string Title(string? ownTitle = null) =>
        !string.IsNullOrEmpty(Use.Title) ? Use.Title : !string.IsNullOrEmpty(ownTitle) ? ownTitle : StepReference.Named(Use.Id);
}

/// <summary>One use of a step bundle within a build.</summary>
/// <param name="Number">Tells the uses within a build apart.</param>
/// <param name="Id">The bundle's id.</param>
/// <param name="Title">Its title; null: none.</param>
/// <param name="Envs">What its steps see besides the workflow's environment, those of the bundles around it first.</param>
/// <param name="Conditions">The conditions that must all hold, from the outermost bundle in, each with the number of its bundle.</param>
public sealed record PlannedBundle(int Number, string Id, string? Title, IReadOnlyList<EnvItem> Envs, IReadOnlyList<(int Bundle, string RunIf)> Conditions);

/// <summary>A plan, or why there is none.</summary>
/// <param name="Plan">What would run.</param>
/// <param name="Failure">Why nothing can run.</param>
/// <param name="Message">The failure in words.</param>
public readonly record struct RunPlanResult(RunPlan? Plan, RunPlanFailure? Failure, string Message);

/// <summary>Why a workflow can't be run.</summary>
public enum RunPlanFailure
{
    /// <summary>There is no workflow of that name.</summary>
    UnknownWorkflow,

    /// <summary>Its name begins with an underscore: it runs only inside others.</summary>
    UtilityWorkflow,

    /// <summary>Something that it refers to is not defined.</summary>
    UnknownReference,

    /// <summary>Workflows or step bundles refer to each other in a circle.</summary>
    Circle,

    /// <summary>Chains or bundles multiply to more steps than one build may have.</summary>
    TooLarge,
}
