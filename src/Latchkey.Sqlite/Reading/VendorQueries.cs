using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>What the vendor's own ledger tells of the vendor: the newest ruling for decisions, and pages of all that there was.</summary>
internal static class VendorQueries
{
    public static IReadOnlyList<VendorRecord> Run(SqliteConnection connection, VendorQuery query) =>
    [
        .. connection.Query(
            """
            SELECT v.position, e.time, e.bytes, e.contents
            FROM vendor_change v
            JOIN entry e ON e.position = v.position
            WHERE v.topic = $topic AND v.position < $before
            ORDER BY v.position DESC LIMIT $limit
            """,
            row => ToldEntry.Read(row.GetFieldValue<byte[]>(2), row.Blob(3)) is { Fact: VendorFact fact } entry
                ? new VendorRecord(row.GetInt64(0), row.Time(1), fact.With(entry.Told))
                : null,
            ("$topic", query.Topic.ToString()),
            ("$before", query.Before),
            ("$limit", query.Limit)).OfType<VendorRecord>(),
    ];

    public static VendorPolicyChanged? Newest(SqliteConnection connection) =>
        Run(connection, new VendorQuery(VendorTopic.Policy, Limit: 1)) is [{ Fact: VendorPolicyChanged newest }] ? newest : null;
}
