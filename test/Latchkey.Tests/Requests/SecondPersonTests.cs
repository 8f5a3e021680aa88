namespace Latchkey.Tests.Requests;

/// <summary>What an account demands of an approval it demands of the switch, and an approval counts while its giver may give it.</summary>
[Trait("capability", "T11")]
public sealed class SecondPersonTests
{
    private static readonly RequestTarget s_ios = new(World.Northwind, World.Ios, "Northwind iOS");
    private static readonly Lender s_olivia = World.Admin("olivia");
    private static readonly Lender s_piet = World.Admin("piet");
    private static readonly AccountPolicy s_two = AccountPolicy.Default with { Approvers = 2 };

    [Fact]
    public async Task SwitchTurnedByOne_OpensNothing_UntilASecondConfirmsIt()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, s_two);
        var asked = await AskAsync(world, new Terms(TimeSpan.FromDays(3), Role: "titler", Note: "Look at build 7"));
        Assert.False(IsOpen(world));
        Assert.Equal((World.Adam.Person, null, RequestState.Pending, 1), (asked.Person!.Value, asked.Agent, asked.State, asked.Approvals.Length));
        Assert.Equal(RefusalReason.NotAllowed, (await ApproveAsync(world, asked, World.Adam, World.Adam)).Refusal?.Reason);

        await world.RestartAsync(TimeSpan.FromHours(1));
        Assert.Equal("titler", (await ApproveAsync(world, asked, s_olivia, World.Adam)).Value?.Role.Name);
        var toggle = Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
        Assert.Equal((null, "titler", world.Clock.GetUtcNow().AddDays(3)), (toggle.Request, toggle.Role.Name, toggle.Until));
        Assert.All([World.Adam.Person, s_olivia.Person], person => Assert.Contains(person, toggle.MayEnd));
        var told = Assert.Single(await world.Access.History.ReadGrantsAsync(new GrantQuery(World.Ios.Id), TestContext.Current.CancellationToken));
        Assert.Equal(("adam and olivia", "Look at build 7"), (told.LentByName, told.Note));
    }

    [Fact]
    [Trait("capability", "K2")]
    public async Task WhoIsNotNamed_AsksOneWhoIs_ByTheSwitchToo()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, AccountPolicy.Default with { Named = [s_olivia.Person] });
        var asked = (await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(TimeSpan.FromDays(3)))).Value!.Waits!;
        Assert.False(IsOpen(world));
        Assert.Empty(asked.Approvals);
        Assert.Equal(RefusalReason.NotAllowed, (await ApproveAsync(world, asked, World.Adam, World.Adam)).Refusal?.Reason);
        Assert.Equal(RequestState.Approved, (await ApproveAsync(world, asked, s_olivia, World.Adam)).Value!.State);
        var lent = Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(3), lent.Until);

        // To lend less, or nothing, takes no name.
        Assert.Equal("viewer", (await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromDays(1), Role: "viewer"))).Toggle!.Role.Name);
        Assert.NotNull((await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(TimeSpan.FromDays(2)))).Value?.Waits);
        await world.TurnOffAsync(World.Ios);
    }

    [Fact]
    public async Task MoreTakesASecondPerson_LessNever()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromDays(5), Role: "titler", Also: ["artifact.read"]));
        await RuleAsync(world, s_two);
        foreach (var more in new[]
        {
            new Terms(TimeSpan.FromDays(6)),
            new Terms(Until: world.Clock.GetUtcNow().AddDays(6)),
            new Terms(TimeSpan.FromDays(5), Role: "admin"),
            // Less in one thing is no room for more in another.
            new Terms(TimeSpan.FromHours(1), Role: "viewer"),
            new Terms(TimeSpan.FromDays(5), Also: ["artifact.read", "build.log.follow"]),
        })
        {
            await AskAsync(world, more);
        }

        Assert.Single(world.Access.Find(World.Northwind).Pending(world.Access.Now));
        var entries = (await world.Ledgers.ReadAsync(World.Northwind)).Count;
        await AskAsync(world, new Terms(TimeSpan.FromDays(5), Also: ["build.log.follow", "artifact.read"]));
        await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromDays(5)));
        Assert.Equal(entries, (await world.Ledgers.ReadAsync(World.Northwind)).Count);

        await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromDays(5), Also: []));
        var shorter = await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromHours(1)));
        Assert.Equal((world.Clock.GetUtcNow().AddHours(1), 0), (shorter.Toggle!.Until, shorter.Toggle.Also.Length));

        // What was confirmed is the one grant of the switch, changed.
        var pending = Assert.Single(world.Access.Find(World.Northwind).Pending(world.Access.Now));
        Assert.Equal(shorter.Toggle.Id, (await ApproveAsync(world, pending, s_olivia, World.Adam)).Value!.Grant);
        Assert.Equal(DecisionReason.Allowed, world.Ask(await world.EnterAsync(World.Ios, World.Sam), World.ReadArtifact));
        await world.TurnOffAsync(World.Ios);
        Assert.False(IsOpen(world));
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task ApprovalOfWhoLostTheRight_DoesNotCount_UntilTheyHaveItAgain()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, s_two);
        foreach (var lost in new[] { World.Adam with { MayTurn = false }, World.Adam with { IsAgent = true }, World.Adam with { PromotedBySupport = true }, null })
        {
            var request = (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Value!;
            await ApproveAsync(world, request, World.Adam);
            Lender[] earlier = lost is null ? [] : [lost];
            Assert.Equal(RequestState.Pending, (await ApproveAsync(world, request, s_olivia, earlier)).Value!.State);
            Assert.Equal([s_olivia.Person], world.Access.Counting(world.Access.Find(request.Id)!, [s_olivia, .. earlier]));
            Assert.False(IsOpen(world));

            Assert.Equal(RequestState.Approved, (await ApproveAsync(world, request, s_piet, [s_olivia, .. earlier])).Value!.State);
            Assert.DoesNotContain(World.Adam.Person, Assert.Single(world.Access.Find(World.Ios.Id)!.Grants).MayEnd);
            await world.TurnOffAsync(World.Ios);
        }

        var again = (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Value!;
        await ApproveAsync(world, again, World.Adam);
        await RuleAsync(world, s_two with { Named = [s_olivia.Person, s_piet.Person] });
        Assert.Equal(RequestState.Pending, (await ApproveAsync(world, again, s_olivia, World.Adam)).Value!.State);
        await RuleAsync(world, s_two);
        Assert.Equal(RequestState.Approved, (await ApproveAsync(world, again, s_olivia, World.Adam, s_olivia)).Value!.State);
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task RuleThatWasLowered_FreesWhatWaits_WithOneMoreClick()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, s_two);
        var request = (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Value!;
        await ApproveAsync(world, request, World.Adam);
        var switched = (await world.Access.TurnOnAsync(World.Android, World.Adam, new Terms(Until: world.Clock.GetUtcNow().AddDays(1)))).Value!.Waits!;
        await RuleAsync(world, AccountPolicy.Default);
        Assert.False(IsOpen(world));
        Assert.Null(world.Access.MayApprove(world.Access.Find(request.Id)!, World.Adam, [World.Adam]));
        Assert.NotNull((await ApproveAsync(world, request, World.Adam, World.Adam)).Value!.Grant);

        var opened = await world.Access.ApproveAsync(World.Northwind, switched.Id, World.Adam, new ApprovalTerms(), [World.Android], [World.Adam]);
        Assert.NotNull(opened.Value!.Grant);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(1), world.Access.Find(World.Android.Id)!.Toggle!.Until);
    }

    [Fact]
    [Trait("capability", "R9")]
    public async Task WhatTheCustomerAsksAmongThemselves_AndWhatSupportAsks_AreInNobodysWay()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, s_two);
        var support = (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Value!;
        var asked = await AskAsync(world, new Terms());
        var other = await world.Access.TurnOnAsync(World.Ios, s_olivia, new Terms());
        Assert.Equal((RefusalReason.AlreadyPending, "adam has asked for a second person already. Allow that, or decline it, first."), (other.Refusal!.Reason, other.Refusal.Message));
        Assert.Equal(RefusalReason.NotFound, (await world.Access.WithdrawAsync(World.Northwind, asked.Id, World.Sam, isLead: true)).Refusal?.Reason);
        Assert.Equal([support.Id], world.Access.PendingRequests().Select(r => r.Id));
        Assert.Equal(
            [support.Id], (await world.Access.History.ReadRequestsAsync(new RequestQuery(ForSupport: true), TestContext.Current.CancellationToken)).Select(r => r.Id));

        await world.Access.DenyAsync(World.Northwind, asked.Id, s_olivia, note: null);
        await world.Access.WithdrawAsync(World.Northwind, support.Id, World.Sam, isLead: false);
        Assert.Null((await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Signing fails"))).Refusal);
        var repeated = await AskAsync(world, new Terms());
        Assert.Equal(RefusalReason.NotFound, (await world.Access.WithdrawAsync(World.Northwind, repeated.Id, s_olivia.Person, "olivia")).Refusal?.Reason);
        Assert.Equal(RequestState.Withdrawn, (await world.Access.WithdrawAsync(World.Northwind, repeated.Id, World.Adam.Person, "adam")).Value?.State);
    }

    [Fact]
    [Trait("capability", "R8")]
    public async Task WhatNobodyConfirms_Lapses_NoLaterThanItsExactEnd()
    {
        await using var world = await World.StartAsync();
        await RuleAsync(world, s_two);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(4), (await AskAsync(world, new Terms(TimeSpan.FromDays(20)))).Expires);
        var asked = await AskAsync(world, new Terms(Until: world.Clock.GetUtcNow().AddHours(2)));
        Assert.Equal(asked.Until, asked.Expires);
        await world.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(RefusalReason.AlreadyDecided, (await ApproveAsync(world, asked, s_olivia, World.Adam)).Refusal?.Reason);
        Assert.Equal(RequestState.Expired, (await world.Ledgers.FactsAsync<RequestEnded>(World.Northwind))[^1].State);
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task WhoMayOnlyTurnOff_TurnsOff_AndLendsNothing()
    {
        await using var world = await World.StartAsync();
        var dana = World.Admin("dana") with { MayTurn = false, MayTurnOff = true };
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.TurnOnAsync(World.Ios, dana, new Terms())).Refusal?.Reason);
        await world.TurnOnAsync(World.Ios);
        await world.TurnOffAsync(World.Ios, dana);
        Assert.False(IsOpen(world));
    }

    private static bool IsOpen(World world) => world.Access.Find(World.Ios.Id)?.IsOpen(world.Access.Now) == true;

    private static async Task RuleAsync(World world, AccountPolicy policy) =>
        Assert.Null((await world.Access.RuleAsync(World.Northwind, s_olivia, policy)).Refusal);

    private static async Task<AccessRequest> AskAsync(World world, Terms terms)
    {
        var answer = await world.Access.TurnOnAsync(World.Ios, World.Adam, terms);
        Assert.Null(answer.Refusal);
        return answer.Value!.Waits!;
    }

    private static Task<Answer<AccessRequest>> ApproveAsync(World world, AccessRequest request, Lender by, params Lender[] earlier) =>
        world.Access.ApproveAsync(request.Account, request.Id, by, new ApprovalTerms(), [World.Ios], earlier);
}
