using Microsoft.AspNetCore.Http.Metadata;

namespace Latchkey.AspNetCore;

/// <summary>How large a form's body may be.</summary>
/// <param name="MaxRequestBodySize">In bytes.</param>
internal sealed record FormSize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata
{
    /// <summary>16 KiB: more than any of Latchkey's forms fills.</summary>
    public static readonly FormSize Small = new(16 * 1024);
}

/// <summary>Sends the browser on with a GET after a form did its work, so that a reload repeats nothing.</summary>
/// <param name="path">A path of this site.</param>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
