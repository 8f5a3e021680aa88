using System.Threading.Channels;

namespace Latchkey;

/// <summary>What kind of thing happened.</summary>
public enum FeedKind
{
    /// <summary>Its support access changed: on, off, another window, ended.</summary>
    Access,

    /// <summary>A session opened or closed.</summary>
    Session,

    /// <summary>Support did something, what it did came out, or the customer kept or undid it.</summary>
    Activity,

    /// <summary>A request for access was made or answered, or lapsed.</summary>
    Request,

    /// <summary>A conversation was opened, something came into it, or it was assigned, solved or opened again.</summary>
    Conversation,

    /// <summary>Something came into an inbox, or was seen there.</summary>
    Inbox,
}

/// <summary>A word that something happened. It carries no content: whoever hears it asks for what they may see.</summary>
/// <param name="Number">Counts up from 1 in this process, over what its listener can be told.</param>
/// <param name="Account">Whose.</param>
/// <param name="App">The app; null where it concerns the account.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Subject">The id of the thing itself, where its kind has one: the request, the conversation; whose inbox it is.</param>
public readonly record struct FeedItem(long Number, AccountId Account, AppId? App, FeedKind Kind, string? Subject)
{
    /// <summary>Whether it is for customers alone.</summary>
    internal bool ForCustomer { get; init; }
}

/// <summary>Tells those who listen what happened, right after it holds.</summary>
public sealed class Feed
{
    private const int MaxWaiting = 256;
    private readonly Lock _gate = new();
    private readonly HashSet<Listener> _listeners = [];
    private long _number;
    private long _numberForSupport;

    /// <summary>The newest item's number.</summary>
    public long Newest => Interlocked.Read(ref _number);

    /// <summary>The newest item's number among those that support can be told of.</summary>
    public long NewestForSupport => Interlocked.Read(ref _numberForSupport);

    /// <summary>
    /// Listens until the token is cancelled. A listener that falls more than 256 items behind misses the oldest of them;
    /// the numbers then have a gap, and it should ask for everything anew.
    /// </summary>
    public IAsyncEnumerable<FeedItem> ListenAsync(CancellationToken cancellation) => ListenAsync(isSupport: false, cancellation);

    /// <summary>
    /// Listens for support, whom nothing tells of what is for customers alone, their inboxes and what was delivered to them by name: it is
    /// neither told nor counted, so no number has a gap where it would be.
    /// </summary>
    public IAsyncEnumerable<FeedItem> ListenForSupportAsync(CancellationToken cancellation) => ListenAsync(isSupport: true, cancellation);

    private async IAsyncEnumerable<FeedItem> ListenAsync(bool isSupport, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        var listener = new Listener(channel, isSupport);
        lock (_gate)
        {
            _listeners.Add(listener);
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
                _listeners.Remove(listener);
            }
        }
    }

    internal void Tell(IReadOnlyList<Recordable> facts)
    {
        // Many facts of a batch are acts in one app, one after the other: those are told without a look at the set.
        var told = new HashSet<FeedItem>();
        FeedItem? last = null;
        foreach (var recordable in facts)
        {
            if (About(recordable) is { } item && item != last && told.Add(item))
            {
                Tell(item);
                last = item;
            }
        }
    }

    /// <summary>The subject is whose inbox it is: nobody else is told.</summary>
    internal void Tell(AccountId account, ReaderId reader) => Tell(new FeedItem(0, account, App: null, FeedKind.Inbox, reader.Value) { ForCustomer = !reader.IsAgent });

    internal void Tell(AccountId account, AppId app, FeedKind kind) => Tell(new FeedItem(0, account, app, kind, Subject: null));

    private void Tell(FeedItem item)
    {
        lock (_gate)
        {
            _number++;
            _numberForSupport += item.ForCustomer ? 0 : 1;
            foreach (var (channel, isSupport) in _listeners)
            {
                if (!isSupport || !item.ForCustomer)
                {
                    channel.Writer.TryWrite(item with { Number = isSupport ? _numberForSupport : _number });
                }
            }
        }
    }

    private static FeedItem? About(Recordable recordable)
    {
        return recordable.Fact switch
        {
            GrantStarted f => Item(f.App, FeedKind.Access),
            GrantChanged f => Item(f.App, FeedKind.Access),
            GrantEnded f => Item(f.App, FeedKind.Access),
            GrantCovers f => Item(f.App, FeedKind.Access),
            GrantUncovers f => Item(f.App, FeedKind.Access),
            PolicyChanged => Item(null, FeedKind.Access),
            RequestMade f => Item(f.App, FeedKind.Request, f.Request.Value),
            RequestApproved f => Item(f.App, FeedKind.Request, f.Request.Value),
            RequestEnded f => Item(f.App, FeedKind.Request, f.Request.Value),
            SessionOpened f => Item(f.App, FeedKind.Session),
            SessionClosed f => Item(f.App, FeedKind.Session),
            ActRead f => Item(f.App, FeedKind.Activity),
            ActBegun f => Item(f.App, FeedKind.Activity),
            ActEnded f => Item(f.App, FeedKind.Activity),
            ChangeSettled f => Item(f.App, FeedKind.Activity),
            ConversationFact f => Item(f.App, FeedKind.Conversation, f.Conversation.Value),
            _ => null,
        };

        FeedItem Item(AppId? app, FeedKind kind, string? subject = null) =>
            new(0, recordable.Account, app, kind, subject) { ForCustomer = recordable.ForCustomer };
    }

    private sealed record Listener(Channel<FeedItem> Channel, bool IsSupport);
}
