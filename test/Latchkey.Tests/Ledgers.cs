using System.Buffers;
using System.Text.Json;
using Latchkey.Ledger;

namespace Latchkey.Tests;

/// <summary>One entry as a test reads it.</summary>
internal sealed record Recorded(long Seq, DateTimeOffset Time, Fact Fact);

/// <summary>Reads the ledgers of a store back and checks them as a customer would.</summary>
internal sealed class Ledgers(Func<IHistory> open)
{
    public static readonly IReadOnlyList<AccountId> Accounts = [World.Northwind, World.Contoso, AccountId.Vendor];

    private readonly Dictionary<AccountId, (long Size, DateTimeOffset Newest)> _seen = [];

    public async Task<IReadOnlyList<Recorded>> ReadAsync(AccountId account)
    {
        var entries = new List<Recorded>();
        foreach (var stored in await StoredAsync(account))
        {
            var entry = LedgerEntry.Parse(stored.Bytes);
            entries.Add(new Recorded(entry.Seq, entry.Time, Fact.Read(entry.Kind, entry.Fields)));
        }

        return entries;
    }

    public async Task<IReadOnlyList<T>> FactsAsync<T>(AccountId account)
        where T : Fact => [.. (await ReadAsync(account)).Select(e => e.Fact).OfType<T>()];

    public async Task<int> CountAsync(AccountId account) => (await StoredAsync(account)).Count;

    public async Task<DateTimeOffset> NewestAsync()
    {
        foreach (var account in Accounts)
        {
            var size = (await open().ReadEdgeAsync(account, CancellationToken.None)).Size;
            if (size > _seen.GetValueOrDefault(account).Size)
            {
                var last = await open().ReadEntriesAsync(account, size - 1, 1, CancellationToken.None);
                _seen[account] = (size, LedgerEntry.Parse(last[0].Bytes).Time);
            }
        }

        return _seen.Values.Select(s => s.Newest).Append(DateTimeOffset.MinValue).Max();
    }

    /// <summary>Exports every ledger, signs a checkpoint over what the store says its tree is, and verifies one against the other.</summary>
    public async Task AssertVerifiesAsync()
    {
        foreach (var account in Accounts)
        {
            var origin = $"latchkey.test/{account}";
            using var key = NoteKey.Create(origin);
            var edge = await open().ReadEdgeAsync(account, CancellationToken.None);
            var checkpoint = SignedNote.Sign(new Checkpoint(origin, edge.Size, edge.Root()).ToText(), key).ToString();

            var output = new ArrayBufferWriter<byte>();
            foreach (var e in await StoredAsync(account))
            {
                LedgerExport.WriteLine(output, e.Seq, e.Leaf, e.Bytes, [.. e.Contents.Select(c => new ExportedContent(c.Key, c.Value.Salt, c.Value.Text))]);
            }

            using var export = new MemoryStream(output.WrittenMemory.ToArray());
            var report = await new LedgerVerifier(origin, account.Value, key.Verifier).VerifyAsync(export, [checkpoint]);
            Assert.True(report.Ok, string.Join("\n", report.Findings.Select(f => f.Message)));
        }
    }

    /// <summary>
    /// Reads each ledger as a story: nothing is done without a key and a session that are open at that place in it, nothing
    /// ends twice, every outcome follows its beginning, and time never runs backwards.
    /// </summary>
    public async Task AssertStoryHoldsAsync()
    {
        foreach (var account in Accounts)
        {
            var (grants, requests, sessions, acts) = (new HashSet<GrantId>(), new HashSet<RequestId>(), new HashSet<SessionId>(), new HashSet<ActId>());
            var time = DateTimeOffset.MinValue;
            foreach (var (seq, at, fact) in await ReadAsync(account))
            {
                Assert.True(at >= time, $"Entry {seq} is of {at:O}, after one of {time:O}");
                time = at;
                var holds = fact switch
                {
                    GrantStarted f => grants.Add(f.Grant),
                    GrantChanged f => grants.Contains(f.Grant),
                    GrantEnded f => grants.Remove(f.Grant) && f.At <= at,
                    GrantCovers f => grants.Contains(f.Grant),
                    GrantUncovers f => grants.Contains(f.Grant),
                    RequestMade f => requests.Add(f.Request),
                    RequestApproved f => f.Grant is null ? requests.Contains(f.Request) : requests.Remove(f.Request),
                    RequestEnded f => requests.Remove(f.Request) && f.At <= at,
                    SessionOpened f => grants.Contains(f.Grant) && sessions.Add(f.Session),
                    SessionClosed f => sessions.Remove(f.Session) && f.At <= at,
                    ActRead f => grants.Contains(f.Grant) && sessions.Contains(f.Session),
                    ActBegun f => grants.Contains(f.Grant) && sessions.Contains(f.Session) && acts.Add(f.Act),
                    ActEnded f => acts.Remove(f.Act),
                    _ => true,
                };
                Assert.True(holds, $"Entry {seq} does not fit what is before it: {fact}");
            }
        }
    }

    /// <summary>All that people can read, as text that two readings can be compared by.</summary>
    public async Task<string> DumpAsync()
    {
        var pages = new List<object>();
        foreach (var app in new[] { World.Ios, World.Android, World.Web })
        {
            pages.Add(await open().ReadGrantsAsync(new GrantQuery(app.Id, Limit: IHistory.MaxPage), CancellationToken.None));
            pages.Add(await open().ReadSessionsAsync(new SessionQuery(app.Id, Limit: IHistory.MaxPage), CancellationToken.None));
            pages.Add(await open().ReadActsAsync(new ActQuery(app.Id, Limit: IHistory.MaxPage), CancellationToken.None));
        }

        return JsonSerializer.Serialize(pages);
    }

    private async Task<List<StoredEntry>> StoredAsync(AccountId account)
    {
        var all = new List<StoredEntry>();
        IReadOnlyList<StoredEntry> page;
        do
        {
            page = await open().ReadEntriesAsync(account, all.Count, IHistory.MaxPage, CancellationToken.None);
            all.AddRange(page);
        }
        while (page.Count == IHistory.MaxPage);

        return all;
    }
}
