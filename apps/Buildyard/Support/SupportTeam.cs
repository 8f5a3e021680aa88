using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>The agents of this instance, in their lead's hands.</summary>
internal sealed class SupportTeam(BuildyardDb db, SupportAccess supportAccess)
{
    private static readonly Refusal s_unknown = Refusal.NotFound("Nobody with this id is of the support team.");

    public Task<List<Person>> ListAsync() =>
        db.People.AsNoTracking().Where(p => p.Kind == PersonKind.Agent).OrderByDescending(p => p.IsLead).ThenBy(p => p.Name).ToListAsync();

    /// <summary>Suspends an agent, or lets them back. A suspended one is out of every app and signed out at once.</summary>
    public async Task<Outcome<Person>> SuspendAsync(Agent lead, string agent, bool suspended)
    {
        if (await FindAsync(agent) is not { } found) return s_unknown;
        if (IsSelf(lead, found)) return s_self;
        found.Suspended = suspended;
        await db.SaveChangesAsync();
        if (suspended) await EndAsync(found);
        return found;
    }

    public async Task<Outcome<Person>> RemoveAsync(Agent lead, string agent)
    {
        if (await FindAsync(agent) is not { } found) return s_unknown;
        if (IsSelf(lead, found)) return s_self;
        await EndAsync(found);
        db.People.Remove(found);
        await db.SaveChangesAsync();
        return found;
    }

    private static readonly Refusal s_self = Refusal.Conflict("self", "A lead can't suspend or remove themselves: ask another lead.");

    private static bool IsSelf(Agent lead, Person person) => lead.Id.Value == person.Id;

    private async Task EndAsync(Person agent)
    {
        await db.SignIns.Where(s => s.PersonId == agent.Id).ExecuteDeleteAsync();
        await supportAccess.AgentRemovedAsync(new AgentId(agent.Id));
    }

    private Task<Person?> FindAsync(string agent) => db.People.SingleOrDefaultAsync(p => p.Id == agent && p.Kind == PersonKind.Agent);
}
