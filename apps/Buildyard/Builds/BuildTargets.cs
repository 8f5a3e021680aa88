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
    public static IReadOnlyList<BuildTarget> All(string yaml) =>
        [.. BitriseYaml.Workflows(yaml).Where(id => !id.StartsWith('_')).Select(id => new BuildTarget(BuildTargetKind.Workflow, id))];

    /// <summary>The workflow or pipeline of this name.</summary>
    public static Outcome<BuildTarget> Find(string yaml, BuildTargetKind kind, string name)
    {
        var field = Words.Of(kind);
        var all = All(yaml).Where(t => t.Kind == kind).ToList();
        if (all.Find(t => t.Name == name) is { } found) return found;
        var problem = name.StartsWith('_') ? "It is a utility workflow, which runs only inside others." : $"bitrise.yml has no such {field}.";
        return Refusal.Invalid(new FieldError(field, problem, Choice(field, all)));
    }

    /// <summary>What runs when nobody says: what a push to <paramref name="branch"/> would start, else <c>primary</c>.</summary>
    public static Outcome<BuildTarget> Default(string yaml, string branch)
    {
        var all = All(yaml);
        return all.FirstOrDefault(t => t is { Kind: BuildTargetKind.Workflow, Name: "primary" }) is { } primary
            ? primary
            : Refusal.Invalid(new FieldError("workflow", $"It is left out, no trigger matches a push to {branch}, and there is no workflow primary.", Choice("workflow", all)));
    }

    /// <summary>The workflows that a build runs, in order; none when the file has no such target.</summary>
    public static IReadOnlyList<string> WorkflowsOf(string yaml, Build build) => Find(yaml, build.TargetKind, build.Target).Value is { } target ? [target.Name] : [];

    private static string Choice(string field, IReadOnlyList<BuildTarget> targets)
    {
        if (targets.Count == 0) return $"bitrise.yml has no {field} to run yet.";
        var shown = string.Join(", ", targets.Take(20).Select(t => t.Name));
        return targets.Count > 20 ? $"One of {shown} and {targets.Count - 20} more." : $"One of {shown}.";
    }
}
