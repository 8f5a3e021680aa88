using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore;

/// <summary>Between Latchkey and <see cref="IProposals"/>, as <see cref="SupportHostBorder"/> is for the host itself.</summary>
internal sealed class ProposalsBorder(IProposals proposals) : IProposals
{
    public IReadOnlyList<ProposalTarget> TargetsOf(IReadOnlyList<SharePart> shown) =>
    [
        .. To().Each(proposals.TargetsOf(shown), "the list", static (answered, target, place) =>
        {
            answered.Given(target.Id, $"{place}.{nameof(ProposalTarget.Id)}");
            answered.Given(target.Group, $"{place}.{nameof(ProposalTarget.Group)}");
            answered.Given(target.Title, $"{place}.{nameof(ProposalTarget.Title)}");
            answered.Given(target.Value, $"{place}.{nameof(ProposalTarget.Value)}");
        }).DistinctBy(target => target.Id, StringComparer.Ordinal),
    ];

    public string PermissionOf(string target)
    {
        var permission = proposals.PermissionOf(target);
        To().Text(permission, "the permission");
        return permission;
    }

    public async ValueTask<ProposalOutlook> LookAsync(AccessContext by, ProposedChange change, CancellationToken cancellation)
    {
        var answered = To();
        var outlook = answered.Given(await proposals.LookAsync(by, change, cancellation), nameof(ProposalOutlook));
        if (outlook.Problem is not null)
        {
            answered.Sentence(outlook.Problem, $"{nameof(ProposalOutlook)}.{nameof(ProposalOutlook.Problem)}");
        }
        else
        {
            answered.Given(outlook.Then, $"{nameof(ProposalOutlook)}.{nameof(ProposalOutlook.Then)}");
        }

        if (outlook.Effect is { } effect)
        {
            answered.Look(effect, $"{nameof(ProposalOutlook)}.{nameof(ProposalOutlook.Effect)}");
        }

        return outlook;
    }

    public async ValueTask<string?> ApplyAsync(AccessContext by, ProposedChange change, CancellationToken cancellation)
    {
        var problem = await proposals.ApplyAsync(by, change, cancellation);
        if (problem is not null)
        {
            To().Sentence(problem, "the problem");
        }

        return problem;
    }

    private static Answered To([CallerMemberName] string member = "") => new($"{nameof(IProposals)}.{member}");
}
