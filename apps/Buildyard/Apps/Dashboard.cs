using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>An app in the list, with its newest change.</summary>
public sealed record ListedApp(App App, string Role);

/// <summary>The apps that a member has a part in.</summary>
internal sealed class Dashboard(BuildyardDb db)
{
    /// <summary>Apps after <paramref name="after"/> (a slug; null: from the start), by slug.</summary>
    public async Task<List<ListedApp>> ListAsync(Member member, string? after = null, int most = 200)
    {
        var (person, account) = (member.Person.Value, member.Account.Value);
        var owner = await db.People.AnyAsync(p => p.Id == person && p.IsOwner);
        var apps = await db.Apps.AsNoTracking().Include(a => a.Account)
            .Where(a => a.AccountId == account && (owner || db.AppRoles.Any(r => r.AppId == a.Id && r.PersonId == person)))
            .Where(a => after == null || a.Slug.CompareTo(after) > 0)
            .OrderBy(a => a.Slug).Take(most).ToListAsync();
        var ids = apps.ConvertAll(a => a.Id);
        var roles = await db.AppRoles.AsNoTracking().Where(r => r.PersonId == person && ids.Contains(r.AppId)).ToDictionaryAsync(r => r.AppId, r => r.Role);
        return apps.ConvertAll(a => new ListedApp(a, (owner ? MemberRole.Owner : roles[a.Id]).Label()));
    }
}
