namespace Latchkey.Tests.Grants;

public sealed class LendingTests
{
    private static readonly Lender Olivia = World.Admin("olivia");

    [Fact]
    public async Task On_LendsAdminForTwoWeeks_FromNow()
    {
        await using var world = await World.StartAsync();
        var grant = (await world.TurnOnAsync(World.Ios)).Toggle!;
        var start = Latchkey.Testing.ManualClock.DefaultStart;
        Assert.Equal(("admin", start, start.AddDays(14), World.Adam.Person), (grant.Role.Name, grant.From, grant.Until, grant.LentBy));
    }

    [Fact]
    public async Task Renewal_KeepsRoleAndSinglePermissions_ThatItDoesNotName()
    {
        await using var world = await World.StartAsync();
        var first = await world.TurnOnAsync(World.Ios, new Terms(Role: "viewer", Also: ["artifact.read"]));
        var session = await world.EnterAsync(World.Ios, World.Sam);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var renewed = await world.TurnOnAsync(World.Ios, lender: Olivia);
        Assert.Equal(("viewer", first.Toggle!.Id, Olivia.Person), (renewed.Toggle!.Role.Name, renewed.Toggle.Id, renewed.Toggle.LentBy));
        Assert.Equal("artifact.read", Assert.Single(renewed.Toggle.Also).Name);
        Assert.Equal(first.Toggle.Until.AddMinutes(1), renewed.Toggle.Until);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));

        var cleared = await world.TurnOnAsync(World.Ios, new Terms(Role: "titler", Also: []));
        Assert.Empty(cleared.Toggle!.Also);
    }

    [Fact]
    public async Task RenewalWithoutAnEnd_NeverBringsTheEndNearer_AndASaidOneDoes()
    {
        await using var world = await World.StartAsync();
        var first = await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromDays(30)));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first.Toggle!.Until, (await world.TurnOnAsync(World.Ios)).Toggle!.Until);

        var exact = world.Clock.GetUtcNow().AddHours(1).AddTicks(12_345);
        Assert.Equal(exact.AddTicks(-2_345), (await world.TurnOnAsync(World.Ios, new Terms(Until: exact.ToOffset(TimeSpan.FromHours(9))))).Toggle!.Until);
        Assert.Equal(world.Clock.GetUtcNow().AddMinutes(1), (await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromMinutes(1)))).Toggle!.Until);
    }

    [Fact]
    public async Task SameStateAgain_WritesNoEntry()
    {
        await using var world = await World.StartAsync();
        var until = world.Clock.GetUtcNow().AddDays(3);
        await world.TurnOnAsync(World.Ios, new Terms(Until: until, Also: ["artifact.read", "app.title.update"]));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Terms[] same =
        [
            new(Until: until), new(Until: until, Role: "admin"), new(Until: until, Note: "  "),
            new(Until: until, Also: ["app.title.update", "artifact.read", "app.title.update"]),
        ];
        foreach (var terms in same)
        {
            await world.TurnOnAsync(World.Ios, terms, Olivia);
        }

        Assert.Equal(1, await world.Ledgers.CountAsync(World.Northwind));
        await world.TurnOnAsync(World.Ios, new Terms(Until: until, Note: "please look again"));
        Assert.Equal(2, await world.Ledgers.CountAsync(World.Northwind));
    }

    [Fact]
    public async Task OffWhenOff_WritesNoEntry()
    {
        await using var world = await World.StartAsync();
        await world.TurnOffAsync(World.Ios);
        Assert.Equal(0, await world.Ledgers.CountAsync(World.Northwind));
        await world.TurnOnAsync(World.Ios);
        await world.TurnOffAsync(World.Ios);
        await world.TurnOffAsync(World.Ios, Olivia);
        Assert.Equal(2, await world.Ledgers.CountAsync(World.Northwind));
        Assert.Null(world.Access.Find(World.Ios.Id)?.Toggle);
    }

    [Fact]
    public async Task TwoAdminsAtOnce_AreBothRecorded_AndOneStateHolds()
    {
        await using var world = await World.StartAsync();
        var hours = Enumerable.Range(1, 20).ToArray();
        await Task.WhenAll(hours.Select(h => Task.Run(() =>
            world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromHours(h)), World.Admin(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"admin{h}"))))));
        var started = Assert.Single(await world.Ledgers.FactsAsync<GrantStarted>(World.Northwind));
        var changed = await world.Ledgers.FactsAsync<GrantChanged>(World.Northwind);
        Assert.Equal(19, changed.Count);
        Assert.Equal(hours.Select(h => world.Clock.GetUtcNow().AddHours(h)).Order(), changed.Select(c => c.Until).Append(started.Until).Order());
        var grant = world.Access.Find(World.Ios.Id)!.Toggle!;
        Assert.Equal((changed[^1].Until, changed[^1].By), (grant.Until, grant.LentBy));
        Assert.Equal(20, grant.MayEnd.Length);
    }

    [Fact]
    public async Task WhoeverCouldEndIt_CanUntilItEnds_AndNotTheNextOne()
    {
        await using var world = await World.StartAsync();
        var demoted = Olivia with { MayTurn = false };
        await world.TurnOnAsync(World.Ios, lender: World.Admin("adam", "olivia"));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.TurnOnAsync(World.Ios, lender: World.Admin("piet"));
        await world.RestartAsync();
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.TurnOnAsync(World.Ios, demoted, new Terms())).Refusal?.Reason);
        var session = await world.EnterAsync(World.Ios, World.Sam);
        Assert.Null((await world.Access.EndSessionAsync(World.Ios, session.Session.Id, demoted)).Refusal);
        Assert.Equal(0, await world.TurnOffAsync(World.Ios, demoted));

        await world.TurnOnAsync(World.Ios, lender: World.Admin("piet", "adam"));
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.TurnOffAsync(World.Ios, demoted)).Refusal?.Reason);
        Assert.Equal(0, await world.TurnOffAsync(World.Ios, World.Adam with { MayTurn = false }));
    }

    [Fact]
    public async Task Support_NeverTurnsOn_InAnyDisguise_AndTurnsOffOnlyByRight()
    {
        await using var world = await World.StartAsync();
        var disguised = Olivia with { IsAgent = true };
        Assert.Equal(RefusalReason.SupportInDisguise, (await world.Access.TurnOnAsync(World.Ios, disguised, new Terms())).Refusal?.Reason);
        await world.TurnOnAsync(World.Ios);
        var size = await world.Ledgers.CountAsync(World.Northwind);
        Assert.Equal(RefusalReason.SupportInDisguise, (await world.Access.TurnOnAsync(World.Ios, disguised, new Terms(TimeSpan.FromDays(30)))).Refusal?.Reason);
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.TurnOffAsync(World.Ios, disguised with { MayTurn = false })).Refusal?.Reason);
        Assert.Equal(size, await world.Ledgers.CountAsync(World.Northwind));
        Assert.Equal(0, await world.TurnOffAsync(World.Ios, disguised));
    }

    [Fact]
    public async Task WhoSupportPromoted_DoesNotTurnOn_AndMayTurnOff()
    {
        await using var world = await World.StartAsync();
        var promoted = Olivia with { PromotedBySupport = true };
        Assert.Equal(RefusalReason.PromotedBySupport, (await world.Access.TurnOnAsync(World.Ios, promoted, new Terms())).Refusal?.Reason);
        await world.TurnOnAsync(World.Ios);
        Assert.Equal(RefusalReason.PromotedBySupport, (await world.Access.TurnOnAsync(World.Ios, promoted, new Terms(Role: "viewer"))).Refusal?.Reason);
        Assert.Equal(0, await world.TurnOffAsync(World.Ios, promoted));
    }

    [Fact]
    public async Task TransferNobodyReported_EndsTheOldKey_WhenTheNewAccountActs()
    {
        await using var world = await World.StartAsync();
        var moved = World.Ios with { Account = World.Contoso };
        var old = await world.TurnOnAsync(World.Ios);
        var session = await world.EnterAsync(World.Ios, World.Sam);
        var fresh = await world.TurnOnAsync(moved, new Terms(Role: "viewer"));
        Assert.NotEqual(old.Toggle!.Id, fresh.Toggle!.Id);
        Assert.Equal(World.Contoso, world.Access.Find(World.Ios.Id)!.Account);
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        var end = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((old.Toggle.Id, GrantEnd.AppTransferred), (end.Grant, end.Cause));

        // Nobody of the account that had it can end what the new one lent.
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.TurnOffAsync(World.Ios, World.Adam with { MayTurn = false })).Refusal?.Reason);
        await world.Ledgers.AssertVerifiesAsync();
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task WhatTheHostReports_EndsTheKey_ForThatReason()
    {
        (GrantEnd Cause, Func<SupportAccess, Task> Report)[] reports =
        [
            (GrantEnd.AppDeleted, a => a.AppDeletedAsync(World.Ios.Id)),
            (GrantEnd.AppTransferred, a => a.AppTransferredAsync(World.Ios.Id)),
            (GrantEnd.AccountClosed, a => a.AccountClosedAsync(World.Northwind)),
        ];
        foreach (var (cause, report) in reports)
        {
            await using var world = await World.StartAsync();
            await world.TurnOnAsync(World.Ios);
            await world.TurnOnAsync(World.Web);
            var session = await world.EnterAsync(World.Ios, World.Sam);
            await report(world.Access);
            Assert.Equal(DecisionReason.Ended, world.Ask(session));
            Assert.Equal(cause, Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Cause);
            Assert.Equal(World.Web.Id, Assert.Single(world.Access.OpenApps()).App);
        }
    }

    [Fact]
    public async Task Forfeit_EndsTheKeyForTheWholeTeam_AndOnlyThatKey()
    {
        await using var world = await World.StartAsync();
        var first = await world.TurnOnAsync(World.Ios);
        var (sam, sue) = (await world.EnterAsync(World.Ios, World.Sam), await world.EnterAsync(World.Ios, World.Sue));
        Assert.Null((await world.Access.ForfeitAsync(first.Toggle!.Id, World.Sam)).Refusal);
        Assert.Equal((DecisionReason.Ended, DecisionReason.Ended), (world.Ask(sam), world.Ask(sue)));
        var end = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((GrantEnd.Forfeited, World.Sam.Id, null), (end.Cause, end.ByAgent, end.By));

        await world.TurnOnAsync(World.Ios);
        Assert.Equal(RefusalReason.NotFound, (await world.Access.ForfeitAsync(first.Toggle.Id, World.Sam)).Refusal?.Reason);
        Assert.Single(world.Access.OpenApps());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(TimeSpan.TicksPerMinute - 1)]
    [InlineData((30 * TimeSpan.TicksPerDay) + 1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public Task DurationOutsideItsLimits_IsRefused(long ticks) => AssertRefusedAsync(new Terms(TimeSpan.FromTicks(ticks)), "duration");

    [Theory]
    [InlineData(TimeSpan.TicksPerMinute)]
    [InlineData(30 * TimeSpan.TicksPerDay)]
    public async Task DurationAtItsLimits_IsTaken(long ticks)
    {
        await using var world = await World.StartAsync();
        Assert.Equal(world.Clock.GetUtcNow().AddTicks(ticks), (await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromTicks(ticks)))).Toggle!.Until);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(TimeSpan.TicksPerMillisecond - 1)]
    [InlineData((30 * TimeSpan.TicksPerDay) + 1)]
    [InlineData(31 * TimeSpan.TicksPerDay)]
    public Task UntilInThePastOrTooFarAway_IsRefused(long ticks) =>
        AssertRefusedAsync(new Terms(Until: Latchkey.Testing.ManualClock.DefaultStart.AddTicks(ticks)), "until");

    [Fact]
    public async Task OtherTermsThatCanNotBe_AreRefused_ByTheirField()
    {
        await AssertRefusedAsync(new Terms(Until: DateTimeOffset.MinValue), "until");
        await AssertRefusedAsync(new Terms(Until: DateTimeOffset.MaxValue), "until");
        await AssertRefusedAsync(new Terms(TimeSpan.FromDays(1), Latchkey.Testing.ManualClock.DefaultStart.AddDays(1)), "until");
        await AssertRefusedAsync(new Terms(Role: "owner"), "role");
        await AssertRefusedAsync(new Terms(Role: "Admin"), "role");
        await AssertRefusedAsync(new Terms(Role: ""), "role");
        await AssertRefusedAsync(new Terms(Also: ["app.title.read", "app.rename"]), "also");
        await AssertRefusedAsync(new Terms(Also: [""]), "also");
        await AssertRefusedAsync(new Terms(Also: ["app.delete"]), "also");
        await AssertRefusedAsync(new Terms(Also: [Catalogue.SupportAccessManage]), "also");
        await AssertRefusedAsync(new Terms(Also: [.. Enumerable.Repeat("artifact.read", 33)]), "also");
    }

    private static async Task AssertRefusedAsync(Terms terms, string field)
    {
        await using var world = await World.StartAsync();
        var refusal = (await world.Access.TurnOnAsync(World.Ios, World.Adam, terms)).Refusal;
        Assert.Equal((RefusalReason.Invalid, field), (refusal?.Reason, refusal?.Field));
        Assert.Equal(0, await world.Ledgers.CountAsync(World.Northwind));
        Assert.Null(world.Access.Find(World.Ios.Id));
    }
}
