using System.Globalization;

namespace Buildyard;

/// <summary>The repositories that <c>git::</c> steps come from: fetched outside without any key, unpacked inside. What is known of their commits holds, and what comes to be known is found.</summary>
internal sealed class StepRepositories(GitSource git, BuildOrder order, BuildFindings findings, string directory)
{
    private readonly Dictionary<StepReference, string> _fetched = [];

    /// <summary>The step's directory in the sandbox, or why there is none.</summary>
    public async Task<(string? Directory, string? Problem)> FetchAsync(StepReference reference, Sandbox sandbox, CancellationToken cancellation)
    {
        if (_fetched.TryGetValue(reference, out var known)) return (known, null);
        var named = RepositoryAddress.Shown(reference.Id);
        var commit = KnownSteps.Find(findings.StepCommits, reference);
        if (commit is null && order.KnownStepsOnly) return (null, $"The step {named} can't be had: at which commit was not known when secrets were allowed.");
        var number = (_fetched.Count + 1).ToString(CultureInfo.InvariantCulture);
        var repository = Path.Combine(directory, "step-" + number);
        var (source, problem) = await git.FetchStepAsync(reference, commit, order, repository, cancellation);
        if (source is null) return (null, $"The step {named} can't be had: {problem}");
        if (commit is null) findings.StepCommits.Add(new StepCommit(reference.Id, reference.Version, source.Commit.Hash));
        var place = $"{sandbox.Root}/.tools/step-{number}";
        if (await GitSource.PlaceAsync(source, sandbox, place, cancellation) is { } wrong) return (null, wrong);
        return (_fetched[reference] = place, null);
    }
}
