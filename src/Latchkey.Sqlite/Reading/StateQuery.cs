using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// All that decisions need at start, read over the indexes of what is live: the time it takes grows with live grants and open
/// sessions, not with entries.
/// </summary>
internal static class StateQuery
{
    public static StoredState Run(SqliteConnection connection, DateTimeOffset closedSince)
    {
        var names = new Dictionary<AppId, (AccountId, AppName)>();
        var head = connection.Query(
            "SELECT position, time FROM entry ORDER BY position DESC LIMIT 1",
            row => (Position: row.GetInt64(0), Time: row.Time(1)));
        return new StoredState(
            head is [var newest] ? newest.Position : -1,
            head is [var last] ? last.Time : null,
            Grants(connection, names),
            Covers(connection, names),
            Sessions(connection, names),
            Closed(connection, closedSince, names),
            RequestQueries.Remembered(connection, Since(closedSince)),
            Policies(connection),
            names,
            Credentials(connection, closedSince),
            VendorQueries.Newest(connection),
            connection.Execute("SELECT since FROM clock_hold") is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);
    }

    private static List<StoredGrant> Grants(SqliteConnection connection, Dictionary<AppId, (AccountId, AppName)> names) =>
        connection.Query(
            """
            SELECT g.account, g.app, n.slug, n.title, n.account_title, g.id, g.role, g.also, g.starts, g.until, g.lent_by, g.may_end, g.request
            FROM grant_ g LEFT JOIN app_name n ON n.app = g.app
            WHERE g.ended_at IS NULL
            ORDER BY g.position
            """,
            row => new StoredGrant(
                new(row.GetString(5)), new(row.GetString(0)), row.IsDBNull(1) ? null : Named(row, names), row.GetString(6), row.List(7),
                row.Time(8), row.Time(9), new(row.GetString(10)), [.. row.List(11).Select(person => new PersonId(person))],
                row.Text(12) is { } request ? new RequestId(request) : null));

    private static List<StoredCover> Covers(SqliteConnection connection, Dictionary<AppId, (AccountId, AppName)> names) =>
        connection.Query(
            """
            SELECT coalesce(n.account, g.account), c.app, n.slug, n.title, n.account_title, c.grant_id, c.taken_out, c.may_end
            FROM grant_ g
            JOIN grant_cover c ON c.grant_id = g.id
            LEFT JOIN app_name n ON n.app = c.app
            WHERE g.ended_at IS NULL AND g.app IS NULL
            ORDER BY c.grant_id, c.app
            """,
            row => new StoredCover(new(row.GetString(5)), Named(row, names), row.GetBoolean(6), [.. row.List(7).Select(person => new PersonId(person))]));

    private static Dictionary<AccountId, AccountPolicy> Policies(SqliteConnection connection) =>
        connection.Query(
            "SELECT account, refuses, approvers, named FROM account_policy",
            row => (Account: new AccountId(row.GetString(0)), Policy: new AccountPolicy(
                row.GetBoolean(1), row.GetInt32(2), [.. row.List(3).Select(person => new PersonId(person))])))
            .ToDictionary(p => p.Account, p => p.Policy);

    private static List<Session> Sessions(SqliteConnection connection, Dictionary<AppId, (AccountId, AppName)> names) =>
        connection.Query(
            """
            SELECT s.account, s.app, n.slug, n.title, n.account_title, s.id, s.agent, s.opened_at,
                coalesce(s.last_act_at, s.opened_at), e.bytes, e.contents
            FROM session s
            LEFT JOIN app_name n ON n.app = s.app
            JOIN entry e ON e.position = s.position
            WHERE s.closed_at IS NULL
            ORDER BY s.position
            """,
            row =>
            {
                var entry = ToldEntry.Read(row.GetFieldValue<byte[]>(9), row.Blob(10));
                var opened = entry.Fact as SessionOpened;
                return new Session(
                    new(row.GetString(5)), Named(row, names), new(row.GetString(6)),
                    entry.Text(opened?.AgentName) ?? "", entry.Text(opened?.Reason) ?? "", row.Time(7), row.Time(8));
            });

    private static List<(AppId, ClosedSession)> Closed(
        SqliteConnection connection, DateTimeOffset since, Dictionary<AppId, (AccountId, AppName)> names) =>
        connection.Query(
            """
            SELECT s.account, s.app, n.slug, n.title, n.account_title, s.id, s.agent, s.closed_at, s.cause
            FROM session s LEFT JOIN app_name n ON n.app = s.app
            WHERE s.closed_at >= $since
            ORDER BY s.closed_at, s.position
            """,
            row => (Named(row, names), new ClosedSession(new(row.GetString(5)), new(row.GetString(6)), row.Time(7), row.Enum<SessionClose>(8))),
            Since(since));

    private static List<Credential> Credentials(SqliteConnection connection, DateTimeOffset closedSince) =>
        connection.Query(
            """
            SELECT c.key, c.kind, c.session, c.app, c.agent, c.sign_in, c.expires
            FROM credential c JOIN session s ON s.id = c.session
            WHERE s.closed_at IS NULL OR s.closed_at >= $since
            """,
            row => new Credential(
                new Hash(row.GetFieldValue<byte[]>(0)), row.Enum<CredentialKind>(1), new(row.GetString(2)), new(row.GetString(3)),
                new(row.GetString(4)), row.Text(5)!, new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero)),
            Since(closedSince));

    private static (string, object) Since(DateTimeOffset since) =>
        ("$since", since.AddTicks(TimeSpan.TicksPerMillisecond - 1).ToUnixTimeMilliseconds());

    /// <summary>Reads the first five columns: the app with its account, and its names. One that was never told goes by its id.</summary>
    private static AppId Named(SqliteDataReader row, Dictionary<AppId, (AccountId, AppName)> names)
    {
        var app = new AppId(row.GetString(1));
        if (!names.ContainsKey(app))
        {
            var account = row.GetString(0);
            names.Add(app, (new(account), new AppName(row.Text(2) ?? app.Value, row.Text(3) ?? app.Value, row.Text(4) ?? account)));
        }

        return app;
    }
}
