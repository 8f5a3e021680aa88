using System.Collections.Immutable;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Pages of what happened, newest first. Texts come from the entries' contents, so that what is erased there is null here.</summary>
internal static class HistoryQuery
{
    public static IReadOnlyList<GrantRecord> Grants(SqliteConnection connection, GrantQuery query)
    {
        using var entries = new EntryReader(connection);
        var sql = new StringBuilder(
            """
            SELECT position, id, account, app, request, role, also, starts, until, lent_by, lent_entry, ended_at, cause, ended_entry, sessions, may_end
            FROM grant_
            WHERE position < $before
            """);
        sql.Append(query.App is null ? "" : " AND (app = $app OR id IN (SELECT grant_id FROM grant_cover WHERE app = $app))");
        sql.Append(query.Account is null ? "" : " AND account = $account AND app IS NULL");
        sql.Append(query.Grant is null ? "" : " AND id = $grant");
        sql.Append(" ORDER BY position DESC LIMIT $limit");
        return connection.Query(
            sql.ToString(),
            row =>
            {
                var (lentBy, note) = Lent(entries, row.GetInt64(10));
                var ended = entries.Find<GrantEnded>(row.NumberOrNull(13));
                return new GrantRecord(
                    row.GetInt64(0), new(row.GetString(1)), new(row.GetString(2)), row.Text(3) is { } app ? new AppId(app) : null,
                    row.Text(4) is { } request ? new RequestId(request) : null, row.GetString(5), row.List(6), row.Time(7), row.Time(8),
                    new(row.GetString(9)), lentBy, [.. row.List(15).Select(p => new PersonId(p))], note, row.TimeOrNull(11), row.EnumOrNull<GrantEnd>(12),
                    ended?.Entry.Text(ended.Value.Fact.ByName), row.GetInt32(14));
            },
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$app", query.App?.Value ?? ""),
            ("$account", query.Account?.Value ?? ""),
            ("$grant", query.Grant?.Value ?? ""));
    }

    public static IReadOnlyList<SessionRecord> Sessions(SqliteConnection connection, SessionQuery query)
    {
        using var entries = new EntryReader(connection);
        var sql = new StringBuilder(
            """
            SELECT s.position, s.id, s.account, s.app, n.title, n.slug, s.agent, s.opened_at, s.closed_at, s.cause, s.acts,
                s.changes, s.last_act_at
            FROM session s
            LEFT JOIN app_name n ON n.app = s.app
            WHERE s.position < $before
            """);
        sql.Append(query.App is null ? "" : " AND s.app = $app");
        sql.Append(query.Agent is null ? "" : " AND s.agent = $agent");
        sql.Append(query.Session is null ? "" : " AND s.id = $session");
        sql.Append(query.Of is null
            ? ""
            : " AND s.account = $account AND s.opened_at BETWEEN $opened AND $until AND (s.opened_at >= $from OR s.closed_at IS NULL OR s.closed_at > $from)");
        sql.Append(" ORDER BY s.position DESC LIMIT $limit");
        return connection.Query(
            sql.ToString(),
            row =>
            {
                var opened = entries.Find<SessionOpened>(row.GetInt64(0));
                return new SessionRecord(
                    row.GetInt64(0), new(row.GetString(1)), new(row.GetString(2)), new(row.GetString(3)), row.Text(4) ?? row.GetString(3),
                    row.Text(5) ?? row.GetString(3), new(row.GetString(6)), opened?.Entry.Text(opened.Value.Fact.AgentName),
                    opened?.Entry.Text(opened.Value.Fact.Reason), opened?.Entry.Text(opened.Value.Fact.Ticket), row.Time(7), row.TimeOrNull(8),
                    row.EnumOrNull<SessionClose>(9), row.GetInt32(10), row.GetInt32(11), row.TimeOrNull(12));
            },
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$app", query.App?.Value ?? ""),
            ("$agent", query.Agent?.Value ?? ""),
            ("$session", query.Session?.Value ?? ""),
            ("$account", query.Of?.Account.Value ?? ""),
            ("$from", Projector.Ms(query.Of?.From ?? default)),
            // None is longer than its longest time, so nothing older reaches into the window.
            ("$opened", Projector.Ms((query.Of?.From - Session.MaxLength) ?? default)),
            ("$until", Projector.Ms(query.Of?.Until ?? default)));
    }

    public static IReadOnlyList<ActRecord> Acts(SqliteConnection connection, ActQuery query)
    {
        using var entries = new EntryReader(connection);

        // CROSS JOIN keeps the order of the loops: acts of the app from the newest down, each with its session.
        var sql = new StringBuilder(
            """
            SELECT a.position, a.seq, a.id, a.session, s.agent, a.permission, a.form = 'read', a.at, a.ended_at, a.outcome, a.status,
                a.ended_entry, a.settled, a.settled_at, a.settled_entry
            FROM act a
            CROSS JOIN session s ON s.id = a.session
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
        sql.Append(query.Act is null ? "" : " AND a.id = $act");
        sql.Append(query.ChangesOnly ? " AND a.form = 'change'" : "");
        sql.Append(" ORDER BY a.position DESC LIMIT $limit");
        return connection.Query(
            sql.ToString(),
            row =>
            {
                var ended = entries.Find<ActEnded>(row.NumberOrNull(11));
                return new ActRecord(
                    row.GetInt64(0), row.GetInt64(1), new(row.GetString(2)), new(row.GetString(3)), new(row.GetString(4)), row.GetString(5),
                    row.GetBoolean(6), row.Time(7), row.TimeOrNull(8), row.EnumOrNull<ActOutcome>(9), (int?)row.NumberOrNull(10),
                    ended?.Fact.Target is { } target ? ended.Value.Entry.Text(target) : Target(entries, row.GetInt64(0)), Changes(ended),
                    row.EnumOrNull<Settlement>(12), row.TimeOrNull(13), SettledBy(entries, row.NumberOrNull(14)));
            },
            ("$app", query.App.Value),
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$session", query.Session?.Value ?? ""),
            ("$agent", query.Agent?.Value ?? ""),
            ("$permission", query.Permission ?? ""),
            ("$act", query.Act?.Value ?? ""));
    }

    private static (string? By, string? Note) Lent(EntryReader entries, long position) =>
        entries.Find<Fact>(position) switch
        {
            (GrantStarted f, var entry) => (entry.Text(f.ByName), entry.Text(f.Note)),
            (GrantChanged f, var entry) => (entry.Text(f.ByName), entry.Text(f.Note)),
            _ => default,
        };

    private static string? Target(EntryReader entries, long position) =>
        entries.Find<Fact>(position) switch
        {
            (ActBegun f, var entry) => entry.Text(f.Target),
            (ActRead f, var entry) => entry.Text(f.Target),
            _ => null,
        };

    private static string? SettledBy(EntryReader entries, long? position) =>
        entries.Find<ChangeSettled>(position) is var (fact, entry) ? entry.Text(fact.ByName) : null;

    private static ImmutableArray<ChangeRecord> Changes((ActEnded Fact, ToldEntry Entry)? ended) =>
        ended is var (fact, entry)
            ? [.. fact.Changes.Select(c => new ChangeRecord(entry.Text(c.What), entry.Text(c.Before), entry.Text(c.After), c.Secret))]
            : [];
}
