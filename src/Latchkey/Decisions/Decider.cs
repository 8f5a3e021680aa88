using Latchkey.Ledger;

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
        if (session is null || session.Id != sessionId || !view.IsOpen(now) || !session.IsOpen(now))
        {
            return WithoutSession(view, agent, sessionId, now);
        }

        if (permission is null)
        {
            return new Decision(DecisionReason.UnknownPermission, Session: session);
        }

        if (permission.OffLimits)
        {
            return new Decision(DecisionReason.OffLimits, Session: session);
        }

        foreach (var grant in view.Grants)
        {
            if (grant.IsLive(now) && grant.Lends(permission))
            {
                return new Decision(DecisionReason.Allowed, grant, session);
            }
        }

        return new Decision(DecisionReason.NotInRole, Session: session);
    }

    private static Decision WithoutSession(AppView view, AgentId agent, SessionId? sessionId, DateTimeOffset now)
    {
        var newest = DateTimeOffset.MinValue;
        var cause = SessionClose.Left;
        foreach (var closed in view.Closed)
        {
            if (closed.Agent == agent && (sessionId is null || closed.Id == sessionId) && closed.ClosedAt >= newest)
            {
                (newest, cause) = (closed.ClosedAt, closed.Cause);
            }
        }

        // What the clock has ended counts as closed, whether or not that is on the ledger already.
        if (view.SessionOf(agent) is { } own && (sessionId is null || own.Id == sessionId) && view.EndOf(own) is var end && end.At <= now)
        {
            (newest, cause) = (LedgerEntry.WholeMilliseconds(end.At), end.Cause);
        }

        var isOpen = view.IsOpen(now);
        if (newest != DateTimeOffset.MinValue && now - newest < EndedIsTold && (sessionId is not null || !isOpen))
        {
            return new Decision(cause == SessionClose.AccessEnded ? DecisionReason.Ended : DecisionReason.SessionClosed, EndedAt: newest);
        }

        return new Decision(isOpen ? DecisionReason.NoSession : DecisionReason.NoGrant);
    }
}
