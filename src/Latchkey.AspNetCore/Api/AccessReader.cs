using System.Text.Json;

namespace Latchkey.AspNetCore;

/// <summary>Puts together what a member may know about an app's support access, for the API and the pages alike.</summary>
internal sealed class AccessReader(SupportAccess access, ISupportHost host, IUndo? undo = null)
{
    /// <summary>The lender that a member is on an app, with what the host says of them now.</summary>
    public async Task<Lender> LenderAsync(Member member, HostApp app, CancellationToken cancellation)
    {
        var rights = await host.GetRightsAsync(member, app, cancellation);
        var isAgent = await host.IsAgentAsync(member, cancellation);
        return new Lender(member.Person, member.Name, rights.MayTurn, isAgent, rights.PromotedBySupport, [.. rights.Administrators]);
    }

    /// <summary>The lender that a member is on their account as a whole, with what the host says of them now.</summary>
    public async Task<Lender> AccountLenderAsync(Member member, CancellationToken cancellation)
    {
        var rights = await host.GetAccountRightsAsync(member, cancellation);
        var isAgent = await host.IsAgentAsync(member, cancellation);
        return new Lender(member.Person, member.Name, rights.MayTurn, isAgent, rights.PromotedBySupport, [.. rights.Administrators]);
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
        var whyNot = WhyNot(lender) ?? (account.Policy.Refuses ? Refuses : null);
        return new AccessState(
            app.Slug, app.Id.Value, app.Title, app.Account.Value, state is null ? "off" : "on", whyNot is null, whyNot, account.Policy.Refuses,
            state, grants, [.. account.Pending(now).Where(r => r.App == app.Id).Select(StoryOf)],
            view is null || state is null ? [] : [.. view.Sessions.Where(s => s.IsOpen(now)).Select(StateOf)],
            used is null ? null : new LastUse(used.LastActAt ?? used.OpenedAt, used.AgentName, used.Acts, used.Changes),
            state is null ? EndOf(history.FirstOrDefault(), now) : null,
            undo is not null && await host.AllowsAsync(member, app, Catalogue.SupportAccessManage, cancellation)
                ? (await undo.ListOpenAsync(app, cancellation)).Count
                : null);
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

    public static string Slug<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static RequestStory StoryOf(AccessRequest r) => new(
        r.Id.Value, NameOf(r.Account), r.App?.Value, r.WholeAccount, r.TargetName, Slug(r.State), r.Agent.Value, r.AgentName, r.Role.Name, [.. r.Also.Select(p => p.Name)],
        Iso(r.Duration), r.Reason, r.Ticket, r.Conversation, r.At, r.Expires, r.DecidedAt, DecidedByName: null, Note: null,
        r.Because is { } because ? Slug(because) : null, [.. r.Approvals.Select(a => new ApprovalState(a.By.Value, null, a.Role.Name, Iso(a.Duration), a.Until))],
        r.Grant?.Value);

    public static RequestStory StoryOf(RequestRecord r, DateTimeOffset now)
    {
        // What was never answered in time has expired, whether or not its end is on the ledger yet.
        var expired = r.State == RequestState.Pending && r.Expires <= now;
        return new(
            r.Id.Value, NameOf(r.Account), r.App?.Value, r.WholeAccount, r.TargetName, Slug(expired ? RequestState.Expired : r.State), r.Agent.Value, r.AgentName,
            r.Role, r.Also, Iso(r.Duration), r.Reason, r.Ticket, r.Conversation, r.At, r.Expires, expired ? r.Expires : r.DecidedAt, r.DecidedByName, r.Note,
            r.Because is { } because ? Slug(because) : null,
            [.. r.Approvals.Select(a => new ApprovalState(a.By.Value, a.ByName, a.Role, Iso(a.Duration), a.Until))], r.Grant?.Value);
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

    private const string Refuses = "This account refuses support access. Its owner can change that in the account's support settings.";

    private static string? WhyNot(Lender lender)
    {
        if (lender.IsAgent)
        {
            return "You are on the support team, so you can't turn support access on, also not as a member of this app.";
        }

        if (!lender.MayTurn)
        {
            return "Only admins of this app can turn support access on or off.";
        }

        return lender.PromotedBySupport
            ? "Support made you an admin of this app. You can turn support access on once another admin has accepted that on the team page."
            : null;
    }
}
