namespace Latchkey;

/// <summary>
/// Wakes when a window, a session or the life of a request is over, so that its end is recorded and open pages close. Nothing depends on it:
/// a question asked after the end is refused whether or not this ever ran.
/// </summary>
internal sealed class EndWatch : IDisposable
{
    // Woken at least this often, so that a clock that was set is noticed.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<Watched, long> _due = new();
    private readonly LedgerClock _clock;
    private readonly Action<Watched> _over;
    private readonly ITimer _timer;
    private long _wakesAt = long.MaxValue;

    public EndWatch(LedgerClock clock, Action<Watched> over)
    {
        (_clock, _over) = (clock, over);
        _timer = clock.Provider.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Note(AppView view)
    {
        var due = long.MaxValue;
        foreach (var grant in view.Grants)
        {
            due = Math.Min(due, grant.Until.UtcTicks);
        }

        foreach (var session in view.Sessions)
        {
            due = Math.Min(due, session.ClosesAt.UtcTicks);
        }

        Note(new Watched(view.App, view.Account), due);
    }

    public void Note(AccountView view) => Note(new Watched(App: null, view.Account), view.NextEnd()?.UtcTicks ?? long.MaxValue);

    private void Note(Watched watched, long due)
    {
        if (due == long.MaxValue)
        {
            return;
        }

        lock (_gate)
        {
            _due.Enqueue(watched, due);
            Sleep();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Wake()
    {
        List<Watched> over = [];
        lock (_gate)
        {
            _wakesAt = long.MaxValue;
            var now = Now();
            while (_due.TryPeek(out var watched, out var due) && due <= now)
            {
                _due.Dequeue();
                over.Add(watched);
            }

            Sleep();
        }

        over.ForEach(_over);
    }

    // A clock that jumped ahead ends nothing, and so must not wake this again and again.
    private long Now() => _clock.ReadForBatch().Now.UtcTicks;

    private void Sleep()
    {
        if (!_due.TryPeek(out _, out var due))
        {
            return;
        }

        var now = Now();
        var wake = Math.Min(due, now + LongestSleep.Ticks);
        if (wake < _wakesAt)
        {
            _wakesAt = wake;
            // Timers drop what is less than a millisecond. The last one is waited for whole, or this would wake again and again within it.
            _timer.Change(TimeSpan.FromTicks(wake > now ? Math.Max(wake - now, TimeSpan.TicksPerMillisecond) : 0), Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>What has something that the clock will end.</summary>
/// <param name="App">The app; null for the account as a whole.</param>
/// <param name="Account">The account.</param>
internal readonly record struct Watched(AppId? App, AccountId Account);
