using System.Text;

namespace Latchkey.Benchmarks;

/// <summary>
/// Acts of support, begun and ended durably, against raw SQLite that inserts the same bytes (entries and their contents) in
/// transactions of the same size. Rounds of both alternate.
/// </summary>
internal static class AppendBenchmark
{
    private const int Callers = 64;
    private const int ActsPerCaller = 150;
    private const int Rounds = 7;
    private const int WarmUp = 4;
    private const int LoneActs = 300;

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        var store = new CountingStore(Sample.Store(Path.Combine(folder, "latchkey")));
        await using var access = Sample.Access(store);
        await access.StartAsync();
        var app = Sample.App(1);
        var session = await Sample.EnterAsync(access, app);
        using var raw = new RawSqlite(Path.Combine(folder, "raw.db"));

        for (var round = 0; round < WarmUp; round++)
        {
            await CrowdAsync(access, app.Id, session.Id);
        }

        var rates = new List<double>();
        var limits = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            store.Reset();
            rates.Add(await CrowdAsync(access, app.Id, session.Id));
            limits.Add(RawRate(raw, store));
        }

        Figure.Print("append", Figure.Median(rates), "entries/s", Figure.Median(limits), "ratio >= 0.5");
        await LoneAsync(access, app.Id, session.Id, store, raw);
    });

    private static async Task<double> CrowdAsync(SupportAccess access, AppId app, SessionId session)
    {
        var permission = Sample.Catalogue.Find("app.update")!;
        var from = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < ActsPerCaller; i++)
            {
                await ActAsync(access, app, session, permission);
            }
        })));
        return Callers * ActsPerCaller * 2 / (Figure.Milliseconds(from) / 1000);
    }

    private static async Task ActAsync(SupportAccess access, AppId app, SessionId session, Permission permission)
    {
        var (decision, act) = await access.BeginAsync(Sample.Agent.Id, app, session, permission, "settings");
        using (act ?? throw new InvalidOperationException(decision.Reason.ToString()))
        {
            act.Changed("title", "Northwind iOS", "Northwind iOS 2");
            await act.EndAsync(ActOutcome.Done, 200);
        }
    }

    private static double RawRate(RawSqlite raw, CountingStore store)
    {
        var from = TimeProvider.System.GetTimestamp();
        foreach (var transaction in store.Committed)
        {
            raw.Insert(transaction);
        }

        return store.Committed.Sum(t => t.Length) / (Figure.Milliseconds(from) / 1000);
    }

    private static async Task LoneAsync(SupportAccess access, AppId app, SessionId session, CountingStore store, RawSqlite raw)
    {
        var permission = Sample.Catalogue.Find("app.update")!;
        var times = new List<double>();
        var limits = new List<double>();
        for (var i = 0; i < LoneActs; i++)
        {
            store.Reset();
            var from = TimeProvider.System.GetTimestamp();
            var (_, act) = await access.BeginAsync(Sample.Agent.Id, app, session, permission, "settings");
            times.Add(Figure.Milliseconds(from));
            var row = store.Committed[0];
            from = TimeProvider.System.GetTimestamp();
            raw.Insert(row);
            limits.Add(Figure.Milliseconds(from));
            await act!.EndAsync(ActOutcome.Done, 200);
            act.Dispose();
        }

        Figure.Print("append-lone-p99", Figure.Percentile(times, 0.99), "ms", Figure.Percentile(limits, 0.99), "ratio <= 3");
        Figure.Print("append-lone-p50", Figure.Median(times), "ms", Figure.Median(limits), "for reading the p99");
    }

    /// <summary>The store, with a look at what each transaction committed: per entry its bytes and those of its contents.</summary>
    private sealed class CountingStore(ILedgerStore store) : ILedgerStore
    {
        public List<byte[][]> Committed { get; } = [];

        public void Reset() => Committed.Clear();

        public Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation) => store.OpenAsync(closedSince, cancellation);

        public async Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation) =>
            new Counted(this, await store.BeginAsync(spendReserve, cancellation));

        public Task CheckWritableAsync(CancellationToken cancellation) => store.CheckWritableAsync(cancellation);

        public Task RebuildAsync(CancellationToken cancellation) => store.RebuildAsync(cancellation);

        public Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(AppId app, long before, int limit, CancellationToken cancellation) => store.ReadGrantsAsync(app, before, limit, cancellation);

        public Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation) => store.ReadSessionsAsync(query, cancellation);

        public Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation) => store.ReadActsAsync(query, cancellation);

        public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation) => store.ReadEntriesAsync(account, from, limit, cancellation);

        public Task<Ledger.MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => store.ReadEdgeAsync(account, cancellation);

        public ValueTask DisposeAsync() => store.DisposeAsync();

        private static byte[] BytesOf(RecordedEntry entry) =>
            [.. entry.Bytes, .. entry.Leaf.ToArray(), .. entry.Fact.Contents.SelectMany(c => (byte[])[.. c.Salt!, .. Encoding.UTF8.GetBytes(c.Text!)])];

        private sealed class Counted(CountingStore store, ILedgerTransaction transaction) : ILedgerTransaction
        {
            public long Position => transaction.Position;

            public ValueTask<Ledger.MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => transaction.ReadEdgeAsync(account, cancellation);

            public async Task CommitAsync(LedgerWrites writes, CancellationToken cancellation)
            {
                await transaction.CommitAsync(writes, cancellation);
                store.Committed.Add([.. writes.Entries.Select(BytesOf)]);
            }

            public ValueTask DisposeAsync() => transaction.DisposeAsync();
        }
    }
}
