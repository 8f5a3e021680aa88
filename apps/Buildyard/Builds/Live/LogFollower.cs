using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Follows a build's log while it grows, to its end.</summary>
internal sealed class LogFollower(BuildFeed feed, BuildFiles files, IServiceScopeFactory scopes)
{
    /// <summary>How one reader is told of it.</summary>
    /// <param name="PassOn">Passes on what can be read by now, knowing where the build stands.</param>
    /// <param name="Changed">The build's row is not what it was when it was last looked at.</param>
    /// <param name="End">What is said last; of no build where it is gone.</param>
    public sealed record Telling(Func<LogReader, Build, Task> PassOn, Func<Task> Changed, Func<Build?, string> End);

    public IResult Follow(Build build, long offset, Func<EventWriter, CancellationToken, Telling> how) =>
        new EventStream((events, cancellation) => FollowAsync(events, build, offset, how(events, cancellation), cancellation));

    private async Task FollowAsync(EventWriter events, Build build, long offset, Telling telling, CancellationToken cancellation)
    {
        using var listener = feed.Listen(build.AppId, build.Number);
        await events.OpenAsync(cancellation);
        using var reader = new LogReader(() => files.OpenLog(build), offset);
        var state = await FindAsync(build.Id, cancellation);
        // A build that ended between the question and this stream has changed too.
        if (state?.Status != build.Status) await telling.Changed();
        while (state is not null)
        {
            await telling.PassOn(reader, state);
            if (state.IsOver) break;
            if ((await listener.NextAsync(cancellation)).Count == 0) continue;
            state = await FindAsync(build.Id, cancellation);
            await telling.Changed();
        }
        await events.SendAsync("end", reader.Offset, telling.End(state), cancellation);
    }

    /// <summary>The build with its steps, asked in a scope of its own: a stream outlives what a request's scope was made for. Null when it is gone.</summary>
    private async Task<Build?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Builds.AsNoTracking()
            .Include(b => b.Steps.OrderBy(s => s.Position)).SingleOrDefaultAsync(b => b.Id == id, cancellation);
    }
}
