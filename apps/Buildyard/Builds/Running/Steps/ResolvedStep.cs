using System.Text;

namespace Buildyard;

/// <summary>A step of the plan together with what the step says of itself: ready to be run.</summary>
internal sealed record ResolvedStep(string Title, string? RunIf, bool IsAlwaysRun, bool IsSkippable, IReadOnlyList<EnvItem> Inputs, IReadOnlyList<EnvItem> Outputs)
{
    private const int LargestFile = 400 * 1024;

    /// <summary>What it does, once it is known that it runs.</summary>
    public required Func<StepContext, CancellationToken, Task<StepEnd>> RunAsync { get; init; }

    /// <summary>Finds a step of the plan: one that is built in, or one in a directory or repository, which is fetched into the sandbox.</summary>
    /// <returns>The step, or why it can't be begun.</returns>
    public static async Task<(ResolvedStep? Step, string? Problem)> FindAsync(PlannedStep planned, Sandbox sandbox, StepRepositories repositories, CancellationToken cancellation)
    {
        var use = planned.Use;
        if (BuiltInSteps.Find(planned.Reference) is { } known)
        {
            return (new ResolvedStep(
                planned.Title(known.Title), string.IsNullOrEmpty(use.RunIf) ? known.RunIf : use.RunIf, use.IsAlwaysRun ?? known.IsAlwaysRun, use.IsSkippable ?? known.IsSkippable,
                Merge(known.Inputs, use.Inputs), use.Outputs)
            { RunAsync = known.RunAsync }, null);
        }
        if (planned.Reference.IsLibrary) return (null, BuiltInSteps.NotAvailable(use.Id));

        var (directory, problem) = planned.Reference.IsGit
            ? await repositories.FetchAsync(planned.Reference, sandbox, cancellation)
            : ($"{sandbox.Root}/src/{planned.Reference.Id}", null);
        if (directory is null) return (null, problem);
        var text = new MemoryStream();
        if (await sandbox.ReadAsync($"( [ -f {Bash.Quote($"{directory}/step.yml")} ] && cat -- {Bash.Quote($"{directory}/step.yml")} )\ntell \"$id\" $?", text, LargestFile, cancellation) != 0)
            return (null, $"There is no step.yml in {planned.Reference.Id}.");
        var (file, wrong) = StepFile.Read(Encoding.UTF8.GetString(text.ToArray()));
        if (file is null) return (null, $"The step.yml in {planned.Reference.Id} can't be used: {wrong}");
        var own = file.Own;
        return (new ResolvedStep(
            planned.Title(own.Title), string.IsNullOrEmpty(use.RunIf) ? own.RunIf : use.RunIf, use.IsAlwaysRun ?? own.IsAlwaysRun ?? false, use.IsSkippable ?? own.IsSkippable ?? false,
            Merge(own.Inputs, use.Inputs), own.Outputs)
        {
            RunAsync = (step, ends) => StepRun.ProgramAsync(Inside(step, directory), ["/bin/bash", $"{directory}/{file.EntryFile}"], step.SourceDirectory, ends),
        }, null);
    }

    /// <summary>Gives outputs the names and the secrecy that the step's declaration asks for.</summary>
    public IReadOnlyList<EnvItem> Declared(IReadOnlyList<EnvItem> outputs) =>
        [.. outputs.Select(output => Outputs.FirstOrDefault(declared => declared.Key == output.Key) is { IsSensitive: true } ? output with { IsSensitive = true } : output)];

    private static StepContext Inside(StepContext step, string directory) => step.With(new Dictionary<string, string>(step.Envs, StringComparer.Ordinal) { ["BITRISE_STEP_SOURCE_DIR"] = directory });

    /// <summary>
    /// The step's inputs with what its use gives. Of an input that is given twice the first counts, and one that the step doesn't have
    /// is left out (MergeStepWith and getInputByKey in the CLI's models_methods.go).
    /// </summary>
    private static List<EnvItem> Merge(IReadOnlyList<EnvItem> own, IReadOnlyList<EnvItem> given) =>
        [.. own.Select(input => given.FirstOrDefault(g => g.Key == input.Key) is { } named ? input.With(named) : input)];
}
