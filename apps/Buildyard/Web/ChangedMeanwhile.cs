using Microsoft.AspNetCore.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Says that somebody else was faster: what was sent was meant for what stood there before, and is not saved.</summary>
internal sealed class ChangedMeanwhile : IExceptionHandler
{
    private const string Text = "Somebody else changed the same thing at the same moment, so nothing of yours was saved. Look at it as it is now, then send it again.";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not DbUpdateConcurrencyException) return false;
        await (ErrorPages.AcceptsHtml(httpContext.Request)
            ? Page.Show<MessagePage>(new { Title = "Not saved", Text }, StatusCodes.Status409Conflict)
            : Problems.Of(StatusCodes.Status409Conflict, "changed_meanwhile", Text)).ExecuteAsync(httpContext);
        return true;
    }
}
