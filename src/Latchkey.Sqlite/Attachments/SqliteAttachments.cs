using System.Text.Json;
using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>The files of conversations: what they are in the ledger's own database, their bytes in one of their own.</summary>
internal sealed class SqliteAttachments(SqliteStore store) : IAttachments
{
    private const int MostIds = 1000;
    private const string Columns = "f.id, f.account, f.conversation, f.uploader, f.type, f.name, f.size, f.width, f.height, f.removed, f.commitment, f.uploaded_at, a.id IS NOT NULL, f.answers";

    public async Task<bool> KeepAsync(AttachmentRecord file, ReadOnlyMemory<byte> salt, ReadOnlyMemory<byte> bytes, long mostOfAccount, CancellationToken cancellation)
    {
        if (!await store.ReadAsync(connection => HasRoom(connection, file, mostOfAccount), cancellation)) return false;
        await store.Files.KeepAsync(file.Id, salt, bytes, file.UploadedAt, cancellation);
        var isKept = false;
        try
        {
            return isKept = await store.WriteAsync(connection => HasRoom(connection, file, mostOfAccount) && Insert(connection, file), cancellation);
        }
        finally
        {
            if (!isKept) await store.Files.DeleteAsync([file.Id], CancellationToken.None);
        }
    }

    private static bool HasRoom(SqliteConnection connection, AttachmentRecord file, long mostOfAccount) => connection.Query(
        "SELECT coalesce(sum(size), 0) FROM attachment_file WHERE account = $account", row => row.GetInt64(0), ("$account", file.Account.Value))[0] + file.Size <= mostOfAccount;

    private static bool Insert(SqliteConnection connection, AttachmentRecord file) => connection.Run(
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
        ("$answers", file.Answers is { } answers ? answers.Value : DBNull.Value)) == 1;

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

    public Task<AttachmentBytes?> ReadAsync(AttachmentId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(store.Files.Read(id));
    }

    public async Task EraseAsync(AttachmentId id, CancellationToken cancellation)
    {
        // The bytes first: whatever stops this, what was to be erased is.
        await store.Files.DeleteAsync([id], cancellation);
        await EraseRowsAsync(id, cancellation);
    }

    private Task EraseRowsAsync(AttachmentId id, CancellationToken cancellation) => store.EraseAsync(
        connection =>
        {
            connection.Run("DELETE FROM attachment_file WHERE id = $id", ("$id", id.Value));
            return connection.Query<(AccountId, long, string)?>(
                "SELECT account, seq, name_content FROM attachment WHERE id = $id", row => (new(row.GetString(0)), row.GetInt64(1), row.GetString(2)), ("$id", id.Value)).FirstOrDefault();
        },
        cancellation);

    public async Task<int> ForgetUnsentAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var forgotten = await store.WriteAsync(
            connection => connection.Run(
                "DELETE FROM attachment_file WHERE uploaded_at < $before AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = attachment_file.id)",
                ("$before", before.ToUnixTimeMilliseconds())),
            cancellation);
        foreach (var ids in store.Files.IdsBefore(before).Chunk(MostIds))
        {
            var known = (await FindAsync(ids, cancellation)).Select(file => file.Id);
            await store.Files.DeleteAsync([.. ids.Except(known)], cancellation);
        }

        return forgotten;
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
