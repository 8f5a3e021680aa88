using System.Buffers;
using System.Collections.Concurrent;
using Latchkey;
using Latchkey.Ledger;
using Latchkey.Sqlite;

namespace Buildyard.Process.Tests.Kills;

/// <summary>What has to be true of the disk after a kill, whatever the moment was.</summary>
internal static class LeftoverChecks
{
    private const string Instance = "buildyard.test";

    /// <summary>Nothing half is there: databases are whole, numbers have no gap, trees and read tables are what the entries make of them.</summary>
    public static async Task IsWholeAsync(Leftover left, SqliteStore store)
    {
        Assert.Equal("ok", left.Own("PRAGMA integrity_check")[0][0]);
        Assert.Equal("ok", left.Stored("PRAGMA integrity_check")[0][0]);
        Assert.Empty(left.Own("SELECT app_id FROM yaml_versions GROUP BY app_id HAVING count(*) <> max(number) OR min(number) <> 1"));
        Assert.Equal(["0"], left.Stored("SELECT count(*) - (coalesce(max(position), -1) + 1) FROM entry")[0]);

        foreach (var account in left.Stored("SELECT DISTINCT account FROM entry").Select(row => new AccountId(row[0])))
        {
            await LedgerVerifiesAsync(store, account);
        }

        var before = ReadTables(left);
        await store.RebuildAsync(CancellationToken.None);
        Assert.Equal(before, ReadTables(left));
    }

    /// <summary>Everything that was acknowledged is there.</summary>
    public static async Task HoldsAsync(Leftover left, SqliteStore store, Acknowledged acknowledged, IReadOnlyDictionary<string, AppId> apps, string dana)
    {
        foreach (var (app, id) in apps)
        {
            await SwitchHoldsAsync(store, acknowledged, app, id);
            await SessionsHoldAsync(store, acknowledged, app, id);
            await DeedsHoldAsync(left, store, acknowledged, app, id);
            Settle(acknowledged.Titles, app, left.Own($"SELECT title FROM apps WHERE id = '{id}'")[0][0]);
            Settle(acknowledged.Roles, app, left.Own($"SELECT role FROM app_roles WHERE app_id = '{id}' AND person_id = '{dana}'").FirstOrDefault()?[0]);
        }

        var texts = left.Own("SELECT a.slug, v.number, v.content FROM yaml_versions v JOIN apps a ON a.id = v.app_id").ToDictionary(row => (row[0], row[1]), row => row[2]);
        Assert.All(acknowledged.Yaml, saved => Assert.Equal(saved.Text, texts.GetValueOrDefault((saved.App, $"{saved.Number}"))));
    }

    private static async Task LedgerVerifiesAsync(SqliteStore store, AccountId account)
    {
        var edge = await store.ReadEdgeAsync(account, CancellationToken.None);
        var naive = new MerkleEdge();
        var export = new ArrayBufferWriter<byte>();
        for (var page = await ReadAsync(0); page.Count > 0; page = await ReadAsync(naive.Size))
        {
            foreach (var entry in page)
            {
                Assert.Equal(naive.Size, entry.Seq);
                naive.Append(MerkleTree.HashLeaf(entry.Bytes));
                LedgerExport.WriteLine(export, entry.Seq, entry.Leaf, entry.Bytes, [.. entry.Contents.Select(c => new ExportedContent(c.Key, c.Value.Salt, c.Value.Text))]);
            }
        }

        Assert.Equal(naive.ToBytes(), edge.ToBytes());
        var origin = $"{Instance}/{account}";
        using var key = NoteKey.Create(origin);
        var checkpoint = SignedNote.Sign(new Checkpoint(origin, edge.Size, edge.Root()).ToText(), key).ToString();
        using var stream = new MemoryStream(export.WrittenSpan.ToArray());
        var report = await new LedgerVerifier(origin, account.Value, key.Verifier).VerifyAsync(stream, [checkpoint]);
        Assert.True(report.Ok, string.Join('\n', report.Findings));

        Task<IReadOnlyList<StoredEntry>> ReadAsync(long from) => store.ReadEntriesAsync(account, from, IHistory.MaxPage, CancellationToken.None);
    }

    private static async Task SwitchHoldsAsync(SqliteStore store, Acknowledged acknowledged, string app, AppId id)
    {
        if (!acknowledged.Switches.TryGetValue(app, out var latest))
        {
            return;
        }

        var newest = (await store.ReadGrantsAsync(new GrantQuery(id, Limit: 1), CancellationToken.None)).FirstOrDefault();
        var found = newest is { EndedAt: null } ? new Switch(newest.Until) : default;
        Assert.Contains(found, latest.Possible);
        latest.Settle(found);
    }

    private static async Task SessionsHoldAsync(SqliteStore store, Acknowledged acknowledged, string app, AppId id)
    {
        var sessions = new Dictionary<string, SessionRecord>();
        await foreach (var page in PagesAsync(before => store.ReadSessionsAsync(new SessionQuery(App: id, Before: before, Limit: IHistory.MaxPage), CancellationToken.None), s => s.Position))
        {
            sessions[page.Id.Value] = page;
        }

        foreach (var entered in acknowledged.Entered.Where(e => e.App == app))
        {
            var session = Assert.Contains(entered.Session, sessions);
            Assert.Equal(entered.Reason, session.Reason);
            Assert.True(session.ClosedAt is not null || !acknowledged.Left.ContainsKey(entered.Session), $"{entered.Session} was left, and is open.");
        }
    }

    private static async Task DeedsHoldAsync(Leftover left, SqliteStore store, Acknowledged acknowledged, string app, AppId id)
    {
        var acts = new List<ActRecord>();
        await foreach (var act in PagesAsync(before => store.ReadActsAsync(new ActQuery(id, ChangesOnly: true, Before: before, Limit: IHistory.MaxPage), CancellationToken.None), a => a.Position))
        {
            acts.Add(act);
        }

        var done = acts.Where(a => a is { Outcome: ActOutcome.Done, Status: 200 }).SelectMany(a => a.Changes.Select(c => (a.Session.Value, a.Permission, c.After))).ToHashSet();
        Assert.All(acknowledged.Deeds.Where(d => d.App == app), deed => Assert.Contains((deed.Session, deed.Permission, deed.After), done));

        // No record, no access: what support saved began on the ledger first, whether or not anybody was told how it came out.
        var saved = int.Parse(left.Own($"SELECT count(*) FROM yaml_versions WHERE app_id = '{id}' AND by_support = 1")[0][0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(saved, 0, acts.Count(a => a.Permission == "yml.update"));
    }

    private static void Settle(ConcurrentDictionary<string, Latest<string>> values, string app, string? found)
    {
        if (values.TryGetValue(app, out var latest))
        {
            Assert.Contains(found, latest.Possible);
            latest.Settle(found!);
        }
    }

    private static async IAsyncEnumerable<T> PagesAsync<T>(Func<long, Task<IReadOnlyList<T>>> read, Func<T, long> position)
    {
        for (var page = await read(long.MaxValue); page.Count > 0; page = await read(position(page[^1])))
        {
            foreach (var row in page)
            {
                yield return row;
            }
        }
    }

    private static List<string> ReadTables(Leftover left) =>
    [
        .. left.Stored("SELECT * FROM grant_ ORDER BY position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM session ORDER BY position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM act ORDER BY app, position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM request ORDER BY position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM conversation ORDER BY position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM conversation_item ORDER BY position").Select(row => string.Join('|', row)),
        .. left.Stored("SELECT * FROM attachment ORDER BY position").Select(row => string.Join('|', row)),
    ];
}
