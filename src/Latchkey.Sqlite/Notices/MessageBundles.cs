using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>A notice of a message on its way into inboxes and deliveries, where it takes what is there of its conversation along.</summary>
internal sealed class MessageBundles
{
    private readonly SqliteConnection _connection;
    private readonly (long Number, string Conversation, long Entry) _notice;

    private MessageBundles(SqliteConnection connection, (long Number, string Conversation, long Entry) notice) => (_connection, _notice) = (connection, notice);

    /// <summary>The notice of that key; null where it is not of a message.</summary>
    public static MessageBundles? Find(SqliteConnection connection, string key) => connection.Query(
        "SELECT number, subject, entry FROM notice WHERE key = $key AND kind = 'Message'", row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2)), ("$key", key))
        is [var notice] ? new MessageBundles(connection, notice) : null;

    /// <summary>Marks a reader's lines on messages up to a position as seen, and drops mails on these that wait. Answers whether there were lines.</summary>
    public static bool See(SqliteConnection connection, ConversationId conversation, ReaderId reader, long position)
    {
        const string OfThese = "EXISTS (SELECT 1 FROM notice n WHERE n.number = notice AND n.kind = 'Message' AND n.subject = $conversation AND n.entry <= $position)";
        (string, object)[] parameters = [("$conversation", conversation.Value), ("$reader", reader.Value), ("$position", position)];
        connection.Run($"UPDATE notice_delivery SET state = 'Dropped' WHERE reader = $reader AND channel = 'Email' AND state = 'Waiting' AND {OfThese}", parameters);
        return connection.Run($"UPDATE inbox SET seen = 1 WHERE reader = $reader AND seen = 0 AND {OfThese}", parameters) > 0;
    }

    /// <summary>Whether a reader has seen the conversation up to this message. A webhook never has.</summary>
    public bool IsSeenBy(ReaderId reader) => _connection.Query(
        "SELECT 1 FROM conversation_seen WHERE conversation = $conversation AND reader = $speaker AND position >= $entry",
        _ => true,
        ("$conversation", _notice.Conversation),
        ("$speaker", reader.SpeakerKey),
        ("$entry", _notice.Entry)).Count > 0;

    /// <summary>Puts a line into an inbox, in place of one that its reader has not seen.</summary>
    public void PutInto(ReaderId reader)
    {
        var old = Find(reader, "SELECT i.number, i.count, i.of_several, n.entry FROM inbox i JOIN notice n ON n.number = i.notice WHERE i.reader = $reader AND i.seen = 0");
        _connection.Run("DELETE FROM inbox WHERE number = $number", ("$number", old?.Number ?? -1));
        _connection.Run(
            "INSERT INTO inbox (reader, notice, count, of_several) VALUES ($reader, $notice, $count, $of_several)",
            ("$reader", reader.Value),
            ("$notice", _notice.Number),
            ("$count", 1 + (old?.Count ?? 0)),
            ("$of_several", old is not null && IsOfSeveral(old.Value)));
    }

    /// <summary>Queues a delivery, or makes one that was not tried stand for this message too.</summary>
    public void Queue(ReaderId reader, NoticeChannel channel, DateTimeOffset now)
    {
        var old = Find(
            reader,
            "SELECT d.number, d.count, d.of_several, n.entry FROM notice_delivery d JOIN notice n ON n.number = d.notice WHERE d.reader = $reader AND d.channel = $channel AND d.state = 'Waiting' AND d.attempts = 0",
            ("$channel", channel.ToString()));
        if (old is { } waiting)
        {
            _connection.Run(
                "UPDATE notice_delivery SET notice = $notice, count = count + 1, of_several = $of_several WHERE number = $number",
                ("$notice", _notice.Number),
                ("$of_several", IsOfSeveral(waiting)),
                ("$number", waiting.Number));
            return;
        }

        var due = channel == NoticeChannel.Email ? now + NoticeRules.MessagesWait : now;
        _connection.Run(
            "INSERT INTO notice_delivery (id, notice, reader, channel, created, next) VALUES (lower(hex(randomblob(16))), $notice, $reader, $channel, $at, $next)",
            ("$notice", _notice.Number),
            ("$reader", reader.Value),
            ("$channel", channel.ToString()),
            ("$at", now.ToUnixTimeMilliseconds()),
            ("$next", due.ToUnixTimeMilliseconds()));
    }

    private (long Number, int Count, bool OfSeveral, long Entry)? Find(ReaderId reader, string sql, params (string, object)[] more) => _connection.Query(
        $"{sql} AND n.kind = 'Message' AND n.subject = $conversation",
        row => (row.GetInt64(0), row.GetInt32(1), row.GetBoolean(2), row.GetInt64(3)),
        [("$reader", reader.Value), ("$conversation", _notice.Conversation), .. more]) is [var found, ..] ? found : null;

    private bool IsOfSeveral((long Number, int Count, bool OfSeveral, long Entry) old) =>
        old.OfSeveral || _connection.Query(
            "SELECT count(DISTINCT author) FROM conversation_item WHERE position IN ($one, $other)", row => row.GetInt32(0), ("$one", old.Entry), ("$other", _notice.Entry))[0] > 1;
}
