using System.Text.Json;

namespace Latchkey.Sqlite;

/// <summary>Notices, inboxes and deliveries, in the ledger's own database and by its one writer.</summary>
internal sealed class SqliteNoticeStore(SqliteStore store) : INoticeStore
{
    public Task<IReadOnlyList<NewEntry>> ReadNewAsync(int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<NewEntry>>(
        connection => connection.Query(
            """
            SELECT position, account, time, bytes, contents FROM entry
            WHERE position > (SELECT position FROM notice_cursor)
            ORDER BY position LIMIT $limit
            """,
            row => new NewEntry(row.GetInt64(0), new(row.GetString(1)), row.Time(2), ToldEntry.Read(row.GetFieldValue<byte[]>(3), row.Blob(4)).Fact),
            ("$limit", limit)),
        cancellation);

    public Task<bool> IsPlannedAsync(string key, CancellationToken cancellation) =>
        store.ReadAsync(connection => connection.Query("SELECT 1 FROM notice WHERE key = $key", _ => true, ("$key", key)).Count > 0, cancellation);

    public Task PlanAsync(IReadOnlyList<Notice> notices, long through, CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            foreach (var n in notices)
            {
                connection.Run(
                    """
                    INSERT INTO notice (key, kind, account, app, subject, entry, at, due)
                    VALUES ($key, $kind, $account, $app, $subject, $entry, $at, $due)
                    ON CONFLICT (key) DO NOTHING
                    """,
                    ("$key", n.Key),
                    ("$kind", n.Kind.ToString()),
                    ("$account", n.Account.Value),
                    ("$app", (object?)n.App?.Value ?? DBNull.Value),
                    ("$subject", n.Subject),
                    ("$entry", n.Entry),
                    ("$at", n.At.ToUnixTimeMilliseconds()),
                    ("$due", n.Due.ToUnixTimeMilliseconds()));
            }

            return connection.Run("UPDATE notice_cursor SET position = max(position, $through)", ("$through", through));
        },
        cancellation);

    public Task<IReadOnlyList<NoticeSource>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<NoticeSource>>(
        connection => connection.Query(
            $"SELECT {NoticeRow.Columns} FROM notice n {NoticeRow.Joins} WHERE n.spread IS NULL AND coalesce(n.next, n.due) <= $now ORDER BY n.due, n.number LIMIT $limit",
            row => NoticeRow.Read(row, 0),
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$limit", limit)),
        cancellation);

    public Task<bool> SpreadAsync(
        string key,
        DateTimeOffset now,
        IReadOnlyCollection<ReaderId> inboxes,
        IReadOnlyCollection<(ReaderId Reader, NoticeChannel Channel)> deliveries,
        CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            var at = now.ToUnixTimeMilliseconds();
            if (connection.Run("UPDATE notice SET spread = $at WHERE key = $key AND spread IS NULL", ("$at", at), ("$key", key)) == 0)
            {
                return false;
            }

            var bundle = MessageBundles.Find(connection, key);
            foreach (var reader in inboxes)
            {
                if (bundle is null)
                {
                    connection.Run("INSERT INTO inbox (reader, notice) SELECT $reader, number FROM notice WHERE key = $key", ("$reader", reader.Value), ("$key", key));
                }
                else if (!bundle.IsSeenBy(reader))
                {
                    bundle.PutInto(reader);
                }

                connection.Run(
                    "DELETE FROM inbox WHERE reader = $reader AND number <= (SELECT number FROM inbox WHERE reader = $reader ORDER BY number DESC LIMIT 1 OFFSET $most)",
                    ("$reader", reader.Value),
                    ("$most", INoticeStore.MaxInbox));
            }

            foreach (var (reader, channel) in deliveries)
            {
                if (bundle is not null)
                {
                    if (!bundle.IsSeenBy(reader))
                    {
                        bundle.Queue(reader, channel, now);
                    }

                    continue;
                }

                connection.Run(
                    "INSERT INTO notice_delivery (id, notice, reader, channel, created, next) SELECT lower(hex(randomblob(16))), number, $reader, $channel, $at, $at FROM notice WHERE key = $key",
                    ("$reader", reader.Value),
                    ("$channel", channel.ToString()),
                    ("$at", at),
                    ("$key", key));
            }

            return true;
        },
        cancellation);

    public Task SetAsideAsync(string key, DateTimeOffset until, CancellationToken cancellation) => store.WriteAsync(
        connection => connection.Run(
            "UPDATE notice SET tries = tries + 1, next = $until WHERE key = $key AND spread IS NULL", ("$until", until.ToUnixTimeMilliseconds()), ("$key", key)),
        cancellation);

    public Task<NoticeTrouble> CountTroubleAsync(CancellationToken cancellation) => store.ReadAsync(
        connection => connection.Query(
            """
            SELECT (SELECT count(*) FROM notice WHERE spread IS NULL AND tries > 0),
                   (SELECT count(*) FROM notice_delivery WHERE state = 'Waiting' AND attempts > 0)
            """,
            row => new NoticeTrouble(row.GetInt32(0), row.GetInt32(1)))[0],
        cancellation);

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation) =>
        store.ReadAsync(connection => connection.Query("SELECT min(coalesce(next, due)) FROM notice WHERE spread IS NULL", row => row.TimeOrNull(0))[0], cancellation);

    public Task<IReadOnlyList<InboxLine>> ReadInboxAsync(ReaderId reader, long before, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<InboxLine>>(
        connection => connection.Query(
            $"""
            SELECT i.number, i.seen, i.count, i.of_several, {NoticeRow.Columns} FROM inbox i JOIN notice n ON n.number = i.notice {NoticeRow.Joins}
            WHERE i.reader = $reader AND i.number < $before ORDER BY i.number DESC LIMIT $limit
            """,
            row => new InboxLine(row.GetInt64(0), NoticeRow.Read(row, 4, row.GetInt32(2), row.GetBoolean(3)), row.GetBoolean(1)),
            ("$reader", reader.Value),
            ("$before", before),
            ("$limit", limit)),
        cancellation);

    public Task<int> CountUnseenAsync(ReaderId reader, CancellationToken cancellation) => store.ReadAsync(
        connection => connection.Query("SELECT count(*) FROM inbox WHERE reader = $reader AND seen = 0", row => row.GetInt32(0), ("$reader", reader.Value))[0],
        cancellation);

    public Task SeeAsync(ReaderId reader, long upTo, CancellationToken cancellation) => store.WriteAsync(
        connection => connection.Run(
            "UPDATE inbox SET seen = 1 WHERE reader = $reader AND number <= $up_to AND seen = 0", ("$reader", reader.Value), ("$up_to", upTo)),
        cancellation);

    public Task<IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)>> ReadDeliveriesAsync(
        NoticeChannel channel, DateTimeOffset now, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<(NoticeDelivery, NoticeSource)>>(
        connection => connection.Query(
            $"""
            SELECT d.id, d.reader, d.attempts, d.created, d.next, d.count, d.of_several, {NoticeRow.Columns}
            FROM notice_delivery d JOIN notice n ON n.number = d.notice {NoticeRow.Joins}
            WHERE d.channel = $channel AND d.state = 'Waiting' AND d.next <= $now ORDER BY d.next, d.number LIMIT $limit
            """,
            row =>
            {
                var source = NoticeRow.Read(row, 7, row.GetInt32(5), row.GetBoolean(6));
                return (new NoticeDelivery(row.GetString(0), source.Notice, ReaderId.Parse(row.GetString(1)), channel, row.GetInt32(2), row.Time(3), row.Time(4)), source);
            },
            ("$channel", channel.ToString()),
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$limit", limit)),
        cancellation);

    public Task<DateTimeOffset?> NextDeliveryAsync(NoticeChannel channel, CancellationToken cancellation) => store.ReadAsync(
        connection => connection.Query(
            "SELECT min(next) FROM notice_delivery WHERE channel = $channel AND state = 'Waiting'", row => row.TimeOrNull(0), ("$channel", channel.ToString()))[0],
        cancellation);

    public Task<IReadOnlyList<DateTimeOffset>> ReadSentAsync(ReaderId reader, NoticeChannel channel, DateTimeOffset since, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<DateTimeOffset>>(
            connection => connection.Query(
                """
                SELECT min(tried) FROM notice_delivery
                WHERE reader = $reader AND channel = $channel AND state = 'Sent' AND tried >= $since
                GROUP BY sent_as ORDER BY 1
                """,
                row => row.Time(0),
                ("$reader", reader.Value),
                ("$channel", channel.ToString()),
                ("$since", since.ToUnixTimeMilliseconds())),
            cancellation);

    public Task SettleAsync(DeliveryOutcome outcome, CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            foreach (var id in outcome.Ids)
            {
                connection.Run(
                    """
                    UPDATE notice_delivery
                    SET state = $state, tried = $at, next = $next, attempts = attempts + $attempted, problem = $problem,
                        sent_as = (SELECT number FROM notice_delivery WHERE id = $first)
                    WHERE id = $id AND state = 'Waiting'
                    """,
                    ("$state", outcome.State.ToString()),
                    ("$at", outcome.At.ToUnixTimeMilliseconds()),
                    ("$next", outcome.NextAt.ToUnixTimeMilliseconds()),
                    ("$attempted", outcome.Attempted ? 1 : 0),
                    ("$problem", (object?)outcome.Problem ?? DBNull.Value),
                    ("$first", outcome.Ids[0]),
                    ("$id", id));
            }

            return true;
        },
        cancellation);

    public Task<IReadOnlyList<LostDelivery>> ReadLostAsync(AccountId account, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<LostDelivery>>(
        connection => connection.Query(
            """
            SELECT d.reader, d.channel, d.tried, d.problem FROM notice_delivery d JOIN notice n ON n.number = d.notice
            WHERE d.state = 'GivenUp' AND n.account = $account ORDER BY d.number DESC LIMIT $limit
            """,
            row => new LostDelivery(ReaderId.Parse(row.GetString(0)), row.Enum<NoticeChannel>(1), row.Time(2), row.Text(3) ?? ""),
            ("$account", account.Value),
            ("$limit", limit)),
        cancellation);

    public Task<IReadOnlyDictionary<NoticeKind, NoticeChoice>> ReadChoicesAsync(AccountId account, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyDictionary<NoticeKind, NoticeChoice>>(
            connection => connection.Query(
                "SELECT kind, administrators, owners, people, in_app, email, webhook FROM notice_choice WHERE account = $account",
                row => (Kind: row.Enum<NoticeKind>(0), Choice: new NoticeChoice(
                    row.GetBoolean(1), row.GetBoolean(2), [.. row.List(3).Select(p => new PersonId(p))], row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6))),
                ("$account", account.Value)).ToDictionary(c => c.Kind, c => c.Choice),
            cancellation);

    public Task WriteChoicesAsync(AccountId account, IReadOnlyDictionary<NoticeKind, NoticeChoice> choices, CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            foreach (var (kind, choice) in choices)
            {
                connection.Run(
                    """
                    INSERT OR REPLACE INTO notice_choice (account, kind, administrators, owners, people, in_app, email, webhook)
                    VALUES ($account, $kind, $administrators, $owners, $people, $in_app, $email, $webhook)
                    """,
                    ("$account", account.Value),
                    ("$kind", kind.ToString()),
                    ("$administrators", choice.Administrators),
                    ("$owners", choice.Owners),
                    ("$people", JsonSerializer.Serialize(choice.People.Select(p => p.Value))),
                    ("$in_app", choice.InApp),
                    ("$email", choice.Email),
                    ("$webhook", choice.Webhook));
            }

            return true;
        },
        cancellation);

    public Task<IReadOnlyDictionary<NoticeKind, bool>> ReadMailChoicesAsync(ReaderId reader, CancellationToken cancellation) => store.ReadAsync<IReadOnlyDictionary<NoticeKind, bool>>(
        connection => connection.Query(
            "SELECT kind, email FROM notice_mail_choice WHERE reader = $reader", row => (Kind: row.Enum<NoticeKind>(0), Email: row.GetBoolean(1)), ("$reader", reader.Value))
            .ToDictionary(c => c.Kind, c => c.Email),
        cancellation);

    public Task WriteMailChoicesAsync(ReaderId reader, IReadOnlyDictionary<NoticeKind, bool> choices, CancellationToken cancellation) => store.WriteAsync(
        connection => choices.Sum(choice => connection.Run(
            "INSERT OR REPLACE INTO notice_mail_choice (reader, kind, email) VALUES ($reader, $kind, $email)",
            ("$reader", reader.Value),
            ("$kind", choice.Key.ToString()),
            ("$email", choice.Value))),
        cancellation);

    public Task<NoticeHook?> FindHookAsync(AccountId account, CancellationToken cancellation) => store.ReadAsync(
        connection => connection.Query(
            "SELECT url, secret FROM notice_hook WHERE account = $account", row => new NoticeHook(row.Text(0)!, row.Blob(1)), ("$account", account.Value)).FirstOrDefault(),
        cancellation);

    public Task WriteHookAsync(AccountId account, NoticeHook? hook, CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            if (hook is not null)
            {
                return connection.Run(
                    "INSERT OR REPLACE INTO notice_hook (account, url, secret) VALUES ($account, $url, $secret)",
                    ("$account", account.Value),
                    ("$url", hook.Url),
                    ("$secret", hook.Secret));
            }

            connection.Run("UPDATE notice_delivery SET state = 'Dropped' WHERE reader = $reader AND state = 'Waiting'", ("$reader", ReaderId.HookOf(account).Value));
            return connection.Run("DELETE FROM notice_hook WHERE account = $account", ("$account", account.Value));
        },
        cancellation);
}
