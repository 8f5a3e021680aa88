namespace Latchkey.AspNetCore;

/// <summary>
/// Listens to the feed for everybody of one account, or for one agent: however many streams are open, whoever does something wakes one listener.
/// What it hears it passes on a moment later, so that they have their answer first, and what comes in bursts is asked and told once.
/// </summary>
internal sealed class Ear(Audiences audiences, string key, AccountId? account, AgentId? agent)
{
    private const int MostTogether = 64;
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(10);
    private readonly TaskCompletionSource _alone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Key { get; } = key;

    /// <summary>Those it listens for. Looked at and changed under the lock of <see cref="Audiences"/> alone.</summary>
    public List<Audience> For { get; } = [];

    /// <summary>Nobody is left to listen for.</summary>
    public void Leave() => _alone.TrySetResult();

    /// <summary>Listens from now on, until nobody is left.</summary>
    public async Task ListenAsync(CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var items = Feed(over.Token).GetAsyncEnumerator(over.Token);

        // From here on what happens is heard.
        var next = items.MoveNextAsync().AsTask();
        try
        {
            await audiences.FanOutAsync(async () =>
            {
                while (await Task.WhenAny(next, _alone.Task) == next && await TogetherAsync() is [_, ..] heard)
                {
                    audiences.ForEach(this, audience => audience.Hear(heard));
                }
            });
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            audiences.Close(this);

            // A listener can't be let go of while it waits for its next item.
            await over.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<List<FeedItem>> TogetherAsync()
        {
            var heard = new List<FeedItem>();
            await Task.Delay(s_moment, TimeProvider.System, over.Token);
            while (next.IsCompleted && heard.Count < MostTogether && await next)
            {
                heard.Add(items.Current);
                next = items.MoveNextAsync().AsTask();
            }

            return heard;
        }
    }

    private IAsyncEnumerable<FeedItem> Feed(CancellationToken cancellation) =>
        agent is { } one ? audiences.Access.Feed.ListenAsync(one, cancellation) : audiences.Access.Feed.ListenAsync(account!.Value, cancellation);
}
