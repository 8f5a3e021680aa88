using System.Buffers.Binary;
using System.Numerics;

namespace Latchkey.Ledger;

/// <summary>
/// The right edge of a Merkle tree: the roots of its full subtrees, largest first, one for each bit set in the size.
/// It is all that is needed to append in O(log n) and to know the root, and takes at most 63 hashes. Not safe for concurrent use.
/// </summary>
public sealed class MerkleEdge
{
    private readonly List<Hash> _subtrees;

    /// <summary>The edge of an empty tree.</summary>
    public MerkleEdge() => _subtrees = [];

    private MerkleEdge(long size, List<Hash> subtrees) => (Size, _subtrees) = (size, subtrees);

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a leaf at the right.</summary>
    /// <param name="leaf">What <see cref="MerkleTree.HashLeaf"/> gave for the entry.</param>
    public void Append(Hash leaf)
    {
        var node = leaf;
        for (var merges = BitOperations.TrailingZeroCount(Size + 1); merges > 0; merges--)
        {
            node = MerkleTree.HashChildren(_subtrees[^1], node);
            _subtrees.RemoveAt(_subtrees.Count - 1);
        }

        _subtrees.Add(node);
        Size++;
    }

    /// <summary>The root over all leaves so far; <see cref="MerkleTree.EmptyRoot"/> if there is none.</summary>
    public Hash Root()
    {
        if (Size == 0)
            return MerkleTree.EmptyRoot;
        var root = _subtrees[^1];
        for (var i = _subtrees.Count - 2; i >= 0; i--)
            root = MerkleTree.HashChildren(_subtrees[i], root);
        return root;
    }

    /// <summary>A copy that goes its own way, so that a batch can be tried and given up.</summary>
    public MerkleEdge Clone() => new(Size, [.. _subtrees]);

    /// <summary>The form to store: the size in 8 bytes, big-endian, then 32 bytes for each full subtree, largest first.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[sizeof(long) + (_subtrees.Count * Hash.Size)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Size);
        for (var i = 0; i < _subtrees.Count; i++)
            _subtrees[i].CopyTo(bytes.AsSpan(sizeof(long) + (i * Hash.Size)));
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">All of it.</param>
    /// <exception cref="LedgerFormatException">The size is negative, or the count of hashes is not the count of bits set in it.</exception>
    public static MerkleEdge Parse(ReadOnlySpan<byte> bytes)
    {
        if (!BinaryPrimitives.TryReadInt64BigEndian(bytes, out var size) || size < 0)
            throw new LedgerFormatException("edge", "does not begin with a size of 8 bytes");
        var hashes = bytes[sizeof(long)..];
        var count = BitOperations.PopCount((ulong)size);
        if (hashes.Length != count * Hash.Size)
            throw new LedgerFormatException("edge", $"of size {size} has {hashes.Length} bytes of hashes; {count} hashes are expected");
        var subtrees = new List<Hash>(count);
        for (var i = 0; i < count; i++)
            subtrees.Add(new Hash(hashes.Slice(i * Hash.Size, Hash.Size)));
        return new MerkleEdge(size, subtrees);
    }
}
