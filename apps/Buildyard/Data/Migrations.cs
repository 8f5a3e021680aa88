using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Buildyard;

/// <summary>Brings a database to the newest version: numbered SQL files, in order, all or none. The version is SQLite's <c>user_version</c>.</summary>
public static class Migrations
{
    private static readonly IReadOnlyList<(int Number, string Resource)> s_files =
        [.. typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
            .Select(name => (int.Parse(name.AsSpan("migrations/".Length, 4), CultureInfo.InvariantCulture), name))
            .OrderBy(file => file.Item1)];

    /// <summary>The version that this build reads and writes.</summary>
    public static int Newest => s_files[^1].Number;

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StartRefusedException">The database was written by a newer Buildyard.</exception>
    public static void Apply(SqliteConnection connection)
    {
        Execute(connection, null, "PRAGMA journal_mode = WAL");
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Version(connection, transaction);
        if (version > Newest)
            throw new StartRefusedException(
                $"{connection.DataSource} was written by a newer Buildyard (its schema is version {version}, this one knows {Newest}). Start that version, or choose another directory with --data.");

        foreach (var (number, resource) in s_files.Where(file => file.Number > version))
        {
            Execute(connection, transaction, Read(resource));
            Execute(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}"));
        }
        transaction.Commit();
    }

    private static int Version(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a file of this assembly or a number of its name.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
