using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// What support did to a member's role, and the customer's word on it: whoever accepts the role, or sets it, decides on every such change, as on
/// the support activity page.
/// </summary>
internal sealed class RoleChanges(BuildyardDb db, Sealing sealing, SupportAccess supportAccess, ISupportHost host)
{
    /// <summary>Support takes from the customer's word what it takes from the role, and gives nothing back: what it raises again waits again.</summary>
    public static void Lower(AppRole member, MemberRole wanted) => member.AcceptedRole = (MemberRole)Math.Min((int)member.AcceptedRole, Math.Min((int)member.Role, (int)wanted));

    /// <summary>The undecided changes to a member's role, oldest first.</summary>
    public async Task<List<SupportChange>> ListOpenAsync(AppRole member)
    {
        var open = await db.SupportChanges.Where(c => c.AppId == member.AppId && c.State == SupportChangeState.Open && c.Touches.Contains(nameof(AppRole))).OrderBy(c => c.At).ThenBy(c => c.Act).ToListAsync();
        return open.FindAll(change => sealing.OpenRows(change).Exists(row => row.Entity == nameof(AppRole) && row.Key[nameof(AppRole.PersonId)].GetString() == member.PersonId));
    }

    /// <summary>Accepts the role that it is, without saving.</summary>
    /// <returns>The changes that are kept by that.</returns>
    public async Task<List<SupportChange>> AcceptAsync(AppRole member)
    {
        member.AcceptedRole = member.Role;
        var open = await ListOpenAsync(member);
        open.ForEach(change => change.State = SupportChangeState.Kept);
        return open;
    }

    /// <summary>Gives a role in the customer's name, without saving: what support did to it is over.</summary>
    public async Task GiveAsync(AppRole member, MemberRole role, string by)
    {
        (member.Role, member.AcceptedRole, member.ChangedBySupport) = (role, role, null);
        foreach (var change in await ListOpenAsync(member)) (change.State, change.OvertakenBy) = (SupportChangeState.Overtaken, by);
    }

    /// <summary>Records that changes were kept.</summary>
    /// <returns>Why that could not be recorded; null: it is.</returns>
    public async Task<Refusal?> RecordAsync(HostApp app, Member by, List<SupportChange> kept)
    {
        var rights = await host.GetRightsAsync(by, app, CancellationToken.None);
        var lender = new Lender(by.Person, by.Name, rights.MayTurn, await host.IsAgentAsync(by, CancellationToken.None), rights.PromotedBySupport, [.. rights.WhoMayEnd]);
        foreach (var change in kept)
            if ((await supportAccess.SettleAsync(app.Ref, new ActId(change.Act), Settlement.Kept, lender)).Refusal is not null) return s_notRecorded;
        return null;
    }

    private static readonly Refusal s_notRecorded = new(
        StatusCodes.Status503ServiceUnavailable, "ledger_unavailable", "The role is accepted, and that could not be recorded just now.", []);
}
