using Latchkey.Ledger;

namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    private static readonly AccountId Other = new("contoso");

    [Fact]
    public async Task EmptyStore_HasNoPositionAndNoState()
    {
        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            Assert.Equal(-1, transaction.Position);
            Assert.Equal(0, (await transaction.ReadEdgeAsync(Facts.Account, CancellationToken.None)).Size);
        }

        Assert.Equal("-1 -", Describe(await StateAsync()));
        Assert.Equal(0, (await Store.ReadEdgeAsync(Facts.Account, CancellationToken.None)).Size);
        Assert.Empty(await Store.ReadEntriesAsync(Facts.Account, 0, 10, CancellationToken.None));
    }

    [Fact]
    public async Task CommittedEntries_ComeBackByteForByte_AfterReopening()
    {
        var grant = Facts.Lend(note: "until Friday");
        await Scribe.WriteAsync(Store, [(Facts.Account, grant), (Other, Facts.Lend(new("web"))), (Facts.Account, Facts.Enter(grant))]);
        await WriteAsync(Facts.End(grant));
        await ReopenAsync();

        await using var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None);
        Assert.Equal(3, transaction.Position);
        foreach (var account in (AccountId[])[Facts.Account, Other])
        {
            var written = Scribe.Entries.Where(e => e.Account == account).ToList();
            var read = await Store.ReadEntriesAsync(account, 0, IHistory.MaxPage, CancellationToken.None);
            Assert.Equal(written.Select(e => (e.Seq, Convert.ToHexString(e.Bytes), e.Leaf)), read.Select(e => (e.Seq, Convert.ToHexString(e.Bytes), e.Leaf)));
            Assert.Equal(written.Count, (await transaction.ReadEdgeAsync(account, CancellationToken.None)).Size);
        }
    }

    [Fact]
    public async Task TransactionWithoutCommit_LeavesNoTrace()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            await Scribe.SealAsync(transaction, (Facts.Account, grant), (Facts.Account, session));
        }

        Assert.Equal("-1 -", Describe(await StateAsync()));
        await WriteAsync(grant);
        Assert.Equal(0, (await StateAsync()).Position);
    }

    [Fact]
    public async Task CommitWithoutEntries_KeepsNamesAndCredentials()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        await WriteAsync(grant, session);
        var key = Facts.Key(session);
        await Scribe.WriteAsync(Store, [], writes =>
        {
            writes.NewCredentials.Add(key);
            writes.Names[Facts.App] = (Facts.Account, new AppName("new-slug", "", "Ñ \U0001F511"));
        });
        var state = await ReopenAsync();
        Assert.Equal(1, state.Position);
        Assert.Equal(key, Assert.Single(state.Credentials));
        Assert.Equal((Facts.Account, new AppName("new-slug", "", "Ñ \U0001F511")), state.Names[Facts.App]);
    }

    [Theory]
    [InlineData(1, 0)] // the position again
    [InlineData(3, 0)] // a gap in the positions
    [InlineData(2, -1)] // the seq again
    [InlineData(2, 1)] // a gap in the seqs
    public async Task EntryOutOfPlace_FailsTheWholeCommit(long position, int seqOff)
    {
        var grant = Facts.Lend();
        await WriteAsync(grant, Facts.Enter(grant));
        var before = Describe(await StateAsync());
        var rows = await DumpReadTablesAsync();

        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            var edge = await transaction.ReadEdgeAsync(Facts.Account, CancellationToken.None);
            var bad = Scribe.Seal(position, Facts.Account, edge.Size + seqOff, Facts.End(grant));
            edge.Append(bad.Leaf);
            var writes = new LedgerWrites { Entries = { bad }, Edges = { [Facts.Account] = edge }, Names = { [Facts.App] = (Other, Facts.Name(new("other"))) } };
            var refusal = await Assert.ThrowsAsync<LedgerStoreException>(() => transaction.CommitAsync(writes, CancellationToken.None));
            Assert.False(refusal.IsTransient);
        }

        Assert.Equal(before, Describe(await StateAsync()));
        Assert.Equal(rows, await DumpReadTablesAsync());
        await WriteAsync(Facts.End(grant));
        Assert.Equal(3, (await Store.ReadEdgeAsync(Facts.Account, CancellationToken.None)).Size);
    }

    [Fact]
    public async Task LaterEntryOutOfPlace_TakesTheEarlierOnesWithIt()
    {
        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            var writes = await Scribe.SealAsync(transaction, (Facts.Account, Facts.Lend()), (Facts.Account, Facts.Lend(new("app_web"))));
            writes.Entries[1] = Scribe.Seal(1, Facts.Account, 0, Facts.Lend(new("app_web")));
            await Assert.ThrowsAsync<LedgerStoreException>(() => transaction.CommitAsync(writes, CancellationToken.None));
        }

        Assert.Equal("-1 -", Describe(await ReopenAsync()));
        Assert.Empty(await DumpReadTablesAsync());
    }

    [Fact]
    public async Task TreeThatIsNotAfterItsEntries_FailsTheCommit()
    {
        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            var writes = await Scribe.SealAsync(transaction, (Facts.Account, Facts.Lend()));
            writes.Edges[Facts.Account] = new MerkleEdge();
            await Assert.ThrowsAsync<LedgerStoreException>(() => transaction.CommitAsync(writes, CancellationToken.None));
        }

        await using (var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            var writes = await Scribe.SealAsync(transaction, (Facts.Account, Facts.Lend()));
            writes.Edges.Clear();
            await Assert.ThrowsAsync<LedgerStoreException>(() => transaction.CommitAsync(writes, CancellationToken.None));
        }

        Assert.Equal("-1 -", Describe(await StateAsync()));
    }

    [Fact]
    public async Task ActOfAnUnknownSession_FailsTheCommit()
    {
        var grant = Facts.Lend();
        await WriteAsync(grant);
        await Assert.ThrowsAsync<LedgerStoreException>(() => WriteAsync(Facts.Begin(Facts.Enter(grant))));
        Assert.Equal(0, (await StateAsync()).Position);

        // What was counted for the commit that failed is not counted later.
        var session = Facts.Enter(grant);
        await Assert.ThrowsAsync<LedgerStoreException>(() => WriteAsync(session, Facts.Begin(session), Facts.Begin(Facts.Enter(grant))));
        await WriteAsync(session, Facts.Begin(session));
        Assert.Equal(1, Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(), CancellationToken.None)).Acts);
    }

    [Fact]
    public async Task SecondWriter_WaitsForTheFirst_AndSeesWhatItWrote()
    {
        var first = await Store.BeginAsync(spendReserve: false, CancellationToken.None);
        var waiting = Store.BeginAsync(spendReserve: false, CancellationToken.None);
        var writes = await Scribe.SealAsync(first, (Facts.Account, Facts.Lend()));
        await first.CommitAsync(writes, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync();
        await using var second = await waiting;
        Assert.Equal(0, second.Position);
    }

    [Fact]
    public async Task WaitingWriter_CanGiveUp()
    {
        using var patience = new CancellationTokenSource();
        await using (await Store.BeginAsync(spendReserve: false, CancellationToken.None))
        {
            var waiting = Store.BeginAsync(spendReserve: false, patience.Token);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await WriteAsync(Facts.Lend());
        Assert.Equal(0, (await StateAsync()).Position);
    }

    [Fact]
    public async Task ReadersAndOpening_DoNotWaitForTheWriter_AndSeeOnlyWhatIsCommitted()
    {
        var grant = Facts.Lend();
        await WriteAsync(grant);
        await using var transaction = await Store.BeginAsync(spendReserve: false, CancellationToken.None);
        await Scribe.SealAsync(transaction, (Facts.Account, Facts.End(grant)));
        Assert.Equal(transaction.Position, (await StateAsync()).Position);
        Assert.Single(await Store.ReadEntriesAsync(Facts.Account, 0, 10, CancellationToken.None));
        Assert.Null(Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 10), CancellationToken.None)).EndedAt);
    }

    [Fact]
    public async Task WritableStore_PassesTheCheck_AndIsNotChangedByIt()
    {
        await WriteAsync(Facts.Lend());
        var before = Describe(await StateAsync());
        await Store.CheckWritableAsync(CancellationToken.None);
        Assert.Equal(before, Describe(await ReopenAsync()));
    }

    [Fact]
    public async Task Edges_AreThoseOfANaiveTree_ForManyAccountsInOneTransaction()
    {
        AccountId[] accounts = [.. Enumerable.Range(0, 300).Select(i => new AccountId($"account-{i}"))];
        for (var round = 0; round < 4; round++)
        {
            var count = round;
            await Scribe.WriteAsync(Store, [.. accounts.SelectMany((a, i) => Enumerable.Repeat(a, 1 + (i + count) % 4).Select(x => (x, (Fact)Facts.Lend())))]);
        }

        await ReopenAsync();
        foreach (var account in accounts)
        {
            var edge = await Store.ReadEdgeAsync(account, CancellationToken.None);
            Hash[] leaves = [.. Scribe.LeavesOf(account)];
            Assert.Equal((leaves.Length, NaiveRoot(leaves)), (edge.Size, edge.Root()));
        }
    }

    private static Hash NaiveRoot(ReadOnlySpan<Hash> leaves)
    {
        if (leaves.Length == 1)
        {
            return leaves[0];
        }

        var left = 1;
        while (left * 2 < leaves.Length)
        {
            left *= 2;
        }

        return MerkleTree.HashChildren(NaiveRoot(leaves[..left]), NaiveRoot(leaves[left..]));
    }
}
