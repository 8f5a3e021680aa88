using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Buildyard;

/// <summary>Says plainly that the disk takes nothing now: what was sent is not saved, and can be sent again.</summary>
internal sealed class UnwritableDisk : IExceptionHandler
{
    private const string Text = "The disk is full or can't be written now, so nothing was saved. Try again when there is room.";

    // SQLite's result codes SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL.
    private static readonly int[] s_codes = [8, 10, 13];

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception.GetBaseException() is not SqliteException sqlite || !s_codes.Contains(sqlite.SqliteErrorCode)) return false;
        await (ErrorPages.AcceptsHtml(httpContext.Request)
            ? Page.Show<MessagePage>(new { Title = "Not saved", Text }, StatusCodes.Status503ServiceUnavailable)
            : Problems.Of(StatusCodes.Status503ServiceUnavailable, "storage_unavailable", Text)).ExecuteAsync(httpContext);
        return true;
    }
}
