using System.Security.Cryptography;

namespace Latchkey.Ledger.Tests;

public sealed class MerkleEdgeTests
{
    [Fact]
    public void Root_IsThatOfTheNaiveTree_ForEverySize()
    {
        var leaves = new Seeded(300).Leaves(300);
        var edge = new MerkleEdge();
        for (var size = 0; size <= leaves.Length; size++)
        {
            Assert.Equal(size, edge.Size);
            Assert.Equal(NaiveTree.Root(leaves.AsSpan(0, size)), edge.Root().ToArray());
            Assert.Equal(edge.Root(), MerkleTree.Root(leaves.AsSpan(0, size)));
            if (size < leaves.Length)
                edge.Append(leaves[size]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Root_IsThatOfTheNaiveTree_ForLargeSizes(ulong seed)
    {
        var random = new Seeded(seed);
        var leaves = random.Leaves(10_000 + random.Below(50_000));
        Assert.True(NaiveTree.Root(leaves).AsSpan().SequenceEqual(MerkleTree.Root(leaves).ToArray()), $"seed {seed}, {leaves.Length} leaves");
    }

    [Fact]
    public void HashesLeavesAndNodes_WithTheirPrefixes()
    {
        foreach (var length in (int[])[0, 1, 1023, 1024, 5000])
        {
            var bytes = new Seeded((ulong)length).Bytes(length);
            Assert.Equal(SHA256.HashData([0, .. bytes]), MerkleTree.HashLeaf(bytes).ToArray());
        }
    }

    [Fact]
    public void Continues_FromItsStoredForm()
    {
        var leaves = new Seeded(7).Leaves(130);
        var edge = new MerkleEdge();
        foreach (var leaf in leaves)
        {
            edge = MerkleEdge.Parse(edge.ToBytes());
            edge.Append(leaf);
        }

        Assert.Equal(MerkleTree.Root(leaves), edge.Root());
        Assert.Equal(8 + (2 * Hash.Size), edge.ToBytes().Length);
    }

    [Fact]
    public void Clone_GoesItsOwnWay()
    {
        var leaves = new Seeded(8).Leaves(8);
        var edge = new MerkleEdge();
        foreach (var leaf in leaves[..7])
            edge.Append(leaf);
        var tried = edge.Clone();
        tried.Append(leaves[7]);

        Assert.Equal(MerkleTree.Root(leaves), tried.Root());
        Assert.Equal(MerkleTree.Root(leaves.AsSpan(0, 7)), edge.Root());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000")]
    [InlineData("0000000000000001")]
    [InlineData("ffffffffffffffff")]
    [InlineData("000000000000000000")]
    public void Refuses_WhatIsNoStoredForm(string hex) =>
        Assert.Throws<LedgerFormatException>(() => MerkleEdge.Parse(Convert.FromHexString(hex)));
}
