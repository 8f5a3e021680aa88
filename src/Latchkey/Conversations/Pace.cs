namespace Latchkey;

/// <summary>
/// Counts what each does within a while, in this process: a bound against floods, not a quota. Used on the appender's turn only.
/// </summary>
internal sealed class Pace
{
    private const int MaxKept = 10_000;
    private readonly Dictionary<string, Queue<DateTimeOffset>> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes one of <paramref name="most"/> within <paramref name="span"/>; false where they are used up.</summary>
    public bool TryTake(string key, int most, TimeSpan span, DateTimeOffset now)
    {
        if (!_taken.TryGetValue(key, out var times))
        {
            if (_taken.Count >= MaxKept)
            {
                Forget(now);
            }

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

    // A day is the longest while that is counted.
    private void Forget(DateTimeOffset now)
    {
        foreach (var key in _taken.Where(t => t.Value.All(at => now - at >= TimeSpan.FromDays(1))).Select(t => t.Key).ToArray())
        {
            _taken.Remove(key);
        }
    }
}
