using Latchkey.Storage.Contract;
using Latchkey.Testing;

namespace Latchkey.Sqlite.Tests;

/// <summary>What is left when the disk is full or read-only: ends, readers, and all that was acknowledged.</summary>
public sealed class FailingDiskTests : IAsyncDisposable
{
    private readonly ManualClock _clock = new();
    private readonly Facts _facts;
    private readonly Scribe _scribe;
    private readonly GrantStarted _grant;
    private readonly SessionOpened _session;
    private SmallDisk? _disk;
    private SqliteStore? _store;

    public FailingDiskTests()
    {
        (_facts, _scribe) = (new Facts(_clock), new Scribe(_clock));
        _grant = _facts.Lend();
        _session = _facts.Enter(_grant);
    }

    private SqliteStore Store => _store!;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _disk?.Dispose();
    }

    [Fact]
    public async Task FullDisk_TakesEndsAlone_AndRecoversByItself()
    {
        await StartAsync(SmallDisk.Make());
        _disk!.Fill();
        await WriteUntilRefusedAsync();
        var saved = _scribe.Entries.Count;

        await EndAsync();
        Assert.Equal(saved + 1, (await StateAsync()).Position);
        Assert.Empty((await StateAsync()).Grants);
        Assert.Empty((await StateAsync()).Sessions);
        await TransientAsync(() => Store.BeginAsync(spendReserve: false, CancellationToken.None));
        await TransientAsync(() => Store.CheckWritableAsync(CancellationToken.None));

        _disk.Empty();
        await Store.CheckWritableAsync(CancellationToken.None);
        await _scribe.WriteAsync(Store, [(Facts.Account, _facts.Lend())]);
        await ReopenAsync();
        await HasEveryEntryAsync();
    }

    [Fact]
    public async Task ManyEnds_FitIntoTheReserve()
    {
        await StartAsync(SmallDisk.Make());
        GrantStarted[] grants = [.. Enumerable.Range(0, 1000).Select(i => _facts.Lend(new($"app_{i}")))];
        await _scribe.WriteAsync(Store, [.. grants.Select(g => (Facts.Account, (Fact)g))]);
        _disk!.Fill();
        await WriteUntilRefusedAsync();
        foreach (var grant in grants)
        {
            await using var transaction = await Store.BeginAsync(spendReserve: true, CancellationToken.None);
            var writes = await _scribe.SealAsync(transaction, (Facts.Account, _facts.End(grant)));
            await transaction.CommitAsync(writes, CancellationToken.None);
            _scribe.Entries.AddRange(writes.Entries);
        }

        _disk.Empty();
        await Store.CheckWritableAsync(CancellationToken.None);
        await ReopenAsync();
        await HasEveryEntryAsync();
        Assert.Equal(_grant.Grant, Assert.Single((await StateAsync()).Grants).Id);
    }

    [Fact]
    public async Task RoomWithoutAnyEnd_IsUsedAgain_WithoutACheck()
    {
        await StartAsync(SmallDisk.Make());
        _disk!.Fill();
        await WriteUntilRefusedAsync();
        _disk.Empty();
        await _scribe.WriteAsync(Store, [(Facts.Account, _facts.End(_grant))]);
        await ReopenAsync();
        await HasEveryEntryAsync();
    }

    [Fact]
    public async Task StartOnAFullDisk_StillLetsEndsBeRecorded()
    {
        await StartAsync(SmallDisk.Make());
        await CloseAsync();
        _disk!.Fill();
        await ReopenAsync();
        Assert.Single((await StateAsync()).Sessions);
        await EndAsync();
        await CloseAsync();

        // Now without the reserve, too.
        _disk.Fill();
        _store = new SqliteStore(Path.Combine(_disk.Mount, "data"), _clock);
        await TransientAsync(async () =>
        {
            await StateAsync();
            await Store.BeginAsync(spendReserve: false, CancellationToken.None);
        });
        _disk.Empty();
        await StateAsync();
        await Store.CheckWritableAsync(CancellationToken.None);
        await _scribe.WriteAsync(Store, [(Facts.Account, _facts.Lend())]);
        await HasEveryEntryAsync();
    }

    [Fact]
    public async Task DiskThatGoesReadOnly_RefusesWrites_AndKeepsReadersAndAllThatWasAcknowledged()
    {
        await StartAsync(SmallDisk.Make());
        _disk!.Break();
        await TransientAsync(() => _scribe.WriteAsync(Store, [(Facts.Account, _facts.Begin(_session))]));
        await TransientAsync(() => EndAsync());
        await TransientAsync(() => Store.CheckWritableAsync(CancellationToken.None));
        Assert.Equal(_grant.Grant, Assert.Single((await StateAsync()).Grants).Id);
        await HasEveryEntryAsync();

        await CloseAsync();
        _disk.Repair();
        await ReopenAsync();
        await HasEveryEntryAsync();
        await EndAsync();
        Assert.Empty((await StateAsync()).Grants);
    }

    [Fact]
    public async Task StartOnAReadOnlyDisk_IsRefusedAsTransient()
    {
        await StartAsync(SmallDisk.Make());
        await CloseAsync();
        _disk!.Remount("ro");
        _store = new SqliteStore(Path.Combine(_disk.Mount, "data"), _clock);
        var refusal = await TransientAsync(() => StateAsync());
        Assert.Contains("read-only", refusal.Message, StringComparison.Ordinal);
        _disk.Remount("rw");
        Assert.Equal(_grant.Grant, Assert.Single((await StateAsync()).Grants).Id);
        await HasEveryEntryAsync();
    }

    private async Task StartAsync(SmallDisk disk)
    {
        _disk = disk;
        await ReopenAsync();
        await _scribe.WriteAsync(Store, [(Facts.Account, _grant), (Facts.Account, _session)]);
    }

    private async Task ReopenAsync()
    {
        await CloseAsync();
        _store = new SqliteStore(Path.Combine(_disk!.Mount, "data"), _clock);
        await StateAsync();
    }

    private async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    private Task<StoredState> StateAsync() => Store.OpenAsync(_clock.GetUtcNow(), CancellationToken.None);

    private async Task EndAsync()
    {
        await using var transaction = await Store.BeginAsync(spendReserve: true, CancellationToken.None);
        var writes = await _scribe.SealAsync(
            transaction, (Facts.Account, _facts.Leave(_session, SessionClose.AccessEnded)), (Facts.Account, _facts.End(_grant)));
        await transaction.CommitAsync(writes, CancellationToken.None);
        _scribe.Entries.AddRange(writes.Entries);
    }

    /// <summary>The log keeps some room of its own, so the first write on a full disk may still succeed.</summary>
    private async Task WriteUntilRefusedAsync()
    {
        var refused = false;
        for (var i = 0; i < 1000 && !refused; i++)
        {
            try
            {
                await _scribe.WriteAsync(Store, [(Facts.Account, _facts.Begin(_session, target: new string('x', 50_000))), (Facts.Account, _facts.Read(_session))]);
            }
            catch (LedgerStoreException e)
            {
                Assert.True(e.IsTransient, e.Message);
                refused = true;
            }
        }

        Assert.True(refused);
    }

    private static async Task<LedgerStoreException> TransientAsync(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<LedgerStoreException>(act);
        Assert.True(refusal.IsTransient, refusal.Message);
        return refusal;
    }

    private async Task HasEveryEntryAsync()
    {
        var stored = new List<StoredEntry>();
        do
        {
            stored.AddRange(await Store.ReadEntriesAsync(Facts.Account, stored.Count, IHistory.MaxPage, CancellationToken.None));
        }
        while (stored.Count % IHistory.MaxPage == 0);
        Assert.Equal(_scribe.Entries.Select(e => e.Leaf), stored.Select(e => e.Leaf));
        var edge = await Store.ReadEdgeAsync(Facts.Account, CancellationToken.None);
        Assert.Equal(Ledger.MerkleTree.Root([.. stored.Select(e => Ledger.MerkleTree.HashLeaf(e.Bytes))]), edge.Root());
    }
}
