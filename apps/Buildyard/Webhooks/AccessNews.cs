using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Calls webhooks when support access is turned on, changed or ended, whoever did it, the clock included. What they were told last is kept:
/// an end that came while nothing ran is told at the next start. People are told by Latchkey's own notices.
/// </summary>
internal sealed partial class AccessNews(SupportAccess supportAccess, IServiceScopeFactory scopes, TimeProvider clock, ILogger<AccessNews> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var feed = supportAccess.Feed.ListenAsync(stoppingToken).GetAsyncEnumerator(stoppingToken);
            // Listening has begun before what was missed is looked for: nothing falls between.
            var next = feed.MoveNextAsync();
            await CatchUpAsync(stoppingToken);
            while (await next)
            {
                if (feed.Current.AfterGap) await CatchUpAsync(stoppingToken);
                else if (feed.Current is { Kind: FeedKind.Access, App: { } app }) await TellAsync(app.Value, stoppingToken);
                next = feed.MoveNextAsync();
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the next start catches up.
        }
    }

    private async Task CatchUpAsync(CancellationToken stop)
    {
        foreach (var app in await KnownAsync(stop)) await TellAsync(app, stop);
    }

    private async Task<List<string>> KnownAsync(CancellationToken stop)
    {
        var open = supportAccess.OpenApps().Select(view => view.App.Value);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var told = await scope.ServiceProvider.GetRequiredService<BuildyardDb>().AccessNotices.Select(n => n.AppId).ToListAsync(stop);
            return [.. told.Union(open, StringComparer.Ordinal)];
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // What ended meanwhile is told at the next start.
            NotTold(logger, e);
            return [.. open];
        }
    }

    private async Task TellAsync(string appId, CancellationToken stop)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
            if (await db.Apps.SingleOrDefaultAsync(a => a.Id == appId, stop) is not { } app) return;
            var told = await db.AccessNotices.SingleOrDefaultAsync(n => n.AppId == appId, stop);
            var grant = supportAccess.Find(new AppId(appId))?.Widest(clock.GetUtcNow());
            if (!Note(db, appId, told, grant)) return;

            var now = grant is null ? "ended" : told is null ? "on" : "changed";
            await scope.ServiceProvider.GetRequiredService<WebhookOutbox>().PublishAsync(appId, WebhookEvents.AccessChanged, new { App = appId, app.Slug, State = now, grant?.Until, Role = grant?.Role.Name });
            await db.SaveChangesAsync(stop);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The app was removed meanwhile, and its webhooks with it.
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // A fault here must not end the server. The next change of this app's access, or the next start, tells it.
            NotTold(logger, e);
        }
    }

    /// <summary>Notes what is told now. False when that was told already.</summary>
    private static bool Note(BuildyardDb db, string appId, AccessNotice? told, Grant? grant)
    {
        if (grant is null)
        {
            if (told is not null) db.AccessNotices.Remove(told);
            return told is not null;
        }
        if (told is null)
        {
            db.AccessNotices.Add(new AccessNotice { AppId = appId, GrantId = grant.Id.Value, Role = grant.Role.Name, Until = grant.Until });
            return true;
        }
        if (told.GrantId == grant.Id.Value && told.Role == grant.Role.Name && told.Until == grant.Until) return false;
        (told.GrantId, told.Role, told.Until) = (grant.Id.Value, grant.Role.Name, grant.Until);
        return true;
    }

    [LoggerMessage(1202, LogLevel.Error, "A change of support access could not be told to webhooks yet.")]
    private static partial void NotTold(ILogger logger, Exception exception);
}
