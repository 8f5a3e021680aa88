using System.Collections.Concurrent;

namespace Buildyard.Process.Tests.Kills;

/// <summary>A session that was opened for an agent.</summary>
internal sealed record Entry(string App, string Agent, string Session, string Reason, string Token);

/// <summary>Something of support's that was answered with success. <paramref name="After"/> is the value that it left behind, said nowhere else.</summary>
internal sealed record Deed(string App, string Session, string Permission, string After);

/// <summary>A version of <c>bitrise.yml</c> that was saved.</summary>
internal sealed record SavedYaml(string App, int Number, string Text);

/// <summary>Support access of an app: until when; null for off.</summary>
internal readonly record struct Switch(DateTimeOffset? Until);

/// <summary>
/// A value that one writer keeps replacing. What is there after a kill is the last that was acknowledged,
/// or what was sent since the last kill and never answered; nothing else can be.
/// </summary>
internal sealed class Latest<T>(T first)
{
    private readonly Lock _gate = new();
    private T _acknowledged = first;
    private readonly List<T> _onItsWay = [];

    /// <summary>What may be there now.</summary>
    public IReadOnlyList<T> Possible
    {
        get
        {
            lock (_gate)
            {
                return [_acknowledged, .. _onItsWay];
            }
        }
    }

    /// <summary>Sends a value; what is thrown on the way leaves it open whether it arrived.</summary>
    public async Task<Reply> ReplaceAsync(T value, Func<Task<Reply>> send)
    {
        lock (_gate)
        {
            _onItsWay.Add(value);
        }

        var reply = await send();
        lock (_gate)
        {
            _onItsWay.Remove(value);
            if (reply.IsSuccess)
            {
                _acknowledged = value;
            }
        }

        return reply;
    }

    /// <summary>Takes what was found after a kill as what is there.</summary>
    public void Settle(T found)
    {
        lock (_gate)
        {
            _acknowledged = found;
            _onItsWay.Clear();
        }
    }
}

/// <summary>Everything that was acknowledged since the first start.</summary>
internal sealed class Acknowledged
{
    private int _count;

    public ConcurrentDictionary<string, Latest<Switch>> Switches { get; } = new();

    public ConcurrentDictionary<string, Latest<string>> Titles { get; } = new();

    public ConcurrentDictionary<string, Latest<string>> Roles { get; } = new();

    public ConcurrentQueue<Entry> Entered { get; } = [];

    public ConcurrentDictionary<string, bool> Left { get; } = new();

    public ConcurrentBag<Deed> Deeds { get; } = [];

    public ConcurrentBag<SavedYaml> Yaml { get; } = [];

    /// <summary>What was said in conversations.</summary>
    public Spoken Spoken { get; } = new();

    /// <summary>How many answers of success there were.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Completes when that many more were counted.</summary>
    public async Task WaitForAsync(int more, Task unless)
    {
        var wanted = Count + more;
        while (Count < wanted && !unless.IsCompleted)
        {
            await Task.WhenAny(unless, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
        }
    }

    public void Counted() => Interlocked.Increment(ref _count);
}
