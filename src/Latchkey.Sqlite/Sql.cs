using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>How statements that run now and then are run, and columns read.</summary>
internal static class Sql
{
    /// <summary>Runs statements. Answers the first value of the first row, where there is one.</summary>
    public static object? Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Runs a query and makes something of each row.</summary>
    public static List<T> Query<T>(
        this SqliteConnection connection, string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>Runs one statement that changes rows. Answers how many.</summary>
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>A text by its bytes: read as a string, it would end at its first U+0000.</summary>
    public static string? Text(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    /// <summary>Bytes; none where there is null.</summary>
    public static byte[] Blob(this SqliteDataReader row, int column) => row.IsDBNull(column) ? [] : row.GetFieldValue<byte[]>(column);

    public static long? NumberOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static DateTimeOffset Time(this SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static T Enum<T>(this SqliteDataReader row, int column)
        where T : struct, Enum => System.Enum.Parse<T>(row.GetString(column));

    public static T? EnumOrNull<T>(this SqliteDataReader row, int column)
        where T : struct, Enum => row.IsDBNull(column) ? null : row.Enum<T>(column);

    public static ImmutableArray<string> List(this SqliteDataReader row, int column) =>
        row.GetString(column) is not "[]" and var json ? [.. JsonSerializer.Deserialize<string[]>(json)!] : [];
}
