using System.Text;
using Latchkey;
using Latchkey.Sqlite;

namespace Buildyard.Process.Tests.Kills;

/// <summary>What has to be true of conversations, files, requests and notices after a kill.</summary>
internal static class SpokenChecks
{
    public static async Task HoldsAsync(Leftover left, SqliteStore store, Spoken spoken)
    {
        var items = new Dictionary<string, MessageItem>(StringComparer.Ordinal);
        foreach (var id in spoken.Conversations.Values)
        {
            await foreach (var item in MessagesAsync(store, new ConversationId(id)))
            {
                items[item.Message.Value] = item;
            }
        }

        foreach (var said in spoken.Messages)
        {
            var item = Assert.Contains(said.Id, items);
            Assert.Equal(said.Text, item.Text);
            Assert.Equal(said.File is null ? [] : [said.File], item.Attachments);
        }

        foreach (var (id, text) in spoken.Files)
        {
            Assert.Equal(text, Encoding.UTF8.GetString((await store.Attachments.ReadAsync(new AttachmentId(id), CancellationToken.None))!.Bytes));
        }

        // Of what was stopped half way there may be bytes that no file is known by; they are forgotten in time.
        Assert.Superset(left.Stored("SELECT id FROM attachment_file").Select(row => row[0]).ToHashSet(), left.Files("SELECT id FROM file").Select(row => row[0]).ToHashSet());
        Assert.Equal(["0"], left.Stored("SELECT count(*) FROM attachment a LEFT JOIN attachment_file f ON f.id = a.id WHERE f.id IS NULL")[0]);
        foreach (var (id, state) in spoken.Requests)
        {
            var found = Assert.Single(await store.ReadRequestsAsync(new RequestQuery(Request: new RequestId(id)), CancellationToken.None)).State.ToString().ToLowerInvariant();
            Assert.Contains(found, state.Possible);
            state.Settle(found);
        }

        NoticesHold(left, items.Values);
    }

    /// <summary>Up to the cursor every message was made a notice, once; behind it none was, so that the next start makes them.</summary>
    private static void NoticesHold(Leftover left, IEnumerable<MessageItem> items)
    {
        var cursor = long.Parse(left.Stored("SELECT position FROM notice_cursor")[0][0], System.Globalization.CultureInfo.InvariantCulture);
        var told = left.Stored("SELECT key FROM notice WHERE kind = 'Message'").Select(row => row[0]).ToHashSet(StringComparer.Ordinal);
        Assert.All(items, item => Assert.Equal(item.Position <= cursor, told.Contains($"Message {item.Message}")));
        Assert.Empty(left.Stored("SELECT reader FROM inbox i JOIN notice n ON n.number = i.notice WHERE n.kind = 'Message' AND i.seen = 0 GROUP BY reader, n.subject HAVING count(*) > 1"));
    }

    private static async IAsyncEnumerable<MessageItem> MessagesAsync(SqliteStore store, ConversationId id)
    {
        for (var page = await ReadAsync(long.MaxValue); page.Count > 0; page = await ReadAsync(page[^1].Position))
        {
            foreach (var message in page.OfType<MessageItem>())
            {
                yield return message;
            }
        }

        Task<IReadOnlyList<ConversationItem>> ReadAsync(long before) => store.Conversations.ReadItemsAsync(id, before, IHistory.MaxPage, CancellationToken.None);
    }
}
