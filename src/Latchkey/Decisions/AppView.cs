using System.Collections.Immutable;

namespace Latchkey;

/// <summary>How the host calls an app and its account, for people. Never part of a decision.</summary>
/// <param name="Slug">The app's name in addresses.</param>
/// <param name="Title">The app's title.</param>
/// <param name="AccountTitle">The account's title.</param>
/// <exception cref="ArgumentNullException">One of them is null: no store keeps it, and what is on its way with it would fail too.</exception>
public sealed record AppName(string Slug, string Title, string AccountTitle)
{
    /// <summary>The app's name in addresses.</summary>
    public string Slug { get; init; } = Slug ?? throw new ArgumentNullException(nameof(Slug));

    /// <summary>The app's title.</summary>
    public string Title { get; init; } = Title ?? throw new ArgumentNullException(nameof(Title));

    /// <summary>The account's title.</summary>
    public string AccountTitle { get; init; } = AccountTitle ?? throw new ArgumentNullException(nameof(AccountTitle));
}

/// <summary>
/// All that a decision about one app needs: an immutable picture of its grants and sessions.
/// A new one takes its place when an entry changes something; whoever holds the old one sees no change.
/// </summary>
public sealed record AppView
{
    /// <summary>The app.</summary>
    public required AppId App { get; init; }

    /// <summary>The account that owns it.</summary>
    public required AccountId Account { get; init; }

    /// <summary>How it is called.</summary>
    public required AppName Name { get; init; }

    /// <summary>
    /// The grants on the app, those of its account too, oldest first: each until its end is on the ledger. Its window may be over before that.
    /// </summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Grants of the account that this app was taken out of, as long as they live and no switch said as much as they lend.</summary>
    public ImmutableArray<Grant> TakenOut { get; init; } = [];

    /// <summary>The open sessions, at most one per agent.</summary>
    public ImmutableArray<Session> Sessions { get; init; } = [];

    /// <summary>Sessions that closed within a day, oldest first.</summary>
    public ImmutableArray<ClosedSession> Closed { get; init; } = [];

    /// <summary>Answers whether support may enter at <paramref name="now"/>.</summary>
    public bool IsOpen(DateTimeOffset now)
    {
        foreach (var grant in Grants)
        {
            if (grant.IsLive(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The grant lent by the app's switch, until its end is on the ledger; null where there is none.</summary>
    public Grant? Toggle => Grants.FirstOrDefault(grant => grant.Request is null);

    /// <summary>The live grant that lends most at <paramref name="now"/>, of equal ones the one that ends last; null where none is live.</summary>
    public Grant? Widest(DateTimeOffset now) =>
        Grants.Where(grant => grant.IsLive(now)).OrderByDescending(grant => grant.Width).ThenByDescending(grant => grant.Until).FirstOrDefault();

    /// <summary>The first instant at which no grant that is live at <paramref name="now"/> holds any more; null where none is live.</summary>
    public DateTimeOffset? OpenUntil(DateTimeOffset now) =>
        Grants.Where(grant => grant.IsLive(now)).Select(grant => (DateTimeOffset?)grant.Until).Max();

    /// <summary>Whether a person could end something that is lent here when it was lent.</summary>
    public bool MayEnd(PersonId person) => Grants.Any(grant => grant.MayEnd.Contains(person));

    /// <summary>Answers whether the clock has ended something here that is not on the ledger as ended.</summary>
    internal bool HasEnded(DateTimeOffset now)
    {
        foreach (var grant in Grants)
        {
            if (grant.Until <= now)
            {
                return true;
            }
        }

        foreach (var session in Sessions)
        {
            if (!session.IsOpen(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>When the clock alone ends a session, and by which limit. On the ledger and in answers it stands in whole milliseconds.</summary>
    internal (DateTimeOffset At, SessionClose Cause) EndOf(Session session)
    {
        var until = DateTimeOffset.MinValue;
        foreach (var grant in Grants)
        {
            until = grant.Until > until ? grant.Until : until;
        }

        var closesAt = session.ClosesAt;
        return until <= closesAt
            ? (until, SessionClose.AccessEnded)
            : (closesAt, closesAt == session.ExpiresAt ? SessionClose.Expired : SessionClose.Idle);
    }

    /// <summary>The agent's open session, or null.</summary>
    public Session? SessionOf(AgentId agent)
    {
        foreach (var session in Sessions)
        {
            if (session.Agent == agent)
            {
                return session;
            }
        }

        return null;
    }
}
