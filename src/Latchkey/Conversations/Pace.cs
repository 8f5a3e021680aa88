namespace Latchkey;

/// <summary>
/// Counts what each does within a while, in this process: a bound against floods, not a quota. Thread-safe.
/// </summary>
internal sealed class Pace
{
    private const int MaxKept = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> _taken = new(StringComparer.Ordinal);
    private int _forgetAt = MaxKept;

    /// <summary>Whether one of <paramref name="most"/> within <paramref name="span"/> could be taken now.</summary>
    public bool HasLeft(string key, int most, TimeSpan span, DateTimeOffset now)
    {
        lock (_gate)
        {
            return !_taken.TryGetValue(key, out var times) || times.Count(at => now - at < span) < most;
        }
    }

    /// <summary>Takes one of <paramref name="most"/> within <paramref name="span"/>; false where they are used up.</summary>
    public bool TryTake(string key, int most, TimeSpan span, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_taken.TryGetValue(key, out var times))
            {
                Forget(now);
                _taken[key] = times = new Queue<DateTimeOffset>();
            }

            while (times.TryPeek(out var first) && now - first >= span)
            {
                times.Dequeue();
            }

            if (times.Count >= most)
            {
                return false;
            }

            times.Enqueue(now);
            return true;
        }
    }

    // A day is the longest while that is counted. Looked for each time that twice as many are kept: however many there are, each is looked at a few times.
    private void Forget(DateTimeOffset now)
    {
        if (_taken.Count < _forgetAt)
        {
            return;
        }

        foreach (var key in _taken.Where(t => t.Value.All(at => now - at >= TimeSpan.FromDays(1))).Select(t => t.Key).ToArray())
        {
            _taken.Remove(key);
        }

        _forgetAt = Math.Max(MaxKept, 2 * _taken.Count);
    }
}
