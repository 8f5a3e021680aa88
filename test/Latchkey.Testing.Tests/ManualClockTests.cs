namespace Latchkey.Testing.Tests;

public sealed class ManualClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();

    [Fact]
    public void StandsStill_AtItsStart()
    {
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero), _clock.GetUtcNow());
        Assert.Equal(_clock.GetUtcNow(), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(_clock.GetTimestamp()));
        var paris = new DateTimeOffset(2027, 1, 1, 1, 0, 0, TimeSpan.FromHours(1));
        Assert.Equal((paris, TimeSpan.Zero), (new ManualClock(paris).GetUtcNow(), new ManualClock(paris).GetUtcNow().Offset));
        Assert.Equal(TimeZoneInfo.Utc, _clock.LocalTimeZone);
    }

    [Fact]
    public void Advance_MovesBothClocks_Exactly()
    {
        var stamp = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromTicks(1));
        _clock.Advance(TimeSpan.FromDays(14));
        Assert.Equal(ManualClock.DefaultStart.AddDays(14).AddTicks(1), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromDays(14) + TimeSpan.FromTicks(1), _clock.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void SetWall_MovesTheWallClockAlone()
    {
        var fired = 0;
        using var timer = _clock.CreateTimer(_ => fired++, null, Second, Timeout.InfiniteTimeSpan);
        var stamp = _clock.GetTimestamp();
        _clock.SetWall(ManualClock.DefaultStart.AddYears(1));
        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(stamp));
        Assert.Equal(0, fired);
        _clock.SetWall(ManualClock.DefaultStart.AddYears(-1));
        _clock.Advance(Second);
        Assert.Equal(1, fired);
        Assert.Equal(ManualClock.DefaultStart.AddYears(-1) + Second, _clock.GetUtcNow());
    }

    [Fact]
    public void Timers_FireInOrder_EachAtItsOwnInstant()
    {
        var fired = new List<(string Name, double Seconds)>();
        using var late = Timer("late", 3 * Second, Timeout.InfiniteTimeSpan);
        using var first = Timer("first", Second, Timeout.InfiniteTimeSpan);
        using var second = Timer("second", Second, Timeout.InfiniteTimeSpan);
        using var periodic = Timer("periodic", 2 * Second, 2 * Second);
        using var never = Timer("never", Timeout.InfiniteTimeSpan, Second);
        _clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Empty(fired);
        _clock.Advance(5 * Second);
        Assert.Equal([("first", 1), ("second", 1), ("periodic", 2), ("late", 3), ("periodic", 4)], fired);
        Assert.Equal(ManualClock.DefaultStart + (6 * Second) - TimeSpan.FromTicks(1), _clock.GetUtcNow());

        ITimer Timer(string name, TimeSpan due, TimeSpan period) =>
            _clock.CreateTimer(_ => fired.Add((name, (_clock.GetUtcNow() - ManualClock.DefaultStart).TotalSeconds)), null, due, period);
    }

    [Fact]
    public void TimerThatIsDueAtOnce_FiresAtOnce()
    {
        var fired = 0;
        using var timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.Zero, Second);
        Assert.Equal(1, fired);
        _clock.Advance(2 * Second);
        Assert.Equal(3, fired);
    }

    [Fact]
    public async Task ChangedTimer_FiresAsChanged_AndADisposedOneNoMore()
    {
        var fired = 0;
        var timer = _clock.CreateTimer(state => fired += (int)state!, 10, Second, Second);
        Assert.True(timer.Change(5 * Second, Timeout.InfiniteTimeSpan));
        _clock.Advance(4 * Second);
        Assert.Equal(0, fired);
        _clock.Advance(10 * Second);
        Assert.Equal(10, fired);
        Assert.True(timer.Change(Second, Second));
        await timer.DisposeAsync();
        Assert.False(timer.Change(Second, Second));
        _clock.Advance(10 * Second);
        Assert.Equal(10, fired);
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(-2), Second));
    }

    [Fact]
    public void CallbackMayTurnTheClock_AndTimersMakeTimers()
    {
        var fired = new List<string>();
        using var outer = _clock.CreateTimer(
            _ =>
            {
                fired.Add("outer");
                _clock.CreateTimer(_ => fired.Add("inner"), null, Second, Timeout.InfiniteTimeSpan);
                _clock.Advance(10 * Second);
            },
            null, Second, Timeout.InfiniteTimeSpan);
        _clock.Advance(2 * Second);
        Assert.Equal(["outer", "inner"], fired);
        Assert.Equal(ManualClock.DefaultStart + (11 * Second), _clock.GetUtcNow());
    }

    [Fact]
    public async Task DelaysAndTimeouts_FollowTheClock()
    {
        var delay = Task.Delay(TimeSpan.FromHours(1), _clock);
        using var timeout = new CancellationTokenSource(TimeSpan.FromHours(2), _clock);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await delay;
        Assert.False(timeout.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(timeout.IsCancellationRequested);
    }

    [Fact]
    public async Task ManyThreads_MayTurnIt()
    {
        var fired = 0;
        using var timer = _clock.CreateTimer(_ => Interlocked.Increment(ref fired), null, Second, Second);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                _clock.Advance(Second);
            }
        })));
        Assert.Equal(ManualClock.DefaultStart + (800 * Second), _clock.GetUtcNow());
        Assert.Equal(800, fired);
    }
}
