using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>The build whose files an account loses next.</summary>
/// <param name="App">The app's slug.</param>
/// <param name="Title">The app's title.</param>
/// <param name="Number">The build's number.</param>
/// <param name="At">When, at the latest.</param>
public sealed record NextToGo(string App, string Title, int Number, DateTimeOffset At);

/// <summary>
/// What an account's builds keep on disk, in bytes. <c>used</c> of <c>allowed</c> is for artifacts and logs of ended builds; <c>caches</c> have bounds of their
/// own and were measured within the hour. <c>next</c> is null where nothing would go: each app's newest build keeps its files.
/// </summary>
public sealed record StorageUse(long Used, long Allowed, long Artifacts, long Logs, long Caches, bool NearlyFull, double KeptForDays, NextToGo? Next);

/// <summary>
/// How much the builds of an account keep, and what of it has to go. Decided in rows alone: what they no longer name, <see cref="StorageSweep"/> removes
/// from disk.
/// </summary>
internal sealed class BuildStorage(BuildyardDb db, BuildStorageOptions options, TimeProvider clock)
{
    /// <summary>What the account keeps now.</summary>
    public async Task<StorageUse> UseAsync(string accountId)
    {
        var held = await HeldAsync(accountId);
        var caches = await db.AccountStorage.Where(s => s.AccountId == accountId).Select(s => s.Caches).SingleOrDefaultAsync();
        var used = held.Sum(h => h.Size);
        NextToGo? next = null;
        if (StorageRule.MayGo(held) is [var oldest, ..])
        {
            var app = await db.Apps.AsNoTracking().SingleAsync(a => a.Id == oldest.AppId);
            next = new NextToGo(app.Slug, app.Title, oldest.Number, oldest.EndedAt + options.KeptFor);
        }
        return new StorageUse(
            used, options.FilesOfAccount, held.Sum(h => h.Artifacts), held.Sum(h => h.Log), caches, used >= options.NearlyFull, options.KeptFor.TotalDays, next);
    }

    /// <summary>Lets go what has been kept for long enough, and what is too much.</summary>
    public async Task SettleAsync(string accountId) => await SettleAsync(await HeldAsync(accountId));

    /// <summary>Makes room for what a build that is about to be saved as ended leaves.</summary>
    /// <param name="accountId">Its account.</param>
    /// <param name="build">The build, with the size of its log.</param>
    /// <param name="artifacts">Bytes of its artifacts.</param>
    /// <returns>Why its artifacts can't be kept, whatever goes; null: they are.</returns>
    public async Task<string?> MakeRoomAsync(string accountId, Build build, long artifacts)
    {
        var others = await HeldAsync(accountId);
        var ended = new HeldFiles(build.Id, build.AppId, build.Number, build.EndedAt!.Value, build.LogSize, artifacts, build.GuardReason is not null || build.FromFork);
        List<HeldFiles> all = [.. others, ended];
        var room = options.FilesOfAccount - all.Sum(h => h.Size);
        if (!ended.IsAStrangers) room += StorageRule.MayGo(all).Where(h => h.BuildId != build.Id).Sum(h => h.Size);
        // No older files go for what would not fit all the same.
        var fits = artifacts == 0 || room >= 0;
        await SettleAsync([.. others, fits ? ended : ended with { Artifacts = 0 }], build.Id);
        if (fits) return null;
        var why = ended.IsAStrangers ? "and nothing of the customer's goes for a build that support or a fork had a hand in" : "and each app's newest build keeps its files";
        return $"Its artifacts were not kept: with them the account would have more than {Sizes.InWords(options.FilesOfAccount)}, {why}.";
    }

    private async Task SettleAsync(IReadOnlyCollection<HeldFiles> held, string? keeps = null)
    {
        var now = clock.Now();
        var going = StorageRule.Choose(held, [.. StorageRule.MayGo(held).Where(h => h.BuildId != keeps)], options, now);
        if (going.Count == 0) return;
        await using var transaction = await db.Database.BeginTransactionAsync();
        foreach (var (files, logToo, because) in going)
        {
            var what = !logToo ? "artifacts were" : files.Artifacts > 0 || files.LostSome ? "log and artifacts were" : "log was";
            var note = string.Create(CultureInfo.InvariantCulture, $"Its {what} removed on {now:d MMM yyyy} {because}.");
            await db.BuildArtifacts.Where(a => a.BuildId == files.BuildId).ExecuteDeleteAsync();
            await db.Builds.Where(b => b.Id == files.BuildId).ExecuteUpdateAsync(build => build
                .SetProperty(b => b.FilesNote, note)
                .SetProperty(b => b.FilesDue, true)
                .SetProperty(b => b.LogRemoved, b => b.LogRemoved || logToo)
                .SetProperty(b => b.LogSize, b => logToo ? 0 : b.LogSize));
        }
        await transaction.CommitAsync();
    }

    private Task<List<HeldFiles>> HeldAsync(string accountId) => (
        from b in db.Builds
        join a in db.Apps on b.AppId equals a.Id
        where a.AccountId == accountId && b.EndedAt != null
        select new HeldFiles(b.Id, b.AppId, b.Number, b.EndedAt!.Value, b.LogSize, b.Artifacts.Sum(f => f.Size), b.GuardReason != null || b.ForkUrl != null, b.FilesNote != null)).ToListAsync();
}
