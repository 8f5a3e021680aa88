using System.Globalization;
using System.Text.Json;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>What open pages are told: that something changed, and what a log goes on to say.</summary>
internal sealed class LivePages(LogFollower follower, BuildQueue queue)
{
    /// <summary>Says <c>changed</c> whenever the row of one of the app's builds did, or that of the one named.</summary>
    public static IResult Changes(AccessContext access, BuildFeed feed, int? number)
    {
        var app = access.App!.Value.Value;
        return new EventStream(async (events, cancellation) =>
        {
            using var listener = feed.Listen(app, number);
            await events.OpenAsync(cancellation);
            while (true)
            {
                if ((await listener.NextAsync(cancellation)).Count > 0) await events.SendAsync("changed", null, "", cancellation);
            }
        });
    }

    /// <summary>Says <c>changed</c> when the build's row did, <c>log</c> with HTML and the step that it belongs to, and <c>end</c> last.</summary>
    public async Task<IResult> LogAsync(HttpContext http, AccessContext access, BuildBook book, int number, long? from)
    {
        if (await book.FindAsync(access, number) is not { } build) return BuildBook.NoSuchBuild.Result();
        access.Target($"log of build {number}");
        var offset = long.TryParse(http.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : Math.Max(0, from ?? 0);
        return follower.Follow(build, offset, AsHtml);
    }

    private LogFollower.Telling AsHtml(EventWriter events, CancellationToken cancellation)
    {
        var html = new AnsiHtml();
        return new LogFollower.Telling(
            async (reader, build) =>
            {
                var log = queue.LogOf(build);
                while (await NextAsync(reader, log, build.IsOver, cancellation) is var (text, step))
                {
                    var data = JsonSerializer.Serialize(new { step, title = log.TitleOf(step).Marked(), html = html.Convert(text) });
                    await events.SendAsync("log", reader.Offset, data, cancellation);
                }
            },
            () => events.SendAsync("changed", null, "", cancellation),
            _ => "");
    }

    /// <summary>The next lines of one step.</summary>
    private static async Task<(string Text, int Step)?> NextAsync(LogReader reader, LogMap log, bool final, CancellationToken cancellation)
    {
        var (step, until) = (LogMap.Preparing, log.Length);
        foreach (var (i, (_, start)) in log.Steps.Index())
        {
            if (start is not { } begins) continue;
            if (begins <= reader.Offset) step = i;
            else until = Math.Min(until, begins);
        }
        // What stands before the next step's beginning is all that this one will ever say.
        return await reader.ReadAsync(final || until < log.Length, cancellation, until) is { } text ? (text, step) : null;
    }
}
