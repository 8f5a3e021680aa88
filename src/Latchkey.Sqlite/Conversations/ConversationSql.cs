using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Pages of conversations. Texts come from the entries' contents, so that what is erased there is null here.</summary>
internal static class ConversationSql
{
    private const int MaxLastWords = 200;

    private const string Columns =
        """
        c.position, c.id, c.account, c.app, c.opened_by, c.opened_at, c.state, c.state_since, c.assigned, c.assigned_entry, c.newest,
        c.newest_at, c.words_entry,
        iif($reader = '', 0, (SELECT count(*) FROM (
            SELECT 1 FROM conversation_item i
            WHERE i.conversation = c.id
                AND i.position > ifnull((SELECT s.position FROM conversation_seen s WHERE s.conversation = c.id AND s.reader = $reader), -1)
                AND i.speaks = 1 AND i.author <> $reader
            LIMIT 100)))
        """;

    public static ConversationRecord? Find(SqliteConnection connection, ConversationId id, string? reader)
    {
        using var entries = new EntryReader(connection);
        return connection.Query($"SELECT {Columns} FROM conversation c WHERE c.id = $id", row => Record(row, entries), ("$id", id.Value), ("$reader", reader ?? ""))
            is [var found] ? found : null;
    }

    public static IReadOnlyList<ConversationRecord> Read(SqliteConnection connection, ConversationQuery query)
    {
        var match = query.Words is null ? null : ConversationWords.Match(query.Words, query.Account);
        if ((query.Words is not null && match is null) || query.Apps is { IsDefaultOrEmpty: true })
        {
            return [];
        }

        using var entries = new EntryReader(connection);
        return connection.Query(
            Statement(query, match is not null),
            row => Record(row, entries),
            ("$reader", query.Reader ?? ""),
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$account", query.Account?.Value ?? ""),
            ("$apps", query.Apps is { } apps ? JsonSerializer.Serialize(apps.Select(a => a.Value)) : "[]"),
            ("$app", query.App?.Value ?? ""),
            ("$state", query.State?.ToString() ?? ""),
            ("$assigned", query.Assigned?.Value ?? ""),
            ("$match", match ?? ""));
    }

    public static long SeenUpTo(SqliteConnection connection, ConversationId id, string reader) =>
        connection.Query(
            "SELECT position FROM conversation_seen WHERE conversation = $id AND reader = $reader", row => row.GetInt64(0), ("$id", id.Value), ("$reader", reader))
            is [var position] ? position : -1;

    /// <summary>Answers whether notices became seen.</summary>
    public static bool MarkSeen(SqliteConnection connection, ConversationId id, string reader, long position)
    {
        connection.Run(
            """
            INSERT INTO conversation_seen (conversation, reader, position) VALUES ($id, $reader, $position)
            ON CONFLICT (conversation, reader) DO UPDATE SET position = max(position, excluded.position)
            """,
            ("$id", id.Value),
            ("$reader", reader),
            ("$position", position));
        return connection.Query("SELECT account FROM conversation WHERE id = $id", row => new AccountId(row.GetString(0)), ("$id", id.Value)) is [var account]
            && MessageBundles.See(connection, id, ReaderId.OfSpeaker(account, reader), position);
    }

    // One step of the index for each speaker, however much they said.
    public static List<string> Speakers(SqliteConnection connection, ConversationId id) => connection.Query(
        """
        WITH RECURSIVE speaker (key) AS (
            SELECT min(author) FROM conversation_item WHERE conversation = $id AND speaks = 1 AND author > ''
            UNION ALL
            SELECT (SELECT min(author) FROM conversation_item WHERE conversation = $id AND speaks = 1 AND author > speaker.key) FROM speaker WHERE speaker.key IS NOT NULL
        )
        SELECT key FROM speaker WHERE key IS NOT NULL LIMIT 100
        """,
        row => row.GetString(0),
        ("$id", id.Value));

    private static string Statement(ConversationQuery query, bool searched)
    {
        var sql = new StringBuilder($"SELECT {Columns} FROM conversation c WHERE c.newest < $before");
        sql.Append(query.Account is null ? "" : " AND c.account = $account");
        sql.Append(query.Apps is null ? "" : " AND c.app IN (SELECT value FROM json_each($apps))");
        sql.Append(query.App is null ? "" : " AND c.app = $app");
        sql.Append(query.State is null ? "" : " AND c.state = $state");
        sql.Append(query.OpenOnly ? " AND c.state <> 'Solved'" : "");
        sql.Append(query.Assigned is null ? "" : " AND c.assigned = $assigned");
        sql.Append(!searched
            ? ""
            : """
               AND c.id IN (
                  SELECT i.conversation FROM conversation_item i WHERE i.position IN (
                      SELECT rowid FROM conversation_words WHERE conversation_words MATCH $match ORDER BY rowid DESC LIMIT 2000))
              """);
        return sql.Append(" ORDER BY c.newest DESC LIMIT $limit").ToString();
    }

    private static ConversationRecord Record(SqliteDataReader row, EntryReader entries)
    {
        var opened = entries.Find<ConversationOpened>(row.GetInt64(0));
        var assigned = entries.Find<ConversationAssigned>(row.NumberOrNull(9));
        var (words, by) = entries.Find<ConversationFact>(row.GetInt64(12)) is var (said, entry)
            ? (ConversationWords.Of(said, entry.Text), entry.Text(said.By.Name))
            : (null, null);
        string? Opened(Func<ConversationOpened, Content?> content) => opened is var (fact, from) ? from.Text(content(fact)) : null;
        return new ConversationRecord(
            new(row.GetString(1)), new(row.GetString(2)), Opened(f => f.AccountTitle), row.IsDBNull(3) ? null : new AppId(row.GetString(3)), Opened(f => f.AppTitle),
            Opened(f => f.Subject), new(row.GetString(4)), Opened(f => f.By.Name), row.Time(5), row.Enum<ConversationState>(6), row.Time(7),
            row.IsDBNull(8) ? null : new AgentId(row.GetString(8)), assigned is var (given, told) ? told.Text(given.AgentName) : null,
            row.Time(11), words is { Length: > MaxLastWords } ? words[..MaxLastWords] : words, by, row.GetInt32(13), row.GetInt64(10));
    }
}
