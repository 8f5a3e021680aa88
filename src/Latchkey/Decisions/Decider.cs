namespace Latchkey;

/// <summary>
/// The decision itself: a pure function over a picture of one app. No clock, no I/O, no allocation.
/// Whatever is not allowed by a line here is denied.
/// </summary>
public static class Decider
{
    /// <summary>How long an agent is told that their own session ended, before the app is unknown to them again.</summary>
    public static readonly TimeSpan EndedIsTold = TimeSpan.FromDays(1);

    /// <summary>Decides whether <paramref name="agent"/> may use <paramref name="permission"/> on an app at <paramref name="now"/>.</summary>
    /// <param name="view">The app as the ledger has it; null where no grant was seen for it.</param>
    /// <param name="agent">Who asks.</param>
    /// <param name="sessionId">The session they ask in; null where they show none.</param>
    /// <param name="permission">What for; null where the catalogue has no such permission.</param>
    /// <param name="now">The instant of the question.</param>
    public static Decision Decide(AppView? view, AgentId agent, SessionId? sessionId, Permission? permission, DateTimeOffset now)
    {
        if (view is null)
        {
            return new Decision(DecisionReason.NoGrant);
        }

        var session = view.SessionOf(agent);
        if (session is null || session.Id != sessionId)
        {
            return WithoutSession(view, agent, sessionId, now);
        }

        var grant = view.Grant;
        if (grant is null || !grant.IsLive(now))
        {
            return new Decision(DecisionReason.Ended, EndedAt: grant?.Until ?? view.LastEnd?.At);
        }

        if (!session.IsOpen(now))
        {
            return new Decision(DecisionReason.SessionClosed, EndedAt: session.ClosesAt);
        }

        if (permission is null)
        {
            return new Decision(DecisionReason.UnknownPermission, Session: session);
        }

        if (permission.OffLimits)
        {
            return new Decision(DecisionReason.OffLimits, Session: session);
        }

        return grant.Lends(permission)
            ? new Decision(DecisionReason.Allowed, grant, session)
            : new Decision(DecisionReason.NotInRole, Session: session);
    }

    private static Decision WithoutSession(AppView view, AgentId agent, SessionId? sessionId, DateTimeOffset now)
    {
        ClosedSession? newest = null;
        foreach (var closed in view.Closed)
        {
            var told = closed.Agent == agent && now - closed.ClosedAt < EndedIsTold;
            if (told && (sessionId is null || closed.Id == sessionId) && (newest is null || closed.ClosedAt > newest.ClosedAt))
            {
                newest = closed;
            }
        }

        if (newest is not null && (sessionId is not null || !view.IsOpen(now)))
        {
            var reason = newest.Cause == SessionClose.AccessEnded ? DecisionReason.Ended : DecisionReason.SessionClosed;
            return new Decision(reason, EndedAt: newest.ClosedAt);
        }

        return new Decision(view.IsOpen(now) ? DecisionReason.NoSession : DecisionReason.NoGrant);
    }
}
