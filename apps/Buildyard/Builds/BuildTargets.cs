namespace Buildyard;

/// <summary>Something of a <c>bitrise.yml</c> that can be built.</summary>
/// <param name="Kind">A workflow or a pipeline.</param>
/// <param name="Name">Its id.</param>
/// <param name="Priority">What the file says of its place in the queue.</param>
public sealed record BuildTarget(BuildTargetKind Kind, string Name, int Priority = 0);

/// <summary>What an app's <c>bitrise.yml</c> offers to build.</summary>
internal static class BuildTargets
{
    /// <summary>Every workflow that may be started by itself, then every pipeline.</summary>
    public static IReadOnlyList<BuildTarget> All(BitriseConfig config) =>
    [
        .. config.Workflows.Values.Where(w => !w.IsUtility).Select(Of),
        .. config.Pipelines.Values.Select(Of),
    ];

    /// <summary>The workflow or pipeline of this name.</summary>
    public static Outcome<BuildTarget> Find(BitriseConfig config, BuildTargetKind kind, string name)
    {
        var field = Words.Of(kind);
        if (kind == BuildTargetKind.Workflow && config.Workflows.GetValueOrDefault(name) is { IsUtility: false } workflow) return Of(workflow);
        if (kind == BuildTargetKind.Pipeline && config.Pipelines.GetValueOrDefault(name) is { } pipeline) return Of(pipeline);
        var problem = config.Workflows.ContainsKey(name) && kind == BuildTargetKind.Workflow
            ? "It is a utility workflow, which runs only inside others."
            : $"bitrise.yml has no such {field}.";
        return Refusal.Invalid(new FieldError(field, problem, Choice(field, [.. All(config).Where(t => t.Kind == kind)])));
    }

    /// <summary>What a trigger names.</summary>
    public static Outcome<BuildTarget> Find(BitriseConfig config, TriggeredTarget triggered) =>
        Find(config, Words.Find<BuildTargetKind>(triggered.Kind)!.Value, triggered.Name);

    /// <summary>What runs when nobody says: what a push to <paramref name="branch"/> would start, else <c>primary</c>.</summary>
    public static Outcome<BuildTarget> Default(BitriseConfig config, string branch, CancellationToken cancellation)
    {
        var (targets, excess) = config.Match(new TriggerEvent(TriggerKind.Push) { Branch = branch }, cancellation);
        if (excess is not null) return Missing($"It is left out, and what a push to {branch} starts can't be told: {excess}");
        // What a trigger names may be gone from the file.
        foreach (var triggered in targets)
            if (Find(config, triggered).Succeeded(out var named, out _)) return named;
        return Find(config, BuildTargetKind.Workflow, "primary").Succeeded(out var primary, out _)
            ? primary
            : Missing($"It is left out, no trigger matches a push to {branch}, and there is no workflow primary.");

        Refusal Missing(string problem) => Refusal.Invalid(new FieldError("workflow", problem, Choice("workflow", All(config))));
    }

    /// <summary>The name that the build's check carries at the repository's host, where the file gives one.</summary>
    public static string? StatusName(BitriseConfig config, BuildTargetKind kind, string name) =>
        (kind == BuildTargetKind.Workflow ? config.Workflows.GetValueOrDefault(name)?.StatusReportName : config.Pipelines.GetValueOrDefault(name)?.StatusReportName)
        ?? config.AppStatusReportName;

    /// <summary>The workflows that a build runs, in order: a pipeline's stage by stage, or each after those that it depends on. None where the file has no such target.</summary>
    public static IReadOnlyList<string> WorkflowsOf(BitriseConfig config, BuildTargetKind kind, string name)
    {
        if (kind == BuildTargetKind.Workflow) return config.Workflows.ContainsKey(name) ? [name] : [];
        if (!config.Pipelines.TryGetValue(name, out var pipeline)) return [];
        if (pipeline.Stages.Count > 0)
            return [.. pipeline.Stages.SelectMany(stage => config.Stages.GetValueOrDefault(stage.Name)?.Workflows ?? []).Select(workflow => workflow.Name)];
        return [.. InOrder([.. pipeline.Workflows.Values]).Select(workflow => workflow.Uses?.Name ?? workflow.Id)];
    }

    /// <summary>
    /// Each after those that it depends on, and otherwise as the file has them. A circle, which a check refuses, is left out with what depends on it.
    /// </summary>
    private static IEnumerable<PipelineWorkflow> InOrder(IReadOnlyList<PipelineWorkflow> workflows)
    {
        var waitsFor = workflows.Select(workflow => workflow.DependsOn.Select(d => d.Name).ToHashSet(StringComparer.Ordinal).Count).ToArray();
        var dependents = workflows.Index().SelectMany(w => w.Item.DependsOn.Select(d => (d.Name, w.Index))).Distinct()
            .ToLookup(d => d.Name, d => d.Index, StringComparer.Ordinal);
        var ready = new PriorityQueue<PipelineWorkflow, int>(workflows.Index().Where(w => waitsFor[w.Index] == 0).Select(w => (w.Item, w.Index)));
        while (ready.TryDequeue(out var next, out _))
        {
            yield return next;
            foreach (var dependent in dependents[next.Id])
                if (--waitsFor[dependent] == 0) ready.Enqueue(workflows[dependent], dependent);
        }
    }

    private static BuildTarget Of(Workflow workflow) => new(BuildTargetKind.Workflow, workflow.Id, workflow.Priority ?? 0);

    private static BuildTarget Of(Pipeline pipeline) => new(BuildTargetKind.Pipeline, pipeline.Id, pipeline.Priority ?? 0);

    private static string Choice(string field, IReadOnlyList<BuildTarget> targets)
    {
        if (targets.Count == 0) return $"bitrise.yml has no {field} to run yet.";
        var shown = string.Join(", ", targets.Take(20).Select(t => t.Name));
        return targets.Count > 20 ? $"One of {shown} and {targets.Count - 20} more." : $"One of {shown}.";
    }
}
