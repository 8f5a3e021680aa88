using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Something to choose from, by name alone.</summary>
public sealed record Choice(string Id, string Name);

/// <summary>What an app is connected with, and what it could be: of an account's keys, only their names.</summary>
public sealed record Connections(ServiceUser? ServiceUser, IReadOnlyList<Choice> Members, AppleChoice? Apple, IReadOnlyList<Choice> AppleKeys);

/// <summary>Chooses an app's service credential user and its Apple Developer account.</summary>
internal sealed class AppConnections(BuildyardDb db, AppTeam team, AppSettings settings, TimeProvider clock)
{
    public async Task<Connections> GetAsync(AccessContext access)
    {
        var app = await settings.GetAsync(access);
        var keys = await db.AppleKeys.AsNoTracking().Where(k => k.AccountId == app.AccountId).OrderBy(k => k.Name).Select(k => new Choice(k.Id, k.Name)).ToListAsync();
        return new Connections(
            await db.ServiceUsers.AsNoTracking().Include(u => u.Person).Of(access).SingleOrDefaultAsync(),
            [.. (await team.ListCustomersAsync(access)).Select(m => new Choice(m.Person.Id, m.Person.Name))],
            await db.AppleChoices.AsNoTracking().Include(c => c.AppleKey).Of(access).SingleOrDefaultAsync(),
            keys);
    }

    /// <summary>Chooses a member of the app's team; null or empty for nobody.</summary>
    public async Task<Outcome<Connections>> ChooseUserAsync(AccessContext access, string? person)
    {
        var now = await GetAsync(access);
        var found = now.Members.FirstOrDefault(m => m.Id == person);
        if (!string.IsNullOrEmpty(person) && found is null)
            return Refusal.Invalid(new FieldError("person", "Nobody with this id is in the app's team.", "A member of the team, or nothing for nobody."));
        if (found?.Id == now.ServiceUser?.PersonId) return now;
        access.Changed("service credential user", now.ServiceUser?.Person.Name, found?.Name);
        var row = await db.ServiceUsers.Of(access).SingleOrDefaultAsync();
        if (found is null)
        {
            db.ServiceUsers.Remove(row!);
        }
        else
        {
            if (row is null) db.ServiceUsers.Add(row = new ServiceUser { Id = Ids.Create("svc", clock.Now()), AppId = access.App!.Value.Value, PersonId = found.Id });
            row.PersonId = found.Id;
            row.Sign(access, clock.Now());
        }
        return await SaveAsync(access);
    }

    /// <summary>Chooses one of the keys that the account has connected; null or empty for none.</summary>
    public async Task<Outcome<Connections>> ChooseAppleAsync(AccessContext access, string? key)
    {
        var now = await GetAsync(access);
        var found = now.AppleKeys.FirstOrDefault(k => k.Id == key);
        if (!string.IsNullOrEmpty(key) && found is null)
            return Refusal.Invalid(new FieldError("apple_key", "The account has connected no key of this id.", "One of those that the account has connected, or nothing for none."));
        if (found?.Id == now.Apple?.AppleKeyId) return now;
        access.Changed("Apple Developer account", now.Apple?.AppleKey.Name, found?.Name);
        var row = await db.AppleChoices.Of(access).SingleOrDefaultAsync();
        if (found is null)
        {
            db.AppleChoices.Remove(row!);
        }
        else
        {
            if (row is null) db.AppleChoices.Add(row = new AppleChoice { Id = Ids.Create("apc", clock.Now()), AppId = access.App!.Value.Value, AppleKeyId = found.Id });
            row.AppleKeyId = found.Id;
            row.Sign(access, clock.Now());
        }
        return await SaveAsync(access);
    }

    private async Task<Outcome<Connections>> SaveAsync(AccessContext access)
    {
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException)
        {
            // Somebody chose, or removed what was chosen, in the same moment.
            return Refusal.Conflict("chosen_already", "Somebody else changed this just now. Look at it, and send yours again.");
        }
        return await GetAsync(access);
    }
}
