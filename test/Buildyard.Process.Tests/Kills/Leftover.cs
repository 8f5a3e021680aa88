using Microsoft.Data.Sqlite;

namespace Buildyard.Process.Tests.Kills;

/// <summary>A copy of what a killed process left on the disk, so that looking repairs nothing that the next start has to.</summary>
internal sealed class Leftover : IDisposable
{
    private readonly DirectoryInfo _copy = Directory.CreateTempSubdirectory("buildyard-leftover-");

    public Leftover(string data)
    {
        Directory.CreateDirectory(Ledger);
        // The shared-memory index is left out: it is made again from the log, as after a lost power supply.
        foreach (var file in (string[])["buildyard.db", "buildyard.db-wal", "latchkey/latchkey.db", "latchkey/latchkey.db-wal", "latchkey/files.db", "latchkey/files.db-wal"])
        {
            if (File.Exists(Path.Combine(data, file)))
            {
                File.Copy(Path.Combine(data, file), Path.Combine(_copy.FullName, file));
            }
        }
    }

    /// <summary>The directory of Latchkey's store.</summary>
    public string Ledger => Path.Combine(_copy.FullName, "latchkey");

    public void Dispose() => _copy.Delete(recursive: true);

    /// <summary>Asks Buildyard's own data.</summary>
    public List<string[]> Own(string sql) => Run(Path.Combine(_copy.FullName, "buildyard.db"), sql);

    /// <summary>Asks the ledger's tables past the store.</summary>
    public List<string[]> Files(string sql) => Run(Path.Combine(Ledger, "files.db"), sql);

    public List<string[]> Stored(string sql) => Run(Path.Combine(Ledger, "latchkey.db"), sql);

    private static List<string[]> Run(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)!)]);
        }

        return rows;
    }
}
