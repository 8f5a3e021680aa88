using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>New values for who is told of an event; what is left out stays.</summary>
public sealed record NotificationChanges
{
    /// <summary><c>nobody</c>, <c>admins</c>, <c>team</c> or <c>chosen</c>.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Audience { get; init; }

    /// <summary>Person ids of the app's team, for <c>chosen</c>.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public IReadOnlyList<string>? People { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? Email { get; init; }
}

/// <summary>Who is told of what in an app.</summary>
internal sealed class NotificationBook(BuildyardDb db, AppTeam team, TimeProvider clock)
{
    /// <summary>One rule for each event; where nobody set one, the default.</summary>
    public async Task<IReadOnlyList<NotificationRule>> ListAsync(AccessContext access)
    {
        var rules = await db.NotificationRules.AsNoTracking().Of(access).ToDictionaryAsync(r => r.Event);
        return [.. Enum.GetValues<NotificationEvent>().Select(what => rules.GetValueOrDefault(what) ?? New(access, what))];
    }

    public async Task<Outcome<NotificationRule>> SetAsync(AccessContext access, string? name, NotificationChanges changes)
    {
        if (Words.Find<NotificationEvent>(name) is not { } what) return Refusal.NotFound("There is no event of this name.");
        var errors = new List<FieldError>();
        var audience = changes.Audience is null ? null : Words.Find<NotificationAudience>(changes.Audience);
        if (changes.Audience is not null && audience is null)
            errors.Add(new FieldError("audience", "It is not known here.", $"One of {string.Join(", ", Enum.GetValues<NotificationAudience>().Select(a => Words.Of(a)))}."));
        var members = (await team.ListCustomersAsync(access)).ToDictionary(m => m.Person.Id, m => m.Person.Name);
        if (changes.People is { } people && people.Any(p => !members.ContainsKey(p)))
            errors.Add(new FieldError("people", "Somebody in it has no part in this app.", "Person ids of the app's team."));

        var set = await db.NotificationRules.Of(access).SingleOrDefaultAsync(r => r.Event == what);
        var rule = set ?? New(access, what);
        if ((audience ?? rule.Audience) == NotificationAudience.Chosen && (changes.People?.Count ?? rule.People.Length) == 0)
            errors.Add(new FieldError("people", "Nobody is chosen.", "At least one of the app's team."));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var before = Describe(rule, members);
        rule.Audience = audience ?? rule.Audience;
        if (changes.People is not null) rule.People = string.Join(' ', changes.People.Distinct());
        rule.Email = changes.Email ?? rule.Email;
        access.Target($"notification: {Notifier.Labels.Of(what)}");
        if (Describe(rule, members) is var after && after == before) return rule;
        access.Changed(Notifier.Labels.Of(what), before, after);
        rule.Sign(access, clock.Now());
        if (set is null) db.NotificationRules.Add(rule);
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return Refusal.Conflict("set_already", "Somebody else set this just now. Look at it, and send yours again.");
        }
        return rule;
    }

    private NotificationRule New(AccessContext access, NotificationEvent what) =>
        new() { Id = Ids.Create("ntf", clock.Now()), AppId = access.App!.Value.Value, Event = what, Audience = NotificationRule.Default(what) };

    private static string Describe(NotificationRule rule, Dictionary<string, string> members)
    {
        var whom = rule.Audience == NotificationAudience.Chosen
            ? string.Join(", ", rule.People.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => members.GetValueOrDefault(id, "somebody who left")))
            : Notifier.Labels.Of(rule.Audience);
        return $"{whom}, {(rule.Email ? "inbox and e-mail" : "inbox only")}";
    }
}

/// <summary>What a member was told.</summary>
internal sealed class Inbox(BuildyardDb db, TimeProvider clock)
{
    private const int Shown = 100;

    /// <summary>The newest, newest first.</summary>
    public Task<List<InboxItem>> ListAsync(Member member) =>
        db.InboxItems.AsNoTracking().Where(i => i.PersonId == member.Person.Value).OrderByDescending(i => i.CreatedAt).ThenByDescending(i => i.Id).Take(Shown).ToListAsync();

    public Task<int> UnreadAsync(Member member) => db.InboxItems.CountAsync(i => i.PersonId == member.Person.Value && i.ReadAt == null);

    /// <summary>Marks everything as read that is there now, and lets go of what is older than the newest hundred.</summary>
    public async Task ReadAllAsync(Member member)
    {
        var (person, now) = (member.Person.Value, clock.Now());
        await db.InboxItems.Where(i => i.PersonId == person && i.ReadAt == null).ExecuteUpdateAsync(set => set.SetProperty(i => i.ReadAt, now));
        await db.InboxItems.Where(i => i.PersonId == person).OrderByDescending(i => i.CreatedAt).ThenByDescending(i => i.Id).Skip(Shown).ExecuteDeleteAsync();
    }
}
