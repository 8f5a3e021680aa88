namespace Latchkey.Ledger.Tests;

public sealed class CheckpointTests
{
    private const string Example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    [Fact]
    public void ReadsAndWrites_TheExampleOfTheSpecification()
    {
        var checkpoint = Checkpoint.Parse(Example);
        Assert.Equal(("example.com/behind-the-sofa", 20852163), (checkpoint.Origin, checkpoint.Size));
        Assert.Equal("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", checkpoint.Root.ToString());
        Assert.Equal(Example, checkpoint.ToText());
    }

    [Fact]
    public void WritesTheEmptyLog() =>
        Assert.Equal("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", new Checkpoint("o", 0, MerkleTree.EmptyRoot).ToText());

    [Theory]
    [InlineData("", 1)]
    [InlineData("o\n7", 1)]
    [InlineData("o", -1)]
    public void WritesNothing_ThatCouldNotBeReadBack(string origin, long size) =>
        Assert.Throws<LedgerFormatException>(() => new Checkpoint(origin, size, MerkleTree.EmptyRoot).ToText());

    [Fact]
    public void IgnoresExtensionLines() => Assert.Equal(Checkpoint.Parse(Example), Checkpoint.Parse(Example + "extension\n"));

    [Theory]
    [InlineData("example.com/behind-the-sofa", "")]
    [InlineData("20852163", "020852163")]
    [InlineData("20852163", "00")]
    [InlineData("20852163", "+1")]
    [InlineData("20852163", "-1")]
    [InlineData("20852163", " 1")]
    [InlineData("20852163", "1.0")]
    [InlineData("20852163", "")]
    [InlineData("20852163", "9223372036854775808")]
    [InlineData("2I=\n", "2J=\n")]
    [InlineData("2I=\n", "2I\n")]
    [InlineData("2I=\n", "2I=")]
    [InlineData("2I=\n", "2I=\r\n")]
    [InlineData("2I=\n", "2I=\n\n")]
    [InlineData("2I=\n", "2I=\n\nx\n")]
    [InlineData("\n20852163", "")]
    public void Refuses_AnyOtherForm(string part, string replacement)
    {
        Assert.Contains(part, Example, StringComparison.Ordinal);
        Assert.Throws<LedgerFormatException>(() => Checkpoint.Parse(Example.Replace(part, replacement, StringComparison.Ordinal)));
    }
}
