namespace Latchkey;

/// <summary>Why a decision is what it is. The default is a denial.</summary>
public enum DecisionReason : byte
{
    /// <summary>No grant is live on the app, or there is no such app: for support the two are one.</summary>
    NoGrant = 0,

    /// <summary>A live grant lends the permission to the agent's open session.</summary>
    Allowed,

    /// <summary>The agent had a session, and what it rested on has ended; <see cref="Decision.EndedAt"/> says when.</summary>
    Ended,

    /// <summary>A session is open and a grant is live, but no live grant lends this permission.</summary>
    NotInRole,

    /// <summary>The permission is never lent.</summary>
    OffLimits,

    /// <summary>The catalogue holds no such permission.</summary>
    UnknownPermission,

    /// <summary>The caller is not, or no longer, an agent.</summary>
    NotAnAgent,

    /// <summary>The app is open to support, but this agent has not entered it.</summary>
    NoSession,

    /// <summary>The agent's session was left, replaced, idle or past its limit; <see cref="Decision.EndedAt"/> says when.</summary>
    SessionClosed,

    /// <summary>What support does can't be recorded now, so support is out.</summary>
    LedgerUnavailable,

    /// <summary>The clock is behind the ledger, or jumped ahead and was not accepted yet.</summary>
    Clock,
}

/// <summary>What was decided, and on what it rests. A value; the default denies.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Grant">The grant used when allowed.</param>
/// <param name="Session">The session that asked, where it is open.</param>
/// <param name="EndedAt">When access ended, for <see cref="DecisionReason.Ended"/> and <see cref="DecisionReason.SessionClosed"/>.</param>
public readonly record struct Decision(
    DecisionReason Reason,
    Grant? Grant = null,
    Session? Session = null,
    DateTimeOffset? EndedAt = null)
{
    /// <summary>Whether the act may begin.</summary>
    public bool IsAllowed => Reason == DecisionReason.Allowed;

    /// <summary>The reason as the ledger and the API write it: <c>not_in_role</c>.</summary>
    public static string Slug(DecisionReason reason) => reason switch
    {
        DecisionReason.Allowed => "allowed",
        DecisionReason.NoGrant => "no_grant",
        DecisionReason.Ended => "ended",
        DecisionReason.NotInRole => "not_in_role",
        DecisionReason.OffLimits => "off_limits",
        DecisionReason.UnknownPermission => "unknown_permission",
        DecisionReason.NotAnAgent => "not_an_agent",
        DecisionReason.NoSession => "no_session",
        DecisionReason.SessionClosed => "session_closed",
        DecisionReason.LedgerUnavailable => "ledger_unavailable",
        DecisionReason.Clock => "clock",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason."),
    };
}
