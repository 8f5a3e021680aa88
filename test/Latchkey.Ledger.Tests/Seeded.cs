namespace Latchkey.Ledger.Tests;

/// <summary>Repeatable test data (SplitMix64). Failures print the seed.</summary>
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

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)Next();
        return bytes;
    }

    public Hash[] Leaves(int count)
    {
        var leaves = new Hash[count];
        for (var i = 0; i < count; i++)
            leaves[i] = MerkleTree.HashLeaf(BitConverter.GetBytes(Next()));
        return leaves;
    }
}
