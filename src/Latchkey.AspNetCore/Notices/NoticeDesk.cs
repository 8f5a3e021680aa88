using System.Collections.Immutable;

namespace Latchkey.AspNetCore;

/// <summary>Where an account's owner chooses who is told, and how. One path for the API and the page.</summary>
internal sealed class NoticeDesk(SupportAccess access, AccessReader reader, HookSender sender, HookSecrets secrets, MailSender mail, INoticeHost? people = null)
{
    private const int LostShown = 20;
    public static readonly Refusal Unknown = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    /// <summary>Why a member may not choose; null where they may. Another account is not there for them.</summary>
    public async Task<Refusal?> MayChooseAsync(Member member, string? account, CancellationToken cancellation)
    {
        if ((account is not null && account != member.Account.Value) || people is null)
        {
            return Unknown;
        }

        return await reader.AccountLenderAsync(member, cancellation) is { MayTurn: true, IsAgent: false, PromotedBySupport: false }
            ? null
            : new Refusal(RefusalReason.NotAllowed, "Only owners of the account choose who is told of support access.");
    }

    public async Task<NoticeSettingsState> ReadAsync(AccountId account, CancellationToken cancellation)
    {
        var chosen = await access.Notices.ReadChoicesAsync(account, cancellation);
        var members = await people!.MembersOfAsync(account, cancellation);
        var names = members.ToDictionary(m => m.Reader, m => m.Name);
        var lost = await access.Notices.ReadLostAsync(account, LostShown, cancellation);
        return new NoticeSettingsState(
            mail.IsSetUp,
            (await access.Notices.FindHookAsync(account, cancellation))?.Url,
            [.. NoticeChoices.Kinds.Select(kind => StateOf(kind, NoticeChoices.Of(kind, chosen)))],
            [.. members.Select(m => new NoticePerson(m.Id, m.Name))],
            [.. lost.Select(l => new LostState(l.Channel == NoticeChannel.Webhook ? null : names.GetValueOrDefault(l.Reader), AccessReader.Slug(l.Channel), l.At, l.Problem))]);
    }

    /// <summary>Sets who is told of one kind of thing; what is left out stays.</summary>
    public async Task<Answer<NoticeChoiceState>> ChooseAsync(AccountId account, string kindName, NoticeChanges changes, CancellationToken cancellation)
    {
        if (NoticeChoices.Kinds.Where(k => AccessReader.Slug(k) == kindName).ToList() is not [var kind])
        {
            return Unknown;
        }

        var old = NoticeChoices.Of(kind, await access.Notices.ReadChoicesAsync(account, cancellation));
        var named = old.People;
        if (changes.People is { } asked)
        {
            var members = (await people!.MembersOfAsync(account, cancellation)).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
            if (asked.Count > NoticeChoice.MaxPeople || asked.Any(p => !members.Contains(p)))
            {
                return new Refusal(RefusalReason.Invalid, $"'people' takes up to {NoticeChoice.MaxPeople} ids of members of the account.", "people");
            }

            named = [.. asked.Distinct(StringComparer.Ordinal).Select(p => new PersonId(p))];
        }

        var choice = new NoticeChoice(
            changes.Administrators ?? old.Administrators, changes.Owners ?? old.Owners, named, changes.InApp ?? old.InApp, changes.Email ?? old.Email, changes.Webhook ?? old.Webhook);
        await access.Notices.WriteChoicesAsync(account, new Dictionary<NoticeKind, NoticeChoice> { [kind] = choice }, cancellation);
        return StateOf(kind, choice);
    }

    /// <summary>Sets the account's webhook, with a new secret that is shown this once.</summary>
    public async Task<Answer<HookState>> SetHookAsync(AccountId account, string? url, CancellationToken cancellation)
    {
        url = url?.Trim();
        if (string.IsNullOrEmpty(url) || sender.ProblemOf(url) is not null)
        {
            var problem = string.IsNullOrEmpty(url) ? "is missing" : sender.ProblemOf(url);
            return new Refusal(RefusalReason.Invalid, $"'url' {problem}; it takes an https address on the public internet.", "url");
        }

        var secret = WebhookSignature.NewSecret();
        await access.Notices.WriteHookAsync(account, new NoticeHook(url, secrets.Seal(secret)), cancellation);
        return new HookState(url, secret);
    }

    public Task RemoveHookAsync(AccountId account, CancellationToken cancellation) => access.Notices.WriteHookAsync(account, null, cancellation);

    private static NoticeChoiceState StateOf(NoticeKind kind, NoticeChoice choice) => new(
        AccessReader.Slug(kind), choice.Administrators, choice.Owners, [.. choice.People.Select(p => p.Value)], choice.InApp, choice.Email, choice.Webhook);
}

/// <summary>New values for who is told of one kind of thing. Null stays as it is.</summary>
internal sealed record NoticeChanges(bool? Administrators, bool? Owners, IReadOnlyList<string>? People, bool? InApp, bool? Email, bool? Webhook);

/// <summary>Who is told of what, and how. <c>email_available</c> is false while no mail server is set up.</summary>
internal sealed record NoticeSettingsState(
    bool EmailAvailable, string? WebhookUrl, IReadOnlyList<NoticeChoiceState> Choices, IReadOnlyList<NoticePerson> Members, IReadOnlyList<LostState> Lost);

/// <summary>Who is told of one kind of thing.</summary>
internal sealed record NoticeChoiceState(string Event, bool Administrators, bool Owners, ImmutableArray<string> People, bool InApp, bool Email, bool Webhook);

/// <summary>A member who can be named.</summary>
internal sealed record NoticePerson(string Id, string Name);

/// <summary>Something that reached nobody and was given up.</summary>
internal sealed record LostState(string? Name, string Channel, DateTimeOffset At, string Problem);

/// <summary>A webhook with its new secret, shown once.</summary>
internal sealed record HookState(string Url, string Secret);
