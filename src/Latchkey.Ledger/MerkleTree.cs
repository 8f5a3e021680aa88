using System.Security.Cryptography;

namespace Latchkey.Ledger;

/// <summary>
/// The Merkle tree of RFC 6962, section 2.1 (unchanged in RFC 9162): leaf = SHA-256(0x00 ‖ bytes), node = SHA-256(0x01 ‖ left ‖ right),
/// where the left side of n leaves holds the largest power of two below n. Different prefixes keep a node from passing as a leaf.
/// </summary>
public static class MerkleTree
{
    /// <summary>The root of a tree without leaves: SHA-256 of no bytes.</summary>
    public static readonly Hash EmptyRoot = new(SHA256.HashData([]));

    /// <summary>SHA-256(0x00 ‖ bytes).</summary>
    /// <param name="bytes">An entry as it is stored.</param>
    public static Hash HashLeaf(ReadOnlySpan<byte> bytes)
    {
        const int onStack = 1024;
        Span<byte> input = bytes.Length < onStack ? stackalloc byte[bytes.Length + 1] : new byte[bytes.Length + 1];
        input[0] = 0;
        bytes.CopyTo(input[1..]);
        Span<byte> hash = stackalloc byte[Hash.Size];
        SHA256.HashData(input, hash);
        return new Hash(hash);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    /// <param name="left">The root of the left side.</param>
    /// <param name="right">The root of the right side.</param>
    public static Hash HashChildren(Hash left, Hash right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Hash.Size)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Hash.Size)..]);
        Span<byte> hash = stackalloc byte[Hash.Size];
        SHA256.HashData(input, hash);
        return new Hash(hash);
    }

    /// <summary>The root over all leaves, in O(n).</summary>
    /// <param name="leaves">Leaf hashes in order; none gives <see cref="EmptyRoot"/>.</param>
    public static Hash Root(ReadOnlySpan<Hash> leaves)
    {
        var edge = new MerkleEdge();
        foreach (var leaf in leaves)
            edge.Append(leaf);
        return edge.Root();
    }
}
