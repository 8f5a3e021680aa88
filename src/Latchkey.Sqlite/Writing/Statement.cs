using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Latchkey.Sqlite;

/// <summary>
/// One statement, prepared once for the life of its connection. Its parameters are ?1, ?2 and so on, bound by place.
/// Straight on SQLite's own calls, since a batch runs hundreds and a command object costs more than the row it inserts.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const int ShortText = 256;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Runs it. Answers how many rows it changed.</summary>
    public int Run(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        Step();
        Check(raw.sqlite3_reset(_statement));
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it. Answers the first value of the first row, a number or bytes; null where there is none.</summary>
    public object? Value(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        object? value = !Step() ? null : raw.sqlite3_column_type(_statement, 0) switch
        {
            raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, 0),
            raw.SQLITE_NULL => null,
            _ => raw.sqlite3_column_blob(_statement, 0).ToArray(),
        };
        Check(raw.sqlite3_reset(_statement));
        return value;
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        try
        {
            Check(result);
            return false;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i] switch
            {
                long number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                string text => BindText(i + 1, text),
                byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, i + 1, 0),
                byte[] bytes => raw.sqlite3_bind_blob(_statement, i + 1, bytes),
                _ => raw.sqlite3_bind_null(_statement, i + 1),
            });
        }
    }

    private int BindText(int place, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(_statement, place, text);
        }

        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = longest <= ShortText ? stackalloc byte[ShortText] : new byte[longest];
        return raw.sqlite3_bind_text(_statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}
