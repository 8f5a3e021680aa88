using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Benchmarks;

/// <summary>
/// From nothing to ready on a store of 1,000,000 entries and 100,000 live grants, against SQLite reading the same live rows
/// by hand; and the memory that a live grant takes, against a dictionary of the grants as they were read.
/// </summary>
internal static class StartBenchmark
{
    private const int Entries = 1_000_000;
    private const int Grants = 100_000;
    private const int PerTransaction = 5_000;
    private const int Rounds = 5;

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        var directory = Path.Combine(folder, "latchkey");
        await FillAsync(directory);

        var times = new List<double>();
        var limits = new List<double>();
        var memory = new List<double>();
        var bareMemory = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var (bareTime, bareBytes) = ReadByHand(Path.Combine(directory, "latchkey.db"));
            limits.Add(bareTime);
            bareMemory.Add(bareBytes);

            var before = GC.GetTotalMemory(forceFullCollection: true);
            var from = TimeProvider.System.GetTimestamp();
            await using var access = Sample.Access(Sample.Store(directory));
            await access.StartAsync();
            times.Add(Figure.Milliseconds(from));
            if (access.OpenApps().Count() != Grants)
            {
                throw new InvalidOperationException("Not every grant is live.");
            }

            memory.Add((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Grants);
        }

        Figure.Print("start", Figure.Median(times), "ms", Figure.Median(limits), "small is good; entries are not read");
        Figure.Print("start-memory-per-grant", Figure.Median(memory), "bytes", Figure.Median(bareMemory), "small is good");
    });

    private static async Task FillAsync(string directory)
    {
        await using var store = Sample.Store(directory);
        var now = TimeProvider.System.GetUtcNow();
        var time = LedgerEntry.WholeMilliseconds(now);
        await store.OpenAsync(now, CancellationToken.None);
        var session = SessionId.New(now);
        for (var written = 0; written < Entries; written += PerTransaction)
        {
            await using var transaction = await store.BeginAsync(spendReserve: false, CancellationToken.None);
            var writes = new LedgerWrites();
            var edge = await transaction.ReadEdgeAsync(Sample.Account, CancellationToken.None);
            var position = transaction.Position;
            for (var i = written; i < written + PerTransaction; i++)
            {
                var fact = FactOf(i, session, now);
                if (fact is GrantStarted { App: { } app })
                {
                    writes.Names[app] = (Sample.Account, Sample.App(i).Name);
                }

                var bytes = fact.EncodeFields().ToEntry(Sample.Account.Value, edge.Size, time, fact.Kind);
                var leaf = MerkleTree.HashLeaf(bytes);
                writes.Entries.Add(new RecordedEntry(++position, Sample.Account, edge.Size, time, bytes, leaf, fact));
                edge.Append(leaf);
            }

            writes.Edges[Sample.Account] = edge;
            await transaction.CommitAsync(writes, CancellationToken.None);
        }
    }

    private static Fact FactOf(int number, SessionId session, DateTimeOffset now)
    {
        if (number < Grants)
        {
            return new GrantStarted(
                GrantId.New(now), Sample.App(number).Id, Catalogue.Admin, [], LedgerEntry.WholeMilliseconds(now.AddDays(14)),
                Sample.Lender.Person, Content.New(Sample.Lender.Name, now), [Sample.Lender.Person], Note: null);
        }

        var grant = new GrantId("grt_bench");
        return number == Grants
            ? new SessionOpened(session, Sample.App(0).Id, Sample.Agent.Id, grant, Content.New(Sample.Agent.Name, now), Content.New("Measuring", now), Ticket: null)
            : new ActRead(ActId.New(now), session, Sample.App(0).Id, grant, "app.read", Target: null);
    }

    /// <summary>What can't be avoided: each live grant and its app's name read into plain strings.</summary>
    private static (double Milliseconds, double BytesPerGrant) ReadByHand(string database)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var from = TimeProvider.System.GetTimestamp();
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT g.*, n.* FROM grant_ g JOIN app_name n ON n.app = g.app WHERE g.ended_at IS NULL";
        var grants = new Dictionary<string, object[]>(StringComparer.Ordinal);
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                var row = new object[reader.FieldCount];
                reader.GetValues(row);
                grants[(string)reader["app"]] = row;
            }
        }

        var milliseconds = Figure.Milliseconds(from);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)grants.Count;
        GC.KeepAlive(grants);
        return (milliseconds, bytes);
    }
}
