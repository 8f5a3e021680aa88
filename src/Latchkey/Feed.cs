using System.Threading.Channels;

namespace Latchkey;

/// <summary>What kind of thing happened to an app.</summary>
public enum FeedKind
{
    /// <summary>Its support access changed: on, off, another window, ended.</summary>
    Access,

    /// <summary>A session opened or closed.</summary>
    Session,

    /// <summary>Support did something, what it did came out, or the customer kept or undid it.</summary>
    Activity,
}

/// <summary>A word that something happened. It carries no content: whoever hears it asks for what they may see.</summary>
/// <param name="Number">Counts up from 1 in this process.</param>
/// <param name="App">The app.</param>
/// <param name="Kind">What kind of thing.</param>
public readonly record struct FeedItem(long Number, AppId App, FeedKind Kind);

/// <summary>Tells those who listen what happened, right after it holds.</summary>
public sealed class Feed
{
    private const int MaxWaiting = 256;
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<FeedItem>> _listeners = [];
    private long _number;

    /// <summary>The newest item's number.</summary>
    public long Newest => Interlocked.Read(ref _number);

    /// <summary>
    /// Listens until the token is cancelled. A listener that falls more than 256 items behind misses the oldest of them;
    /// the numbers then have a gap, and it should ask for everything anew.
    /// </summary>
    public async IAsyncEnumerable<FeedItem> ListenAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            _listeners.Add(channel);
        }

        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellation))
            {
                yield return item;
            }
        }
        finally
        {
            lock (_gate)
            {
                _listeners.Remove(channel);
            }
        }
    }

    internal void Tell(IReadOnlyList<Fact> facts)
    {
        foreach (var (app, kind) in facts.Select(About).Distinct())
        {
            if (app is { } about)
            {
                Tell(about, kind);
            }
        }
    }

    internal void Tell(AppId app, FeedKind kind)
    {
        lock (_gate)
        {
            var item = new FeedItem(++_number, app, kind);
            foreach (var listener in _listeners)
            {
                listener.Writer.TryWrite(item);
            }
        }
    }

    private static (AppId? App, FeedKind Kind) About(Fact fact) => fact switch
    {
        GrantStarted f => (f.App, FeedKind.Access),
        GrantChanged f => (f.App, FeedKind.Access),
        GrantEnded f => (f.App, FeedKind.Access),
        SessionOpened f => (f.App, FeedKind.Session),
        SessionClosed f => (f.App, FeedKind.Session),
        ActRead f => (f.App, FeedKind.Activity),
        ActBegun f => (f.App, FeedKind.Activity),
        ActEnded f => (f.App, FeedKind.Activity),
        ChangeSettled f => (f.App, FeedKind.Activity),
        _ => (null, default),
    };
}
