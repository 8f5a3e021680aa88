namespace Latchkey;

/// <summary>
/// The one place where time is read. It never runs behind the ledger, and does not follow a clock that jumps ahead
/// of the monotonic one until somebody accepts it: a wrong clock can lock support out, never let it in.
/// </summary>
internal sealed class LedgerClock(TimeProvider time)
{
    /// <summary>How far the clock may be behind the newest entry, or ahead of the monotonic clock.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _newestTicks = DateTimeOffset.MinValue.UtcTicks;
    private DateTimeOffset _anchor = time.GetUtcNow();
    private long _anchorStamp = time.GetTimestamp();
    private volatile bool _held;

    public TimeProvider Provider => time;

    /// <summary>Whether the clock jumped ahead and waits to be accepted.</summary>
    public bool IsHeld => _held;

    /// <summary>The newest entry's time.</summary>
    public DateTimeOffset Newest => new(Interlocked.Read(ref _newestTicks), TimeSpan.Zero);

    /// <summary>
    /// The instant of a question, without a lock: the clock, or the newest entry's time while the clock is a little behind it.
    /// False where the clock can't be trusted: then nothing is allowed.
    /// </summary>
    public bool TryRead(out DateTimeOffset now)
    {
        var newest = Interlocked.Read(ref _newestTicks);
        var wall = time.GetUtcNow();
        var behind = newest - wall.UtcTicks;
        now = behind > 0 ? new DateTimeOffset(newest, TimeSpan.Zero) : wall;
        return !_held && behind <= Tolerance.Ticks;
    }

    /// <summary>
    /// The instant of a batch, and whether the clock can be trusted. Where it can't, the instant is what the ledger and
    /// the monotonic clock vouch for, which is right for recording an end.
    /// </summary>
    public (DateTimeOffset Now, bool Trusted) ReadForBatch()
    {
        lock (_gate)
        {
            var wall = time.GetUtcNow();
            var stamp = time.GetTimestamp();
            var expected = _anchor + time.GetElapsedTime(_anchorStamp, stamp);
            _held = wall - expected > Tolerance;
            if (!_held)
            {
                (_anchor, _anchorStamp) = (wall, stamp);
            }

            var newest = Newest;
            var best = _held ? expected : wall;
            var behind = newest - best;
            return (behind > TimeSpan.Zero ? newest : best, !_held && behind <= Tolerance);
        }
    }

    /// <summary>Takes the clock as it is now as right. Answers what the monotonic clock had expected.</summary>
    public DateTimeOffset Accept()
    {
        lock (_gate)
        {
            var stamp = time.GetTimestamp();
            var expected = _anchor + time.GetElapsedTime(_anchorStamp, stamp);
            (_anchor, _anchorStamp) = (time.GetUtcNow(), stamp);
            _held = false;
            return expected;
        }
    }

    public void Recorded(DateTimeOffset entryTime)
    {
        if (entryTime.UtcTicks > Interlocked.Read(ref _newestTicks))
        {
            Interlocked.Exchange(ref _newestTicks, entryTime.UtcTicks);
        }
    }
}
