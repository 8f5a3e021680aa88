using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>A notice <c>n</c> with its entry and the name of its app, as columns.</summary>
internal static class NoticeRow
{
    public const string Columns =
        "n.key, n.kind, n.account, n.app, n.subject, n.entry, n.at, n.due, e.bytes, e.contents, a.slug, a.title, a.account_title";

    public const string Joins = "LEFT JOIN entry e ON e.position = n.entry LEFT JOIN app_name a ON a.app = n.app";

    /// <summary>Reads them from column <paramref name="at"/> on.</summary>
    public static NoticeSource Read(SqliteDataReader row, int at)
    {
        var notice = new Notice(
            row.GetString(at), row.Enum<NoticeKind>(at + 1), new(row.GetString(at + 2)), row.IsDBNull(at + 3) ? null : new AppId(row.GetString(at + 3)),
            row.GetString(at + 4), row.GetInt64(at + 5), row.Time(at + 6), row.Time(at + 7));
        var entry = ToldEntry.Read(row.Blob(at + 8), row.Blob(at + 9));
        return new NoticeSource(
            notice, entry.Fact, entry.Contents.ToDictionary(c => c.Key, c => c.Value.Text),
            row.IsDBNull(at + 10) ? null : new AppName(row.Text(at + 10)!, row.Text(at + 11)!, row.Text(at + 12)!));
    }
}
