using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// Brings a database to the shape that this version knows: numbered SQL files, forward only, each in a transaction of its own
/// that also writes its number to <c>user_version</c>.
/// </summary>
internal static class Migrations
{
    private const long ApplicationId = 0x4C6B5371;

    private static readonly IReadOnlyList<(long Version, string Resource)> All =
    [
        .. typeof(Migrations).Assembly.GetManifestResourceNames()
            .Order(StringComparer.Ordinal)
            .Select(name => (long.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name)),
    ];

    /// <summary>The version that this build writes.</summary>
    public static long Newest => All[^1].Version;

    /// <exception cref="LedgerStoreException">The database is of a newer version, or not Latchkey's.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        var found = (long)connection.Execute("PRAGMA user_version")!;
        if (found > Newest)
        {
            throw new LedgerStoreException(
                $"{path} was written by a newer Latchkey: it is of version {found}, and this build knows versions up to {Newest}. Start the newer build again, or restore a backup made before it.",
                isTransient: false);
        }

        if ((long)connection.Execute("PRAGMA application_id")! != ApplicationId && (long)connection.Execute("SELECT count(*) FROM sqlite_schema")! > 0)
        {
            throw new LedgerStoreException(
                $"{path} is a database of something else, not of Latchkey. Give Latchkey a directory of its own.", isTransient: false);
        }

        if (found > 0 && found < All[0].Version)
        {
            throw new LedgerStoreException(
                $"{path} was made before Latchkey's first release, in a shape that is no longer read. Give Latchkey an empty directory.", isTransient: false);
        }

        foreach (var (version, resource) in All)
        {
            if (version > found)
            {
                Apply(connection, version, resource);
            }
        }
    }

    private static void Apply(SqliteConnection connection, long version, string resource)
    {
        using var stream = typeof(Migrations).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        using var transaction = connection.BeginTransaction(deferred: false);
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"{reader.ReadToEnd()}\nPRAGMA user_version = {version};"));
        transaction.Commit();
    }
}
