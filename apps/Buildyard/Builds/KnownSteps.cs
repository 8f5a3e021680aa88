using System.Text.Json;

namespace Buildyard;

/// <summary>What is known of the commits that a build's <c>git::</c> steps come at.</summary>
internal static class KnownSteps
{
    /// <summary>The commit of a step: the one that its version names, or the one that is known; null: that is to be seen when it is fetched.</summary>
    public static string? Find(IEnumerable<StepCommit> known, StepReference step) =>
        GitCommit.IsFull(step.Version) ? step.Version : known.FirstOrDefault(k => k.Repository == step.Id && k.Version == step.Version)?.Commit;

    /// <summary>A step that the build may run and whose commit is not known; null: there is none.</summary>
    public static PlannedStep? Missing(BitriseConfig config, Build build)
    {
        var known = Read(build.StepCommits);
        return BuildTargets.WorkflowsOf(config, build.TargetKind, build.Target)
            .SelectMany(workflow => config.Plan(workflow).Plan?.Workflows ?? []).SelectMany(workflow => workflow.Steps)
            .FirstOrDefault(step => step.Reference.IsGit && Find(known, step.Reference) is null);
    }

    /// <summary>As a build's row keeps them.</summary>
    public static string Keep(IReadOnlyList<StepCommit> commits) => JsonSerializer.Serialize(commits);

    public static IReadOnlyList<StepCommit> Read(string kept) => JsonSerializer.Deserialize<List<StepCommit>>(kept)!;
}
