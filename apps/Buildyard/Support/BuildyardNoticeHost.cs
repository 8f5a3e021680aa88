using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Tells Latchkey whom there is to tell. Addresses are told to it only where they are confirmed.</summary>
internal sealed class BuildyardNoticeHost(BuildyardDb db, PublicUrl url) : INoticeHost
{
    public Uri BaseAddress => new(url.To("/"));

    public async ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        await MembersAsync(
            account,
            db.People.Where(p => db.Apps.Any(a => a.Id == app.Value && a.AccountId == p.AccountId)
                && (p.IsOwner || db.AppRoles.Any(r => r.AppId == app.Value && r.PersonId == p.Id && r.Role == MemberRole.Admin))),
            cancellation);

    public async ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) =>
        await MembersAsync(account, db.People.Where(p => p.IsOwner), cancellation);

    public async ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) =>
        await MembersAsync(account, db.People, cancellation);

    public async ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation)
    {
        var id = app?.Value;
        var support = await SupportMailboxes.ReadAsync(db, cancellation);
        var raised = (await db.AppRoles.AsNoTracking().Where(r => r.AppId == id).ToListAsync(cancellation)).Where(r => r.IsRaised).Select(r => r.PersonId).ToHashSet();
        var people = await db.People.AsNoTracking().Where(p => p.AccountId == account.Value).ToListAsync(cancellation);
        return [.. people.Where(p => (raised.Contains(p.Id) && !p.IsOwner) || support.Has(p)).Select(p => new PersonId(p.Id))];
    }

    public async ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        [.. (await db.AppRoles.AsNoTracking().Where(r => r.AppId == app.Value).ToListAsync(cancellation))
            .Where(r => BuildyardPermissions.Allows(r.Role, Catalogue.SupportAccessTurnOff)).Select(r => new PersonId(r.PersonId))];

    public async ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) =>
        [.. (await db.People.AsNoTracking().Where(p => p.Kind == PersonKind.Agent && !p.Suspended).ToListAsync(cancellation))
            .Select(p => Recipient.Agent(new AgentId(p.Id), p.Name, EmailOf(p)))];

    private static async Task<IReadOnlyList<Recipient>> MembersAsync(AccountId account, IQueryable<Person> people, CancellationToken cancellation) =>
        [.. (await people.AsNoTracking().Where(p => p.AccountId == account.Value && p.Kind == PersonKind.Member && !p.Suspended).OrderBy(p => p.Name).ToListAsync(cancellation))
            .Select(p => Recipient.Member(account, new PersonId(p.Id), p.Name, EmailOf(p)))];

    private static string? EmailOf(Person person) => person.EmailConfirmed ? person.Email : null;
}
