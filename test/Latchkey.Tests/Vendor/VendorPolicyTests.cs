namespace Latchkey.Tests.Vendor;

/// <summary>What the vendor's leads rule holds for everyone from then on, and is theirs on the record.</summary>
[Trait("capability", "V4")]
public sealed class VendorPolicyTests
{
    private static readonly AgentRef s_lee = new(new("agt_lee"), "Lee Park", "signin_lee");
    private static readonly RequestTarget s_ios = new(World.Northwind, World.Ios, "Northwind iOS");

    [Fact]
    public async Task BeforeAnythingIsRuled_TheOptionsHold()
    {
        await using var world = await World.StartAsync(configure: o => (o.MaxWindow, o.TicketPattern, o.TicketExample) = (TimeSpan.FromDays(20), "T-[0-9]", "T-1"));
        Assert.Equal(
            new VendorPolicy(TimeSpan.FromDays(20), TimeSpan.FromDays(14), TimeSpan.FromDays(7), 3, null, TicketRequired: true, new TextRule("T-[0-9]", "T-1")),
            world.Access.Policy);
        Assert.Empty(await world.Access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Policy), CancellationToken.None));
    }

    [Fact]
    public async Task LongestWindow_HoldsForTheSwitch_Requests_AndApprovals_ButNotForWhatIsOpen()
    {
        await using var world = await World.StartAsync();
        var open = (await world.TurnOnAsync(World.Ios)).Toggle!;
        var request = await world.Access.RequestAsync(new RequestTarget(World.Northwind, World.Android, "Android"), World.Sam, new Plea("Signing fails"));
        await RuleAsync(world, p => p with { MaxWindow = TimeSpan.FromDays(2), DefaultWindow = TimeSpan.FromDays(1), RequestWindow = TimeSpan.FromHours(3) });

        Assert.Equal(open.Until, world.Access.Find(World.Ios.Id)!.Toggle!.Until);
        Assert.Equal(open.Until, (await world.TurnOnAsync(World.Ios)).Toggle!.Until);
        var extended = await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(Duration: TimeSpan.FromDays(3)));
        Assert.Equal(("duration", true), (extended.Refusal?.Field, extended.Refusal?.Message.Contains("2 days", StringComparison.Ordinal)));
        Assert.Equal(world.Clock.GetUtcNow().AddDays(1), (await world.TurnOnAsync(World.Web, lender: World.Admin("carla"))).Toggle!.Until);

        Assert.Equal("duration", (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails", Duration: TimeSpan.FromDays(3)))).Refusal?.Field);
        Assert.Equal(TimeSpan.FromHours(3), (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Value?.Duration);
        await world.Access.ApproveAsync(World.Northwind, request.Value!.Id, World.Adam, new ApprovalTerms(), [World.Android]);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(2), world.Access.Find(World.Android.Id)!.Grants.Single().Until);
    }

    [Theory]
    [InlineData("Short", "SUP-1", "reason")]
    [InlineData("because it is broken", "SUP-1", "reason")]
    [InlineData("Case: it is broken", null, "ticket")]
    [InlineData("Case: it is broken", "sup-1", "ticket")]
    [InlineData("Case: it is broken", "SUP-1", null)]
    public async Task ReasonAndTicket_AreAsRuled_ToEnterAndToAsk(string reason, string? ticket, string? refused)
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await RuleAsync(world, p => p with
        {
            MinReason = 10,
            Reason = new TextRule("Case: .+", "Case: the build hangs", "Begin with what the case is"),
            TicketRequired = true,
            Ticket = new TextRule("SUP-[0-9]+", "SUP-17"),
        });
        var entered = (await world.Access.EnterAsync(World.Ios.Id, World.Sam, reason, ticket)).Refusal;
        var asked = (await world.Access.RequestAsync(s_ios, World.Sam, new Plea(reason, ticket))).Refusal;
        Assert.Equal((refused, refused), (entered?.Field, asked?.Field));
        if (reason.StartsWith("because", StringComparison.Ordinal))
        {
            Assert.EndsWith("Begin with what the case is. One looks like Case: the build hangs.", entered!.Message);
        }
    }

    [Theory]
    [InlineData("max_window", 43_201, 60, 60, 3, null, null)]
    [InlineData("max_window", 0, 0, 0, 3, null, null)]
    [InlineData("default_window", 60, 61, 60, 3, null, null)]
    [InlineData("request_window", 60, 60, 61, 3, null, null)]
    [InlineData("reason_min_length", 60, 60, 60, 2, null, null)]
    [InlineData("reason_min_length", 60, 60, 60, 201, null, null)]
    [InlineData("ticket_pattern", 60, 60, 60, 3, "a(b", "ab")]
    [InlineData("ticket_pattern", 60, 60, 60, 3, "a)|(b", "a")]
    [InlineData("ticket_example", 60, 60, 60, 3, "a+", "ab")]
    [InlineData("ticket_example", 60, 60, 60, 3, "a+", " ")]
    [InlineData(null, 60, 60, 60, 3, "(?<x>a)\\k<x>", "aa")]
    public async Task WhatCanNotHold_IsRefused_ByItsField(string? field, int max, int usual, int asked, int reason, string? pattern, string? example)
    {
        await using var world = await World.StartAsync();
        var before = world.Access.Policy;
        var answer = await world.Access.RuleAsync(s_lee, new VendorPolicy(
            TimeSpan.FromMinutes(max), TimeSpan.FromMinutes(usual), TimeSpan.FromMinutes(asked), reason, null, false, pattern is null ? null : new TextRule(pattern, example!)));
        Assert.Equal(field, answer.Refusal?.Field);
        Assert.Equal(field is null, world.Access.Policy != before);
    }

    [Fact]
    public async Task BadPattern_SaysWhere()
    {
        await using var world = await World.StartAsync();
        var answer = await world.Access.RuleAsync(s_lee, world.Access.Policy with { Ticket = new TextRule("SUP-[0-9", "SUP-1") });
        Assert.StartsWith("'ticket_pattern' is not a regular expression: at character 9, ", answer.Refusal?.Message);
    }

    [Theory]
    [InlineData("(a+)+b?")]
    [InlineData(@"(?<x>a+)+\k<x>$")]
    [InlineData("((a{1,99}){1,99}){1,99}")]
    public async Task PatternThatNeverEnds_RefusesInTime_AndNobodyElseWaits(string pattern)
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await RuleAsync(world, p => p with { Ticket = new TextRule(pattern, "aa") });
        var started = TimeProvider.System.GetTimestamp();
        var refusal = (await world.Access.EnterAsync(World.Ios.Id, World.Sam, "A reason", new string('a', 40) + "!")).Refusal;
        Assert.Equal("ticket", refusal?.Field);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.True(world.Access.Health.IsWorking);
    }

    [Fact]
    public async Task Changes_AreOnTheVendorsLedger_WithWho_AndHoldAfterARestart()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, p => p with { MaxWindow = TimeSpan.FromDays(20), Ticket = new TextRule("SUP-[0-9]+", "SUP-1", "The number of the case.") });
        await RuleAsync(world, p => p);
        var ruled = world.Access.Policy;
        var told = Assert.Single(await world.Access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Policy), CancellationToken.None));
        var fact = Assert.IsType<VendorPolicyChanged>(told.Fact);
        Assert.Equal((s_lee.Id, "Lee Park", ruled), (fact.By, fact.ByName.Text, fact.Policy));

        await world.RestartAsync();
        Assert.Equal(ruled, world.Access.Policy);
        await world.Store.RebuildAsync(CancellationToken.None);
        await world.RestartAsync();
        Assert.Equal(ruled, world.Access.Policy);
    }

    [Fact]
    public async Task ErasedPattern_RulesNothing_AndTheLedgerStands()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, p => p with { Ticket = new TextRule("SUP-[0-9]+", "SUP-1") });
        var fact = (VendorPolicyChanged)(await world.Access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Policy), CancellationToken.None))[0].Fact;
        await world.Store.EraseAsync(AccountId.Vendor, 0, fact.Ticket!.Pattern.Id, CancellationToken.None);
        await world.RestartAsync();
        Assert.Null(world.Access.Policy.Ticket);
    }

    [Fact]
    public async Task Suspended_IsOutAtOnce_AndTheVendorsLedgerSaysBy()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var session = await world.EnterAsync(World.Ios, World.Sam);
        var request = (await world.Access.RequestAsync(new RequestTarget(World.Northwind, World.Android, "Android"), World.Sam, new Plea("Signing fails"))).Value!;

        Assert.Null((await world.Access.TeamChangedAsync(TeamChange.Suspended, World.Sam.Id, World.Sam.Name, s_lee)).Refusal);
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));
        Assert.Equal(
            (RequestState.Superseded, Supersession.AgentRemoved), (world.Access.Find(request.Id)!.State, world.Access.Find(request.Id)!.Because));
        Assert.Equal(RefusalReason.AlreadyDecided, (await world.Access.ApproveAsync(World.Northwind, request.Id, World.Adam, new ApprovalTerms(), [World.Android])).Refusal?.Reason);

        await world.Access.TeamChangedAsync(TeamChange.Restored, World.Sam.Id, World.Sam.Name, s_lee);
        var told = (await world.Access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Team), CancellationToken.None)).Select(t => Assert.IsType<TeamChanged>(t.Fact));
        Assert.Equal(
            [("agent.restored", "Sam Okafor", "Lee Park"), ("agent.suspended", "Sam Okafor", "Lee Park")],
            told.Select(t => (t.Kind, t.AgentName.Text!, t.ByName?.Text!)));
    }

    private static async Task RuleAsync(World world, Func<VendorPolicy, VendorPolicy> change)
    {
        var answer = await world.Access.RuleAsync(s_lee, change(world.Access.Policy));
        Assert.Null(answer.Refusal);
    }
}
