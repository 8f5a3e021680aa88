using System.Collections.Concurrent;
using Latchkey.Ledger;

namespace Latchkey.Benchmarks;

/// <summary>
/// The decision against what it can't do without: one lookup in a ConcurrentDictionary with the same keys and one clock read.
/// Runs of both alternate, so that a machine that changes its speed changes both.
/// </summary>
internal static class DecideBenchmark
{
    private const int Rounds = 31;
    private const int Questions = 200_000;
    private const int Many = 1_000_000;

    public static async Task RunAsync()
    {
        var (one, bareOne, bytes) = await MeasureAsync(1);
        var (many, bareMany, bytesMany) = await MeasureAsync(Many);
        Figure.Print("decide", one, "ns", bareOne, "ratio <= 2");
        Figure.Print("decide-1m", many, "ns", bareMany, "ratio <= 2");
        Figure.Print("decide-alloc", bytes + bytesMany, "bytes", 0, "value 0");
        Figure.Print("decide-growth", many / one, "x", bareMany / bareOne, "ratio <= 1.5");
    }

    private static async Task<(double Decide, double Bare, double Bytes)> MeasureAsync(int grants)
    {
        await using var access = Sample.Access(new GivenStore(grants));
        await access.StartAsync();
        var permission = Sample.Catalogue.Find("app.update")!;
        var order = Order(grants);
        var apps = order.Select(i => Sample.App(i).Id).ToArray();
        // The id as the core handed it out, which is what a credential holds.
        var sessions = apps.Select(app => access.Find(app)!.Sessions[0].Id).ToArray();
        var bare = new ConcurrentDictionary<AppId, AppView>(
            Enumerable.Range(0, grants).Select(i => KeyValuePair.Create(Sample.App(i).Id, access.Find(Sample.App(i).Id)!)));

        var decide = new List<double>();
        var limit = new List<double>();
        var allocated = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var from = TimeProvider.System.GetTimestamp();
            var allowed = 0;
            for (var i = 0; i < Questions; i++)
            {
                var at = i % apps.Length;
                if (access.Decide(Sample.Agent.Id, apps[at], sessions[at], permission).IsAllowed)
                {
                    allowed++;
                }
            }

            decide.Add(Figure.Milliseconds(from) * 1e6 / Questions);
            // The least of the rounds: the runtime now and then allocates something of its own on this thread.
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            if (allowed != Questions)
            {
                throw new InvalidOperationException($"{allowed} of {Questions} were allowed.");
            }

            from = TimeProvider.System.GetTimestamp();
            long sum = 0;
            for (var i = 0; i < Questions; i++)
            {
                bare.TryGetValue(apps[i % apps.Length], out var view);
                sum += TimeProvider.System.GetUtcNow().UtcTicks + view!.Sessions.Length;
            }

            limit.Add(Figure.Milliseconds(from) * 1e6 / Questions);
            GC.KeepAlive(sum);
        }

        // The first rounds warm up.
        return (Figure.Median(decide.Skip(Rounds / 3)), Figure.Median(limit.Skip(Rounds / 3)), allocated);
    }

    // Up to 100,000 of the apps in a scattered order, the same in every run.
    private static int[] Order(int grants)
    {
        var picked = new int[Math.Min(grants, 100_000)];
        ulong state = 42;
        for (var i = 0; i < picked.Length; i++)
        {
            state = (state * 6364136223846793005UL) + 1442695040888963407UL;
            picked[i] = (int)((state >> 33) % (ulong)grants);
        }

        return picked;
    }

    /// <summary>A store that holds so many live grants, each with a session of the agent, and takes nothing.</summary>
    private sealed class GivenStore(int grants) : ILedgerStore
    {
        public static SessionId SessionOf(int number) => new($"ses_{number:d8}");

        public IConversations Conversations => throw Nothing();

        public IAttachments Attachments => throw Nothing();

        public INoticeStore Notices => throw Nothing();

        public Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation)
        {
            var now = TimeProvider.System.GetUtcNow();
            var numbers = Enumerable.Range(0, grants);
            return Task.FromResult(new StoredState(
                -1, null,
                [.. numbers.Select(i => new StoredGrant(
                    new GrantId($"grt_{i:d8}"), Sample.Account, Sample.App(i).Id, Catalogue.Admin, [], now.AddMinutes(-1), now.AddDays(1),
                    Sample.Lender.Person, [Sample.Lender.Person]))],
                [],
                [.. numbers.Select(i => new Session(SessionOf(i), Sample.App(i).Id, Sample.Agent.Id, Sample.Agent.Name, "Measuring", now, now))],
                [],
                [],
                new Dictionary<AccountId, AccountPolicy>(),
                numbers.ToDictionary(i => Sample.App(i).Id, i => (Sample.Account, Sample.App(i).Name)),
                []));
        }

        public Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation) => throw Nothing();

        public Task CheckWritableAsync(CancellationToken cancellation) => throw Nothing();

        public Task EraseAsync(AccountId account, long seq, string content, CancellationToken cancellation) => throw Nothing();

        public Task RebuildAsync(CancellationToken cancellation) => throw Nothing();

        public Task<UseReport> ReadUseAsync(UseQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<VendorRecord>> ReadVendorAsync(VendorQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(GrantQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(RequestQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation) => throw Nothing();

        public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation) => throw Nothing();

        public Task<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => throw Nothing();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static LedgerStoreException Nothing() => new("This store only holds what it was given.", isTransient: false);
    }
}
