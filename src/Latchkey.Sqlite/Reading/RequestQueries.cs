using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Requests: those that decisions need at start, and pages of all that there were, newest first.</summary>
internal static class RequestQueries
{
    private const string Columns = "r.position, r.account, r.at, r.state, r.because, r.decided_at, r.decided_entry";

    public static List<StoredRequest> Remembered(SqliteConnection connection, (string, object) since)
    {
        using var entries = new EntryReader(connection);
        return [.. connection.Query(
            $"SELECT {Columns} FROM request r WHERE r.state = 'Pending' OR r.decided_at >= $since ORDER BY r.position",
            row => entries.Find<RequestMade>(row.GetInt64(0)) is var (made, entry)
                ? new StoredRequest(
                    new(row.GetString(1)), row.Time(2), Told(made, entry), [.. Approvals(connection, entries, made.Request, row.GetString(1)).Select(a => a.Fact)],
                    row.Enum<RequestState>(3), row.EnumOrNull<Supersession>(4), row.TimeOrNull(5))
                : null,
            since).OfType<StoredRequest>()];
    }

    public static IReadOnlyList<RequestRecord> Run(SqliteConnection connection, RequestQuery query)
    {
        using var entries = new EntryReader(connection);
        var sql = new StringBuilder($"SELECT {Columns} FROM request r WHERE r.position < $before");
        sql.Append(query.Account is null ? "" : " AND r.account = $account");
        sql.Append(query.App is null ? "" : " AND r.app = $app");
        sql.Append(query.Agent is null ? "" : " AND r.agent = $agent");
        sql.Append(query.Request is null ? "" : " AND r.id = $request");
        sql.Append(query.Conversation is null ? "" : " AND r.conversation = $conversation");
        sql.Append(query.ForSupport ? " AND r.delivered = 0 AND r.agent <> ''" : "");
        sql.Append(" ORDER BY r.position DESC LIMIT $limit");
        return [.. connection.Query(
            sql.ToString(),
            row => entries.Find<RequestMade>(row.GetInt64(0)) is var (made, entry) ? Record(connection, entries, row, made, entry) : null,
            ("$before", query.Before),
            ("$limit", query.Limit),
            ("$account", query.Account?.Value ?? ""),
            ("$app", query.App?.Value ?? ""),
            ("$agent", query.Agent?.Value ?? ""),
            ("$request", query.Request?.Value ?? ""),
            ("$conversation", query.Conversation ?? "")).OfType<RequestRecord>()];
    }

    private static RequestRecord Record(SqliteConnection connection, EntryReader entries, SqliteDataReader row, RequestMade made, ToldEntry entry)
    {
        var approvals = Approvals(connection, entries, made.Request, row.GetString(1));
        var ended = entries.Find<RequestEnded>(row.NumberOrNull(6));
        return new RequestRecord(
            row.GetInt64(0), made.Request, new(row.GetString(1)), made.App, entry.Text(made.TargetName), made.Agent, entry.Text(made.AgentName),
            made.Role, made.Also, TimeSpan.FromSeconds(made.Seconds), entry.Text(made.Reason), entry.Text(made.Ticket), made.Conversation,
            row.Time(2), made.Expires, row.Enum<RequestState>(3), row.EnumOrNull<Supersession>(4), row.TimeOrNull(5),
            ended is var (end, endEntry) ? endEntry.Text(end.ByName) : approvals.Count > 0 ? approvals[^1].Entry.Text(approvals[^1].Fact.ByName) : null,
            ended is var (denied, deniedEntry) ? deniedEntry.Text(denied.Note) : null,
            [.. approvals.Select(a => new ApprovalRecord(
                a.Fact.By, a.Entry.Text(a.Fact.ByName), a.Fact.Role, TimeSpan.FromSeconds(a.Fact.Seconds), a.Fact.Until))],
            approvals.Count > 0 ? approvals[^1].Fact.Grant : null,
            made.AskedByName,
            made.Person,
            entry.Text(made.PersonName));
    }

    private static List<(RequestApproved Fact, ToldEntry Entry)> Approvals(
        SqliteConnection connection, EntryReader entries, RequestId request, string account) =>
    [
        .. connection.Query(
            "SELECT position FROM request_approval WHERE request_id = $request AND account = $account ORDER BY position",
            row => row.GetInt64(0),
            ("$request", request.Value),
            ("$account", account))
            .Select(position => entries.Find<RequestApproved>(position)).OfType<(RequestApproved, ToldEntry)>(),
    ];

    /// <summary>The fact with the texts that are left of its contents.</summary>
    private static RequestMade Told(RequestMade made, ToldEntry entry) => made with
    {
        TargetName = entry.Told(made.TargetName),
        AgentName = Told(made.AgentName, entry),
        PersonName = Told(made.PersonName, entry),
        Reason = Told(made.Reason, entry),
        Ticket = Told(made.Ticket, entry),
    };

    private static Content? Told(Content? content, ToldEntry entry) => content is null ? null : entry.Told(content);
}
