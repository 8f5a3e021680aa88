using System.Numerics;
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

    /// <summary>The hashes that lead from one leaf to the root, nearest the leaf first (RFC 6962, section 2.1.1).</summary>
    /// <param name="leaves">All leaf hashes of the tree.</param>
    /// <param name="index">The leaf's number, from 0; below the count of leaves.</param>
    public static Hash[] InclusionProof(ReadOnlySpan<Hash> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        var proof = new List<Hash>();
        while (leaves.Length > 1)
        {
            var split = Split(leaves.Length);
            var goesLeft = index < split;
            proof.Add(Root(goesLeft ? leaves[split..] : leaves[..split]));
            leaves = goesLeft ? leaves[..split] : leaves[split..];
            index -= goesLeft ? 0 : split;
        }

        proof.Reverse();
        return [.. proof];
    }

    /// <summary>The hashes that show that a tree begins with all of an older one (RFC 6962, section 2.1.2).</summary>
    /// <param name="leaves">All leaf hashes of the newer tree.</param>
    /// <param name="oldSize">The size of the older tree: from 1 to the count of leaves, where the proof is empty.</param>
    public static Hash[] ConsistencyProof(ReadOnlySpan<Hash> leaves, int oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, leaves.Length);
        var proof = new List<Hash>();
        // The verifier knows the old root, so it stands in for the subtree that is the whole old tree.
        var isOldTree = true;
        while (oldSize < leaves.Length)
        {
            var split = Split(leaves.Length);
            var goesLeft = oldSize <= split;
            proof.Add(Root(goesLeft ? leaves[split..] : leaves[..split]));
            leaves = goesLeft ? leaves[..split] : leaves[split..];
            oldSize -= goesLeft ? 0 : split;
            isOldTree &= goesLeft;
        }

        if (!isOldTree)
            proof.Add(Root(leaves));
        proof.Reverse();
        return [.. proof];
    }

    /// <summary>Checks that a leaf is in a tree at its number (RFC 9162, section 2.1.3.2). Safe on any input.</summary>
    /// <param name="leaf">The leaf's hash, computed by the caller from the entry itself.</param>
    /// <param name="index">The leaf's number, from 0.</param>
    /// <param name="size">The size of the tree.</param>
    /// <param name="proof">The inclusion proof.</param>
    /// <param name="root">The root the caller trusts for that size.</param>
    public static ProofResult VerifyInclusion(Hash leaf, long index, long size, ReadOnlySpan<Hash> proof, Hash root)
    {
        if (size < 1)
            return ProofReason.SizeOutOfRange;
        if (index < 0 || index >= size)
            return ProofReason.IndexOutOfRange;
        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (last == 0)
                return ProofReason.WrongLength;
            if (IsRight(node) || node == last)
            {
                hash = HashChildren(sibling, hash);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                hash = HashChildren(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        if (last != 0)
            return ProofReason.WrongLength;
        return hash == root ? ProofReason.Verified : ProofReason.RootMismatch;
    }

    /// <summary>Checks that a tree begins with all leaves of an older one (RFC 9162, section 2.1.4.2). Safe on any input.</summary>
    /// <param name="oldSize">The size of the older tree. 0 is refused: every tree continues the empty one, so nothing would be shown.</param>
    /// <param name="oldRoot">The older root, which the caller trusts.</param>
    /// <param name="newSize">The size of the newer tree; equal sizes take an empty proof and equal roots.</param>
    /// <param name="newRoot">The newer root.</param>
    /// <param name="proof">The consistency proof.</param>
    public static ProofResult VerifyConsistency(long oldSize, Hash oldRoot, long newSize, Hash newRoot, ReadOnlySpan<Hash> proof)
    {
        if (oldSize < 1 || oldSize > newSize)
            return ProofReason.SizeOutOfRange;
        if (oldSize == newSize)
            return !proof.IsEmpty ? ProofReason.WrongLength : oldRoot == newRoot ? ProofReason.Verified : ProofReason.RootMismatch;

        var (node, last) = (oldSize - 1, newSize - 1);
        var shift = BitOperations.TrailingZeroCount(oldSize);
        (node, last) = (node >> shift, last >> shift);
        // A whole old tree that is one full subtree is left out of the proof: its hash is the old root.
        var isOldTree = node == 0;
        if (!isOldTree && proof.IsEmpty)
            return ProofReason.WrongLength;
        var oldHash = isOldTree ? oldRoot : proof[0];
        var newHash = oldHash;
        foreach (var sibling in isOldTree ? proof : proof[1..])
        {
            if (last == 0)
                return ProofReason.WrongLength;
            if (IsRight(node) || node == last)
            {
                oldHash = HashChildren(sibling, oldHash);
                newHash = HashChildren(sibling, newHash);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                newHash = HashChildren(newHash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        if (last != 0)
            return ProofReason.WrongLength;
        return oldHash == oldRoot && newHash == newRoot ? ProofReason.Verified : ProofReason.RootMismatch;
    }

    private static int Split(int count) => 1 << BitOperations.Log2((uint)(count - 1));

    private static bool IsRight(long node) => (node & 1) == 1;

    private static void SkipLevelsWithoutSibling(ref long node, ref long last)
    {
        while (!IsRight(node) && node != 0)
            (node, last) = (node >> 1, last >> 1);
    }
}
