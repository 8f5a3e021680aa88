using System.Security.Cryptography;
using System.Text;

namespace Buildyard;

/// <summary>
/// Tells plans apart by what they say, without writing them out: what runs many times is written once, as it stands in the file. The digests of
/// two plans are the same exactly where <see cref="ConfigText"/> would write the same.
/// </summary>
internal sealed class PlanDigest
{
    private static readonly byte[] s_nothing = Said(null);
    private readonly Dictionary<object, byte[]> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>The digest of some plans, in order; null stands for one that can't be made.</summary>
    public static string Of(IEnumerable<RunPlan?> plans)
    {
        var digest = new PlanDigest();
        return Convert.ToHexString(All(plans.Select(digest.Of)));
    }

    // Each part that may be long, or come many times, is taken out of the rest, so that whatever else a plan comes to hold is compared too.
    private byte[] Of(RunPlan? plan) => plan is null
        ? s_nothing
        : All([Said(plan with { AppEnvs = [], TargetEnvs = [], Workflows = [] }), Once(plan.AppEnvs), Once(plan.TargetEnvs), .. plan.Workflows.Select(Of)]);

    private byte[] Of(PlannedWorkflow workflow) =>
        All([Said(workflow with { Id = "", Title = "", Envs = [], Steps = [] }), Once(workflow.Id), Once(workflow.Title), Once(workflow.Envs), .. workflow.Steps.Select(Of)]);

    private byte[] Of(PlannedStep step) =>
        All([Said(step with { Reference = null!, Use = null!, Bundle = null }), Once(step.Reference), Once(step.Use), step.Bundle is null ? s_nothing : Of(step.Bundle)]);

    private byte[] Of(PlannedBundle bundle) => _known.TryGetValue(bundle, out var known) ? known : _known[bundle] = All(
    [
        Said(bundle with { Id = "", Title = null, Envs = [], Conditions = [] }), Once(bundle.Id), Once(bundle.Title),
        All(bundle.Envs.Select(Once)), All(bundle.Conditions.Select(condition => All([Said(condition.Bundle), Once(condition.RunIf)]))),
    ]);

    private byte[] Once(object? part) => part is null ? s_nothing : _known.TryGetValue(part, out var known) ? known : _known[part] = Said(part);

    private static byte[] Said(object? part) => SHA256.HashData(Encoding.UTF8.GetBytes(ConfigText.Of(part)));

    private static byte[] All(IEnumerable<byte[]> digests)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var digest in digests) all.AppendData(digest);
        return all.GetHashAndReset();
    }
}
