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
        .. config.Workflows.Values.Where(w => !w.IsUtility).Select(w => new BuildTarget(BuildTargetKind.Workflow, w.Id, w.Priority ?? 0)),
        .. config.Pipelines.Values.Select(p => new BuildTarget(BuildTargetKind.Pipeline, p.Id, p.Priority ?? 0)),
    ];

    /// <summary>The workflow or pipeline of this name.</summary>
    public static Outcome<BuildTarget> Find(BitriseConfig config, BuildTargetKind kind, string name)
    {
        var field = Words.Of(kind);
        var all = All(config).Where(t => t.Kind == kind).ToList();
        if (all.Find(t => t.Name == name) is { } found) return found;
        var problem = config.Workflows.ContainsKey(name) && kind == BuildTargetKind.Workflow
            ? "It is a utility workflow, which runs only inside others."
            : $"bitrise.yml has no such {field}.";
        return Refusal.Invalid(new FieldError(field, problem, Choice(field, all)));
    }

    /// <summary>What runs when nobody says: what a push to <paramref name="branch"/> would start, else <c>primary</c>.</summary>
    public static Outcome<BuildTarget> Default(BitriseConfig config, string branch)
    {
        var all = All(config);
        // What a trigger names may be gone from the file.
        foreach (var triggered in config.Match(new TriggerEvent(TriggerKind.Push) { Branch = branch }))
            if (all.FirstOrDefault(t => Words.Of(t.Kind) == triggered.Kind && t.Name == triggered.Name) is { } named) return named;
        return all.FirstOrDefault(t => t is { Kind: BuildTargetKind.Workflow, Name: "primary" }) is { } primary
            ? primary
            : Refusal.Invalid(new FieldError("workflow", $"It is left out, no trigger matches a push to {branch}, and there is no workflow primary.", Choice("workflow", all)));
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
        var order = new List<string>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        // Each round places what waits for nothing any more; a circle, which a check refuses, would place nothing.
        while (pipeline.Workflows.Values.FirstOrDefault(w => !placed.Contains(w.Id) && w.DependsOn.All(d => placed.Contains(d.Name))) is { } next)
        {
            placed.Add(next.Id);
            order.Add(next.Uses?.Name ?? next.Id);
        }
        return order;
    }

    private static string Choice(string field, IReadOnlyList<BuildTarget> targets)
    {
        if (targets.Count == 0) return $"bitrise.yml has no {field} to run yet.";
        var shown = string.Join(", ", targets.Take(20).Select(t => t.Name));
        return targets.Count > 20 ? $"One of {shown} and {targets.Count - 20} more." : $"One of {shown}.";
    }
}
