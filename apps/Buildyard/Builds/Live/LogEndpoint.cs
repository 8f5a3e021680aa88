using System.Globalization;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A build's log: whole, as text; or followed while it grows.</summary>
internal static class LogEndpoint
{
    public static async Task<IResult> ReadAsync(int number, HttpContext http, AccessContext access, BuildBook book, BuildFiles files, LogStream stream)
    {
        if (await book.FindAsync(access, number) is not { } build) return BuildBook.NoSuchBuild.Result();
        access.Target($"log of build {number}");
        if (http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/event-stream"))
        {
            _ = long.TryParse(http.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset);
            return new EventStream((events, cancellation) => stream.FollowAsync(events, build, offset, cancellation));
        }
        if (http.Request.Query.ContainsKey("download"))
            http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"build-{number}.log\"");
        return File.Exists(files.Log(build))
            ? TypedResults.Stream(to => CopyAsync(files.Log(build), to, http.RequestAborted), "text/plain; charset=utf-8")
            : TypedResults.Text("", "text/plain; charset=utf-8");
    }

    /// <summary>Without a length said first: the log of a running build grows while it is read.</summary>
    private static async Task CopyAsync(string path, Stream to, CancellationToken cancellation)
    {
        await using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await log.CopyToAsync(to, cancellation);
    }
}

/// <summary>Follows a build's log as text, a line of it in a line of the event.</summary>
internal sealed class LogStream(BuildFeed feed, BuildFiles files, BuildStates states)
{
    public async Task FollowAsync(EventWriter events, Build build, long offset, CancellationToken cancellation)
    {
        using var listener = feed.Listen(build.AppId, build.Number);
        using var reader = new LogReader(files.Log(build), offset);
        var state = await states.OfAsync(build.Id, cancellation);
        while (true)
        {
            while (await reader.ReadAsync(final: state?.IsOver != false, cancellation) is { } text)
                await events.SendAsync("log", reader.Offset, text.EndsWith('\n') ? text[..^1] : text, cancellation);
            if (state?.IsOver != false) break;
            if ((await listener.NextAsync(cancellation)).Count > 0) state = await states.OfAsync(build.Id, cancellation);
        }
        await events.SendAsync("end", reader.Offset, $$"""{"status":"{{Words.Of(state?.Status ?? BuildState.Aborted)}}"}""", cancellation);
    }
}
