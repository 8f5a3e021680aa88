using System.Collections.Concurrent;
using System.Threading.Channels;
using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Gives waiting builds their turn. Accounts take turns, and none holds all slots while another has none (<see cref="BuildSlots"/>); inside an
/// account the higher priority goes first, then the older build. A build that was running when the process died is failed at the next start;
/// waiting ones go on. Builds of a disabled app wait until it is enabled.
/// </summary>
internal sealed partial class BuildQueue(
    IServiceScopeFactory scopes,
    BuildExecution execution,
    BuildFeed feed,
    BuildFiles files,
    BuildQueueOptions options,
    SupportAccess supportAccess,
    TimeProvider clock,
    ILogger<BuildQueue> logger) : BackgroundService
{
    /// <summary>How long an abort waits for the build's processes to be gone before it answers all the same.</summary>
    public static readonly TimeSpan AbortWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);
    private const string Stopped = "Buildyard was stopped while it ran.";
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, RunningBuild> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastTurn = new(StringComparer.Ordinal);

    // Taking a waiting build and ending it exclude each other.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _turns;

    /// <summary>How many builds run now, and how many may.</summary>
    public (int Running, int AtOnce) Load => (_running.Count, options.AtOnce);

    /// <summary>What of a build's log can be read now. Nothing of one that came to its end after it was read: whoever follows it hears of the end, and reads it anew.</summary>
    public LogMap LogOf(Build build) => _running.GetValueOrDefault(build.Id)?.Log ?? (build.IsOver ? LogMap.Of(build) : LogMap.Empty);

    /// <summary>Why a build waits that nothing but its turn holds up; null: nothing does.</summary>
    public async Task<string?> WhyWaitsAsync(Build build)
    {
        if (build.Status != BuildState.OnHold || build.WaitsForApproval) return null;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        return await db.Apps.SingleOrDefaultAsync(a => a.Id == build.AppId && a.Enabled) is { } app
            ? (await SlotsAsync(db)).WhyWaits(app.AccountId, options.Total)
            : null;
    }

    /// <summary>Looks again whether a build can start: one was added, approved, or its app enabled.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        execution.Clean();
        await FailLeftOversAsync();
        Wake();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var running = _running.Values.ToArray();
        foreach (var build in running) build.Abort(BuildState.Failed, Stopped);
        await Task.WhenAll(running.Select(b => b.Done)).WaitAsync(AbortWait, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Ends a build that waits or runs. Its processes are gone when this returns, or killed and reported gone later where that takes more than 5 seconds.
    /// </summary>
    /// <returns>Whether it was there to be ended.</returns>
    public async Task<bool> AbortAsync(string buildId, BuildState state, string reason)
    {
        RunningBuild? running;
        await _turn.WaitAsync();
        try
        {
            if (!_running.TryGetValue(buildId, out running)) return await EndWaitingAsync(buildId, state, reason);
            running.Abort(state, reason);
        }
        finally
        {
            _turn.Release();
        }
        await running.Done.WaitAsync(AbortWait, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    /// <summary>Stops what runs of an app that is about to be deleted.</summary>
    public async Task AbortAllAsync(string appId, string reason)
    {
        var running = _running.Values.Where(b => b.AppId == appId).ToArray();
        await Task.WhenAll(running.Select(b => AbortAsync(b.Id, BuildState.Aborted, reason)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Who enables an app by a way that doesn't say so here is heard all the same.
        await using var now = clock.CreateTimer(_ => Wake(), null, s_look, s_look);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wake.Reader.ReadAsync(stoppingToken);
                while (_running.Count < options.AtOnce && !stoppingToken.IsCancellationRequested && await StartNextAsync())
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping, or never started: no fault that would be logged.
            }
            catch (Exception e)
            {
                // A broken disk must not end the queue: it is tried again with the next build.
                LogFault(e);
            }
        }
    }

    /// <summary>Takes the build whose turn it is; false when none can start.</summary>
    private async Task<bool> StartNextAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
            var waiting = await (
                from b in db.Builds
                join a in db.Apps on b.AppId equals a.Id
                where b.Status == BuildState.OnHold && !b.WaitsForApproval && a.Enabled
                select new WaitingBuild(b.Id, a.AccountId, b.Priority, b.QueuedAt, b.Number)).ToListAsync();
            if ((await SlotsAsync(db)).Choose(waiting, account => _lastTurn.GetValueOrDefault(account)) is not { } chosen) return false;

            var build = await db.Builds.SingleAsync(b => b.Id == chosen.Id);
            if (SupportAccessRules.OutlivedSupport(build, supportAccess))
            {
                build.End(BuildState.Aborted, SupportAccessRules.Ended, clock.Now());
                await db.SaveChangesAsync();
                feed.Changed(build.AppId, build.Number);
                return true;
            }
            build.Status = BuildState.Starting;
            build.StartedAt = clock.Now();
            files.Make(build);
            await scope.ServiceProvider.GetRequiredService<BuildNews>().StartedAsync(build);
            await db.SaveChangesAsync();
            _lastTurn[chosen.AccountId] = ++_turns;
            var running = new RunningBuild(build.Id, build.AppId, build.Number, chosen.AccountId);
            _running[build.Id] = running;
            feed.Changed(build.AppId, build.Number);
            _ = RunAsync(running);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<BuildSlots> SlotsAsync(BuildyardDb db) => new(
        options.AtOnce,
        _running.Values.CountBy(b => b.AccountId).ToDictionary(StringComparer.Ordinal),
        await db.Apps.Where(a => a.Enabled).Select(a => a.AccountId).Distinct().ToHashSetAsync(StringComparer.Ordinal));

    private async Task RunAsync(RunningBuild running)
    {
        await Task.Yield();
        try
        {
            await execution.RunAsync(running);
        }
        catch (Exception e)
        {
            LogBuildFault(e, running.Id);
        }
        finally
        {
            _running.TryRemove(running.Id, out _);
            running.Finish();
            running.Dispose();
            feed.Changed(running.AppId, running.Number);
            Wake();
        }
    }

    private async Task<bool> EndWaitingAsync(string buildId, BuildState state, string reason)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var build = await db.Builds.SingleOrDefaultAsync(b => b.Id == buildId && b.Status == BuildState.OnHold);
        if (build is null) return false;
        build.End(state, reason, clock.Now());
        await db.SaveChangesAsync();
        feed.Changed(build.AppId, build.Number);
        return true;
    }

    private async Task FailLeftOversAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var left = await db.Builds.Include(b => b.Steps).Where(b => b.Status == BuildState.Starting || b.Status == BuildState.Running).ToListAsync();
        foreach (var build in left)
        {
            build.End(BuildState.Failed, Stopped, clock.Now());
            foreach (var step in build.Steps.Where(s => s.Status == StepWords.Running)) step.Status = StepWords.Aborted;
            await scope.ServiceProvider.GetRequiredService<BuildNews>().EndedAsync(build);
        }
        await db.SaveChangesAsync();
    }

    [LoggerMessage(2001, LogLevel.Error, "The build queue could not go on and tries again with the next build.")]
    private partial void LogFault(Exception e);

    [LoggerMessage(2002, LogLevel.Error, "Build {Id} could not be brought to its end.")]
    private partial void LogBuildFault(Exception e, string id);
}
