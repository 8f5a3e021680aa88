using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger.Tests;

public sealed class LedgerEntryTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 14, 2, 3, 4, TimeSpan.Zero);

    private const string Encoded =
        """{"account":"acc_1","app":"app_1","kind":"grant.opened","note":{"id":"cnt_1","sha256":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"seq":17,"time":"2026-11-21T14:02:03.004Z","v":1}""";

    [Fact]
    public void Encodes_AsOneCanonicalObject()
    {
        var fields = new JsonObject { ["note"] = Commitment.ToField("cnt_1", MerkleTree.EmptyRoot), ["app"] = "app_1" };
        Assert.Equal(Encoded, Encoding.UTF8.GetString(new LedgerEntry("acc_1", 17, Time, "grant.opened", fields).Encode()));
    }

    [Fact]
    public void Parses_WhatItEncoded()
    {
        var entry = LedgerEntry.Parse(Encoding.UTF8.GetBytes(Encoded));

        Assert.Equal(("acc_1", 17, Time, "grant.opened"), (entry.Account, entry.Seq, entry.Time, entry.Kind));
        Assert.Equal(TimeSpan.Zero, entry.Time.Offset);
        Assert.Equal(["app", "note"], entry.Fields.Select(f => f.Key));
        Assert.Equal(Encoded, Encoding.UTF8.GetString(entry.Encode()));
    }

    [Theory]
    [InlineData("\"v\":1", "\"v\":2", "$.v")]
    [InlineData("\"v\":1", "\"v\":\"1\"", "$.v")]
    [InlineData(",\"v\":1", "", "$.v")]
    [InlineData("\"seq\":17", "\"seq\":-1", "$.seq")]
    [InlineData("\"seq\":17", "\"seq\":17.0", "$.seq")]
    [InlineData("\"seq\":17", "\"seq\":9007199254740992", "$.seq")]
    [InlineData("\"seq\":17", "\"seq\":\"17\"", "$.seq")]
    [InlineData("\"acc_1\"", "\"\"", "$.account")]
    [InlineData("\"acc_1\"", "\"\\ud800\"", "$.account")]
    [InlineData("\"account\":\"acc_1\",", "", "$.account")]
    [InlineData("\"grant.opened\"", "null", "$.kind")]
    [InlineData("03.004Z", "03.004+00:00", "$.time")]
    [InlineData("03.004Z", "03Z", "$.time")]
    [InlineData("2026-11-21", "2026-02-30", "$.time")]
    [InlineData("\"app_1\"", "null", "$.app")]
    [InlineData("\"app_1\"", "0.5", "$.app")]
    [InlineData("\"app_1\"", "-0", "$")]
    [InlineData("\"app_1\"", " \"app_1\"", "$")]
    [InlineData("\"app_1\"", "\"app\\u005f1\"", "$")]
    [InlineData("\"app\"", "\"zap\"", "$")]
    [InlineData("\"app\"", "\"seq\"", "$")]
    [InlineData("\"v\":1}", "\"v\":1}\n", "$")]
    [InlineData("\"v\":1}", "\"v\":1", "$")]
    public void Refuses_AnythingElse_NamingTheField(string part, string replacement, string path)
    {
        Assert.Contains(part, Encoded, StringComparison.Ordinal);
        var altered = Encoding.UTF8.GetBytes(Encoded.Replace(part, replacement, StringComparison.Ordinal));
        Assert.Equal(path, Assert.Throws<LedgerFormatException>(() => LedgerEntry.Parse(altered)).Path);
    }

    [Theory]
    [InlineData("v")]
    [InlineData("account")]
    [InlineData("seq")]
    [InlineData("time")]
    [InlineData("kind")]
    public void Refuses_FieldsNamedAsThoseOfEveryEntry(string name)
    {
        var entry = new LedgerEntry("acc_1", 0, Time, "k", new JsonObject { [name] = "x" });
        Assert.Equal("$." + name, Assert.Throws<LedgerFormatException>(entry.Encode).Path);
    }

    [Fact]
    public void Refuses_TimesItCannotHold()
    {
        Assert.Throws<ArgumentException>(() => new LedgerEntry("a", 0, Time.AddTicks(1), "k", []));
        Assert.Throws<ArgumentException>(() => new LedgerEntry("a", 0, Time.ToOffset(TimeSpan.FromHours(1)), "k", []));
        Assert.Equal(Time, LedgerEntry.WholeMilliseconds(Time.AddTicks(9_999).ToOffset(TimeSpan.FromHours(1))));
    }

    [Fact]
    public void Refuses_MoreThanAMebibyte()
    {
        var entry = new LedgerEntry("a", 0, Time, "k", new JsonObject { ["x"] = new string('x', LedgerEntry.MaxBytes) });
        Assert.Throws<LedgerFormatException>(entry.Encode);
        Assert.Throws<LedgerFormatException>(() => LedgerEntry.Parse(new byte[LedgerEntry.MaxBytes + 1]));
    }
}
