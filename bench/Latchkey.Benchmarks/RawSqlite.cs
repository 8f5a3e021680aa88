using Microsoft.Data.Sqlite;

namespace Latchkey.Benchmarks;

/// <summary>SQLite by hand with the same durability: one table, one prepared statement, nothing else.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _bytes;

    public RawSqlite(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE entry(position INTEGER PRIMARY KEY, bytes BLOB NOT NULL);");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO entry(bytes) VALUES ($bytes)";
        _bytes = _insert.Parameters.Add("$bytes", SqliteType.Blob);
    }

    public void Insert(ReadOnlySpan<byte[]> rows)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        _insert.Transaction = transaction;
        foreach (var row in rows)
        {
            _bytes.Value = row;
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
