using System.Security.Claims;
using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Tells Latchkey who is calling, which apps there are, and what members may do.</summary>
internal sealed class BuildyardSupportHost(BuildyardDb db) : ISupportHost
{
    /// <summary>The account of whoever was taken out of theirs: there is none of this id.</summary>
    private const string NoAccount = "none";
    private const string NoTitle = "No account";

    public async ValueTask<Caller?> GetCallerAsync(HttpContext context)
    {
        if (context.User.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id || SignInDoor.SignInId(context.User) is not { } signIn)
            return null;
        // Authentication has just read the person of this request: this comes from the change tracker.
        var person = await db.People.FindAsync([id], context.RequestAborted);
        if (person is null || person.Suspended) return null;
        var email = person.EmailConfirmed ? person.Email : null;
        return person.Kind == PersonKind.Agent
            ? new Agent(new AgentId(person.Id), person.Name, email, person.IsLead, signIn)
            : new Member(new PersonId(person.Id), new AccountId(person.AccountId ?? NoAccount), person.Name, email);
    }

    public async ValueTask<Member?> FindMemberAsync(AccountId account, PersonId person, CancellationToken ct)
    {
        var found = await db.People.AsNoTracking().SingleOrDefaultAsync(
            p => p.Id == person.Value && p.AccountId == account.Value && p.Kind == PersonKind.Member && !p.Suspended, ct);
        return found is null ? null : new Member(person, account, found.Name, found.EmailConfirmed ? found.Email : null);
    }

    public async ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken ct)
    {
        var (person, account) = (member.Person.Value, member.Account.Value);
        var found = await db.Apps.AsNoTracking().Include(a => a.Account).SingleOrDefaultAsync(
            a => (a.Slug == app || a.Id == app) && a.AccountId == account
                && (db.AppRoles.Any(r => r.AppId == a.Id && r.PersonId == person) || db.People.Any(p => p.Id == person && p.IsOwner)),
            ct);
        return found?.ToHostApp();
    }

    public async ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken ct)
    {
        var found = await db.Apps.AsNoTracking().Include(a => a.Account).SingleOrDefaultAsync(a => a.Id == app.Value, ct);
        return found?.ToHostApp();
    }

    public async ValueTask<HostApp?> FindAppToAskForAsync(string app, CancellationToken ct)
    {
        var found = await db.Apps.AsNoTracking().Include(a => a.Account).SingleOrDefaultAsync(a => a.Slug == app || a.Id == app, ct);
        return found?.ToHostApp();
    }

    public async ValueTask<IReadOnlyList<HostApp>> GetAppsAsync(AccountId account, CancellationToken ct) =>
        [.. (await db.Apps.AsNoTracking().Include(a => a.Account).Where(a => a.AccountId == account.Value).ToListAsync(ct)).Select(a => a.ToHostApp())];

    public async ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken ct) =>
        await RoleAsync(member, app, ct) is { } role && BuildyardPermissions.Allows(role, permission);

    public async ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken ct)
    {
        var roles = await db.AppRoles.AsNoTracking().Where(r => r.AppId == app.Id.Value).ToListAsync(ct);
        var owners = await db.People.AsNoTracking().Where(p => p.AccountId == app.Account.Value && p.IsOwner).Select(p => p.Id).ToListAsync(ct);
        var isOwner = owners.Contains(member.Person.Value);
        var own = roles.Find(r => r.PersonId == member.Person.Value);
        return new AccessRights(
            MayTurn: isOwner || own?.Role == MemberRole.Admin,
            PromotedBySupport: !isOwner && own?.IsRaised == true,
            WhoMayEnd: [.. owners.Union(roles.Where(r => BuildyardPermissions.Allows(r.Role, Catalogue.SupportAccessTurnOff)).Select(r => r.PersonId)).Select(id => new PersonId(id))]);
    }

    /// <summary>Owners are made by owners alone, so none is support's doing.</summary>
    public async ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken ct)
    {
        var owners = await db.People.AsNoTracking().Where(p => p.AccountId == member.Account.Value && p.IsOwner).Select(p => p.Id).ToListAsync(ct);
        return new AccessRights(owners.Contains(member.Person.Value), PromotedBySupport: false, [.. owners.Select(id => new PersonId(id))]);
    }

    public async ValueTask<IReadOnlyList<Approver>> GetApproversAsync(AccountId account, CancellationToken ct)
    {
        var support = await SupportMailboxes.ReadAsync(db, ct);
        var able = await db.People.AsNoTracking()
            .Where(p => p.AccountId == account.Value && p.Kind == PersonKind.Member
                && (p.IsOwner || db.AppRoles.Any(r => r.PersonId == p.Id && r.Role == MemberRole.Admin && r.AcceptedRole == MemberRole.Admin)))
            .OrderByDescending(p => p.IsOwner).ThenBy(p => p.Name).ToListAsync(ct);
        return [.. able.Where(p => !support.Has(p)).Select(p => new Approver(new PersonId(p.Id), p.Name, p.IsOwner))];
    }

    public async ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken ct)
    {
        var (person, id) = (member.Person.Value, member.Account.Value);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct);
        var apps = await db.Apps.AsNoTracking().Include(a => a.Account)
            .Where(a => a.AccountId == id
                && (db.AppRoles.Any(r => r.AppId == a.Id && r.PersonId == person && r.Role == MemberRole.Admin && r.AcceptedRole == MemberRole.Admin) || db.People.Any(p => p.Id == person && p.IsOwner)))
            .OrderBy(a => a.Title).ThenBy(a => a.Slug).ToListAsync(ct);
        return new HostAccount(member.Account, account?.Name ?? NoTitle, [.. apps.Select(a => a.ToHostApp())]);
    }

    /// <summary>
    /// Members and agents have different ids and addresses here, so what gives one away is that their mail arrives in one box. Nobody joins
    /// as both (<see cref="Invitations"/>); whoever is in an older directory is told by this.
    /// </summary>
    public async ValueTask<bool> IsAgentAsync(Member member, CancellationToken ct) =>
        (await SupportMailboxes.ReadAsync(db, ct)).Has(member.VerifiedEmail);

    /// <summary>The member's role in <paramref name="app"/>, or in the account as a whole; null when they have no part in it.</summary>
    private async Task<MemberRole?> RoleAsync(Member member, HostApp? app, CancellationToken ct)
    {
        var person = await db.People.FindAsync([member.Person.Value], ct);
        if (person is null || person.AccountId != (app?.Account ?? member.Account).Value) return null;
        if (person.IsOwner) return MemberRole.Owner;
        if (app is null) return null;
        return (await db.AppRoles.FindAsync([app.Id.Value, person.Id], ct))?.Role;
    }
}

internal static class HostApps
{
    /// <summary>The app as Latchkey knows it. <see cref="App.Account"/> must be loaded.</summary>
    public static HostApp ToHostApp(this App app) => new(new AppId(app.Id), new AccountId(app.AccountId), app.Slug, app.Title, app.Account.Name);
}
