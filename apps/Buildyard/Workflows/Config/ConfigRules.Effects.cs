namespace Buildyard;

internal sealed partial class ConfigRules
{
    /// <summary>What may stand in a file, and means something to Bitrise, but changes nothing about a build of this engine: better said than found out.</summary>
    private void WithoutEffect()
    {
        if (config.Containers.Values.Concat(config.Services.Values).FirstOrDefault() is { } container)
            findings.Warn(container.At, RunPlan.NoContainers);
        if (config.Tools.Count > 0) findings.Warn(config.At, RunPlan.NoTools(config.Tools.Keys));
        foreach (var workflow in config.Workflows.Values.Where(w => w.Tools.Count > 0)) findings.Warn(workflow.At, RunPlan.NoTools(workflow.Tools.Keys));
        foreach (var pipeline in config.Pipelines.Values)
        {
            foreach (var workflow in pipeline.Workflows.Values)
                Unheard(workflow.At, $"{workflow.Id} in pipeline {pipeline.Id}", ("parallel", !string.IsNullOrEmpty(workflow.Parallel)), ("run_if", !string.IsNullOrEmpty(workflow.RunIf)), ("should_always_run", workflow.ShouldAlwaysRun), ("inputs", workflow.Inputs.Count > 0));
        }
        foreach (var stage in config.Stages.Values)
            Unheard(stage.At, $"stage {stage.Id}", ("run_if", !string.IsNullOrEmpty(stage.RunIf)), ("should_always_run", stage.ShouldAlwaysRun));
    }

    private void Unheard(Place at, string owner, params (string Name, bool IsGiven)[] fields)
    {
        var given = fields.Where(field => field.IsGiven).Select(field => field.Name).ToList();
        if (given.Count > 0)
            findings.Warn(at, $"{string.Join(", ", given)} of {owner} has no effect here: workflows of a pipeline run one after another, and it ends with the first that fails.");
    }
}
