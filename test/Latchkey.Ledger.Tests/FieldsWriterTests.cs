using System.Text.Json.Nodes;

namespace Latchkey.Ledger.Tests;

/// <summary>The fast way to an entry's bytes against the plain one: a tree of JSON nodes, encoded.</summary>
public sealed class FieldsWriterTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 14, 2, 3, 4, TimeSpan.Zero);
    private static readonly string[] Names = ["app", "act", "also", "changes", "session", "", "ключ", "\U0001F511", "z", "\"quoted\"", "account_", "zz", "kinds", "t"];
    private static readonly string[] Texts = ["", "Northwind iOS", "a\"b\\c\n\t\u0001\u007f", "schlüssel \U0001F511", "\u2028"];

    [Fact]
    public void Writes_WhatTheTreeOfTheSameFieldsIsEncodedTo()
    {
        for (var seed = 0UL; seed < 500; seed++)
        {
            var random = new Seeded(seed);
            var writer = new FieldsWriter();
            var tree = Fill(writer, random, depth: 0);
            var entry = new LedgerEntry("acc_1", 17, Time, "act.ended", tree);

            Assert.Equal(entry.Encode(), writer.ToFields().ToEntry("acc_1", 17, Time, "act.ended"));
            Assert.True(JsonNode.DeepEquals(tree, writer.ToFields().ToJson()), $"Seed {seed}.");
        }
    }

    [Theory]
    [InlineData("seq", 'x')]
    [InlineData("v", 'x')]
    [InlineData("first", 'x')]
    [InlineData("half", '\ud800')]
    public void Refuses_WhatNoEntryHolds_NamingTheField(string name, char text)
    {
        var refusal = Assert.Throws<LedgerFormatException>(() =>
        {
            var writer = new FieldsWriter();
            writer.Text("zebra", "z");
            writer.Text("first", "1");
            writer.Text(name, text.ToString());
            writer.ToFields();
        });

        Assert.Equal("$." + name, refusal.Path);
    }

    [Fact]
    public void Refuses_AnIntegerThatNotEveryReaderHolds() =>
        Assert.Equal("$.size", Assert.Throws<LedgerFormatException>(() => new FieldsWriter().Number("size", CanonicalJson.MaxInteger + 1)).Path);

    [Fact]
    public void Refuses_AFieldTwice_InAnObjectOfAList() =>
        Assert.Throws<LedgerFormatException>(() => new FieldsWriter().Objects("changes", [1], (writer, _) =>
        {
            writer.Flag("secret", true);
            writer.Text("before", "");
            writer.Flag("secret", false);
        }));

    private static JsonObject Fill(FieldsWriter writer, Seeded random, int depth)
    {
        var tree = new JsonObject();
        foreach (var name in Names.OrderBy(_ => random.Below(1000)).Take(random.Below(Names.Length)).ToArray())
        {
            tree[name] = Write(writer, name, random, depth);
        }

        return tree;
    }

    private static JsonNode Write(FieldsWriter writer, string name, Seeded random, int depth)
    {
        switch (random.Below(depth < 2 ? 7 : 6))
        {
            case 0:
                var text = Texts[random.Below(Texts.Length)];
                writer.Text(name, text);
                return text;
            case 1:
                long number = random.Below(2_000_000) - 1_000_000;
                writer.Number(name, number);
                return number;
            case 2:
                var flag = random.Below(2) == 0;
                writer.Flag(name, flag);
                return flag;
            case 3:
                writer.Time(name, Time.AddTicks(9_999));
                return "2026-11-21T14:02:03.004Z";
            case 4:
                var texts = Texts.Take(random.Below(Texts.Length)).ToArray();
                writer.Texts(name, texts);
                return new JsonArray([.. texts.Select(t => JsonValue.Create(t))]);
            case 5:
                var hash = MerkleTree.HashLeaf([(byte)random.Below(256)]);
                writer.Commitment(name, "cnt_1", hash);
                return Commitment.ToField("cnt_1", hash);
            default:
                var items = new JsonArray();
                writer.Objects(name, Enumerable.Range(0, random.Below(4)), (inner, _) => items.Add(Fill(inner, random, depth + 1)));
                return items;
        }
    }
}
