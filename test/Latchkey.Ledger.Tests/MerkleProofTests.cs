using System.Text.Json;

namespace Latchkey.Ledger.Tests;

public sealed class MerkleProofTests
{
    [Fact]
    public void Inclusion_AgreesWithEveryVector()
    {
        var count = ForEachVector("inclusion", vector =>
            TryHashes(vector, out var proof) && TryHash(vector, "leafHash", out var leaf) && TryHash(vector, "root", out var root)
            && MerkleTree.VerifyInclusion(leaf, Number(vector, "leafIdx"), Number(vector, "treeSize"), proof, root).Ok);
        Assert.True(count > 90, $"{count} vectors");
    }

    [Fact]
    public void Consistency_AgreesWithEveryVector()
    {
        var count = ForEachVector("consistency", vector =>
            TryHashes(vector, out var proof) && MerkleTree.VerifyConsistency(
                Number(vector, "size1"), Widened(vector, "root1"), Number(vector, "size2"), Widened(vector, "root2"), proof).Ok);
        Assert.True(count > 90, $"{count} vectors");
    }

    [Fact]
    public void EveryProof_Verifies_AgainstTheNaiveRoot()
    {
        var leaves = new Seeded(11).Leaves(70);
        for (var size = 1; size <= leaves.Length; size++)
        {
            var tree = leaves.AsSpan(0, size);
            var root = new Hash(NaiveTree.Root(tree));
            for (var index = 0; index < size; index++)
            {
                Assert.Equal(ProofReason.Verified, MerkleTree.VerifyInclusion(leaves[index], index, size, MerkleTree.InclusionProof(tree, index), root).Reason);
                var oldRoot = new Hash(NaiveTree.Root(leaves.AsSpan(0, index + 1)));
                Assert.Equal(ProofReason.Verified, MerkleTree.VerifyConsistency(index + 1, oldRoot, size, root, MerkleTree.ConsistencyProof(tree, index + 1)).Reason);
            }
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void EveryProof_Verifies_InLargeTrees(ulong seed)
    {
        var random = new Seeded(seed);
        var leaves = random.Leaves(1_000 + random.Below(9_000));
        var root = new Hash(NaiveTree.Root(leaves));
        for (var i = 0; i < 20; i++)
        {
            var index = random.Below(leaves.Length);
            var oldRoot = new Hash(NaiveTree.Root(leaves.AsSpan(0, index + 1)));
            Assert.True(MerkleTree.VerifyInclusion(leaves[index], index, leaves.Length, MerkleTree.InclusionProof(leaves, index), root).Ok, $"seed {seed}, index {index}");
            Assert.True(MerkleTree.VerifyConsistency(index + 1, oldRoot, leaves.Length, root, MerkleTree.ConsistencyProof(leaves, index + 1)).Ok, $"seed {seed}, old size {index + 1}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(13)]
    public void EveryBitOfAnInclusionProof_Counts(int size)
    {
        var leaves = new Seeded(31).Leaves(size);
        var root = MerkleTree.Root(leaves);
        for (var index = 0; index < size; index++)
        {
            var proof = MerkleTree.InclusionProof(leaves, index);
            Hash[] all = [leaves[index], root, .. proof];
            ForEachFlippedBit(all, flipped =>
                Assert.Equal(ProofReason.RootMismatch, MerkleTree.VerifyInclusion(flipped[0], index, size, flipped.AsSpan(2), flipped[1]).Reason));
            Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyInclusion(leaves[index], index, size, [.. proof, root], root).Reason);
            if (proof.Length > 0)
                Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyInclusion(leaves[index], index, size, proof.AsSpan(1), root).Reason);
            for (var other = 0; other < size; other++)
            {
                if (other != index)
                    Assert.False(MerkleTree.VerifyInclusion(leaves[index], other, size, proof, root).Ok);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(13)]
    public void EveryBitOfAConsistencyProof_Counts(int size)
    {
        var leaves = new Seeded(41).Leaves(size);
        var root = MerkleTree.Root(leaves);
        for (var old = 1; old <= size; old++)
        {
            var proof = MerkleTree.ConsistencyProof(leaves, old);
            Hash[] all = [MerkleTree.Root(leaves.AsSpan(0, old)), root, .. proof];
            ForEachFlippedBit(all, flipped =>
                Assert.Equal(ProofReason.RootMismatch, MerkleTree.VerifyConsistency(old, flipped[0], size, flipped[1], flipped.AsSpan(2)).Reason));
            Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyConsistency(old, all[0], size, root, [.. proof, root]).Reason);
            if (proof.Length > 0)
                Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyConsistency(old, all[0], size, root, proof.AsSpan(1)).Reason);
        }
    }

    [Fact]
    public void NumbersOutsideTheTree_AreRefused()
    {
        var root = MerkleTree.EmptyRoot;
        Assert.Equal(ProofReason.SizeOutOfRange, MerkleTree.VerifyInclusion(root, 0, 0, [], root).Reason);
        Assert.Equal(ProofReason.SizeOutOfRange, MerkleTree.VerifyInclusion(root, 0, long.MinValue, [], root).Reason);
        Assert.Equal(ProofReason.IndexOutOfRange, MerkleTree.VerifyInclusion(root, -1, 1, [], root).Reason);
        Assert.Equal(ProofReason.IndexOutOfRange, MerkleTree.VerifyInclusion(root, 1, 1, [], root).Reason);
        Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyInclusion(root, long.MaxValue - 1, long.MaxValue, [root], root).Reason);
        Assert.Equal(ProofReason.SizeOutOfRange, MerkleTree.VerifyConsistency(0, root, 1, root, []).Reason);
        Assert.Equal(ProofReason.SizeOutOfRange, MerkleTree.VerifyConsistency(2, root, 1, root, []).Reason);
        Assert.Equal(ProofReason.WrongLength, MerkleTree.VerifyConsistency(3, root, long.MaxValue, root, []).Reason);
        Assert.False(default(ProofResult).Ok);
    }

    [Fact]
    public void ProofsOfWhatIsNotThere_AreNotMade()
    {
        var leaves = new Seeded(51).Leaves(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.InclusionProof(leaves, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyProof(leaves, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyProof(leaves, 4));
    }

    private static void ForEachFlippedBit(Hash[] hashes, Action<Hash[]> check)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            for (var bit = 0; bit < Hash.Size * 8; bit++)
            {
                var bytes = hashes[i].ToArray();
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                var flipped = hashes.ToArray();
                flipped[i] = new Hash(bytes);
                check(flipped);
            }
        }
    }

    private static int ForEachVector(string folder, Func<JsonElement, bool> verifies)
    {
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Shared.Vectors("merkle"), folder), "*.json", SearchOption.AllDirectories))
        {
            using var vector = JsonDocument.Parse(File.ReadAllBytes(file));
            Assert.True(verifies(vector.RootElement) != vector.RootElement.GetProperty("wantErr").GetBoolean(), file);
            count++;
        }

        return count;
    }

    // The vectors write −1 as the largest unsigned number.
    private static long Number(JsonElement vector, string name) => unchecked((long)vector.GetProperty(name).GetUInt64());

    private static bool TryHash(JsonElement vector, string name, out Hash hash) => Hash.TryParse(vector.GetProperty(name).GetString(), out hash);

    // Some consistency vectors name roots by short words; the type only holds 32 bytes, so they are filled up, which keeps them apart.
    private static Hash Widened(JsonElement vector, string name)
    {
        var bytes = vector.GetProperty(name).GetBytesFromBase64();
        Array.Resize(ref bytes, Hash.Size);
        return new Hash(bytes);
    }

    private static bool TryHashes(JsonElement vector, out Hash[] proof)
    {
        var texts = vector.GetProperty("proof").ValueKind == JsonValueKind.Null ? [] : vector.GetProperty("proof").EnumerateArray().Select(p => p.GetString()).ToList();
        proof = [.. texts.Select(t => Hash.TryParse(t, out var hash) ? hash : default)];
        return texts.TrueForAll(t => Hash.TryParse(t, out _));
    }
}
