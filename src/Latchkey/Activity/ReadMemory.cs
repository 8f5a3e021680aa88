using System.Collections.Concurrent;

namespace Latchkey;

/// <summary>
/// What one session has lately been recorded reading: the same thing again within a minute needs no new record.
/// Dies with the session, and forgets all of it rather than grow without bound.
/// </summary>
internal sealed class ReadMemory
{
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private const int MaxKept = 2048;
    private readonly ConcurrentDictionary<(int Permission, string Target), long> _recorded = new();

    public bool IsFresh(Permission permission, string? target, DateTimeOffset now) =>
        _recorded.TryGetValue((permission.Index, target ?? ""), out var ticks)
        && now.UtcTicks - ticks < Fresh.Ticks
        && now.UtcTicks >= ticks;

    public void Record(Permission permission, string? target, DateTimeOffset now)
    {
        if (_recorded.Count >= MaxKept)
        {
            _recorded.Clear();
        }

        _recorded[(permission.Index, target ?? "")] = now.UtcTicks;
    }
}
