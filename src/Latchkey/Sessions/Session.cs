namespace Latchkey;

/// <summary>
/// One agent inside one app, for one stated reason. Ends at <see cref="ExpiresAt"/>, after
/// <see cref="IdleLimit"/> without an act, when no grant on the app is live, or when someone ends it.
/// </summary>
public sealed class Session
{
    /// <summary>How long a session lasts at the most.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromHours(12);

    /// <summary>How long a session lasts without an act.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(30);

    private long _lastSeen;
    private ReadMemory? _reads;

    /// <summary>Describes an open session.</summary>
    public Session(SessionId id, AppId app, AgentId agent, string agentName, string reason, DateTimeOffset openedAt, DateTimeOffset lastSeen)
    {
        Id = id;
        App = app;
        Agent = agent;
        AgentName = agentName;
        Reason = reason;
        OpenedAt = openedAt;
        _lastSeen = lastSeen.UtcTicks;
    }

    /// <summary>The session's id.</summary>
    public SessionId Id { get; }

    /// <summary>The app it is in.</summary>
    public AppId App { get; }

    /// <summary>Who.</summary>
    public AgentId Agent { get; }

    /// <summary>The agent's name when the session opened.</summary>
    public string AgentName { get; }

    /// <summary>Why, in the agent's words.</summary>
    public string Reason { get; }

    /// <summary>When it opened, UTC.</summary>
    public DateTimeOffset OpenedAt { get; }

    /// <summary>The first instant at which it no longer holds, whatever happens in it.</summary>
    public DateTimeOffset ExpiresAt => OpenedAt + MaxLength;

    /// <summary>When something was last done in it. Only ever moves forward.</summary>
    public DateTimeOffset LastSeen => new(Interlocked.Read(ref _lastSeen), TimeSpan.Zero);

    /// <summary>When it closes if nothing more is done in it.</summary>
    public DateTimeOffset ClosesAt
    {
        get
        {
            var idle = LastSeen + IdleLimit;
            return idle < ExpiresAt ? idle : ExpiresAt;
        }
    }

    /// <summary>Answers whether it holds at <paramref name="now"/>; the grants it rests on aside.</summary>
    public bool IsOpen(DateTimeOffset now) => now < ClosesAt;

    internal ReadMemory Reads => LazyInitializer.EnsureInitialized(ref _reads);

    internal void Seen(DateTimeOffset now)
    {
        var ticks = now.UtcTicks;
        var seen = Interlocked.Read(ref _lastSeen);
        while (seen < ticks)
        {
            var found = Interlocked.CompareExchange(ref _lastSeen, ticks, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}

/// <summary>Why a session closed.</summary>
public enum SessionClose
{
    /// <summary>The agent left.</summary>
    Left,

    /// <summary>The agent entered the app again; the newer session stands.</summary>
    Replaced,

    /// <summary>Nothing was done in it for <see cref="Session.IdleLimit"/>.</summary>
    Idle,

    /// <summary>It reached <see cref="Session.MaxLength"/>.</summary>
    Expired,

    /// <summary>No grant on the app was live any more.</summary>
    AccessEnded,

    /// <summary>An admin of the app ended this session and left access on.</summary>
    EndedByCustomer,

    /// <summary>The agent signed out.</summary>
    SignedOut,

    /// <summary>The agent is no longer on the team, or was suspended.</summary>
    AgentRemoved,
}

/// <summary>A session that closed within the last day: its agent is told so, with the time.</summary>
/// <param name="Id">The session.</param>
/// <param name="Agent">Whose it was.</param>
/// <param name="ClosedAt">When.</param>
/// <param name="Cause">Why.</param>
public sealed record ClosedSession(SessionId Id, AgentId Agent, DateTimeOffset ClosedAt, SessionClose Cause);
