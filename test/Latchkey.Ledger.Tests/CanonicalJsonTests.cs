using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger.Tests;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void Canonicalizes_EveryVectorOfRfc8785(string name)
    {
        var folder = Path.Combine(Shared.Vectors("jcs"), "testdata");
        var input = File.ReadAllBytes(Path.Combine(folder, "input", name + ".json"));
        var output = File.ReadAllBytes(Path.Combine(folder, "output", name + ".json"));
        var hex = string.Concat(File.ReadAllText(Path.Combine(folder, "outhex", name + ".txt")).Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

        var canonical = CanonicalJson.Canonicalize(input);

        Assert.Equal(output, canonical);
        Assert.Equal(hex, Convert.ToHexStringLower(canonical));
        Assert.Equal(canonical, CanonicalJson.Canonicalize(canonical));
    }

    // The checksums are those of shared/vectors/jcs/testdata/README.md, for the first lines of its 100 million.
    [Theory]
    [InlineData(1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687")]
    [InlineData(100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7")]
    public void PrintsDoubles_AsEcmaScriptDoes(int lines, string checksum)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in EcmaSequence(Path.Combine(Shared.Vectors("jcs"), "testdata", "README.md")).Take(lines))
        {
            var printed = Canonical(BitConverter.UInt64BitsToDouble(value).ToString("R", CultureInfo.InvariantCulture));
            sha.AppendData(Encoding.ASCII.GetBytes($"{value:x},{printed}\n"));
        }

        Assert.Equal(checksum, Convert.ToHexStringLower(sha.GetHashAndReset()));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"x":{"a":1,"a":2}}""")]
    [InlineData("""["\ud800"]""")]
    [InlineData("""["\udc00x"]""")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("1e400")]
    [InlineData("[1,]")]
    [InlineData("[01]")]
    [InlineData("{} {}")]
    [InlineData("// no\n1")]
    [InlineData("NaN")]
    [InlineData("")]
    [InlineData("\"a\nb\"")]
    public void Refuses_WhatIsNotOneUnambiguousJsonValue(string json) =>
        Assert.Throws<LedgerFormatException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Refuses_BytesThatAreNotUtf8() =>
        Assert.Throws<LedgerFormatException>(() => CanonicalJson.Canonicalize([(byte)'"', 0xff, (byte)'"']));

    [Fact]
    public void Nests_UpToSixtyFourLevels()
    {
        var deepest = new string('[', 64) + new string(']', 64);
        Assert.Equal(deepest, Canonical(deepest));
        Assert.Throws<LedgerFormatException>(() => Canonical("[" + deepest + "]"));

        JsonNode node = new JsonArray();
        for (var i = 0; i < 64; i++)
            node = new JsonObject { ["n"] = node };
        Assert.Throws<LedgerFormatException>(() => CanonicalJson.Encode((JsonObject)node));
        Assert.NotEmpty(CanonicalJson.Encode((JsonObject)node["n"]!));
    }

    [Fact]
    public void Encodes_StringsIntegersBooleansArraysAndObjects()
    {
        var value = new JsonObject
        {
            ["z"] = "é\u2028\u0001\"\\",
            ["\ue000"] = (short)7,
            ["😀"] = -9007199254740991,
            ["b"] = new JsonArray(true, false, 9007199254740991),
            ["a"] = new JsonObject(),
        };

        // U+1F600 sorts before U+E000: by UTF-16 code units, not by code points.
        Assert.Equal(
            "{\"a\":{},\"b\":[true,false,9007199254740991],\"z\":\"é\u2028\\u0001\\\"\\\\\",\"😀\":-9007199254740991,\"\ue000\":7}",
            Encoding.UTF8.GetString(CanonicalJson.Encode(value)));
    }

    [Theory]
    [InlineData("""{"a":{"b":[0,null]}}""", "$.a.b.1")]
    [InlineData("""{"a":1.5}""", "$.a")]
    [InlineData("""{"a":1.0}""", "$.a")]
    [InlineData("""{"a":1e2}""", "$.a")]
    [InlineData("""{"a":9007199254740992}""", "$.a")]
    [InlineData("""{"a":[-9007199254740992]}""", "$.a.0")]
    [InlineData("""{"a":99999999999999999999}""", "$.a")]
    [InlineData("""{"a":"\ud800"}""", "$.a")]
    [InlineData("""{"x":{"a":1,"a":2}}""", "$.x")]
    public void Refuses_WhatAnEntryCannotHold_NamingThePath(string json, string path)
    {
        var refusal = Assert.Throws<LedgerFormatException>(() => CanonicalJson.Encode(JsonNode.Parse(json)!.AsObject()));
        Assert.Equal(path, refusal.Path);
    }

    [Fact]
    public void Refuses_ValuesOfOtherClrTypes_NamingThePath()
    {
        JsonNode[] values = [1.0, 1.5f, 2m, DateTimeOffset.UnixEpoch, Guid.Empty, "\ud800", 1UL << 60];
        foreach (var value in values)
            Assert.Equal("$.a", Assert.Throws<LedgerFormatException>(() => CanonicalJson.Encode(new JsonObject { ["a"] = value })).Path);
    }

    private static string Canonical(string json) =>
        Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json)));

    private static IEnumerable<ulong> EcmaSequence(string readme)
    {
        var text = File.ReadAllText(readme);
        var table = text[text.IndexOf("staticU64s", StringComparison.Ordinal)..text.IndexOf("staticF64s", StringComparison.Ordinal)];
        foreach (var part in table.Split("0x")[1..])
            yield return ulong.Parse(part.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (var i = 0; i < 2000; i++)
            yield return 0x0010000000000000 + (ulong)i;
        var block = new byte[32];
        while (true)
        {
            block = SHA256.HashData(block);
            for (var i = 0; i < block.Length; i += sizeof(ulong))
            {
                var bits = BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(i));
                if (BitConverter.UInt64BitsToDouble(bits) is var value && value != 0 && double.IsFinite(value))
                    yield return bits;
            }
        }
    }
}
