namespace Latchkey.Testing;

/// <summary>
/// A clock that stands still until a test turns it, wall clock, monotonic clock and timers alike.
/// Timers fire inside <see cref="Advance"/>, on the thread that called it, in the order in which they are due; a timer that is
/// created or changed to be due at once fires inside that call. Safe for use by several threads.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    /// <summary>Where a clock starts when no instant is given: 2026-11-21T12:00:00Z.</summary>
    public static readonly DateTimeOffset DefaultStart = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _turning = new();
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _timers = new(Comparer<ManualTimer>.Create((a, b) => a.Order.CompareTo(b.Order)));
    private DateTimeOffset _wall;
    private long _ticks;
    private long _scheduled;

    /// <summary>Starts at <see cref="DefaultStart"/>.</summary>
    public ManualClock()
        : this(DefaultStart)
    {
    }

    /// <summary>Starts at an instant.</summary>
    /// <param name="start">What the wall clock shows first; kept in UTC.</param>
    public ManualClock(DateTimeOffset start) => _wall = start.ToUniversalTime();

    /// <summary>Ticks of 100 ns: a monotonic clock that is turned exactly stays exact.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, so that a test reads the same everywhere.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wall;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _ticks;
        }
    }

    /// <summary>
    /// Lets time pass: both clocks move on, and each timer that falls due on the way fires at its own instant, periodic ones as
    /// often as they fall due. Returns when all of them have run. An exception of a timer's callback comes out here.
    /// </summary>
    /// <param name="by">How much; zero fires what is due already. A negative span is an <see cref="ArgumentOutOfRangeException"/>.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_turning)
        {
            var target = GetTimestamp() + by.Ticks;
            while (NextUntil(target) is { } timer)
            {
                timer.Fire();
            }
        }
    }

    /// <summary>Sets the wall clock and nothing else, as when somebody sets a machine's clock, back or ahead. No timer fires.</summary>
    /// <param name="now">What it shows from now on; kept in UTC.</param>
    public void SetWall(DateTimeOffset now)
    {
        lock (_gate)
        {
            _wall = now.ToUniversalTime();
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? NextUntil(long target)
    {
        lock (_gate)
        {
            var timer = _timers.Min;
            var due = timer is not null && timer.Due <= target;
            var passed = Math.Max(0, (due ? timer!.Due : target) - _ticks);
            _ticks += passed;
            _wall += TimeSpan.FromTicks(passed);
            if (!due)
            {
                return null;
            }

            _timers.Remove(timer!);
            if (timer!.Period > 0)
            {
                Schedule(timer, timer.Due + timer.Period);
            }

            return timer;
        }
    }

    private void Schedule(ManualTimer timer, long due)
    {
        timer.Order = (due, ++_scheduled);
        _timers.Add(timer);
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public (long Due, long Scheduled) Order { get; set; }

        public long Due => Order.Due;

        public long Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            RefuseNegative(dueTime, nameof(dueTime));
            RefuseNegative(period, nameof(period));
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._timers.Remove(this);
                Period = Math.Max(0, period.Ticks);
                if (dueTime > TimeSpan.Zero || (dueTime == TimeSpan.Zero && Period > 0))
                {
                    clock.Schedule(this, clock._ticks + (dueTime > TimeSpan.Zero ? dueTime.Ticks : Period));
                }
            }

            if (dueTime == TimeSpan.Zero)
            {
                Fire();
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static void RefuseNegative(TimeSpan span, string name)
        {
            if (span < TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, span, "A timer takes a span from zero on, or Timeout.InfiniteTimeSpan for never.");
            }
        }
    }
}
