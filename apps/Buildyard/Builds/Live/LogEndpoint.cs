using System.Globalization;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A build's log: whole, as text; or followed while it grows, a line of it in a line of an event.</summary>
internal static class LogEndpoint
{
    public static async Task<IResult> ReadAsync(int number, HttpContext http, AccessContext access, BuildBook book, BuildFiles files, LogFollower follower)
    {
        if (await book.FindAsync(access, number) is not { } build) return BuildBook.NoSuchBuild.Result();
        access.Target($"log of build {number}");
        if (build.LogRemoved) return new Refusal(StatusCodes.Status404NotFound, "log_removed", build.FilesNote!, []).Result();
        if (http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/event-stream"))
        {
            _ = long.TryParse(http.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset);
            return follower.Follow(build, offset, AsText);
        }
        if (http.Request.Query.ContainsKey("download"))
            http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"build-{number}.log\"");
        return files.OpenLog(build) is { } log
            ? TypedResults.Stream(to => CopyAsync(log, to, http.RequestAborted), "text/plain; charset=utf-8")
            : TypedResults.Text("", "text/plain; charset=utf-8");
    }

    /// <summary>Without a length said first: the log of a running build grows while it is read.</summary>
    private static async Task CopyAsync(FileStream log, Stream to, CancellationToken cancellation)
    {
        await using (log) await log.CopyToAsync(to, cancellation);
    }

    private static LogFollower.Telling AsText(EventWriter events, CancellationToken cancellation) => new(
        async (reader, build) =>
        {
            while (await reader.ReadAsync(build.IsOver, cancellation) is { } text)
                await events.SendAsync("log", reader.Offset, text.EndsWith('\n') ? text[..^1] : text, cancellation);
        },
        () => Task.CompletedTask,
        build => $$"""{"status":"{{Words.Of(build?.Status ?? BuildState.Aborted)}}"}""");
}
