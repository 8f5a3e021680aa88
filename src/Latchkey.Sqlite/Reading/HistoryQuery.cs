using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Pages of what happened, newest first. Texts come from their contents, so that what is erased there is null here.</summary>
internal static class HistoryQuery
{
    public static IReadOnlyList<GrantRecord> Grants(SqliteConnection connection, AppId app, long before, int limit) =>
        connection.Query(
            """
            SELECT g.position, g.id, g.app, g.role, g.also, g.starts, g.until, g.lent_by, lent_by_name.text, note.text,
                g.ended_at, g.cause, ended_by_name.text, g.sessions
            FROM grant_ g
            LEFT JOIN content lent_by_name ON lent_by_name.id = g.lent_by_name_content
            LEFT JOIN content note ON note.id = g.note_content
            LEFT JOIN content ended_by_name ON ended_by_name.id = g.ended_by_name_content
            WHERE g.app = $app AND g.position < $before
            ORDER BY g.position DESC LIMIT $limit
            """,
            row => new GrantRecord(
                row.GetInt64(0), new(row.GetString(1)), new(row.GetString(2)), row.GetString(3), row.List(4), row.Time(5), row.Time(6),
                new(row.GetString(7)), row.Text(8), row.Text(9), row.TimeOrNull(10), row.EnumOrNull<GrantEnd>(11), row.Text(12), row.GetInt32(13)),
            ("$app", app.Value),
            ("$before", before),
            ("$limit", limit));

    public static IReadOnlyList<SessionRecord> Sessions(SqliteConnection connection, SessionQuery query)
    {
        var sql = new StringBuilder(
            """
            SELECT s.position, s.id, s.account, s.app, n.title, n.slug, s.agent, agent_name.text, reason.text, ticket.text,
                s.opened_at, s.closed_at, s.cause, s.acts, s.changes, s.last_act_at
            FROM session s
            LEFT JOIN app_name n ON n.app = s.app
            LEFT JOIN content agent_name ON agent_name.id = s.agent_name_content
            LEFT JOIN content reason ON reason.id = s.reason_content
            LEFT JOIN content ticket ON ticket.id = s.ticket_content
            WHERE s.position < $before
            """);
        sql.Append(query.App is null ? "" : " AND s.app = $app");
        sql.Append(query.Agent is null ? "" : " AND s.agent = $agent");
        sql.Append(query.Session is null ? "" : " AND s.id = $session");
        sql.Append(" ORDER BY s.position DESC LIMIT $limit");
        return connection.Query(
            sql.ToString(),
            row => new SessionRecord(
                row.GetInt64(0), new(row.GetString(1)), new(row.GetString(2)), new(row.GetString(3)), row.Text(4) ?? row.GetString(3),
                row.Text(5) ?? row.GetString(3), new(row.GetString(6)), row.Text(7), row.Text(8), row.Text(9), row.Time(10), row.TimeOrNull(11),
                row.EnumOrNull<SessionClose>(12), row.GetInt32(13), row.GetInt32(14), row.TimeOrNull(15)),
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$app", query.App?.Value ?? ""),
            ("$agent", query.Agent?.Value ?? ""),
            ("$session", query.Session?.Value ?? ""));
    }

    public static IReadOnlyList<ActRecord> Acts(SqliteConnection connection, ActQuery query)
    {
        using var contents = new ContentQuery(connection);

        // CROSS JOIN keeps the order of the loops: acts of the app from the newest down, each with its session.
        var sql = new StringBuilder(
            """
            SELECT a.position, a.seq, a.id, a.session, s.agent, a.permission, a.form = 'read', a.at, a.ended_at, a.outcome, a.status,
                target.text, a.changes
            FROM act a
            CROSS JOIN session s ON s.id = a.session
            LEFT JOIN content target ON target.id = a.target_content
            WHERE a.app = $app
            """);
        sql.Append(query.Session is null
            ? " AND a.position < $before"
            : """
               AND a.session = $session
               AND a.position > (SELECT position FROM session WHERE id = $session)
               AND a.position < min($before, (SELECT last_act + 1 FROM session WHERE id = $session))
              """);
        sql.Append(query.Agent is null ? "" : " AND s.agent = $agent");
        sql.Append(query.Permission is null ? "" : " AND a.permission = $permission");
        sql.Append(query.ChangesOnly ? " AND a.form = 'change'" : "");
        sql.Append(" ORDER BY a.position DESC LIMIT $limit");
        return connection.Query(
            sql.ToString(),
            row => new ActRecord(
                row.GetInt64(0), row.GetInt64(1), new(row.GetString(2)), new(row.GetString(3)), new(row.GetString(4)), row.GetString(5),
                row.GetBoolean(6), row.Time(7), row.TimeOrNull(8), row.EnumOrNull<ActOutcome>(9), (int?)row.NumberOrNull(10), row.Text(11),
                Changes(row.IsDBNull(12) ? null : row.GetString(12), contents)),
            ("$app", query.App.Value),
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$session", query.Session?.Value ?? ""),
            ("$agent", query.Agent?.Value ?? ""),
            ("$permission", query.Permission ?? ""));
    }

    private static ImmutableArray<ChangeRecord> Changes(string? json, ContentQuery contents)
    {
        if (json is null)
        {
            return [];
        }

        using var changes = JsonDocument.Parse(json);
        return
        [
            .. changes.RootElement.EnumerateArray().Select(c => new ChangeRecord(
                contents.Text(c[0].GetString()), contents.Text(c[1].GetString()), contents.Text(c[2].GetString()), c[3].GetBoolean())),
        ];
    }
}
