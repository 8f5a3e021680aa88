namespace Latchkey;

/// <summary>
/// The one place where time is read. It never runs behind the ledger, and does not follow a clock that jumps ahead
/// of the monotonic one until somebody accepts it: a wrong clock can lock support out, never let it in.
/// </summary>
internal sealed class LedgerClock
{
    /// <summary>How far the clock may be behind the newest entry, or ahead of the monotonic clock.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    // How far apart two readings may lie and still count as one.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private long _newestTicks = DateTimeOffset.MinValue.UtcTicks;
    private (DateTimeOffset Wall, long Stamp) _anchor;
    private DateTimeOffset? _heldSince;
    private volatile bool _held;

    public LedgerClock(TimeProvider time)
    {
        _time = time;
        _anchor = ReadBoth();
    }

    public TimeProvider Provider => _time;

    /// <summary>Whether the clock jumped ahead and waits to be accepted.</summary>
    public bool IsHeld => _held;

    /// <summary>The last instant that is vouched for, where the clock jumped ahead of it and waits to be accepted; else null.</summary>
    public DateTimeOffset? HeldSince
    {
        get
        {
            lock (_gate)
            {
                return _heldSince;
            }
        }
    }

    /// <summary>The newest entry's time, or a newer instant at which an end was seen.</summary>
    public DateTimeOffset Newest => new(Interlocked.Read(ref _newestTicks), TimeSpan.Zero);

    /// <summary>
    /// The instant of a question, without a lock: the clock, or the newest entry's time while the clock is a little behind it.
    /// False where the clock can't be trusted: then nothing is allowed.
    /// </summary>
    public bool TryRead(out DateTimeOffset now)
    {
        var newest = Interlocked.Read(ref _newestTicks);
        var wall = _time.GetUtcNow();
        var behind = newest - wall.UtcTicks;
        now = behind > 0 ? new DateTimeOffset(newest, TimeSpan.Zero) : wall;
        return !_held && behind <= Tolerance.Ticks;
    }

    /// <summary>
    /// The instant of a batch, and whether the clock can be trusted. Where it can't, the instant is what the ledger and
    /// the monotonic clock vouch for, which is right for recording an end. Also notices that the clock jumped, or is right again.
    /// </summary>
    public (DateTimeOffset Now, bool Trusted) ReadForBatch()
    {
        lock (_gate)
        {
            var (wall, stamp) = ReadBoth();
            var expected = _anchor.Wall + _time.GetElapsedTime(_anchor.Stamp, stamp);
            var newest = Newest;
            if (newest - expected > Tolerance)
            {
                // Started with a clock that is behind: the ledger knows better, and setting the clock right is no jump.
                _anchor = (expected = newest, stamp);
            }

            _held = wall - expected > Tolerance;
            _heldSince = _held ? _heldSince ?? expected : null;
            var best = _held ? expected : wall;
            var behind = newest - best;
            var trusted = !_held && behind <= Tolerance;
            if (trusted)
            {
                // A clock that was set back is not followed: setting it right must not look like a jump ahead.
                _anchor = (wall, stamp);
            }

            return (behind > TimeSpan.Zero ? newest : best, trusted);
        }
    }

    /// <summary>
    /// The clock was held when the process before this one stopped. How long that is ago only the clock could tell, so time goes on from
    /// what was vouched for then, until somebody accepts another.
    /// </summary>
    public void Hold(DateTimeOffset since)
    {
        lock (_gate)
        {
            _anchor = (since, _time.GetTimestamp());
        }

        ReadForBatch();
    }

    /// <summary>Takes the clock as it is now as right.</summary>
    public void Accept()
    {
        lock (_gate)
        {
            _anchor = ReadBoth();
            (_held, _heldSince) = (false, null);
        }
    }

    /// <summary>
    /// Somebody sees now that an end has come: no later question is asked at an earlier instant, wherever the clock is set meanwhile.
    /// False where the clock jumped ahead, and so shows an end that may not have come.
    /// </summary>
    public bool TrySee()
    {
        var (now, trusted) = ReadForBatch();
        if (trusted)
        {
            Recorded(now);
        }

        return trusted;
    }

    /// <summary>An entry of this time is on the ledger.</summary>
    public void Recorded(DateTimeOffset entryTime)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _newestTicks, Math.Max(_newestTicks, entryTime.UtcTicks));
        }
    }

    // A process that was stopped between reading one clock and the other would take its own pause for a jump.
    private (DateTimeOffset Wall, long Stamp) ReadBoth()
    {
        while (true)
        {
            var before = _time.GetTimestamp();
            var wall = _time.GetUtcNow();
            var after = _time.GetTimestamp();
            if (_time.GetElapsedTime(before, after) <= Together)
            {
                return (wall, after);
            }
        }
    }
}
