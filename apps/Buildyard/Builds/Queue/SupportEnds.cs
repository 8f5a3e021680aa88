using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Stops what support left running in an app when support access to it ends, by whatever end.</summary>
internal sealed partial class SupportEnds(SupportAccess supportAccess, IServiceScopeFactory scopes, BuildQueue queue, ILogger<SupportEnds> logger) : BackgroundService
{
    private static readonly BuildState[] s_live = [BuildState.OnHold, BuildState.Starting, BuildState.Running];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ListenAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping, or never started: no fault that would be logged.
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await foreach (var item in supportAccess.Feed.ListenAsync(stop))
        {
            try
            {
                // Whoever missed something looks everywhere.
                if (item.AfterGap) await StopAsync(null);
                else if (item.Kind == FeedKind.Access) await StopAsync(item.App);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogFault(e);
            }
        }
    }

    private async Task StopAsync(AppId? only)
    {
        if (only is { } app && SupportAccessRules.IsOpen(app, supportAccess)) return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var id = only?.Value;
        var live = await db.Builds.AsNoTracking().Where(b => s_live.Contains(b.Status) && (id == null || b.AppId == id)).ToListAsync();
        var over = live.Where(b => SupportAccessRules.EndsWithSupport(b) && !SupportAccessRules.IsOpen(new AppId(b.AppId), supportAccess));
        await Task.WhenAll(over.Select(b => queue.AbortAsync(b.Id, BuildState.Aborted, SupportAccessRules.Ended)));
    }

    [LoggerMessage(2003, LogLevel.Error, "Builds of support's could not be stopped after its access ended.")]
    private partial void LogFault(Exception e);
}
