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

    /// <summary>An agent signed out, or left the team: whoever listens for them asks anew who they are.</summary>
    Agent,
}

/// <summary>A word that something happened. It carries no content: whoever hears it asks for what they may see.</summary>
/// <param name="Number">
/// Its place among all that this process tells. For no customer and no agent to see as it is: what lies between two of them is others'.
/// </param>
/// <param name="Account">Whose.</param>
/// <param name="App">The app; null where it concerns the account.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Subject">The id of the thing itself, where its kind has one: the request, the conversation; whose inbox it is.</param>
public readonly record struct FeedItem(long Number, AccountId Account, AppId? App, FeedKind Kind, string? Subject)
{
    /// <summary>Whether its listener missed some that came before it, and should ask for everything anew.</summary>
    public bool AfterGap { get; init; }

    /// <summary>Who of support may hear it.</summary>
    internal Hearers Support { get; init; }
}

/// <summary>Who of support may hear of something: whoever could read it at that moment. Nobody, where nothing is said.</summary>
/// <param name="IsTeam">The whole team.</param>
/// <param name="IsInside">Whoever has a session in the app.</param>
/// <param name="Agent">This one.</param>
internal readonly record struct Hearers(bool IsTeam = false, bool IsInside = false, AgentId? Agent = null)
{
    public static Hearers Team => new(IsTeam: true);

    public static Hearers Inside => new(IsInside: true);
}

/// <summary>
/// Tells those who listen what happened, right after it holds. A customer's listener hears of their account, an agent's of what that agent could
/// read at that moment; the rest is neither told to them nor counted for them.
/// </summary>
public sealed class Feed
{
    private const int MaxWaiting = 256;
    private readonly Lock _gate = new();
    private readonly HashSet<Listener> _listeners = [];
    private readonly Dictionary<AccountId, long> _newestOf = [];
    private readonly Dictionary<string, long> _newestIn = new(StringComparer.Ordinal);
    private readonly Dictionary<AgentId, long> _newestFor = [];
    private long _newestForTeam;
    private long _number;

    /// <summary>The number of the newest item that a customer could hear: about their account, or into their own inbox; 0 where there was none.</summary>
    public long NewestOf(AccountId account, ReaderId reader)
    {
        lock (_gate)
        {
            return Math.Max(_newestOf.GetValueOrDefault(account), _newestIn.GetValueOrDefault(reader.Value));
        }
    }

    /// <summary>The number of the newest item that an agent could hear; 0 where there was none.</summary>
    public long NewestFor(AgentId agent)
    {
        lock (_gate)
        {
            return Math.Max(_newestForTeam, _newestFor.GetValueOrDefault(agent));
        }
    }

    /// <summary>
    /// Listens to everything, for the host itself, until the token is cancelled. A listener that falls more than 256 items behind misses the
    /// oldest of them, and its next one says so (<see cref="FeedItem.AfterGap"/>).
    /// </summary>
    public IAsyncEnumerable<FeedItem> ListenAsync(CancellationToken cancellation) => ListenAsync((_, _) => true, cancellation);

    /// <summary>The same for a customer: what is about their account.</summary>
    public IAsyncEnumerable<FeedItem> ListenAsync(AccountId account, CancellationToken cancellation) =>
        ListenAsync((item, _) => item.Account == account, cancellation);

    /// <summary>The same for an agent: what they could read when it happened.</summary>
    public IAsyncEnumerable<FeedItem> ListenAsync(AgentId agent, CancellationToken cancellation) =>
        ListenAsync((item, agents) => item.Support.IsTeam || agents.Contains(agent), cancellation);

    private async IAsyncEnumerable<FeedItem> ListenAsync(
        Func<FeedItem, AgentId[], bool> hears, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var listener = new Listener(hears);
        lock (_gate)
        {
            _listeners.Add(listener);
        }

        try
        {
            await foreach (var item in listener.ReadAsync(cancellation))
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

    internal void Tell(Batch batch)
    {
        // Many facts of a batch are acts in one app, one after the other: those are told without a look at the set.
        var told = new HashSet<FeedItem>();
        FeedItem? last = null;
        foreach (var recordable in batch.Facts)
        {
            if (About(batch, recordable) is { } item && item != last && told.Add(item))
            {
                Tell(item, item.App is { } app ? batch.View(app) : null);
                last = item;
            }

            foreach (var app in recordable.Closed)
            {
                Tell(new FeedItem(0, recordable.Account, app, FeedKind.Access, Subject: null) { Support = Hearers.Team }, view: null);
            }
        }
    }

    /// <summary>The subject is whose inbox it is: nobody else is told.</summary>
    internal void Tell(AccountId account, ReaderId reader) => Tell(
        new FeedItem(0, account, App: null, FeedKind.Inbox, reader.Value) { Support = new(Agent: reader.Agent) }, view: null);

    /// <summary>An agent signed out, or left the team.</summary>
    internal void Tell(AgentId agent) => Tell(
        new FeedItem(0, AccountId.Vendor, App: null, FeedKind.Agent, agent.Value) { Support = new(Agent: agent) }, view: null);

    /// <summary>Something about an app changed that is no fact. What isn't open is the customer's alone.</summary>
    internal void Tell(AppView view, DateTimeOffset now) => Tell(
        new FeedItem(0, view.Account, view.App, FeedKind.Access, Subject: null) { Support = new(IsTeam: view.IsOpen(now)) }, view);

    private void Tell(FeedItem item, AppView? view)
    {
        AgentId[] agents =
        [
            .. item.Support.Agent is { } one ? (ReadOnlySpan<AgentId>)[one] : [],
            .. item.Support.IsInside && view is not null ? view.Sessions.Select(s => s.Agent) : [],
        ];
        lock (_gate)
        {
            item = item with { Number = ++_number };
            if (item.Kind == FeedKind.Inbox)
            {
                _newestIn[item.Subject!] = _number;
            }
            else
            {
                _newestOf[item.Account] = _number;
            }

            _newestForTeam = item.Support.IsTeam ? _number : _newestForTeam;
            foreach (var agent in agents)
            {
                _newestFor[agent] = _number;
            }

            foreach (var listener in _listeners)
            {
                listener.Hear(item, agents);
            }
        }
    }

    /// <summary>What is told of a fact, and to whom of support. A kind that doesn't stand here is told to nobody, and a test holds all kinds against that.</summary>
    private static FeedItem? About(Batch batch, Recordable recordable)
    {
        return recordable.Fact switch
        {
            // Of a key to the account support hears app by app.
            GrantStarted f => Item(f.App, FeedKind.Access, f.App is null ? default : Hearers.Team),
            GrantChanged f => Item(f.App, FeedKind.Access, Hearers.Team),
            GrantEnded f => Item(f.App, FeedKind.Access, f.App is null ? default : Hearers.Team),
            GrantCovers f => Item(f.App, FeedKind.Access, Hearers.Team),
            GrantUncovers f => Item(f.App, FeedKind.Access, Hearers.Team),
            PolicyChanged => Item(null, FeedKind.Access, default),
            RequestMade f => Item(f.App, FeedKind.Request, Asked(f.Request), f.Request.Value),
            RequestApproved f => Item(f.App, FeedKind.Request, Asked(f.Request), f.Request.Value),
            RequestEnded f => Item(f.App, FeedKind.Request, Asked(f.Request), f.Request.Value),
            SessionOpened f => Item(f.App, FeedKind.Session, Hearers.Inside with { Agent = f.Agent }),
            SessionClosed f => Item(f.App, FeedKind.Session, Hearers.Inside with { Agent = f.Agent }),
            ActRead f => Item(f.App, FeedKind.Activity, Hearers.Inside),
            ActBegun f => Item(f.App, FeedKind.Activity, Hearers.Inside),
            ActEnded f => Item(f.App, FeedKind.Activity, Hearers.Inside),
            ChangeSettled f => Item(f.App, FeedKind.Activity, Hearers.Inside),
            // Whoever asks support for help is the whole team's to know.
            ConversationFact f => Item(f.App, FeedKind.Conversation, Hearers.Team, f.Conversation.Value),
            _ => null,
        };

        FeedItem Item(AppId? app, FeedKind kind, Hearers support, string? subject = null) => new(0, recordable.Account, app, kind, subject) { Support = support };

        // What support asked is support's to know. What was delivered of what it asked by name, and what the customer asks among themselves, is not.
        Hearers Asked(RequestId id) => batch.Account(recordable.Account).Find(id) is { Agent: not null, IsDelivery: false } ? Hearers.Team : default;
    }

    private sealed class Listener
    {
        private readonly Func<FeedItem, AgentId[], bool> _hears;
        private readonly Channel<FeedItem> _channel;
        private int _missed;

        public Listener(Func<FeedItem, AgentId[], bool> hears)
        {
            _hears = hears;
            _channel = Channel.CreateBounded<FeedItem>(
                new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Exchange(ref _missed, 1));
        }

        public void Hear(FeedItem item, AgentId[] agents)
        {
            if (_hears(item, agents))
            {
                _channel.Writer.TryWrite(item);
            }
        }

        public async IAsyncEnumerable<FeedItem> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var item in _channel.Reader.ReadAllAsync(cancellation))
            {
                yield return item with { AfterGap = Interlocked.Exchange(ref _missed, 0) == 1 };
            }
        }
    }
}
