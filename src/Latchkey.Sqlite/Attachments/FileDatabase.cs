using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// The bytes of files, in a database of their own, <c>files.db</c>, with a writer of its own: nothing on the ledger waits while a large file is
/// written, and nothing but files depends on it. What a file is, and whether there is one, the ledger's database says; bytes that it doesn't know
/// are of a process that was stopped between the two, and are forgotten. Opened when it is first used.
/// </summary>
internal sealed class FileDatabase(string path) : IDisposable
{
    private readonly Lock _opening = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;

    /// <summary>Takes over what an older ledger database holds itself.</summary>
    /// <param name="ledger">The connection that writes the ledger's database.</param>
    public void TakeOver(SqliteConnection ledger)
    {
        if (ledger.Execute("SELECT 1 FROM sqlite_schema WHERE name = 'attachment_bytes'") is null)
        {
            return;
        }

        foreach (var (id, at) in ledger.Query(
            "SELECT f.id, f.uploaded_at FROM attachment_file f JOIN attachment_bytes b ON b.id = f.id", row => (Id: new AttachmentId(row.GetString(0)), At: row.Time(1))))
        {
            var file = ledger.Query("SELECT salt, bytes FROM attachment_bytes WHERE id = $id", row => new AttachmentBytes(row.Blob(0), row.Blob(1)), ("$id", id.Value))[0];
            Insert(id, file.Salt, file.Bytes, at);
        }

        ledger.Execute("DROP TABLE attachment_bytes");
    }

    public Task KeepAsync(AttachmentId id, ReadOnlyMemory<byte> salt, ReadOnlyMemory<byte> bytes, DateTimeOffset at, CancellationToken cancellation) =>
        WriteAsync(() => Insert(id, salt.ToArray(), bytes.ToArray(), at), cancellation);

    public Task DeleteAsync(IReadOnlyCollection<AttachmentId> ids, CancellationToken cancellation) => WriteAsync(
        () =>
        {
            foreach (var id in ids)
            {
                Writer().Run("DELETE FROM file WHERE id = $id", ("$id", id.Value));
            }
        },
        cancellation);

    public AttachmentBytes? Read(AttachmentId id) => Read(connection => connection.Query(
        "SELECT salt, bytes FROM file WHERE id = $id", row => new AttachmentBytes(row.Blob(0), row.Blob(1)), ("$id", id.Value)).FirstOrDefault());

    /// <summary>The files that were kept before an instant, in no order.</summary>
    public IReadOnlyList<AttachmentId> IdsBefore(DateTimeOffset before) => Read(connection => connection.Query(
        "SELECT id FROM file WHERE uploaded_at < $before", row => new AttachmentId(row.GetString(0)), ("$before", before.ToUnixTimeMilliseconds())));

    public void Dispose()
    {
        _writing.Wait();
        _writer?.Dispose();
        _writing.Dispose();
    }

    private void Insert(AttachmentId id, byte[] salt, byte[] bytes, DateTimeOffset at) => Writer().Run(
        "INSERT OR REPLACE INTO file (id, salt, bytes, uploaded_at) VALUES ($id, $salt, $bytes, $at)",
        ("$id", id.Value),
        ("$salt", salt),
        ("$bytes", bytes),
        ("$at", at.ToUnixTimeMilliseconds()));

    private async Task WriteAsync(Action write, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            // SQLite blocks until the disk has it all.
            await Task.Run(
                () => Guarded(() =>
                {
                    write();
                    return true;
                }),
                cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private T Read<T>(Func<SqliteConnection, T> query) => Guarded(() =>
    {
        Writer();
        using var reader = Database.OpenReader(path);
        return query(reader);
    });

    private SqliteConnection Writer()
    {
        lock (_opening)
        {
            return _writer ??= Database.OpenWriter(path, connection => connection.Execute(
                """
                CREATE TABLE IF NOT EXISTS file (id TEXT NOT NULL PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL, uploaded_at INTEGER NOT NULL) STRICT;
                CREATE INDEX IF NOT EXISTS file_by_time ON file (uploaded_at);
                """));
        }
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException e) when (!Failure.IsOfWhatWasGiven(e))
        {
            throw Failure.Of(e, path);
        }
    }
}
