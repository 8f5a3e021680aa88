using System.Threading.Channels;

namespace Buildyard;

/// <summary>
/// Carries out what waits in the database, a bounded number at a time, each when it is due. What waits survives a restart;
/// whatever is being carried out when the process dies is tried again, so a receiver may see it twice.
/// </summary>
internal abstract partial class Courier(IServiceScopeFactory scopes, TimeProvider clock, ILogger logger) : BackgroundService
{
    /// <summary>How often it looks although nobody rang.</summary>
    private static readonly TimeSpan s_round = TimeSpan.FromMinutes(1);

    /// <summary>How long it leaves alone what failed in a way that nobody foresaw.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>How many at a time.</summary>
    protected abstract int Lanes { get; }

    protected TimeProvider Clock => clock;

    /// <summary>Says that something new waits.</summary>
    public void Ring() => _bell.Writer.TryWrite(true);

    /// <summary>Rings when what was added to <paramref name="db"/> is saved.</summary>
    public void RingWhenSaved(BuildyardDb db) => db.SavedChanges += (_, _) => Ring();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var next = await LookAsync(stoppingToken);
                await RestAsync(next, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is under way is cancelled with it.
        }
        await Task.WhenAll(_running.Values);
    }

    /// <summary>What waits, longest due first; what shares a lane is carried out one after the other.</summary>
    protected abstract IQueryable<Waiting> Waits(BuildyardDb db);

    /// <summary>Carries out one. Before anything else it moves the row's next time on, so that nothing repeats without a rest.</summary>
    protected abstract Task CarryOutAsync(IServiceProvider services, string id, CancellationToken cancellation);

    private async Task<DateTimeOffset?> LookAsync(CancellationToken stop)
    {
        foreach (var (lane, done) in _running.Where(r => r.Value.IsCompleted).ToList())
        {
            await done;
            _running.Remove(lane);
        }
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var now = clock.Now();
            var busy = _running.Keys.ToList();
            var waits = Waits(scope.ServiceProvider.GetRequiredService<BuildyardDb>()).Where(w => !busy.Contains(w.Lane));
            // A lane with a long queue must not hide the others: one of each is taken, and a full house waits for the bell.
            foreach (var wait in await ToListAsync(waits.Where(w => w.At <= now).OrderBy(w => w.At).Take(Lanes * 10), stop))
            {
                if (_running.Count >= Lanes) break;
                if (!_running.ContainsKey(wait.Lane)) _running[wait.Lane] = Task.Run(() => TakeAsync(wait.Id, stop), CancellationToken.None);
            }
            return (await ToListAsync(waits.Where(w => w.At > now).OrderBy(w => w.At).Take(1), stop)).FirstOrDefault()?.At;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException && !stop.IsCancellationRequested)
        {
            Failed(logger, e);
            return clock.Now() + s_pause;
        }
    }

    private async Task TakeAsync(string id, CancellationToken stop)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await CarryOutAsync(scope.ServiceProvider, id, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It stays in the database and is tried again.
        }
#pragma warning disable CA1031 // One that fails in a way nobody foresaw is logged, and must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failed(logger, e);
            await Task.Delay(s_pause, clock, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        finally
        {
            Ring();
        }
    }

    private async Task RestAsync(DateTimeOffset? next, CancellationToken stop)
    {
        var rest = next is { } at ? at - clock.Now() : s_round;
        using var round = new CancellationTokenSource(rest < TimeSpan.Zero ? TimeSpan.Zero : rest < s_round ? rest : s_round, clock);
        // A clock that moved on before the alarm was set would never set it off.
        if (next <= clock.Now()) return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(round.Token, stop);
        try
        {
            await _bell.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The time has come.
        }
    }

    private static Task<List<Waiting>> ToListAsync(IQueryable<Waiting> waits, CancellationToken stop) =>
        Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.ToListAsync(waits, stop);

    [LoggerMessage(1201, LogLevel.Error, "Something that waits to be delivered could not be looked after; it is tried again.")]
    private static partial void Failed(ILogger logger, Exception exception);
}

/// <summary>Something that waits to be carried out.</summary>
internal sealed class Waiting
{
    public required string Id { get; init; }
    public required string Lane { get; init; }
    public required DateTimeOffset At { get; init; }
}
