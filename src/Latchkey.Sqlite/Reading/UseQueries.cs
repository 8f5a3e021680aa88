using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// How support access was used in a period. Everything is found over an index of its time, so the work grows with the sessions,
/// requests and keys of the period, and not with what there was before.
/// </summary>
internal static class UseQueries
{
    private const string Columns = "id, account, app, request IS NOT NULL, role, starts, until, ended_at, sessions";

    public static UseReport Run(SqliteConnection connection, UseQuery query) => new(Unused(connection, query), Longest(connection, query), Agents(connection, query));

    private static List<GrantUse> Unused(SqliteConnection connection, UseQuery query) => connection.Query(
        $"SELECT {Columns} FROM grant_ WHERE ended_at IS NULL AND sessions = 0 AND until > $now ORDER BY starts LIMIT $limit",
        Grant,
        ("$now", Projector.Ms(query.Now)),
        ("$limit", query.Limit));

    private static List<GrantUse> Longest(SqliteConnection connection, UseQuery query) => connection.Query(
        $"""
        SELECT {Columns} FROM (
            SELECT * FROM grant_ WHERE ended_at IS NULL AND until > $since
            UNION ALL
            SELECT * FROM grant_ WHERE ended_at > $since)
        ORDER BY coalesce(ended_at, until) - starts DESC, position DESC LIMIT $limit
        """,
        Grant,
        ("$since", Projector.Ms(query.Since)),
        ("$limit", query.Limit));

    private static List<AgentUse> Agents(SqliteConnection connection, UseQuery query)
    {
        using var entries = new EntryReader(connection);
        return connection.Query(
            """
            SELECT agent, sum(sessions), sum(acts), sum(changes), sum(inside), sum(asked), sum(allowed), sum(declined), max(newest)
            FROM (
                SELECT agent, 1 AS sessions, acts, changes, coalesce(closed_at, $now) - opened_at AS inside,
                    0 AS asked, 0 AS allowed, 0 AS declined, position AS newest
                FROM session WHERE opened_at >= $since
                UNION ALL
                SELECT agent, 0, 0, 0, 0, 1, state = 'Approved', state = 'Denied', position
                FROM request WHERE at >= $since AND delivered = 0 AND agent <> '')
            WHERE $agent = '' OR agent = $agent
            GROUP BY agent
            ORDER BY 2 DESC, 6 DESC, 1 LIMIT $limit
            """,
            row => new AgentUse(
                new(row.GetString(0)), NameOf(entries, row.GetInt64(8)), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3),
                TimeSpan.FromMilliseconds(Math.Max(0, row.GetInt64(4))), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7)),
            ("$now", Projector.Ms(query.Now)),
            ("$since", Projector.Ms(query.Since)),
            ("$agent", query.Agent?.Value ?? ""),
            ("$limit", query.Limit));
    }

    private static GrantUse Grant(SqliteDataReader row) => new(
        new(row.GetString(0)), new(row.GetString(1)), row.Text(2) is { } app ? new AppId(app) : null, row.GetBoolean(3), row.GetString(4),
        row.Time(5), row.Time(6), row.TimeOrNull(7), row.GetInt32(8));

    private static string? NameOf(EntryReader entries, long position) => entries.Find<Fact>(position) switch
    {
        (SessionOpened opened, var entry) => entry.Text(opened.AgentName),
        (RequestMade made, var entry) => entry.Text(made.AgentName),
        _ => null,
    };
}
