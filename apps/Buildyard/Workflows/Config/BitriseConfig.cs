namespace Buildyard;

/// <summary>What a <c>bitrise.yml</c> says, field by field. What it says wrongly is left out; <see cref="YamlCheck"/> names it.</summary>
public sealed record BitriseConfig
{
    public string? FormatVersion { get; init; }

    /// <summary>The library that steps without a source come from.</summary>
    public string? DefaultStepLibSource { get; init; }
    public string? ProjectType { get; init; }
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }

    /// <summary>The variables of <c>app: envs</c>.</summary>
    public IReadOnlyList<EnvItem> AppEnvs { get; init; } = [];
    public string? AppStatusReportName { get; init; }

    /// <summary>The stack that workflows run on unless they name their own.</summary>
    public StackChoice Stack { get; init; } = new();
    public IReadOnlyList<TriggerMapItem> TriggerMap { get; init; } = [];

    /// <summary>By id, in the order of the file; so are the maps below.</summary>
    public IReadOnlyDictionary<string, Workflow> Workflows { get; init; } = new OrderedDictionary<string, Workflow>(StringComparer.Ordinal);
    public IReadOnlyDictionary<string, Pipeline> Pipelines { get; init; } = new OrderedDictionary<string, Pipeline>(StringComparer.Ordinal);
    public IReadOnlyDictionary<string, Stage> Stages { get; init; } = new OrderedDictionary<string, Stage>(StringComparer.Ordinal);
    public IReadOnlyDictionary<string, StepBundle> StepBundles { get; init; } = new OrderedDictionary<string, StepBundle>(StringComparer.Ordinal);
    public IReadOnlyDictionary<string, ContainerSpec> Containers { get; init; } = new OrderedDictionary<string, ContainerSpec>(StringComparer.Ordinal);
    public IReadOnlyDictionary<string, ContainerSpec> Services { get; init; } = new OrderedDictionary<string, ContainerSpec>(StringComparer.Ordinal);

    /// <summary>Tools and the versions wanted of them.</summary>
    public IReadOnlyDictionary<string, string> Tools { get; init; } = new OrderedDictionary<string, string>(StringComparer.Ordinal);
    public ToolConfig? ToolConfig { get; init; }

    /// <summary>Where it names other files to be merged with, which is not done here.</summary>
    public IReadOnlyList<Place> Includes { get; init; } = [];

    /// <summary>Of the text as it was read: every variable and input, wherever in it, whose value <c>is_sensitive</c> keeps out of logs and of what is shown.</summary>
    internal IReadOnlyList<EnvItem> Sensitive { get; init; } = [];

    /// <summary>Of the text as it was read: where each variable and input begins whose value is taken as it is.</summary>
    internal IReadOnlyList<Place> NotExpanded { get; init; } = [];
    public Place At { get; init; }
    public Place FormatVersionAt { get; init; }
    public Place AppStatusReportNameAt { get; init; }

    /// <summary>What a build of the workflow <paramref name="id"/> runs, in order; or why nothing can run.</summary>
    public RunPlanResult Plan(string id) => new RunPlanner(this).Plan(id);

    /// <summary>What <paramref name="happened"/> starts: of <c>trigger_map</c> the first that matches, of <c>triggers</c> every one. Each target once.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public TriggerMatch Match(TriggerEvent happened, CancellationToken cancellation = default) => new TriggerMatcher(this, happened, cancellation).Match();
}

/// <summary>A stack and a machine type; null: not named.</summary>
public sealed record StackChoice
{
    public string? Stack { get; init; }
    public string? MachineType { get; init; }
    public Place StackAt { get; init; }
    public Place MachineTypeAt { get; init; }
}

/// <summary>A workflow.</summary>
/// <param name="Id">Its name in the file. A leading underscore marks one that runs only inside others.</param>
public sealed record Workflow(string Id)
{
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }
    public IReadOnlyList<Reference> BeforeRun { get; init; } = [];
    public IReadOnlyList<Reference> AfterRun { get; init; } = [];
    public IReadOnlyList<EnvItem> Envs { get; init; } = [];
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
    public Triggers Triggers { get; init; } = new();
    public string? StatusReportName { get; init; }
    public Place StatusReportNameAt { get; init; }

    /// <summary>-100 to 100; the higher one starts first. Null: 0.</summary>
    public int? Priority { get; init; }
    public Place PriorityAt { get; init; }
    public StackChoice Stack { get; init; } = new();
    public IReadOnlyDictionary<string, string> Tools { get; init; } = new OrderedDictionary<string, string>(StringComparer.Ordinal);
    public Place At { get; init; }

    /// <summary>Whether it runs only inside others.</summary>
    public bool IsUtility => Id.StartsWith('_');
}

/// <summary>A name of something that is defined elsewhere in the file.</summary>
public readonly record struct Reference(string Name, Place At);

/// <summary>An item of a list of steps: a step, a bundle of steps, or steps in a container.</summary>
public abstract record StepItem(Place At);

/// <summary>A step.</summary>
/// <param name="Id">As written, such as <c>script@1</c>, <c>path::./steps/x</c> or <c>git::https://…@v1</c>.</param>
/// <param name="At">Its place.</param>
public sealed record StepUse(string Id, Place At) : StepItem(At)
{
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }

    /// <summary>A condition; null or empty: it runs.</summary>
    public string? RunIf { get; init; }
    public Place RunIfAt { get; init; }

    /// <summary>Null: as the step itself says.</summary>
    public bool? IsAlwaysRun { get; init; }
    public bool? IsSkippable { get; init; }

    /// <summary>In seconds; null or 0: no limit of its own.</summary>
    public int? Timeout { get; init; }

    /// <summary>In seconds without output; null: the build's; 0: no limit.</summary>
    public int? NoOutputTimeout { get; init; }
    public IReadOnlyList<EnvItem> Inputs { get; init; } = [];
    public IReadOnlyList<EnvItem> Outputs { get; init; } = [];
    public ContainerUse Container { get; init; } = new();
}

/// <summary>A step bundle, used.</summary>
public sealed record BundleUse(string Bundle, Place At) : StepItem(At)
{
    public string? Title { get; init; }

    /// <summary>Replaces the bundle's own condition; null: that one holds.</summary>
    public string? RunIf { get; init; }
    public Place RunIfAt { get; init; }
    public IReadOnlyList<EnvItem> Inputs { get; init; } = [];
    public IReadOnlyList<EnvItem> Envs { get; init; } = [];
    public ContainerUse Container { get; init; } = new();
}

/// <summary>Steps that share a container and services (<c>with</c>).</summary>
public sealed record WithGroup(Place At) : StepItem(At)
{
    public Reference? Container { get; init; }
    public IReadOnlyList<Reference> Services { get; init; } = [];

    /// <summary>Steps alone; anything else here is an error.</summary>
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
}

/// <summary>The containers that a step or bundle names for itself.</summary>
public sealed record ContainerUse
{
    public Reference? Execution { get; init; }
    public IReadOnlyList<Reference> Services { get; init; } = [];

    /// <summary>Whether anything of it was written, usable or not.</summary>
    public bool IsGiven { get; init; }
}

/// <summary>A step bundle, defined.</summary>
public sealed record StepBundle(string Id)
{
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }
    public string? RunIf { get; init; }
    public Place RunIfAt { get; init; }
    public IReadOnlyList<EnvItem> Inputs { get; init; } = [];
    public IReadOnlyList<EnvItem> Envs { get; init; } = [];
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
    public ContainerUse Container { get; init; } = new();
    public Place At { get; init; }
}

/// <summary>A container or service, defined.</summary>
public sealed record ContainerSpec(string Id)
{
    /// <summary><c>execution</c> or <c>service</c>; null in files that use <c>with</c>.</summary>
    public string? Type { get; init; }
    public string? Image { get; init; }
    public IReadOnlyList<EnvItem> Envs { get; init; } = [];
    public Place At { get; init; }
}

/// <summary>A pipeline: workflows by stages, or by what each depends on.</summary>
public sealed record Pipeline(string Id)
{
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }
    public Triggers Triggers { get; init; } = new();
    public string? StatusReportName { get; init; }
    public Place StatusReportNameAt { get; init; }
    public int? Priority { get; init; }
    public Place PriorityAt { get; init; }
    public IReadOnlyList<Reference> Stages { get; init; } = [];
    public IReadOnlyDictionary<string, PipelineWorkflow> Workflows { get; init; } = new OrderedDictionary<string, PipelineWorkflow>(StringComparer.Ordinal);
    public Place At { get; init; }
}

/// <summary>A workflow of a pipeline that is a graph.</summary>
public sealed record PipelineWorkflow(string Id)
{
    public IReadOnlyList<Reference> DependsOn { get; init; } = [];

    /// <summary>The workflow that this one is a variant of.</summary>
    public Reference? Uses { get; init; }

    /// <summary>How many copies run at once: a number or a variable such as <c>$N</c>.</summary>
    public string? Parallel { get; init; }
    public Place ParallelAt { get; init; }
    public string? RunIf { get; init; }
    public bool AbortOnFail { get; init; }

    /// <summary>Whether it runs although one that it depends on has failed.</summary>
    public bool ShouldAlwaysRun { get; init; }
    public IReadOnlyList<Place> Inputs { get; init; } = [];
    public Place At { get; init; }
}

/// <summary>A stage: workflows side by side.</summary>
public sealed record Stage(string Id)
{
    public string? Title { get; init; }
    public bool ShouldAlwaysRun { get; init; }
    public bool AbortOnFail { get; init; }
    public string? RunIf { get; init; }
    public IReadOnlyList<Reference> Workflows { get; init; } = [];
    public Place At { get; init; }
}

/// <summary>How tools are installed.</summary>
public sealed record ToolConfig
{
    public string? Provider { get; init; }
    public Place ProviderAt { get; init; }
    public IReadOnlyDictionary<string, string> ExtraPlugins { get; init; } = new OrderedDictionary<string, string>(StringComparer.Ordinal);
    public Place At { get; init; }
}
