using System.Collections.Immutable;

namespace Latchkey;

/// <summary>How the host calls an app and its account, for people. Never part of a decision.</summary>
/// <param name="Slug">The app's name in addresses.</param>
/// <param name="Title">The app's title.</param>
/// <param name="AccountTitle">The account's title.</param>
public sealed record AppName(string Slug, string Title, string AccountTitle);

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

    /// <summary>The grant lent by the toggle, until its end is on the ledger. Its window may be over before that.</summary>
    public Grant? Grant { get; init; }

    /// <summary>When and why the newest grant ended, where none is left.</summary>
    public EndedGrant? LastEnd { get; init; }

    /// <summary>The open sessions, at most one per agent.</summary>
    public ImmutableArray<Session> Sessions { get; init; } = [];

    /// <summary>Sessions that closed within a day, oldest first.</summary>
    public ImmutableArray<ClosedSession> Closed { get; init; } = [];

    /// <summary>Answers whether support may enter at <paramref name="now"/>.</summary>
    public bool IsOpen(DateTimeOffset now) => Grant is { } grant && grant.IsLive(now);

    /// <summary>Answers whether the clock has ended something here that is not on the ledger as ended.</summary>
    internal bool HasEnded(DateTimeOffset now)
    {
        if (Grant is { } grant && grant.Until <= now)
        {
            return true;
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
        var until = Grant?.Until ?? LastEnd?.At ?? DateTimeOffset.MinValue;
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

/// <summary>The end of a grant.</summary>
/// <param name="Grant">Which.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Cause">Why.</param>
/// <param name="By">Who, where a person of the customer ended it.</param>
public sealed record EndedGrant(GrantId Grant, DateTimeOffset At, GrantEnd Cause, PersonId? By);
