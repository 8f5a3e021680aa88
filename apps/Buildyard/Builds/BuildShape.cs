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
        var runs = PlanDigest.Of(workflows.Select(workflow => config.Plan(workflow).Plan));
        // Which of them is taken all triggers together say: one that is switched off leaves it to the next.
        return !build.TargetByTrigger ? runs : runs + ConfigText.Of(config.TriggerMap) + Chosen(config.Workflows.Select(w => (w.Key, w.Value.Triggers))) + Chosen(config.Pipelines.Select(p => (p.Key, p.Value.Triggers)));
    }

    /// <summary>What can be chosen, by what; what nothing chooses is nobody's choice.</summary>
    private static string Chosen(IEnumerable<(string Name, Triggers Triggers)> targets)
    {
        var nothing = ConfigText.Of(new Triggers());
        return ConfigText.Of(targets.Select(t => (t.Name, Text: ConfigText.Of(t.Triggers))).Where(t => t.Text != nothing));
    }
}
