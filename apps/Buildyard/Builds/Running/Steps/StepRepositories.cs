using System.Globalization;

namespace Buildyard;

/// <summary>The repositories that <c>git::</c> steps come from: fetched outside without any key, unpacked inside.</summary>
internal sealed class StepRepositories(GitSource git, BuildOrder order, string directory)
{
    private readonly Dictionary<StepReference, string> _fetched = [];

    /// <summary>The step's directory in the sandbox, or why there is none.</summary>
    public async Task<(string? Directory, string? Problem)> FetchAsync(StepReference reference, Sandbox sandbox, CancellationToken cancellation)
    {
        if (_fetched.TryGetValue(reference, out var known)) return (known, null);
        var number = (_fetched.Count + 1).ToString(CultureInfo.InvariantCulture);
        var repository = Path.Combine(directory, "step-" + number);
        var (source, problem) = await git.FetchStepAsync(reference, order, repository, cancellation);
        if (source is null) return (null, $"The step {reference.Id} can't be had: {problem}");
        var place = $"{sandbox.Root}/.tools/step-{number}";
        if (await GitSource.PlaceAsync(source, sandbox, place, cancellation) is { } wrong) return (null, wrong);
        return (_fetched[reference] = place, null);
    }
}
