using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Brings the disk behind the rows: of each ended build it removes what no row names any more, and measures the log that stays. Every hour for all accounts,
/// and for one when a build of it ended. A row tells that its files are due until they are done, so a process that dies in between goes on at the next
/// start. No build waits for it.
/// </summary>
internal sealed partial class StorageSweep(
    IServiceScopeFactory scopes, BuildFiles files, BuildCaches caches, BuildStorageOptions options, TimeProvider clock, ILogger<StorageSweep> logger) : BackgroundService
{
    private static readonly TimeSpan s_round = TimeSpan.FromHours(1);

    // Null: every account's turn.
    private readonly Channel<string?> _due = Channel.CreateUnbounded<string?>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Says that a build of the account ended.</summary>
    public void Ended(string accountId) => _due.Writer.TryWrite(accountId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var hourly = clock.CreateTimer(_ => _due.Writer.TryWrite(null), null, TimeSpan.Zero, s_round);
        try
        {
            await foreach (var accountId in _due.Reader.ReadAllAsync(stoppingToken))
                foreach (var account in accountId is null ? await AccountsAsync(stoppingToken) : [accountId]) await SweepAsync(account, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is due is in the rows.
        }
    }

    private async Task<List<string>> AccountsAsync(CancellationToken cancellation)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Accounts.Select(a => a.Id).ToListAsync(cancellation);
        }
        catch (System.Data.Common.DbException e)
        {
            LogFault(e, "all");
            return [];
        }
    }

    private async Task SweepAsync(string accountId, CancellationToken cancellation)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
            var storage = scope.ServiceProvider.GetRequiredService<BuildStorage>();
            // First what was never measured, or is still there from before: what has to go is counted with it.
            await FollowAsync(db, accountId, cancellation);
            await storage.SettleAsync(accountId);
            await FollowAsync(db, accountId, cancellation);
            await NoteAsync(scope.ServiceProvider, accountId, await storage.UseAsync(accountId), cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // What can't be removed for one account is tried again within the hour, and holds up no other.
            LogFault(e, accountId);
        }
    }

    private async Task FollowAsync(BuildyardDb db, string accountId, CancellationToken cancellation)
    {
        var due = await db.Builds.AsNoTracking().Include(b => b.Artifacts)
            .Where(b => b.FilesDue && db.Apps.Any(a => a.Id == b.AppId && a.AccountId == accountId)).ToListAsync(cancellation);
        foreach (var build in due)
        {
            files.RemoveUnnamed(build);
            var size = build.LogRemoved ? 0 : files.LogLength(build);
            // Where more of it was let go meanwhile, it stays due.
            await db.Builds.Where(b => b.Id == build.Id && b.FilesNote == build.FilesNote && b.LogRemoved == build.LogRemoved)
                .ExecuteUpdateAsync(row => row.SetProperty(b => b.FilesDue, false).SetProperty(b => b.LogSize, size), cancellation);
        }
    }

    /// <summary>Notes how much the account's caches take, and tells its owners once when it becomes nearly full.</summary>
    private async Task NoteAsync(IServiceProvider services, string accountId, StorageUse use, CancellationToken cancellation)
    {
        var db = services.GetRequiredService<BuildyardDb>();
        var apps = await db.Apps.AsNoTracking().Where(a => a.AccountId == accountId).OrderBy(a => a.CreatedAt).ToListAsync(cancellation);
        if (apps.Count == 0) return;
        var noted = await db.AccountStorage.SingleOrDefaultAsync(s => s.AccountId == accountId, cancellation) ?? db.AccountStorage.Add(new AccountStorage { AccountId = accountId }).Entity;
        noted.Caches = apps.Sum(app => caches.SizeOf(app.Id));
        if (use.NearlyFull && noted.NearlyFullSince is null)
        {
            await services.GetRequiredService<Notifier>().TellOwnersAsync(
                apps[0],
                $"Artifacts and logs of your builds take {BuildWords.Size(use.Used)} of {Sizes.InWords(options.FilesOfAccount)}. Above that, those of the oldest builds are removed.",
                "/account");
        }
        noted.NearlyFullSince = use.NearlyFull ? noted.NearlyFullSince ?? clock.Now() : null;
        await db.SaveChangesAsync(cancellation);
    }

    [LoggerMessage(2010, LogLevel.Error, "The files of builds of account {Account} could not be brought up to date; it is tried again within the hour.")]
    private partial void LogFault(Exception e, string account);
}
