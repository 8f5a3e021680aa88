using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Pages of asks for screenshots.</summary>
internal static class ScreenshotsSql
{
    public static IReadOnlyList<ScreenshotsRecord> Read(SqliteConnection connection, ScreenshotsQuery query)
    {
        using var entries = new EntryReader(connection);
        var sql = new StringBuilder("SELECT s.position, s.account, s.state, s.ended_at, s.ended_entry, e.time FROM screenshots s JOIN entry e ON e.position = s.position WHERE s.position < $before");
        sql.Append(query.Conversation is null ? "" : " AND s.conversation = $conversation");
        sql.Append(query.Screenshots is null ? "" : " AND s.id = $id");
        sql.Append(query.OpenOnly ? " AND s.state = 'Open'" : "");
        sql.Append(" ORDER BY s.position DESC LIMIT $limit");
        return
        [
            .. connection.Query(
                sql.ToString(),
                row => entries.Find<ScreenshotsAsked>(row.GetInt64(0)) is var (asked, entry) ? Record(row, asked, entry, entries) : null,
                ("$before", query.Before),
                ("$limit", query.Limit),
                ("$conversation", query.Conversation?.Value ?? ""),
                ("$id", query.Screenshots?.Value ?? "")).OfType<ScreenshotsRecord>(),
        ];
    }

    private static ScreenshotsRecord Record(SqliteDataReader row, ScreenshotsAsked asked, ToldEntry entry, EntryReader entries)
    {
        var (ended, told) = entries.Find<ScreenshotsEnded>(row.NumberOrNull(4)) is var (found, foundEntry) ? (found, foundEntry) : (null, null);
        return new ScreenshotsRecord(
            row.GetInt64(0), asked.Screenshots, new(row.GetString(1)), asked.Conversation, asked.By.Agent!.Value, entry.Text(asked.By.Name),
            entry.Text(asked.Wanted) is { } wanted ? [.. wanted.Split('\n')] : [], row.Time(5), row.Enum<ScreenshotsState>(2), row.TimeOrNull(3),
            ended?.By.Person, told?.Text(ended?.By.Name), told?.Text(ended?.Note), ended?.Attachments ?? []);
    }
}
