using Microsoft.Data.Sqlite;

namespace Latchkey.Benchmarks;

/// <summary>SQLite by hand with the same durability: prepared inserts into tables that have a primary key and nothing else.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insertBytes;
    private readonly SqliteCommand _insertEntry;
    private readonly SqliteCommand _insertAct;

    public RawSqlite(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        using var create = _connection.CreateCommand();
        create.CommandText =
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
            CREATE TABLE bytes(position INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
            CREATE TABLE entry(position INTEGER PRIMARY KEY, account TEXT, seq INTEGER, time INTEGER, kind TEXT, bytes BLOB, leaf BLOB, contents BLOB);
            CREATE TABLE act(position INTEGER PRIMARY KEY, id TEXT, seq INTEGER, session TEXT, app TEXT, permission TEXT, form TEXT, at INTEGER);
            """;
        create.ExecuteNonQuery();
        _insertBytes = Insert("bytes", "bytes");
        _insertEntry = Insert("entry", "account", "seq", "time", "kind", "bytes", "leaf", "contents");
        _insertAct = Insert("act", "id", "seq", "session", "app", "permission", "form", "at");
    }

    /// <summary>One transaction of entries, each one value in one row: all that it could ever be.</summary>
    public void InsertBytes(ReadOnlySpan<byte[]> rows)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var row in rows)
        {
            Run(_insertBytes, transaction, row);
        }

        transaction.Commit();
    }

    /// <summary>One transaction of entries with the columns and the read rows that are stored with them.</summary>
    public void InsertRows(ReadOnlySpan<RawRow> rows)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var row in rows)
        {
            Run(_insertEntry, transaction, row.Entry);
            if (row.Act is not null)
            {
                Run(_insertAct, transaction, row.Act);
            }
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        _insertBytes.Dispose();
        _insertEntry.Dispose();
        _insertAct.Dispose();
        _connection.Dispose();
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params object[] values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Insert(string table, params string[] columns)
    {
        var command = _connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(c => "$" + c))})";
        foreach (var column in columns)
        {
            command.Parameters.Add(new SqliteParameter("$" + column, value: null));
        }

        command.Prepare();
        return command;
    }
}

/// <summary>An entry as rows of plain values.</summary>
/// <param name="Entry">The columns of its row.</param>
/// <param name="Act">The columns of its read row; null where it has none of its own.</param>
internal sealed record RawRow(object[] Entry, object[]? Act)
{
    /// <summary>The entry, its leaf hash and its contents as one value.</summary>
    public byte[] Bytes { get; } = [.. Entry.OfType<byte[]>().SelectMany(b => b)];
}
