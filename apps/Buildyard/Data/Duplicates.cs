using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

internal static class Duplicates
{
    /// <summary>Whether a save failed because a row with this key is there already: somebody was faster.</summary>
    public static bool IsDuplicate(this DbUpdateException e) => e.InnerException is SqliteException { SqliteErrorCode: 19, SqliteExtendedErrorCode: 1555 or 2067 };
}
