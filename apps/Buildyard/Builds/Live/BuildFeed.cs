using System.Threading.Channels;

namespace Buildyard;

/// <summary>Tells open pages and streams of this process that something about a build changed. Carries no content: who hears it reads anew.</summary>
internal sealed class BuildFeed
{
    private readonly Lock _gate = new();
    private readonly HashSet<BuildListener> _listeners = [];

    /// <summary>Listens to one build, or to all of an app's.</summary>
    public BuildListener Listen(string appId, int? number = null)
    {
        var listener = new BuildListener(this, appId, number);
        lock (_gate) _listeners.Add(listener);
        return listener;
    }

    /// <summary>Listens to the rows of all builds.</summary>
    public BuildListener ListenAll() => Listen("");

    /// <summary>The build's row, steps or artifacts changed.</summary>
    public void Changed(string appId, int number) => Tell(appId, number, grew: false);

    /// <summary>The build's log grew.</summary>
    public void Grew(string appId, int number) => Tell(appId, number, grew: true);

    internal void Remove(BuildListener listener)
    {
        lock (_gate) _listeners.Remove(listener);
    }

    private void Tell(string appId, int number, bool grew)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners)
                if (listener.AppId.Length == 0 || (listener.AppId == appId && (listener.Number ?? number) == number)) listener.Hear(number, grew);
        }
    }
}

/// <summary>One who listens. However much happens between two looks, it wakes once and nothing piles up.</summary>
internal sealed class BuildListener(BuildFeed feed, string appId, int? number) : IDisposable
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private HashSet<int> _changed = [];

    public string AppId { get; } = appId;
    public int? Number { get; } = number;

    /// <summary>Waits until something happened since the last time, and gives the builds whose rows changed; none where only a log grew.</summary>
    public async Task<IReadOnlyCollection<int>> NextAsync(CancellationToken cancellation)
    {
        await _wake.Reader.ReadAsync(cancellation);
        lock (_gate)
        {
            var changed = _changed;
            _changed = [];
            return changed;
        }
    }

    public void Dispose() => feed.Remove(this);

    internal void Hear(int changed, bool grew)
    {
        if (grew && Number is null) return;
        if (!grew)
        {
            lock (_gate) _changed.Add(changed);
        }
        _wake.Writer.TryWrite(true);
    }
}
