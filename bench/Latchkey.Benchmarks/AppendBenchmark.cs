using System.Text;

namespace Latchkey.Benchmarks;

/// <summary>
/// Acts of support, begun and ended durably, against raw SQLite that inserts the same bytes (entries, their contents, their read
/// rows) in transactions of the same size. Rounds of both alternate.
/// </summary>
internal static class AppendBenchmark
{
    private const int Callers = 64;
    private const int ActsPerCaller = 150;
    private const int Rounds = 7;
    private const int WarmUp = 16;
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
        var bare = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            store.Reset();
            rates.Add(await CrowdAsync(access, app.Id, session.Id));
            var committed = store.Committed();
            limits.Add(RawRate(committed, transaction => raw.InsertRows(transaction)));
            bare.Add(RawRate(committed.ConvertAll(t => Array.ConvertAll(t, row => row.Bytes)), transaction => raw.InsertBytes(transaction)));
        }

        Figure.Print("append", Figure.Median(rates), "entries/s", Figure.Median(limits), "ratio >= 0.5");
        Figure.Print("append-bare", Figure.Median(rates), "entries/s", Figure.Median(bare), "for reading append: the entries as one value in one row");
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

    private static double RawRate<T>(List<T[]> committed, Action<T[]> insert)
    {
        var from = TimeProvider.System.GetTimestamp();
        committed.ForEach(insert);
        return committed.Sum(t => t.Length) / (Figure.Milliseconds(from) / 1000);
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
            var row = store.Committed()[0];
            from = TimeProvider.System.GetTimestamp();
            raw.InsertRows(row);
            limits.Add(Figure.Milliseconds(from));
            await act!.EndAsync(ActOutcome.Done, 200);
            act.Dispose();
        }

        Figure.Print("append-lone-p99", Figure.Percentile(times, 0.99), "ms", Figure.Percentile(limits, 0.99), "ratio <= 3");
        Figure.Print("append-lone-p50", Figure.Median(times), "ms", Figure.Median(limits), "for reading the p99");
    }

    /// <summary>The store, with a look at what each transaction committed.</summary>
    private sealed class CountingStore(ILedgerStore store) : ILedgerStore
    {
        private readonly List<int> _sizes = [];
        private readonly List<RecordedEntry> _first = [];

        /// <summary>
        /// What was committed since <see cref="Reset"/>. Each transaction has rows of the first few over and over, as many as
        /// it had of its own: to keep all entries would be a load for the garbage collector that no host has.
        /// </summary>
        public List<RawRow[]> Committed()
        {
            RawRow[] rows = [.. _first.Select(RowOf)];
            return _sizes.ConvertAll(size => Enumerable.Range(0, size).Select(i => rows[i % rows.Length]).ToArray());
        }

        public void Reset()
        {
            _sizes.Clear();
            _first.Clear();
        }

        public IConversations Conversations => store.Conversations;

        public IAttachments Attachments => store.Attachments;

        public INoticeStore Notices => store.Notices;

        public Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation) => store.OpenAsync(closedSince, cancellation);

        public async Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation) =>
            new Counted(this, await store.BeginAsync(spendReserve, cancellation));

        public Task CheckWritableAsync(CancellationToken cancellation) => store.CheckWritableAsync(cancellation);

        public Task EraseAsync(AccountId account, long seq, string content, CancellationToken cancellation) => store.EraseAsync(account, seq, content, cancellation);

        public Task RebuildAsync(CancellationToken cancellation) => store.RebuildAsync(cancellation);

        public Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(GrantQuery query, CancellationToken cancellation) => store.ReadGrantsAsync(query, cancellation);

        public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(RequestQuery query, CancellationToken cancellation) => store.ReadRequestsAsync(query, cancellation);

        public Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation) => store.ReadSessionsAsync(query, cancellation);

        public Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation) => store.ReadActsAsync(query, cancellation);

        public Task<UseReport> ReadUseAsync(UseQuery query, CancellationToken cancellation) => store.ReadUseAsync(query, cancellation);

        public Task<IReadOnlyList<VendorRecord>> ReadVendorAsync(VendorQuery query, CancellationToken cancellation) => store.ReadVendorAsync(query, cancellation);

        public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation) => store.ReadEntriesAsync(account, from, limit, cancellation);

        public Task<Ledger.MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => store.ReadEdgeAsync(account, cancellation);

        public ValueTask DisposeAsync() => store.DisposeAsync();

        private static RawRow RowOf(RecordedEntry entry)
        {
            byte[] contents = [.. entry.Fact.Contents.SelectMany(c => (byte[])[.. c.Salt!, .. Encoding.UTF8.GetBytes(c.Text!)])];
            var time = entry.Time.ToUnixTimeMilliseconds();
            return new RawRow(
                [entry.Account.Value, entry.Seq, time, entry.Fact.Kind, entry.Bytes, entry.Leaf.ToArray(), contents],
                entry.Fact is ActBegun act ? [act.Act.Value, entry.Seq, act.Session.Value, act.App.Value, act.Permission, "change", time] : null);
        }

        private sealed class Counted(CountingStore store, ILedgerTransaction transaction) : ILedgerTransaction
        {
            public long Position => transaction.Position;

            public ValueTask<Ledger.MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => transaction.ReadEdgeAsync(account, cancellation);

            public async Task CommitAsync(LedgerWrites writes, CancellationToken cancellation)
            {
                await transaction.CommitAsync(writes, cancellation);
                store._sizes.Add(writes.Entries.Count);
                if (store._first.Count < Callers * 4)
                {
                    store._first.AddRange(writes.Entries);
                }
            }

            public ValueTask DisposeAsync() => transaction.DisposeAsync();
        }
    }
}
