namespace Latchkey.Tests;

/// <summary>Repeatable randomness (SplitMix64). Failures print the seed.</summary>
internal sealed class Seeded(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public bool OneIn(int times) => Below(times) == 0;

    public T Pick<T>(params IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>A seed that the environment asks for, or a fresh one.</summary>
    public static ulong SeedOf(string variable) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), out var seed)
            ? seed
            : (ulong)TimeProvider.System.GetUtcNow().UtcTicks;
}
