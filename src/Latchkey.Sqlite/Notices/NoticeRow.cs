using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>A notice <c>n</c> with its entry, the name of its app and the subject of its conversation, as columns.</summary>
internal static class NoticeRow
{
    public const string Columns =
        "n.key, n.kind, n.account, n.app, n.subject, n.entry, n.at, n.due, e.bytes, e.contents, a.slug, a.title, a.account_title, o.bytes, o.contents, n.tries";

    public const string Joins =
        """
        LEFT JOIN entry e ON e.position = n.entry LEFT JOIN app_name a ON a.app = n.app
        LEFT JOIN conversation c ON n.kind = 'Message' AND c.id = n.subject LEFT JOIN entry o ON o.position = c.position
        """;

    /// <summary>Reads them from column <paramref name="at"/> on.</summary>
    /// <param name="row">The row.</param>
    /// <param name="at">The first column.</param>
    /// <param name="count">For how many messages it stands.</param>
    /// <param name="ofSeveral">Whether these are of several.</param>
    public static NoticeSource Read(SqliteDataReader row, int at, int count = 1, bool ofSeveral = false)
    {
        var notice = new Notice(
            row.GetString(at), row.Enum<NoticeKind>(at + 1), new(row.GetString(at + 2)), row.IsDBNull(at + 3) ? null : new AppId(row.GetString(at + 3)),
            row.GetString(at + 4), row.GetInt64(at + 5), row.Time(at + 6), row.Time(at + 7));
        var entry = ToldEntry.Read(row.Blob(at + 8), row.Blob(at + 9));
        return new NoticeSource(
            notice, entry.Fact, entry.Contents.ToDictionary(c => c.Key, c => c.Value.Text),
            row.IsDBNull(at + 10) ? null : new AppName(row.Text(at + 10)!, row.Text(at + 11)!, row.Text(at + 12)!),
            notice.Kind == NoticeKind.Message ? new MessageBundle(SubjectOf(row, at + 13), count, ofSeveral) : null)
        {
            Tries = row.GetInt32(at + 15),
        };
    }

    private static string? SubjectOf(SqliteDataReader row, int at) =>
        row.IsDBNull(at) ? null : ToldEntry.Read(row.Blob(at), row.Blob(at + 1)) is { Fact: ConversationOpened opened } entry ? entry.Text(opened.Subject) : null;
}
