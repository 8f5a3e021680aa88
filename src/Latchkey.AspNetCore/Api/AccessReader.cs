using System.Text.Json;

namespace Latchkey.AspNetCore;

/// <summary>Puts together what a member may know about an app's support access, for the API and the pages alike.</summary>
internal sealed class AccessReader(SupportAccess access, ISupportHost host, BorderLog border, IUndo? undo = null)
{
    /// <summary>The lender that a member is on an app, with what the host says of them now.</summary>
    public async Task<Lender> LenderAsync(Member member, HostApp app, CancellationToken cancellation)
    {
        var rights = await host.GetRightsAsync(member, app, cancellation);
        var isAgent = await host.IsAgentAsync(member, cancellation);
        var mayTurn = rights.MayTurn && await host.AllowsAsync(member, app, Catalogue.SupportAccessTurnOn, cancellation);
        return new Lender(member.Person, member.Name, mayTurn, isAgent, rights.PromotedBySupport, [.. rights.WhoMayEnd])
        {
            MayTurnOff = rights.MayTurn || await host.AllowsAsync(member, app, Catalogue.SupportAccessTurnOff, cancellation),
        };
    }

    /// <summary>The lender that a member is on their account as a whole, with what the host says of them now.</summary>
    public async Task<Lender> AccountLenderAsync(Member member, CancellationToken cancellation)
    {
        var rights = await host.GetAccountRightsAsync(member, cancellation);
        var isAgent = await host.IsAgentAsync(member, cancellation);
        return new Lender(member.Person, member.Name, rights.MayTurn, isAgent, rights.PromotedBySupport, [.. rights.WhoMayEnd])
        {
            MayTurnOff = await host.AllowsAsync(member, app: null, Catalogue.SupportAccessTurnOff, cancellation),
        };
    }

    /// <summary>Whoever the host says nothing of: they end what they could end when it began, and nothing else.</summary>
    public static Lender FormerLender(Member member) =>
        new(member.Person, member.Name, MayTurn: false, IsAgent: false, PromotedBySupport: false, WhoMayEnd: []);

    /// <summary>Who ends what is lent on the app of this request, and the app: as the host knows them, or else as it was lent.</summary>
    public async Task<(AppRef App, Lender By)> EnderAsync(AccessContext caller)
    {
        var member = caller.Member!;
        return caller.Lent is { } lent
            ? (new AppRef(lent.App, lent.Account, lent.Name), FormerLender(member))
            // An end is not given up when its caller goes away.
            : (caller.HostApp!.Ref, await EnderAsync(
                member, LenderAsync(member, caller.HostApp, CancellationToken.None), access.FindToEnd(member.Person, caller.HostApp.Id.Value) is not null));
    }

    /// <summary>Who ends what is lent on their account as a whole.</summary>
    public Task<Lender> AccountEnderAsync(Member member) => EnderAsync(
        member, AccountLenderAsync(member, CancellationToken.None), AccountEndpoints.MayEnd(member.Account.Value, member, access));

    // No answer of the host's stands in the way of an end.
    private async Task<Lender> EnderAsync(Member member, Task<Lender> asked, bool mayEnd)
    {
        try
        {
            return await asked;
        }
        catch (HostAnswerException e) when (mayEnd)
        {
            border.Refused(e);
            return FormerLender(member);
        }
    }

    /// <summary>Who approved a request so far, with what the host says of them now; without those of whom it knows nothing.</summary>
    public async Task<IReadOnlyList<Lender>> ApproversAsync(AccessRequest request, CancellationToken cancellation)
    {
        var lenders = new List<Lender>();
        foreach (var person in request.Approvals.Select(a => a.By).Distinct())
        {
            if (await FindLenderAsync(request.Account, person, request.App, cancellation) is { } lender)
            {
                lenders.Add(lender);
            }
        }

        return lenders;
    }

    /// <summary>How a pending request stands: whose approval counts, whose no longer does.</summary>
    public async Task<IReadOnlyList<ApprovalState>> StandingAsync(AccessRequest request, IReadOnlyList<Lender> approvers, CancellationToken cancellation)
    {
        if (request.Approvals.IsEmpty)
        {
            return [];
        }

        var counting = access.Counting(request, approvers);
        var told = await access.History.ReadRequestsAsync(new RequestQuery(request.Account, Request: request.Id, Limit: 1), cancellation) is [var record] ? record.Approvals : [];
        return [.. request.Approvals.Reverse().DistinctBy(a => a.By).Reverse().Select(a => new ApprovalState(
            a.By.Value, told.LastOrDefault(t => t.By == a.By)?.ByName, a.Role.Name, Iso(a.Duration), a.Until, counting.Contains(a.By)))];
    }

    /// <summary>
    /// Whether fewer people than it takes can allow a request now, as far as the host names them. Only for what was asked in a conversation:
    /// by name an agent learns nothing of a customer.
    /// </summary>
    public async Task<bool> HasTooFewAsync(AccessRequest request, CancellationToken cancellation)
    {
        var policy = access.Find(request.Account).Policy;
        return request.Conversation is not null
            && await AbleAsync(request.Account, request.App, policy, but: null, policy.Approvers, cancellation) is { } able && able.Names.Count < policy.Approvers;
    }

    /// <summary>Who could lend an app, or every app of an account, now, by the account's rule too: the first few. Null where the host doesn't say.</summary>
    private async Task<OthersState?> AbleAsync(
        AccountId account, AppId? app, AccountPolicy policy, PersonId? but, int most, CancellationToken cancellation)
    {
        var all = await host.GetApproversAsync(account, cancellation);
        if (all.Count == 0 || await host.FindMemberAsync(account, all[0].Person, cancellation) is null)
        {
            return null;
        }

        var names = new List<string>();
        foreach (var person in all.Where(a => a.Person != but && policy.LetsApprove(a.Person)))
        {
            if (await FindLenderAsync(account, person.Person, app, cancellation) is { MayTurn: true, IsAgent: false, PromotedBySupport: false })
            {
                names.Add(person.Name);
            }

            if (names.Count == most)
            {
                break;
            }
        }

        return new OthersState(names);
    }

    private async Task<Lender?> FindLenderAsync(AccountId account, PersonId person, AppId? app, CancellationToken cancellation)
    {
        if (await host.FindMemberAsync(account, person, cancellation) is not { } member || member.Account != account || member.Person != person)
        {
            return null;
        }

        if (app is null)
        {
            return await AccountLenderAsync(member, cancellation);
        }

        return await host.FindAppAsync(member, app.Value.Value, cancellation) is { } found && found.Id == app && found.Account == account
            ? await LenderAsync(member, found, cancellation)
            : null;
    }

    public async Task<AccessState> ReadAsync(Member member, HostApp app, CancellationToken cancellation)
    {
        var lender = await LenderAsync(member, app, cancellation);
        var now = access.Now;
        var view = access.Find(app.Id) is { } found && found.Account == app.Account ? found : null;
        var widest = view?.Widest(now);
        var history = await access.History.ReadGrantsAsync(new GrantQuery(app.Id, Limit: IHistory.MaxPage), cancellation);
        var grants = widest is null ? [] : view!.Grants.Where(g => g.IsLive(now)).Select(g => StateOf(g, history)).ToArray();
        var state = Array.Find(grants, g => g.Id == widest?.Id.Value);
        var used = (await access.History.ReadSessionsAsync(new SessionQuery(App: app.Id, Limit: 1), cancellation)).FirstOrDefault();
        var account = access.Find(app.Account);
        var policy = account.Policy;
        var isAsking = policy is { Refuses: false } and ({ Approvers: > 1 } or { Named.IsEmpty: false }) && WhyNot(lender) is null;
        var others = isAsking ? await AbleAsync(app.Account, app.Id, policy, member.Person, OthersShown, cancellation) : null;
        var whyNot = WhyNot(lender) ?? (policy.Refuses ? Refuses : null);
        var requests = new List<RequestStory>();
        foreach (var request in account.Pending(now).Where(r => r.App == app.Id))
        {
            requests.Add(StoryOf(request) with { Approvals = await StandingAsync(request, await ApproversAsync(request, cancellation), cancellation) });
        }

        return new AccessState(
            app.Slug, app.Id.Value, app.Title, app.Account.Value, state is null ? "off" : "on", whyNot is null, whyNot, account.Policy.Refuses,
            state, grants, requests,
            view is null || state is null ? [] : [.. view.Sessions.Where(s => s.IsOpen(now)).Select(StateOf)],
            used is null ? null : new LastUse(used.LastActAt ?? used.OpenedAt, used.AgentName, used.Acts, used.Changes),
            state is null ? EndOf(history.FirstOrDefault(), now) : null,
            undo is not null && await host.AllowsAsync(member, app, Catalogue.SupportAccessActivity, cancellation)
                ? (await undo.ListOpenAsync(app, cancellation)).Count
                : null,
            policy.Approvers, whyNot is not null ? null : !policy.LetsApprove(member.Person) ? Wording.WantsNamed(others, policy.Approvers) : policy.Approvers > 1 ? Wording.WantsTwo(others) : null);
    }

    public ActStory StoryOf(ActRecord act)
    {
        var permission = access.Catalogue.Find(act.Permission);
        return new ActStory(
            act.Id.Value, act.Seq, act.Session.Value, act.Agent.Value, act.Permission, permission?.Title ?? act.Permission,
            act.IsRead ? "read" : permission?.Kind == PermissionKind.Stream ? "stream" : "change",
            act.At, act.EndedAt,
            act.IsRead ? "done" : act.Outcome is { } outcome ? Slug(outcome) : "unknown",
            act.Status, act.Target,
            [.. act.Changes.Select(c => new ChangeStory(c.What, c.Before, c.After, c.Secret))],
            act.Settled is { } settled ? Slug(settled) : null, act.SettledAt, act.SettledByName);
    }

    public static SessionStory StoryOf(SessionRecord s) => new(
        s.Id.Value, s.AppSlug, s.AppTitle, s.Agent.Value, s.AgentName, s.Reason, s.Ticket, s.OpenedAt, s.ClosedAt,
        s.Cause is { } cause ? Slug(cause) : null, s.Acts, s.Changes, s.LastActAt);

    public static GrantStory StoryOf(GrantRecord g) => new(
        g.Id.Value, How(g.Request), g.App is null, g.Request?.Value, g.Role, g.Also, g.From, g.Until, g.LentBy.Value, g.LentByName, g.Note, g.EndedAt,
        g.Cause is { } cause ? Slug(cause) : null, g.EndedByName, g.Sessions);

    /// <summary>What a member may know who has no part in an app or account any more, and may still end what is lent there.</summary>
    public EndableState StateToEnd(Member member, IEnumerable<Grant> grants) =>
        new("on", grants.Where(g => g.IsLive(access.Now) && g.MayEnd.Contains(member.Person)).Max(g => g.Until), CanEnd: true);

    public static string Slug<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static RequestStory StoryOf(AccessRequest r) => new(
        r.Id.Value, NameOf(r.Account), r.App?.Value, r.WholeAccount, r.TargetName, Slug(r.State), r.Agent?.Value, r.Agent is null ? null : r.AgentName, r.Role.Name, [.. r.Also.Select(p => p.Name)],
        Iso(r.Duration), r.Reason, r.Ticket, r.Conversation, r.At, r.Expires, r.DecidedAt, DecidedByName: null, Note: null,
        r.Because is { } because ? Slug(because) : null, [.. r.Approvals.Select(a => new ApprovalState(a.By.Value, null, a.Role.Name, Iso(a.Duration), a.Until))],
        r.Grant?.Value, r.Person?.Value, r.Person is null ? null : r.PersonName);

    public static RequestStory StoryOf(RequestRecord r, DateTimeOffset now)
    {
        // What was never answered in time has expired, whether or not its end is on the ledger yet.
        var expired = r.State == RequestState.Pending && r.Expires <= now;
        return new(
            r.Id.Value, NameOf(r.Account), r.App?.Value, r.WholeAccount, r.TargetName, Slug(expired ? RequestState.Expired : r.State), r.Agent?.Value, r.AgentName,
            r.Role, r.Also, Iso(r.Duration), r.Reason, r.Ticket, r.Conversation, r.At, r.Expires, expired ? r.Expires : r.DecidedAt, r.DecidedByName, r.Note,
            r.Because is { } because ? Slug(because) : null,
            [.. r.Approvals.Select(a => new ApprovalState(a.By.Value, a.ByName, a.Role, Iso(a.Duration), a.Until))], r.Grant?.Value,
            r.Person?.Value, r.PersonName);
    }

    public static GrantState StateOf(Grant grant, IReadOnlyList<GrantRecord> history)
    {
        var told = history.FirstOrDefault(g => g.Id == grant.Id);
        return new GrantState(
            grant.Id.Value, How(grant.Request), grant.App is null, grant.Request?.Value, grant.Role.Name, [.. grant.Also.Select(p => p.Name)], grant.From,
            grant.Until, grant.LentBy.Value, told?.LentByName, told?.Note);
    }

    public static string Iso(TimeSpan duration) => System.Xml.XmlConvert.ToString(duration);

    private static string? NameOf(AccountId account) => account == AccountId.Vendor ? null : account.Value;

    private static string How(RequestId? request) => request is null ? "toggle" : "request";

    private static SessionState StateOf(Session s) => new(s.Id.Value, s.Agent.Value, s.AgentName, s.Reason, s.OpenedAt, s.LastSeen);

    // A window that is over has ended, whether or not its end is on the ledger yet.
    private static LastEndState? EndOf(GrantRecord? newest, DateTimeOffset now) => newest switch
    {
        null => null,
        { EndedAt: { } at } => new(newest.Id.Value, at, newest.Cause is { } cause ? Slug(cause) : "expired", newest.EndedByName),
        _ when newest.Until <= now => new(newest.Id.Value, newest.Until, "expired", null),
        _ => null,
    };

    private const int OthersShown = 4;

    private const string Refuses = "This account refuses support access. Its owner can change that in the account's support settings.";

    private static string? WhyNot(Lender lender)
    {
        if (lender.IsAgent)
        {
            return "You are on the support team, so you can't turn support access on, also not as a member of this app.";
        }

        if (!lender.MayTurn)
        {
            return "Only admins of this app can turn support access on.";
        }

        return lender.PromotedBySupport
            ? "Support made you an admin of this app. You can turn support access on once another admin has accepted that on the team page."
            : null;
    }
}
