using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Pages of proposals. Texts come from the entries' contents, so that what is erased there is null here.</summary>
internal static class ProposalSql
{
    public static IReadOnlyList<ProposalRecord> Read(SqliteConnection connection, ProposalQuery query)
    {
        using var entries = new EntryReader(connection);
        var sql = new StringBuilder("SELECT p.position, p.account, p.state, p.ended_at, p.ended_entry, e.time FROM proposal p JOIN entry e ON e.position = p.position WHERE p.position < $before");
        sql.Append(query.Conversation is null ? "" : " AND p.conversation = $conversation");
        sql.Append(query.Proposal is null ? "" : " AND p.id = $id");
        sql.Append(query.OpenOnly ? " AND p.state = 'Open'" : "");
        sql.Append(" ORDER BY p.position DESC LIMIT $limit");
        return
        [
            .. connection.Query(
                sql.ToString(),
                row => entries.Find<ProposalMade>(row.GetInt64(0)) is var (made, entry) ? Record(row, made, entry, entries) : null,
                ("$before", query.Before),
                ("$limit", query.Limit),
                ("$conversation", query.Conversation?.Value ?? ""),
                ("$id", query.Proposal?.Value ?? "")).OfType<ProposalRecord>(),
        ];
    }

    private static ProposalRecord Record(SqliteDataReader row, ProposalMade made, ToldEntry entry, EntryReader entries)
    {
        var ended = entries.Find<ProposalEnded>(row.NumberOrNull(4));
        return new ProposalRecord(
            row.GetInt64(0), made.Proposal, new(row.GetString(1)), made.Conversation, made.App!.Value, made.By.Agent!.Value, entry.Text(made.By.Name), made.Share,
            entry.Text(made.Target), entry.Text(made.Title), entry.Text(made.Base), entry.Text(made.Before), entry.Text(made.After), entry.Text(made.Why),
            row.Time(5), row.Enum<ProposalState>(2), row.TimeOrNull(3),
            ended is var (by, byEntry) ? byEntry.Text(by.By.Name) : null, ended is var (end, endEntry) ? endEntry.Text(end.Note) : null);
    }
}
