namespace Buildyard;

/// <summary>What of a <c>bitrise.yml</c> shapes a build, as a text that is the same exactly when the builds are.</summary>
internal static class BuildShape
{
    /// <summary>The shape of one target; null where the file has none of that name.</summary>
    /// <param name="config">The file.</param>
    /// <param name="build">What is built. Where triggers chose it, they are part of the shape: of what is there they choose what runs, and whose source.</param>
    public static string? Of(BitriseConfig config, Build build)
    {
        var workflows = BuildTargets.WorkflowsOf(config, build.TargetKind, build.Target);
        if (workflows.Count == 0) return null;
        var runs = ConfigText.Of(workflows.Select(workflow => config.Plan(workflow).Plan));
        // Which of them is taken all triggers together say: one that is switched off leaves it to the next.
        return !build.TargetByTrigger ? runs : runs + ConfigText.Of(config.TriggerMap) + ConfigText.Of(config.Workflows.Select(w => (w.Key, w.Value.Triggers))) + ConfigText.Of(config.Pipelines.Select(p => (p.Key, p.Value.Triggers)));
    }
}
