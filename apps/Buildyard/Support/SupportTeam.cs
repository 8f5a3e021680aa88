using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// The agents of this instance, in their leads' hands. There is always a lead: nobody takes their own lead away, and whoever acts
/// must lead at that instant. Each change is on the vendor's ledger with who made it; one that was made already is made once.
/// </summary>
internal sealed class SupportTeam(BuildyardDb db, SupportAccess supportAccess)
{
    private const int ChangesShown = 50;
    private static readonly Refusal s_unknown = Refusal.NotFound("Nobody with this id is of the support team.");
    private static readonly Refusal s_self = Refusal.Conflict("self", "A lead can't suspend, remove or unmake themselves: ask another lead.");
    private static readonly Refusal s_notLead = Refusal.Conflict("not_lead", "You don't lead the support team any more, so nothing was changed.");
    private static readonly Refusal s_notRecorded = new(
        StatusCodes.Status503ServiceUnavailable, "ledger_unavailable", "It can't be recorded just now, so nothing was changed. Suspending and removing works.", []);

    public Task<List<Person>> ListAsync() =>
        db.People.AsNoTracking().Where(p => p.Kind == PersonKind.Agent).OrderByDescending(p => p.IsLead).ThenBy(p => p.Name).ToListAsync();

    /// <summary>What became of whom, and by whom, newest first.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset At, TeamChanged Fact)>> ReadChangesAsync(CancellationToken cancellation) =>
        [.. (await supportAccess.History.ReadVendorAsync(new VendorQuery(VendorTopic.Team, Limit: ChangesShown), cancellation)).Select(r => (r.At, (TeamChanged)r.Fact))];

    /// <summary>Suspends an agent, or lets them back. A suspended one is out of every app and signed out at once, and their pending requests end.</summary>
    public Task<Outcome<Person>> SuspendAsync(Agent lead, string agent, bool suspended) =>
        ChangeAsync(lead, agent, suspended ? TeamChange.Suspended : TeamChange.Restored, found => found.Suspended != suspended, found => found.Suspended = suspended);

    /// <summary>Makes an agent a lead of the team, or no longer one.</summary>
    public Task<Outcome<Person>> MakeLeadAsync(Agent lead, string agent, bool leads) =>
        ChangeAsync(lead, agent, leads ? TeamChange.MadeLead : TeamChange.UnmadeLead, found => found.IsLead != leads, found => found.IsLead = leads);

    /// <summary>Removes an agent: out of every app and signed out at once. What they did stays recorded under their name.</summary>
    public Task<Outcome<Person>> RemoveAsync(Agent lead, string agent) =>
        ChangeAsync(lead, agent, TeamChange.Removed, _ => true, found => db.People.Remove(found));

    private async Task<Outcome<Person>> ChangeAsync(Agent lead, string agent, TeamChange change, Func<Person, bool> changes, Action<Person> apply)
    {
        var ends = change is TeamChange.Suspended or TeamChange.Removed;
        if (!ends && !supportAccess.Health.IsWorking) return s_notRecorded;
        // Out of every app first: a process that is killed in between leaves nobody inside who should be gone.
        if (ends && lead.Id.Value != agent && await db.People.AnyAsync(p => p.Id == agent && p.Kind == PersonKind.Agent)) await supportAccess.AgentRemovedAsync(new AgentId(agent));
        Person? found;
        // One writer at a time: two leads can't unmake each other.
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            if (!await db.People.AnyAsync(p => p.Id == lead.Id.Value && p.Kind == PersonKind.Agent && p.IsLead && !p.Suspended)) return s_notLead;
            found = await db.People.SingleOrDefaultAsync(p => p.Id == agent && p.Kind == PersonKind.Agent);
            if (found is null) return s_unknown;
            if (lead.Id.Value == found.Id) return s_self;
            await db.Entry(found).ReloadAsync();
            if (!changes(found)) return found;
            apply(found);
            await db.SaveChangesAsync();
            if (ends) await db.SignIns.Where(s => s.PersonId == found.Id).ExecuteDeleteAsync();
            await transaction.CommitAsync();
        }

        await supportAccess.TeamChangedAsync(change, new AgentId(found.Id), found.Name, new AgentRef(lead.Id, lead.Name, lead.SignIn));
        return found;
    }
}
