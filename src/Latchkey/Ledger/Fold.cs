using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// The state as a fold of facts: what one fact makes of an app's picture, and of its account's. Pure, and the only place that changes a picture,
/// whether the fact was just decided, was appended by another node, or is read at start.
/// </summary>
internal static class Fold
{
    // Nobody enters and leaves one app this often in a day without meaning to; the oldest are forgotten first.
    private const int MaxClosed = 64;

    /// <summary>The app that a fact is about; null where it changes no app's picture.</summary>
    public static AppId? AppOf(Fact fact) => fact switch
    {
        GrantStarted f => f.App,
        GrantChanged f => f.App,
        GrantEnded f => f.App,
        GrantCovers f => f.App,
        GrantUncovers f => f.App,
        SessionOpened f => f.App,
        SessionClosed f => f.App,
        _ => null,
    };

    /// <param name="view">The app's picture before it.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="time">The entry's time.</param>
    /// <param name="catalogue">What can be lent.</param>
    /// <param name="account">The account's picture, for a grant of the account that opens the app; null where there is none.</param>
    public static AppView Apply(AppView view, Fact fact, DateTimeOffset time, Catalogue catalogue, AccountView? account) => fact switch
    {
        GrantStarted f => view with { Grants = Ordered(view.Grants.Append(GrantOf(view.Account, f, time, catalogue))) },
        GrantCovers f when account?.Grants.FirstOrDefault(g => g.Id == f.Grant) is { } grant => view with
        {
            Grants = Ordered(view.Grants.Append(OnApp(grant, f.MayEnd))),
            TakenOut = view.TakenOut.RemoveAll(g => g.Id == f.Grant),
        },
        GrantUncovers f => view with { Grants = view.Grants.RemoveAll(g => g.Id == f.Grant), TakenOut = [.. view.TakenOut, .. view.Grants.Where(g => g.Id == f.Grant)] },
        GrantChanged f => view with { Grants = [.. view.Grants.Select(g => g.Id == f.Grant ? Changed(g, f, catalogue) : g)] },
        GrantEnded f => view with { Grants = view.Grants.RemoveAll(g => g.Id == f.Grant), TakenOut = view.TakenOut.RemoveAll(g => g.Id == f.Grant) },
        SessionOpened f => view with
        {
            Sessions = view.Sessions.RemoveAll(s => s.Agent == f.Agent)
                .Add(new Session(f.Session, f.App, f.Agent, f.AgentName.Text ?? "", f.Reason.Text ?? "", time, time)),
        },
        SessionClosed f => Close(view, f, time),
        _ => view,
    };

    /// <summary>What leads have ruled for the whole vendor, after this fact too.</summary>
    public static VendorPolicy? Apply(VendorPolicy? ruled, Fact fact) => fact is VendorPolicyChanged changed ? changed.Policy : ruled;

    /// <summary>The account that a fact is about as a whole.</summary>
    public static bool IsOfAccount(Fact fact) =>
        fact is PolicyChanged or RequestMade or RequestApproved or RequestEnded or GrantStarted { App: null } or GrantEnded { App: null };

    public static AccountView Apply(AccountView view, Fact fact, DateTimeOffset time, Catalogue catalogue) => fact switch
    {
        PolicyChanged f => view with { Policy = f.Policy },
        GrantStarted f => view with { Grants = view.Grants.Add(GrantOf(view.Account, f, time, catalogue)) },
        GrantEnded f => view with { Grants = view.Grants.RemoveAll(g => g.Id == f.Grant) },
        RequestMade f => view with { Requests = view.Remembered(time).Add(RequestOf(view.Account, f, time, catalogue)) },
        RequestApproved f => Replace(view, f.Request, r => r with
        {
            State = f.Grant is null ? RequestState.Pending : RequestState.Approved,
            DecidedAt = f.Grant is null ? null : time,
            Grant = f.Grant,
            Approvals = r.Approvals.Add(ApprovalOf(f, catalogue)),
        }),
        RequestEnded f => Replace(view, f.Request, r => r with { State = f.State, Because = f.Because, DecidedAt = f.At }),
        _ => view,
    };

    public static AccessRequest RequestOf(AccountId account, RequestMade f, DateTimeOffset time, Catalogue catalogue) => new()
    {
        Id = f.Request,
        Account = account,
        App = f.App,
        TargetName = f.TargetName.Text ?? "",
        Agent = f.Agent,
        AgentName = f.AgentName?.Text ?? "",
        Person = f.Person,
        PersonName = f.PersonName?.Text ?? "",
        Role = RoleOf(f.Role, catalogue),
        Also = PermissionsOf(f.Also, catalogue),
        Duration = TimeSpan.FromSeconds(f.Seconds),
        Until = f.Until,
        Reason = f.Reason?.Text ?? "",
        Ticket = f.Ticket?.Text,
        Conversation = f.Conversation,
        AskedByName = f.AskedByName,
        At = time,
        Expires = f.Expires,
    };

    public static Approval ApprovalOf(RequestApproved f, Catalogue catalogue) => new(
        f.By, RoleOf(f.Role, catalogue), PermissionsOf(f.Also, catalogue), TimeSpan.FromSeconds(f.Seconds), f.Until);

    /// <summary>A role that the catalogue no longer has lends nothing.</summary>
    public static Role RoleOf(string name, Catalogue catalogue) => catalogue.FindRole(name) ?? new Role(name, name, [], 0);

    /// <summary>Permissions that the catalogue no longer has are not lent.</summary>
    public static ImmutableArray<Permission> PermissionsOf(IEnumerable<string> names, Catalogue catalogue) =>
        [.. names.Select(catalogue.Find).OfType<Permission>()];

    /// <summary>The order in which grants are asked, the same after a restart: by id, which is by age.</summary>
    public static ImmutableArray<Grant> Ordered(IEnumerable<Grant> grants) => [.. grants.OrderBy(g => g.Id.Value, StringComparer.Ordinal)];

    /// <summary>A grant of the whole account as it is on one app of it: whoever could turn it off there can.</summary>
    public static Grant OnApp(Grant grant, IEnumerable<PersonId> mayEnd) => grant with { MayEnd = [.. grant.MayEnd.Union(mayEnd)] };

    private static Grant GrantOf(AccountId account, GrantStarted f, DateTimeOffset time, Catalogue catalogue) => new(
        f.Grant, account, f.App, RoleOf(f.Role, catalogue), PermissionsOf(f.Also, catalogue), time, f.Until, f.By, f.MayEnd, f.Request);

    private static Grant Changed(Grant grant, GrantChanged f, Catalogue catalogue) => grant with
    {
        Role = RoleOf(f.Role, catalogue),
        Also = PermissionsOf(f.Also, catalogue),
        Until = f.Until,
        LentBy = f.By,
        MayEnd = f.MayEnd,
    };

    private static AccountView Replace(AccountView view, RequestId id, Func<AccessRequest, AccessRequest> change) =>
        view with { Requests = [.. view.Requests.Select(r => r.Id == id ? change(r) : r)] };

    private static AppView Close(AppView view, SessionClosed fact, DateTimeOffset time)
    {
        if (!view.Sessions.Any(s => s.Id == fact.Session))
        {
            return view;
        }

        return view with
        {
            Sessions = view.Sessions.RemoveAll(s => s.Id == fact.Session),
            Closed = [.. view.Closed
                .Where(c => time - c.ClosedAt < Decider.EndedIsTold)
                .TakeLast(MaxClosed - 1)
                .Append(new ClosedSession(fact.Session, fact.Agent, fact.At, fact.Cause))],
        };
    }
}
