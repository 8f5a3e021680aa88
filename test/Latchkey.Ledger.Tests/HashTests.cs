using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Ledger.Tests;

public sealed class HashTests
{
    [Fact]
    public void IsEqual_WhenTheBytesAre()
    {
        var bytes = new Seeded(1).Bytes(Hash.Size);
        Assert.Equal(new Hash(bytes), new Hash(bytes));
        for (var bit = 0; bit < Hash.Size * 8; bit++)
        {
            var other = bytes.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(new Hash(bytes), new Hash(other));
        }
    }

    [Fact]
    public void ReadsItsOwnText()
    {
        var hash = new Hash(new Seeded(2).Bytes(Hash.Size));
        Assert.Equal(hash, Hash.Parse(hash.ToString()));
        Assert.Equal(Convert.ToBase64String(hash.ToArray()), hash.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=")]
    [InlineData("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("47DEQpj8HBSa+/TImW+5 CeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void Refuses_AnyOtherSpelling(string? text) => Assert.False(Hash.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Refuses_OtherLengths(int length) => Assert.Throws<ArgumentException>(() => new Hash(new byte[length]));

    [Fact]
    public void Commitment_MatchesOnlyItsSaltAndContent()
    {
        var salt = RandomNumberGenerator.GetBytes(Commitment.SaltSize);
        var content = Encoding.UTF8.GetBytes("the build fails since Monday");
        var commitment = Commitment.Of(salt, content);

        Assert.True(Commitment.Matches(commitment, salt, content));
        Assert.False(Commitment.Matches(commitment, RandomNumberGenerator.GetBytes(Commitment.SaltSize), content));
        Assert.False(Commitment.Matches(commitment, salt, content.AsSpan(1)));
        Assert.False(Commitment.Matches(commitment, [.. salt, content[0]], content.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => Commitment.Of(salt.AsSpan(1), content));
        Assert.Equal(SHA256.HashData([.. salt, .. content]), commitment.ToArray());
    }
}
