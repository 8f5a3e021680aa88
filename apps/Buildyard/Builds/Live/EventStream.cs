using System.Globalization;
using System.Text;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.Features;

namespace Buildyard;

/// <summary>
/// Answers with server-sent events (WHATWG HTML, "Server-sent events") until what it follows ends, the reader goes, may not read it any more, has
/// opened too many others since (<see cref="OpenStreams"/>, said as <c>closed</c>), or the server stops.
/// </summary>
internal sealed class EventStream(Func<EventWriter, CancellationToken, Task> follow) : IResult
{
    private static IResult TooMany => Problems.Of(
        StatusCodes.Status429TooManyRequests, "too_many", $"You opened {OpenStreams.MostInAMinute} streams within a minute, which is the most there can be. Try again in a minute.");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var lifetime = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        using var place = httpContext.RequestServices.GetRequiredService<OpenStreams>().TryOpen(httpContext);
        if (place is null)
        {
            await TooMany.ExecuteAsync(httpContext);
            return;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, lifetime.ApplicationStopping, place.Displaced);
        httpContext.Response.ContentType = "text/event-stream";
        httpContext.Response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var writer = new EventWriter(httpContext.Response, httpContext.GetAccess());
        try
        {
            await follow(writer, either.Token);
        }
        catch (OperationCanceledException) when (!httpContext.RequestAborted.IsCancellationRequested)
        {
            // The server stops, and the reader comes back to the next one; or they may not go on.
            if (place.Displaced.IsCancellationRequested) await httpContext.Response.WriteAsync("event: closed\ndata: \n\n", httpContext.RequestAborted);
        }
    }
}

/// <summary>Writes events to one reader, who is asked before each whether they may still read them.</summary>
internal sealed class EventWriter(HttpResponse response, AccessContext access)
{
    private readonly StringBuilder _text = new();

    /// <summary>Sends one event. A carriage return would end a line of it, so it stands as a line of its own.</summary>
    /// <exception cref="OperationCanceledException">The reader may not go on, or went away.</exception>
    public async Task SendAsync(string name, long? id, string data, CancellationToken cancellation)
    {
        if (!await access.MayGoOnAsync()) throw new OperationCanceledException("Whoever reads this stream may not go on.");
        _text.Clear();
        if (id is { } number) _text.Append(CultureInfo.InvariantCulture, $"id: {number}\n");
        _text.Append(CultureInfo.InvariantCulture, $"event: {name}\n");
        foreach (var line in data.AsSpan().EnumerateLines()) _text.Append("data: ").Append(line).Append('\n');
        _text.Append('\n');
        await response.WriteAsync(_text.ToString(), cancellation);
        await response.Body.FlushAsync(cancellation);
    }

    /// <summary>Tells the reader that the stream stands. Whoever follows listens before: what happens from here on is told, and what was before can be read.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await response.WriteAsync(":\n\n", cancellation);
        await response.Body.FlushAsync(cancellation);
    }
}
