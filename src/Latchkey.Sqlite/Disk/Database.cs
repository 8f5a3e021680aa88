using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>How connections to the database are opened.</summary>
internal static class Database
{
    /// <summary>Opens the connection that writes the ledger's database, making and migrating it as needed.</summary>
    /// <exception cref="LedgerStoreException">It is newer, something else's, or on a disk that write-ahead logging can't work on.</exception>
    public static SqliteConnection OpenWriter(string path) => OpenWriter(path, connection => Migrations.Apply(connection, path));

    /// <summary>Opens a connection that writes, making the database where it is missing.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="shape">Brings it to its shape.</param>
    /// <exception cref="LedgerStoreException">It is on a disk that write-ahead logging can't work on.</exception>
    public static SqliteConnection OpenWriter(string path, Action<SqliteConnection> shape)
    {
        DirectoryLock.CreatePrivate(path);
        var connection = Open(path);
        try
        {
            if (connection.Execute("PRAGMA journal_mode = WAL") is not "wal")
            {
                throw new LedgerStoreException($"{path} lies where SQLite can't keep a write-ahead log, as on some network disks. Name a directory on a local disk.", isTransient: false);
            }

            // The log is copied back every 2,000 pages of 4 KiB: a pause that fewer than one lone commit in a hundred meets,
            // and no more than the reserve has room for.
            connection.Execute(
                """
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 2000;
                PRAGMA journal_size_limit = 8388608;
                PRAGMA cache_size = -16384;
                PRAGMA secure_delete = ON;
                """);
            shape(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that reads beside the writer, and can't write.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path);
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 1,
        }.ConnectionString);
        try
        {
            connection.Open();
            connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
