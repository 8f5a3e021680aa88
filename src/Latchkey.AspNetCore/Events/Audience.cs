using System.Threading.Channels;

namespace Latchkey.AspNetCore;

/// <summary>
/// The streams of one sign-in about one thing: what happens is decided once for all of them. Whoever asks the host does so by the newest stream's
/// request, which stays until that is answered.
/// </summary>
internal sealed class Audience(Audiences audiences, string key, Ear ear, AccessContext first, AppId? app, SessionId? session)
{
    private const int MostWaiting = 256;
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(20);
    private readonly Channel<List<FeedItem>> _heard = Channel.CreateBounded<List<FeedItem>>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReaderId? _inbox = InboxReader.Of(first);
    private readonly Member? _member = first.Member;
    private readonly AgentId? _agent = first.Agent?.Id;

    public string Key { get; } = key;

    /// <summary>What listens for them.</summary>
    public Ear Ear { get; } = ear;

    /// <summary>The streams, oldest first. Looked at and changed under the lock of <see cref="Audiences"/> alone.</summary>
    public List<EventReader> Readers { get; } = [];

    /// <summary>What the host is being asked by one of their requests. Changed under that lock too.</summary>
    public Task Asking { get; set; } = Task.CompletedTask;

    /// <summary>What happened, as far as it may concern them. Whoever falls too far behind misses the oldest, and the next says so.</summary>
    public void Hear(List<FeedItem> items)
    {
        var isFull = _heard.Reader.Count >= MostWaiting;
        _heard.Writer.TryWrite(isFull ? [items[0] with { AfterGap = true }, .. items[1..]] : items);
    }

    /// <summary>Tells what is heard, until nobody listens any more or they may not.</summary>
    public async Task TellAsync(CancellationToken stopping)
    {
        try
        {
            var (next, quiet) = (Next(), Quiet());
            while (await Task.WhenAny(next, quiet, _empty.Task) is var came && came != _empty.Task)
            {
                if (came == quiet)
                {
                    if (!await AskAsync(MayGoOnAsync))
                    {
                        return;
                    }

                    Say(new(Name: null, 0));
                    quiet = Quiet();
                }
                else
                {
                    if (!await TellAsync(await next))
                    {
                        return;
                    }

                    next = Next();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            audiences.Close(this);
        }

        Task<List<FeedItem>> Next() => _heard.Reader.ReadAsync(stopping).AsTask();

        Task Quiet() => Task.Delay(s_keepAlive, audiences.Time, stopping);
    }

    /// <summary>What ends an agent's stream about an app they were in when it opened; null while nothing does.</summary>
    public StreamEvent? Ended(long number)
    {
        if (_agent is not { } agent || app is not { } inApp || session is null)
        {
            return null;
        }

        var decision = audiences.Access.Decide(agent, inApp, session, permission: null);
        return decision.Reason is DecisionReason.UnknownPermission or DecisionReason.LedgerUnavailable or DecisionReason.Clock
            ? null
            : new("ended", number, $$"""{"reason":"{{Decision.Slug(decision.Reason)}}","ended_at":"{{Wire.Text(decision.EndedAt ?? audiences.Access.Now)}}"}""");
    }

    /// <summary>A stream of it has ended. Its request may be forgotten when this returns.</summary>
    public async Task LeaveAsync(EventReader reader)
    {
        if (audiences.Remove(this, reader))
        {
            _empty.TrySetResult();
        }

        await Asking;
    }

    /// <summary>Tells what concerns them of what happened; false when they may hear nothing more.</summary>
    private async Task<bool> TellAsync(List<FeedItem> heard)
    {
        var concerning = heard.Select(Concerning).OfType<FeedItem>().ToList();
        var afterGap = heard.Exists(item => item.AfterGap);
        if (concerning.Count == 0 && !afterGap && !heard.Exists(item => item.Kind == FeedKind.Agent))
        {
            return true;
        }

        if (Ended(heard[^1].Number) is { } ended)
        {
            audiences.ForEach(this, reader => reader.End(ended));
            return false;
        }

        var told = await AskAsync(caller => SeenByAsync(caller, concerning));
        if (told is null)
        {
            return false;
        }

        if (afterGap)
        {
            Say(new("refresh", heard[^1].Number));
        }

        told.ForEach(item => Say(new(
            AccessReader.Slug(item.Kind), item.Number, item.Subject is null || item.Kind == FeedKind.Inbox ? "{}" : $$"""{"id":"{{item.Subject}}"}""")));
        return true;
    }

    /// <summary>The item as it concerns them; null where it doesn't.</summary>
    private FeedItem? Concerning(FeedItem item)
    {
        // What concerns a customer's whole account concerns each app of it.
        if (item is { App: null, Kind: FeedKind.Access } && _member is not null)
        {
            item = item with { App = app };
        }

        var concerns = item.Kind switch
        {
            FeedKind.Agent => false,
            FeedKind.Inbox => item.Subject == _inbox?.Value,
            _ => app is null || item.App == app,
        };
        return concerns ? item : null;
    }

    /// <summary>Those of these that they may see; null where they may hear nothing any more.</summary>
    private async Task<List<FeedItem>?> SeenByAsync(AccessContext caller, List<FeedItem> items)
    {
        if (!await MayGoOnAsync(caller))
        {
            return null;
        }

        var answers = new Dictionary<(AppId? App, bool IsTalk), bool>();
        var seen = new List<FeedItem>();
        foreach (var item in items)
        {
            if (_member is not { } member || item.Kind == FeedKind.Inbox || await MayAsync(member, item))
            {
                seen.Add(item);
            }
        }

        return seen;

        async Task<bool> MayAsync(Member member, FeedItem item)
        {
            var asked = (item.App, item.Kind == FeedKind.Conversation);
            return answers.TryGetValue(asked, out var may) ? may : answers[asked] = await MaySeeAsync(caller, member, item);
        }
    }

    private void Say(StreamEvent said) => audiences.ForEach(this, reader => reader.Tell(said));

    /// <summary>
    /// Asks the host something by the newest stream's request, as few at a time as there are workers. A host that doesn't answer in time
    /// keeps nobody else waiting. Nobody hears what nobody asks.
    /// </summary>
    /// <exception cref="TimeoutException">The host doesn't answer.</exception>
    private Task<T?> AskAsync<T>(Func<AccessContext, Task<T>> question) => audiences.InTurnAsync(() =>
    {
        var asking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return AnswerAsync(audiences.Begin(this, asking.Task), asking).WaitAsync(audiences.HostPatience, TimeProvider.System);

        async Task<T?> AnswerAsync(AccessContext? caller, TaskCompletionSource asked)
        {
            try
            {
                return caller is null ? default : await question(caller);
            }
            finally
            {
                asked.SetResult();
            }
        }
    });

    /// <summary>Whether the caller is signed in as they were and, where a member listens to one app, still has their part in it.</summary>
    private async Task<bool> MayGoOnAsync(AccessContext caller) =>
        await caller.MayGoOnAsync() && (_member is not { } member || app is not { } about || await MayReadAsync(member, about));

    private async Task<bool> MaySeeAsync(AccessContext caller, Member member, FeedItem item)
    {
        if (item.App is { } about && item.Kind != FeedKind.Conversation)
        {
            return await MayReadAsync(member, about);
        }

        // Asked in a scope of its own: the stream outlives what a request's scope was made for.
        await using var scope = audiences.Scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ConversationDesk>().MaySeeAsync(caller, member.Account, item.App, CancellationToken.None);
    }

    private async Task<bool> MayReadAsync(Member member, AppId about)
    {
        await using var scope = audiences.Scopes.CreateAsyncScope();
        var host = scope.ServiceProvider.GetRequiredService<ISupportHost>();
        return await host.GetAppAsync(about, CancellationToken.None) is { } hostApp
            && hostApp.Account == member.Account
            && await host.AllowsAsync(member, hostApp, Catalogue.SupportAccessRead, CancellationToken.None);
    }
}
