namespace Buildyard;

/// <summary>A step that this engine brings along.</summary>
/// <param name="Id">Its id, without a version: each version of it runs as this one.</param>
/// <param name="Title">Its own title, for uses without one.</param>
/// <param name="Inputs">Its inputs with their defaults and options.</param>
/// <param name="RunAsync">What it does.</param>
internal sealed record BuiltInStep(string Id, string Title, IReadOnlyList<EnvItem> Inputs, Func<StepContext, CancellationToken, Task<StepEnd>> RunAsync)
{
    /// <summary>Whether it runs in a failed build where the file doesn't say.</summary>
    public bool IsAlwaysRun { get; init; }

    /// <summary>Whether its failure fails the build where the file doesn't say.</summary>
    public bool IsSkippable { get; init; }

    /// <summary>Its condition where the file gives none; empty: none.</summary>
    public string RunIf { get; init; } = "";
}

/// <summary>The steps that this engine brings along.</summary>
internal static class BuiltInSteps
{
    public static IReadOnlyList<BuiltInStep> All { get; } =
    [
        ScriptStep.Step, SshKeyStep.Step, GitCloneStep.Step,
        CacheSteps.Push, CacheSteps.Pull, CacheSteps.Save, CacheSteps.Restore,
        DeployStep.Step,
    ];

    public static BuiltInStep? Find(StepReference reference) =>
        reference.IsLibrary ? All.FirstOrDefault(step => step.Id == reference.Id) : null;

    /// <summary>What to say of a step that isn't here.</summary>
    public static string NotAvailable(string id) =>
        $"The step {id} is not available here. There are: {string.Join(", ", All.Select(step => step.Id))}, path::./dir and git::url@ref.";
}
