namespace Latchkey.Tests.Grants;

public sealed class TypedTextTests
{
    /// <summary>Numbers, since a test's name could not show what they stand for: controls, directions, what is not seen, halves of pairs.</summary>
    public static TheoryData<int> Hidden =>
    [
        0x00, 0x07, 0x0A, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069, 0x00AD, 0x200C, 0x200D, 0x2060, 0x2064, 0x3164, 0xFE0F, 0xD800, 0xDFFF, 0xFEFF, 0xFFFD,
    ];

    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task WhatHidesOrReorders_IsRefused_InEveryFieldThatPeopleTypeInto(int unit)
    {
        var text = $"a word {(char)unit} and another";
        await using var world = await World.StartAsync();
        AssertRefused((await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(Note: text))).Refusal, "note");
        await world.TurnOnAsync(World.Ios);
        AssertRefused((await world.Access.EnterAsync(World.Ios.Id, World.Sam, text, ticket: null)).Refusal, "reason");
        AssertRefused((await world.Access.EnterAsync(World.Ios.Id, World.Sam, "A reason", text)).Refusal, "ticket");
        Assert.Equal(1, await world.Ledgers.CountAsync(World.Northwind));
    }

    [Fact]
    public async Task AnyLanguage_IsTaken_AndReadBackAsItWasTyped()
    {
        string[] texts = ["Größe prüfen – 100 %", "ビルドが止まる", "البناء متوقف", "👩\u200D💻 looked", "<script>alert(1)</script>", "'; DROP TABLE entry; --"];
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        foreach (var text in texts)
        {
            Assert.Null((await world.Access.EnterAsync(World.Ios.Id, World.Sam, $"  {text}\t", ticket: null)).Refusal);
        }

        await world.RestartAsync();
        var sessions = await world.Access.History.ReadSessionsAsync(new SessionQuery(World.Ios.Id), CancellationToken.None);
        Assert.Equal(texts, sessions.Reverse().Select(s => s.Reason));
        Assert.Equal(texts[^1], world.Access.Find(World.Ios.Id)!.SessionOf(World.Sam.Id)!.Reason);
        await world.Ledgers.AssertVerifiesAsync();
    }

    [Theory]
    [InlineData(0, "reason")]
    [InlineData(2, "reason")]
    [InlineData(3, null)]
    [InlineData(500, null)]
    [InlineData(501, "reason")]
    [InlineData(1_000_000, "reason")]
    public async Task Reason_TakesThreeToFiveHundredCharacters(int length, string? field)
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var refusal = (await world.Access.EnterAsync(World.Ios.Id, World.Sam, new string('r', length).PadLeft(length + 2), ticket: null)).Refusal;
        Assert.Equal(field, refusal?.Field);
        Assert.InRange(refusal?.Message.Length ?? 0, 0, 200);
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(501, "note")]
    public async Task Note_TakesUpToFiveHundredCharacters(int length, string? field)
    {
        await using var world = await World.StartAsync();
        Assert.Equal(field, (await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(Note: new string('n', length)))).Refusal?.Field);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("SUP-12", true)]
    [InlineData(" SUP-12 ", true)]
    [InlineData("SUP-12\nSUP-13", false)]
    [InlineData("SUP-", false)]
    [InlineData("sup-12", false)]
    public async Task Ticket_FitsThePatternThatTheVendorDemands(string? ticket, bool fits)
    {
        await using var world = await World.StartAsync(configure: o => (o.TicketPattern, o.TicketExample) = ("SUP-[0-9]+|OPS-[0-9]+", "SUP-1"));
        await world.TurnOnAsync(World.Ios);
        var refusal = (await world.Access.EnterAsync(World.Ios.Id, World.Sam, "A reason", ticket)).Refusal;
        Assert.Equal(fits ? null : "ticket", refusal?.Field);
    }

    [Fact]
    public async Task TicketPatternThatNeverEnds_RefusesTheTicket_AndNothingElse()
    {
        await using var world = await World.StartAsync(configure: o => (o.TicketPattern, o.TicketExample) = ("(a+)+", "a"));
        await world.TurnOnAsync(World.Ios);
        var refusal = (await world.Access.EnterAsync(World.Ios.Id, World.Sam, "A reason", new string('a', 40) + "!")).Refusal;
        Assert.Equal((RefusalReason.Invalid, "ticket"), (refusal?.Reason, refusal?.Field));
        Assert.True(world.Access.Health.IsWorking);
    }

    private static void AssertRefused(Refusal? refusal, string field) =>
        Assert.Equal((RefusalReason.Invalid, field), (refusal?.Reason, refusal?.Field));
}
