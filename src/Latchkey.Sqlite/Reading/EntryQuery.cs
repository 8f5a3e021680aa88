using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Entries as they were stored, and the trees over them.</summary>
internal static class EntryQuery
{
    public static IReadOnlyList<StoredEntry> Run(SqliteConnection connection, AccountId account, long from, int limit) =>
        connection.Query(
            "SELECT seq, bytes, leaf, contents FROM entry WHERE account = $account AND seq >= $from ORDER BY seq LIMIT $limit",
            row =>
            {
                var bytes = row.GetFieldValue<byte[]>(1);
                return new StoredEntry(row.GetInt64(0), bytes, new Hash(row.GetFieldValue<byte[]>(2)), ToldEntry.Read(bytes, row.Blob(3)).Contents);
            },
            ("$account", account.Value),
            ("$from", from),
            ("$limit", limit));

    public static MerkleEdge Edge(SqliteConnection connection, AccountId account) =>
        connection.Query("SELECT edge FROM tree WHERE account = $account", row => MerkleEdge.Parse(row.GetFieldValue<byte[]>(0)), ("$account", account.Value))
            is [var edge] ? edge : new MerkleEdge();
}
