namespace Buildyard.Process.Tests.Hosting;

/// <summary>SplitMix64: the same values for the same seed. Safe for use by several threads.</summary>
internal sealed class Seeded(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    public int Below(int limit)
    {
        var z = Interlocked.Add(ref _state, Step);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)limit);
    }
}
