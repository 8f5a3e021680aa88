using System.Collections.Concurrent;

namespace Latchkey;

/// <summary>
/// Keeps refusals of agents for the vendor's own ledger. The first of a kind is recorded at once; the same again within a
/// minute is counted, and the count goes with the next one recorded. So a script that tries a million names can't fill the disk.
/// </summary>
internal sealed class Refusals
{
    private const int MaxKinds = 512;
    private readonly ConcurrentDictionary<(AgentId, DecisionReason, string Permission), (long Ticks, int Unrecorded)> _seen = new();

    /// <summary>How many refusals to record now, this one included; 0 where it was only counted.</summary>
    public int Note(AgentId agent, DecisionReason reason, string permission, DateTimeOffset now)
    {
        if (_seen.Count >= MaxKinds)
        {
            _seen.Clear();
        }

        var times = 0;
        _seen.AddOrUpdate(
            (agent, reason, permission),
            _ =>
            {
                times = 1;
                return (now.UtcTicks, 0);
            },
            (_, seen) =>
            {
                var fresh = now.UtcTicks - seen.Ticks < ReadMemory.Fresh.Ticks;
                times = fresh ? 0 : seen.Unrecorded + 1;
                return fresh ? (seen.Ticks, seen.Unrecorded + 1) : (now.UtcTicks, 0);
            });
        return times;
    }
}
