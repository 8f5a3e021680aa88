using System.Text.Json;
using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>The files of conversations, in the ledger's own database and by its one writer.</summary>
internal sealed class SqliteAttachments(SqliteStore store) : IAttachments
{
    private const int MostIds = 1000;
    private const string Columns = "f.id, f.account, f.conversation, f.uploader, f.type, f.name, f.size, f.width, f.height, f.removed, f.commitment, f.uploaded_at, a.id IS NOT NULL, f.answers";

    public Task<bool> KeepAsync(AttachmentRecord file, ReadOnlyMemory<byte> salt, ReadOnlyMemory<byte> bytes, long mostOfAccount, CancellationToken cancellation) => store.WriteAsync(
        connection =>
        {
            var kept = connection.Query("SELECT coalesce(sum(size), 0) FROM attachment_file WHERE account = $account", row => row.GetInt64(0), ("$account", file.Account.Value))[0];
            if (kept + file.Size > mostOfAccount) return false;
            connection.Run(
                """
                INSERT INTO attachment_file (id, account, conversation, uploader, type, name, size, width, height, removed, commitment, uploaded_at, answers)
                VALUES ($id, $account, $conversation, $uploader, $type, $name, $size, $width, $height, $removed, $commitment, $at, $answers)
                """,
                ("$id", file.Id.Value),
                ("$account", file.Account.Value),
                ("$conversation", file.Conversation.Value),
                ("$uploader", file.Uploader),
                ("$type", file.Type.ToString()),
                ("$name", file.Name),
                ("$size", file.Size),
                ("$width", file.Width),
                ("$height", file.Height),
                ("$removed", JsonSerializer.Serialize(file.Removed)),
                ("$commitment", file.Commitment.ToArray()),
                ("$at", file.UploadedAt.ToUnixTimeMilliseconds()),
                ("$answers", file.Answers is { } answers ? answers.Value : DBNull.Value));
            connection.Run("INSERT INTO attachment_bytes (id, salt, bytes) VALUES ($id, $salt, $bytes)", ("$id", file.Id.Value), ("$salt", salt.ToArray()), ("$bytes", bytes.ToArray()));
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<AttachmentRecord>> FindAsync(IReadOnlyCollection<AttachmentId> ids, CancellationToken cancellation)
    {
        if (ids.Count > MostIds) throw new ArgumentException($"{MostIds} files can be asked for at once.", nameof(ids));
        return store.ReadAsync<IReadOnlyList<AttachmentRecord>>(
            connection => connection.Query(
                $"SELECT {Columns} FROM attachment_file f LEFT JOIN attachment a ON a.id = f.id WHERE f.id IN (SELECT value FROM json_each($ids))",
                Record,
                ("$ids", JsonSerializer.Serialize(ids.Select(id => id.Value)))),
            cancellation);
    }

    public Task<IReadOnlyList<AttachmentRecord>> ReadUnsentAsync(ConversationId conversation, string uploader, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<AttachmentRecord>>(
        connection => connection.Query(
            $"""
            SELECT {Columns} FROM attachment_file f LEFT JOIN attachment a ON a.id = f.id
            WHERE f.conversation = $conversation AND f.uploader = $uploader AND a.id IS NULL
            ORDER BY f.uploaded_at, f.id LIMIT 100
            """,
            Record,
            ("$conversation", conversation.Value),
            ("$uploader", uploader)),
        cancellation);

    public Task<AttachmentBytes?> ReadAsync(AttachmentId id, CancellationToken cancellation) => store.ReadAsync(
        connection => connection.Query("SELECT salt, bytes FROM attachment_bytes WHERE id = $id", row => new AttachmentBytes(row.Blob(0), row.Blob(1)), ("$id", id.Value)).FirstOrDefault(),
        cancellation);

    public Task EraseAsync(AttachmentId id, CancellationToken cancellation) => store.EraseAsync(
        connection =>
        {
            Delete(connection, "= $id", ("$id", id.Value));
            return connection.Query<(AccountId, long, string)?>(
                "SELECT account, seq, name_content FROM attachment WHERE id = $id", row => (new(row.GetString(0)), row.GetInt64(1), row.GetString(2)), ("$id", id.Value)).FirstOrDefault();
        },
        cancellation);

    public Task<int> ForgetUnsentAsync(DateTimeOffset before, CancellationToken cancellation) => store.WriteAsync(
        connection => Delete(
            connection,
            "IN (SELECT f.id FROM attachment_file f WHERE f.uploaded_at < $before AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = f.id))",
            ("$before", before.ToUnixTimeMilliseconds())),
        cancellation);

    // The bytes first: which files are meant, the other table may have to say.
    private static int Delete(SqliteConnection connection, string which, (string, object) parameter)
    {
        connection.Run($"DELETE FROM attachment_bytes WHERE id {which}", parameter);
        return connection.Run($"DELETE FROM attachment_file WHERE id {which}", parameter);
    }

    private static AttachmentRecord Record(SqliteDataReader row) => new(
        new(row.GetString(0)),
        new(row.GetString(1)),
        new(row.GetString(2)),
        row.GetString(3),
        row.Enum<AttachmentType>(4),
        row.Text(5)!,
        row.GetInt32(6),
        row.GetInt32(7),
        row.GetInt32(8),
        JsonSerializer.Deserialize<RemovedPart[]>(row.Text(9)!)!,
        new Hash(row.Blob(10)),
        row.Time(11),
        row.GetBoolean(12))
    {
        Answers = row.Text(13) is { } answers ? new ScreenshotsId(answers) : null,
    };
}
