using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Buildyard;

/// <summary>A line of the team: the account's owners, who are part of every app, and the members with a role in this one.</summary>
public sealed record TeamMember(Person Person, MemberRole Role, string? PromotedBySupport);

/// <summary>Who works in an app, and as what. Support is never among them.</summary>
internal sealed class AppTeam(BuildyardDb db, RoleChanges changes)
{
    /// <summary>The roles that can be given in an app, most first.</summary>
    public static IReadOnlyList<MemberRole> Roles { get; } = [MemberRole.Admin, MemberRole.PlatformEngineer, MemberRole.Developer, MemberRole.Tester];

    private static readonly Refusal s_ownMembership = Refusal.Conflict(
        "of_the_support_team", "This member is of the support team themselves. Support can't touch their membership; an admin of the customer can.");

    private static readonly Refusal s_notInTeam = Refusal.NotFound("Nobody with this id is in this app's team.");

    public async Task<IReadOnlyList<TeamMember>> ListAsync(AccessContext access)
    {
        var app = await AppAsync(access);
        var owners = await db.People.AsNoTracking().Where(p => p.AccountId == app.AccountId && p.IsOwner).ToListAsync();
        var roles = await RolesOf(app).AsNoTracking().Include(r => r.Person).Where(r => !r.Person.IsOwner).ToListAsync();
        return
        [
            .. owners.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new TeamMember(p, MemberRole.Owner, null)),
            .. roles.OrderByDescending(r => r.Role).ThenBy(r => r.Person.Name, StringComparer.Ordinal)
                .Select(r => new TeamMember(r.Person, r.Role, r.PromotedBySupport)),
        ];
    }

    /// <summary>Members of the account who are not in the team yet.</summary>
    public async Task<IReadOnlyList<Person>> CandidatesAsync(AccessContext access)
    {
        var app = await AppAsync(access);
        return await db.People.AsNoTracking()
            .Where(p => p.AccountId == app.AccountId && !p.IsOwner && !db.AppRoles.Any(r => r.AppId == app.Id && r.PersonId == p.Id))
            .OrderBy(p => p.Name).ToListAsync();
    }

    /// <summary>
    /// Gives a member of the team another role. Whoever support raises, to whatever role, looks and does nothing else until somebody who speaks
    /// for the customer accepts it; a member who is of the support team is none of support's to change.
    /// </summary>
    public async Task<Outcome<AppRole>> SetRoleAsync(AccessContext access, string person, string? role)
    {
        var wanted = Words.Find<MemberRole>(role);
        if (wanted is null or MemberRole.Owner)
            return Refusal.Invalid(new FieldError("role", wanted is null ? "It is not a role." : "Owners belong to the account, not to an app.", Accepted));
        await using var transaction = await BeginAsync();
        var app = await AppAsync(access);
        if (await IsOwnerAsync(app, person))
            return Refusal.Conflict("owner", "An owner's role comes from the account and can't be changed here.");
        if (await RolesOf(app).Include(r => r.Person).SingleOrDefaultAsync(r => r.PersonId == person) is not { } member)
            return s_notInTeam;

        access.Target(member.Person.Name);
        if (access.Support is not null && (await SupportMailboxes.ReadAsync(db, CancellationToken.None)).Has(member.Person)) return s_ownMembership;
        // A member's word is the customer's, for a role that support had given too.
        if (access.Support is null && member.Role == wanted) return await AcceptAsync(access, app, member, transaction);
        if (access.Support is null)
        {
            await changes.GiveAsync(member, wanted.Value, access.ActorName);
        }
        else if (member.Role != wanted)
        {
            access.Changed($"role of {member.Person.Name}", Words.Of(member.Role), Words.Of(wanted.Value));
            RoleChanges.Lower(member, wanted.Value);
            (member.Role, member.ChangedBySupport) = (wanted.Value, access.Support.Name);
        }
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return member;
    }

    /// <summary>Takes a member of the account into the team.</summary>
    public async Task<Outcome<AppRole>> AddAsync(AccessContext access, string? person, string? role)
    {
        var wanted = Words.Find<MemberRole>(role);
        if (wanted is null or MemberRole.Owner) return Refusal.Invalid(new FieldError("role", "It is not a role of an app.", Accepted));
        var app = await AppAsync(access);
        var found = await db.People.SingleOrDefaultAsync(p => p.Id == person && p.AccountId == app.AccountId && p.Kind == PersonKind.Member);
        if (found is null)
            return Refusal.Invalid(new FieldError("person", "Nobody with this id is a member of the account.", "A member of the account."));
        if (found.IsOwner || await RolesOf(app).AnyAsync(r => r.PersonId == found.Id))
            return Refusal.Conflict("in_team", $"{found.Name} is in the team already.");

        var member = new AppRole { AppId = app.Id, PersonId = found.Id, Person = found, Role = wanted.Value, AcceptedRole = wanted.Value };
        db.AppRoles.Add(member);
        await db.SaveChangesAsync();
        return member;
    }

    public async Task<Outcome<AppRole>> RemoveAsync(AccessContext access, string person)
    {
        var app = await AppAsync(access);
        if (await IsOwnerAsync(app, person))
            return Refusal.Conflict("owner", "An owner is part of every app of the account.");
        if (await RolesOf(app).Include(r => r.Person).SingleOrDefaultAsync(r => r.PersonId == person) is not { } member)
            return s_notInTeam;
        db.AppRoles.Remove(member);
        await db.SaveChangesAsync();
        return member;
    }

    /// <summary>Accepts the role that support raised somebody to, and keeps what support did to it. Whoever is raised themselves, or of the support team, doesn't get here.</summary>
    /// <param name="access">Who accepts.</param>
    /// <param name="person">Whose role.</param>
    /// <param name="shown">The role that they were shown: support may have given another since.</param>
    public async Task<Outcome<AppRole>> AcceptAsync(AccessContext access, string person, string? shown)
    {
        if (Words.Find<MemberRole>(shown) is null) return Refusal.Invalid(new FieldError("role", "Say which role is accepted.", Accepted));
        await using var transaction = await BeginAsync();
        var app = await AppAsync(access);
        if (await RolesOf(app).Include(r => r.Person).SingleOrDefaultAsync(r => r.PersonId == person) is not { } member)
            return s_notInTeam;
        if (shown != Words.Of(member.Role))
            return Refusal.Conflict("changed_since", $"{member.Person.Name} is {member.Role.Label()} by now. Nothing is accepted: look again.");
        return await AcceptAsync(access, app, member, transaction);
    }

    /// <summary>Those of the team who are the customer's: whom a setting may name. Whoever is of the support team too is in the list of the team alone.</summary>
    public async Task<IReadOnlyList<TeamMember>> ListCustomersAsync(AccessContext access)
    {
        var support = await SupportMailboxes.ReadAsync(db, CancellationToken.None);
        return [.. (await ListAsync(access)).Where(member => !support.Has(member.Person))];
    }

    private async Task<Outcome<AppRole>> AcceptAsync(AccessContext access, App app, AppRole member, IDbContextTransaction transaction)
    {
        var kept = await changes.AcceptAsync(member);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return await changes.RecordAsync(app.ToHostApp(), access.Member!, kept) is { } refusal ? refusal : member;
    }

    /// <summary>From here on nobody else writes, and what was read before is read anew.</summary>
    private async Task<IDbContextTransaction> BeginAsync()
    {
        var transaction = await db.Database.BeginTransactionAsync();
        db.ChangeTracker.Clear();
        return transaction;
    }

    private static string Accepted => $"One of {string.Join(", ", Roles.Select(r => Words.Of(r)))}.";

    private Task<bool> IsOwnerAsync(App app, string person) => db.People.AnyAsync(p => p.Id == person && p.AccountId == app.AccountId && p.IsOwner);

    private IQueryable<AppRole> RolesOf(App app) => db.AppRoles.Where(r => r.AppId == app.Id);

    private Task<App> AppAsync(AccessContext access) => db.Apps.Include(a => a.Account).SingleAsync(a => a.Id == access.App!.Value.Value);
}

internal static class MemberRoles
{
    public static string Label(this MemberRole role) => role switch
    {
        MemberRole.Owner => "Owner",
        MemberRole.Admin => "Admin",
        MemberRole.PlatformEngineer => "Platform engineer",
        MemberRole.Developer => "Developer",
        _ => "Tester",
    };

    /// <summary>What the role is for, in one line.</summary>
    public static string Explain(this MemberRole role) => role switch
    {
        MemberRole.Owner => "Everything, the account and billing included",
        MemberRole.Admin => "Settings, team, workflows, support access",
        MemberRole.PlatformEngineer => "Workflows",
        MemberRole.Developer => "Sees workflows",
        _ => "Sees the app",
    };
}
