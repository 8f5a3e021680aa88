using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Where the rest of Buildyard says what people should be told.</summary>
public sealed class Notifier
{
    private readonly BuildyardDb _db;
    private readonly MailCourier _mail;
    private readonly TimeProvider _clock;

    internal Notifier(BuildyardDb db, MailCourier mail, TimeProvider clock) => (_db, _mail, _clock) = (db, mail, clock);

    /// <summary>
    /// Adds a line to the inbox of everyone whom the app's settings name for this event, and a mail where they say so. All of it is saved
    /// with the caller's next save, or not at all. Nobody who has no part in the app any more is told, and support never is.
    /// </summary>
    /// <param name="app">The app; <see cref="App.Account"/> need not be loaded.</param>
    /// <param name="what">The event.</param>
    /// <param name="sentence">One clear sentence that names the app.</param>
    /// <param name="path">The page that it is about, below the instance's address.</param>
    public async Task NotifyAsync(App app, NotificationEvent what, string sentence, string path)
    {
        var rule = await _db.NotificationRules.AsNoTracking().SingleOrDefaultAsync(r => r.AppId == app.Id && r.Event == what);
        var people = await PeopleAsync(app, rule?.Audience ?? NotificationRule.Default(what), rule?.People ?? "");
        if (what == NotificationEvent.WebhookFailed && await _db.ServiceUsers.AsNoTracking().SingleOrDefaultAsync(u => u.AppId == app.Id) is { } user && !people.Contains(user.PersonId, StringComparer.Ordinal))
            people.AddRange(await PeopleAsync(app, NotificationAudience.Chosen, user.PersonId));
        var now = _clock.Now();
        var byMail = rule?.Email == true && _mail.IsSetUp;
        foreach (var person in people)
        {
            _db.InboxItems.Add(new InboxItem { Id = Ids.Create("ibx", now), PersonId = person, AppId = app.Id, Sentence = sentence, Path = path, CreatedAt = now });
            if (byMail)
                _db.Mails.Add(new Mail { Id = Ids.Create("mail", now), PersonId = person, Subject = $"{app.Title}: {Labels.Of(what).ToLowerInvariant()}", Sentence = sentence, Path = path, CreatedAt = now, NextAt = now });
        }
        if (byMail) _mail.RingWhenSaved(_db);
    }

    /// <summary>
    /// Adds a line to the inbox of the owners of an app's account, whatever its settings name: of what is the account's. Saved with the caller's next
    /// save, or not at all; support is never told.
    /// </summary>
    /// <param name="app">An app of the account, under which the line stands.</param>
    /// <param name="sentence">One clear sentence.</param>
    /// <param name="path">The page that it is about, below the instance's address.</param>
    public async Task TellOwnersAsync(App app, string sentence, string path)
    {
        var now = _clock.Now();
        foreach (var owner in await OwnersAsync(app, await SupportMailboxes.ReadAsync(_db, CancellationToken.None)))
            _db.InboxItems.Add(new InboxItem { Id = Ids.Create("ibx", now), PersonId = owner.Id, AppId = app.Id, Sentence = sentence, Path = path, CreatedAt = now });
    }

    private async Task<List<Person>> OwnersAsync(App app, SupportMailboxes support) =>
        [.. (await _db.People.AsNoTracking().Where(p => p.AccountId == app.AccountId && p.IsOwner).ToListAsync()).Where(p => !support.Has(p))];

    private async Task<List<string>> PeopleAsync(App app, NotificationAudience audience, string chosen)
    {
        if (audience == NotificationAudience.Nobody) return [];
        var support = await SupportMailboxes.ReadAsync(_db, CancellationToken.None);
        var owners = await OwnersAsync(app, support);
        var roles = await _db.AppRoles.AsNoTracking().Include(r => r.Person).Where(r => r.AppId == app.Id).ToListAsync();
        var members = audience == NotificationAudience.Admins ? roles.Where(r => r is { Role: MemberRole.Admin, IsRaised: false }) : roles;
        var people = owners.Concat(members.Select(r => r.Person)).Where(p => !support.Has(p)).Select(p => p.Id).Distinct(StringComparer.Ordinal);
        return [.. audience == NotificationAudience.Chosen ? people.Intersect(chosen.Split(' '), StringComparer.Ordinal) : people];
    }

    /// <summary>Events and audiences in words.</summary>
    internal static class Labels
    {
        public static string Of(NotificationEvent what) => what switch
        {
            NotificationEvent.BuildFailed => "A build failed",
            NotificationEvent.BuildSucceeded => "A build succeeded",
            _ => "A webhook was given up",
        };

        public static string Of(NotificationAudience audience) => audience switch
        {
            NotificationAudience.Nobody => "Nobody",
            NotificationAudience.Admins => "Admins and owners",
            NotificationAudience.Team => "Everyone in the team",
            _ => "Those chosen below",
        };
    }
}
