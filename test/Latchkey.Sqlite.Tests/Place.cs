using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite.Tests;

/// <summary>A directory of one test, gone after it, and what lies in it seen past the store.</summary>
internal sealed class Place : IDisposable
{
    private readonly DirectoryInfo _root = System.IO.Directory.CreateTempSubdirectory("latchkey-test-");

    /// <summary>Where a store goes; not made yet.</summary>
    public string Directory => Path.Combine(_root.FullName, "data");

    public string Database => Path.Combine(Directory, "latchkey.db");

    public string Reserve => Path.Combine(Directory, "reserve");

    public void Dispose() => _root.Delete(recursive: true);

    /// <summary>Runs SQL on a connection of its own. Answers every row, its values joined.</summary>
    public List<string> Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)}={reader.GetValue(i)}")));
        }

        return rows;
    }
}
