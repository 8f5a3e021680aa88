using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// The state as a fold of facts: what one fact makes of one app's picture. Pure, and the only place that changes a picture,
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
        SessionOpened f => f.App,
        SessionClosed f => f.App,
        _ => null,
    };

    public static AppView Apply(AppView view, Fact fact, DateTimeOffset time, Catalogue catalogue) => fact switch
    {
        GrantStarted f => view with
        {
            Grant = new Grant(f.Grant, view.Account, f.App, RoleOf(f.Role, catalogue), PermissionsOf(f.Also, catalogue), time, f.Until, f.By, f.MayEnd),
            LastEnd = null,
        },
        GrantChanged f when view.Grant is { } grant && grant.Id == f.Grant => view with
        {
            Grant = grant with
            {
                Role = RoleOf(f.Role, catalogue),
                Also = PermissionsOf(f.Also, catalogue),
                Until = f.Until,
                LentBy = f.By,
                MayEnd = f.MayEnd,
            },
        },
        GrantEnded f when view.Grant is { } grant && grant.Id == f.Grant => view with
        {
            Grant = null,
            LastEnd = new EndedGrant(f.Grant, f.At, f.Cause, f.By),
        },
        SessionOpened f => view with
        {
            Sessions = view.Sessions.RemoveAll(s => s.Agent == f.Agent)
                .Add(new Session(f.Session, f.App, f.Agent, f.AgentName.Text ?? "", f.Reason.Text ?? "", time, time)),
        },
        SessionClosed f => Close(view, f, time),
        _ => view,
    };

    /// <summary>A role that the catalogue no longer has lends nothing.</summary>
    public static Role RoleOf(string name, Catalogue catalogue) => catalogue.FindRole(name) ?? new Role(name, name, [], 0);

    /// <summary>Permissions that the catalogue no longer has are not lent.</summary>
    public static ImmutableArray<Permission> PermissionsOf(IEnumerable<string> names, Catalogue catalogue) =>
        [.. names.Select(catalogue.Find).OfType<Permission>()];

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
