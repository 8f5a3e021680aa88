namespace Latchkey.Storage.Contract;

/// <summary>SplitMix64: the same values for the same seed, everywhere and always.</summary>
public sealed class Seeded(ulong seed)
{
    private ulong _state = seed;

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public T One<T>(IReadOnlyList<T> of) => of[Below(of.Count)];

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
