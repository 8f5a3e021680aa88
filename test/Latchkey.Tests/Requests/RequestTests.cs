namespace Latchkey.Tests.Requests;

/// <summary>Support asks, the customer decides.</summary>
public sealed class RequestTests
{
    private static readonly RequestTarget s_ios = new(World.Northwind, World.Ios, "Northwind iOS");
    private static readonly RequestTarget s_all = new(World.Northwind, App: null, "Northwind");
    private static readonly Lender s_olivia = World.Admin("olivia");

    [Fact]
    [Trait("capability", "R4")]
    [Trait("capability", "R5")]
    public async Task Approved_LendsFromTheApprovalOn_ForSevenDays()
    {
        await using var world = await World.StartAsync();
        var request = await AskAsync(world, s_ios);
        Assert.Equal((TimeSpan.FromDays(7), "admin"), (request.Duration, request.Role.Name));
        Assert.False(world.Access.Find(World.Ios.Id)?.IsOpen(world.Access.Now) == true);

        await world.AdvanceAsync(TimeSpan.FromDays(3));
        await ApproveAsync(world, request, World.Adam);
        var grant = Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
        Assert.Equal((world.Clock.GetUtcNow().AddDays(7), request.Id), (grant.Until, grant.Request));
        Assert.Equal(DecisionReason.Allowed, world.Ask(await world.EnterAsync(World.Ios, World.Sue), World.UpdateTitle));
    }

    [Fact]
    [Trait("capability", "R4")]
    public async Task Approver_LendsLess_NeverMore()
    {
        await using var world = await World.StartAsync();
        var request = await AskAsync(world, s_ios, new Plea("Signing fails", Role: "titler", Duration: TimeSpan.FromDays(2)));
        Assert.Equal("duration", await RefusedFieldAsync(world, request, new ApprovalTerms(Duration: TimeSpan.FromDays(3))));
        Assert.Equal("until", await RefusedFieldAsync(world, request, new ApprovalTerms(Until: world.Clock.GetUtcNow().AddDays(3))));
        Assert.Equal("role", await RefusedFieldAsync(world, request, new ApprovalTerms(Role: "admin")));
        Assert.Equal("also", await RefusedFieldAsync(world, request, new ApprovalTerms(Also: ["artifact.read"])));
        Assert.Empty(await world.Ledgers.FactsAsync<GrantStarted>(World.Northwind));

        var all = await AskAsync(world, new RequestTarget(World.Northwind, World.Android, "Android"));
        var lower = await world.Access.ApproveAsync(all.Account, all.Id, World.Adam, new ApprovalTerms(TimeSpan.FromHours(1), Role: "viewer"), [World.Android]);
        Assert.Null(lower.Refusal);
        var grant = Assert.Single(world.Access.Find(World.Android.Id)!.Grants);
        Assert.Equal((world.Clock.GetUtcNow().AddHours(1), "viewer"), (grant.Until, grant.Role.Name));
    }

    [Fact]
    [Trait("capability", "R4")]
    public async Task Support_ApprovesNothing_InAnyDisguise()
    {
        await using var world = await World.StartAsync();
        var request = await AskAsync(world, s_ios);
        foreach (var (by, reason) in new[]
        {
            (World.Adam with { IsAgent = true }, RefusalReason.SupportInDisguise),
            (World.Adam with { PromotedBySupport = true }, RefusalReason.PromotedBySupport),
            (World.Adam with { MayTurn = false }, RefusalReason.NotAllowed),
        })
        {
            Assert.Equal(reason, (await world.Access.ApproveAsync(World.Northwind, request.Id, by, new ApprovalTerms(), [World.Ios])).Refusal?.Reason);
        }

        Assert.Equal(RefusalReason.NotFound, (await world.Access.ApproveAsync(World.Contoso, request.Id, World.Adam, new ApprovalTerms(), [World.Ios])).Refusal?.Reason);
        Assert.Equal(RequestState.Pending, world.Access.Find(request.Id)!.State);
    }

    [Fact]
    [Trait("capability", "R8")]
    public async Task UnansweredRequest_Expires_AtTheExactInstant()
    {
        await using var world = await World.StartAsync();
        var request = await AskAsync(world, s_ios);
        await world.AdvanceAsync(TimeSpan.FromDays(4));
        var late = await world.Access.ApproveAsync(World.Northwind, request.Id, World.Adam, new ApprovalTerms(), [World.Ios]);
        Assert.Equal((RefusalReason.AlreadyDecided, request.Expires), (late.Refusal!.Reason, late.Refusal.At));
        var end = Assert.Single(await world.Ledgers.FactsAsync<RequestEnded>(World.Northwind));
        Assert.Equal((RequestState.Expired, request.Expires), (end.State, end.At));
    }

    [Fact]
    [Trait("capability", "R9")]
    public async Task Support_AsksOnce_AndAgainOnlyAfterAWordOrADay()
    {
        await using var world = await World.StartAsync();
        var request = await AskAsync(world, s_ios);
        Assert.Equal(RefusalReason.AlreadyPending, (await world.Access.RequestAsync(s_ios, World.Sue, new Plea("Me too"))).Refusal?.Reason);
        Assert.Null((await world.Access.DenyAsync(World.Northwind, request.Id, World.Adam, "Please ask here first")).Refusal);

        await world.AdvanceAsync(TimeSpan.FromHours(2));
        var soon = await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Again"));
        Assert.Equal(RefusalReason.TooSoon, soon.Refusal?.Reason);
        var spoken = await AskAsync(world, s_ios, new Plea("As you wrote", LastWord: world.Clock.GetUtcNow()));
        await world.Access.DenyAsync(World.Northwind, spoken.Id, World.Adam, note: null);
        await world.AdvanceAsync(TimeSpan.FromDays(1));
        await AskAsync(world, s_ios);
    }

    [Fact]
    public async Task WithdrawnAndApproved_AtTheSameInstant_AreInOneOrder()
    {
        await using var world = await World.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var request = await AskAsync(world, s_ios);
            var (approve, withdraw) = (
                world.Access.ApproveAsync(World.Northwind, request.Id, World.Adam, new ApprovalTerms(), [World.Ios]),
                world.Access.WithdrawAsync(World.Northwind, request.Id, World.Sam, isLead: false));
            var (approved, withdrawn) = (await approve, await withdraw);
            Assert.True(approved.Refusal is null ^ withdrawn.Refusal is null);
            Assert.Equal(RefusalReason.AlreadyDecided, (approved.Refusal ?? withdrawn.Refusal)!.Reason);
            Assert.Equal(approved.Refusal is null, world.Access.Find(World.Ios.Id)?.IsOpen(world.Access.Now) == true);
            await world.TurnOffAsync(World.Ios);
        }

        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    [Trait("capability", "R5")]
    public async Task FurtherRequest_Extends_AndTheSessionGoesOn()
    {
        await using var world = await World.StartAsync();
        await ApproveAsync(world, await AskAsync(world, s_ios, new Plea("Signing fails", Duration: TimeSpan.FromMinutes(20))), World.Adam);
        var session = await world.EnterAsync(World.Ios, World.Sam);
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        (await world.BeginAsync(session, World.UpdateTitle)).Dispose();
        await ApproveAsync(world, await AskAsync(world, s_ios, new Plea("A little longer", Duration: TimeSpan.FromHours(1))), World.Adam);
        await world.AdvanceAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
    }

    [Fact]
    public async Task WidestGrant_Decides_AndOffEndsThemAll()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Role: "viewer"));
        var session = await world.EnterAsync(World.Ios, World.Sam);
        Assert.Equal(DecisionReason.NotInRole, world.Ask(session, World.UpdateTitle));
        await ApproveAsync(world, await AskAsync(world, s_ios), World.Adam);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session, World.UpdateTitle));
        await world.TurnOffAsync(World.Ios);
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Assert.Equal(2, (await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Count);
    }

    [Fact]
    [Trait("capability", "K2")]
    public async Task TwoApprovers_AreTwoPeople_AndTheSecondLendsNoMoreThanTheFirst()
    {
        await using var world = await World.StartAsync();
        await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Approvers = 2 });
        var request = await AskAsync(world, s_ios);
        var first = await world.Access.ApproveAsync(World.Northwind, request.Id, World.Adam, new ApprovalTerms(TimeSpan.FromDays(2)), [World.Ios]);
        Assert.Equal((RequestState.Pending, null), (first.Value!.State, first.Value.Grant));
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.ApproveAsync(World.Northwind, request.Id, World.Adam, new ApprovalTerms(), [World.Ios], [World.Adam])).Refusal?.Reason);
        Assert.Equal("duration", (await world.Access.ApproveAsync(World.Northwind, request.Id, s_olivia, new ApprovalTerms(TimeSpan.FromDays(3)), [World.Ios], [World.Adam])).Refusal?.Field);

        await world.RestartAsync();
        var second = await world.Access.ApproveAsync(World.Northwind, request.Id, s_olivia, new ApprovalTerms(), [World.Ios], [World.Adam]);
        Assert.NotNull(second.Value!.Grant);
        var told = await world.Access.History.ReadGrantsAsync(new GrantQuery(World.Ios.Id), TestContext.Current.CancellationToken);
        Assert.Equal("adam and olivia", Assert.Single(told).LentByName);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(2), Assert.Single(world.Access.Find(World.Ios.Id)!.Grants).Until);
    }

    [Fact]
    public async Task WholeAccount_OpensEveryApp_NewOnesToo_AndAnAdminTakesTheirsOut()
    {
        await using var world = await World.StartAsync();
        await ApproveAllAsync(world);
        var (ios, android) = (await world.EnterAsync(World.Ios, World.Sam), await world.EnterAsync(World.Android, World.Sam));
        Assert.Equal(RefusalReason.NotFound, (await world.Access.EnterAsync(World.Web.Id, World.Sam, "Looking", null)).Refusal?.Reason);

        var fresh = World.App("app_new", World.Northwind);
        await world.Access.AppAddedAsync(fresh);
        Assert.Equal(DecisionReason.Allowed, world.Ask(await world.EnterAsync(fresh, World.Sue)));

        await world.TurnOffAsync(World.Ios);
        Assert.Equal((DecisionReason.Ended, DecisionReason.Allowed), (world.Ask(ios), world.Ask(android)));
        await world.Access.AppAddedAsync(World.Ios);
        await world.RestartAsync();
        Assert.False(world.Access.Find(World.Ios.Id)!.IsOpen(world.Access.Now));

        await world.TurnOnAsync(World.Ios, new Terms(TimeSpan.FromHours(1)));
        Assert.Null((await world.Access.EndAccountAccessAsync(World.Northwind, s_olivia)).Refusal);
        Assert.Equal(DecisionReason.Ended, world.Ask(android));
        Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SwitchOfAnAppThatWasTakenOutOfTheAccountsKey_LendsWhatItSays_AndNoMore(int approvers)
    {
        await using var world = await World.StartAsync();
        await ApproveAllAsync(world);
        await world.TurnOffAsync(World.Ios);
        await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Approvers = approvers });
        var terms = new Terms(TimeSpan.FromMinutes(10), Role: "viewer");
        if ((await world.Access.TurnOnAsync(World.Ios, World.Adam, terms)).Value!.Waits is { } waits)
        {
            Assert.Null((await world.Access.ApproveAsync(World.Northwind, waits.Id, s_olivia, new ApprovalTerms(), [World.Ios], [World.Adam])).Refusal);
        }

        // Renewed, or changed, it brings nothing back either.
        await world.TurnOnAsync(World.Ios, terms with { Note = "Only this" });
        await world.RestartAsync();
        var grant = Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
        Assert.Equal(("viewer", world.Clock.GetUtcNow().AddMinutes(10)), (grant.Role.Name, grant.Until));
        Assert.Equal(DecisionReason.NotInRole, world.Ask(await world.EnterAsync(World.Ios, World.Sam), World.UpdateTitle));
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal([World.Android.Id], world.Access.OpenApps().Select(view => view.App));

        // Whoever says as much as the account's key lends has it open the app again.
        await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default);
        await world.TurnOnAsync(World.Ios);
        Assert.Equal(2, world.Access.Find(World.Ios.Id)!.Grants.Length);
    }

    [Fact]
    [Trait("capability", "K5")]
    public async Task AccountThatRefuses_EndsEverything_AndNothingBegins()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var session = await world.EnterAsync(World.Ios, World.Sam);
        var request = await AskAsync(world, new RequestTarget(World.Northwind, World.Android, "Android"));
        Assert.Equal(RefusalReason.SupportInDisguise, (await world.Access.RuleAsync(World.Northwind, s_olivia with { IsAgent = true }, AccountPolicy.Default)).Refusal?.Reason);
        Assert.Null((await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Refuses = true })).Refusal);

        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Assert.Equal((RequestState.Superseded, Supersession.AccountRefuses), (world.Access.Find(request.Id)!.State, world.Access.Find(request.Id)!.Because));
        Assert.Equal(RefusalReason.AccountRefuses, (await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms())).Refusal?.Reason);
        Assert.Equal(RefusalReason.AccountRefuses, (await world.Access.RequestAsync(s_ios, World.Sam, new Plea("Please"))).Refusal?.Reason);
        await world.RestartAsync();
        Assert.Equal(RefusalReason.AccountRefuses, (await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms())).Refusal?.Reason);
    }

    [Fact]
    public async Task RequestOfAnAgentWhoLeft_OfADeletedApp_OrMetByTheSwitch_IsSuperseded()
    {
        await using var world = await World.StartAsync();
        var left = await AskAsync(world, s_ios);
        await world.Access.AgentRemovedAsync(World.Sam.Id);
        var gone = await AskAsync(world, s_ios);
        await world.Access.AppDeletedAsync(World.Ios.Id);
        var met = await AskAsync(world, new RequestTarget(World.Northwind, World.Android, "Android"), new Plea("Look", Role: "viewer"));
        await world.TurnOnAsync(World.Android);
        Assert.Equal(
            [Supersession.AgentRemoved, Supersession.AppDeleted, Supersession.TurnedOn],
            new[] { left, gone, met }.Select(r => world.Access.Find(r.Id)!.Because!.Value));
    }

    private static async Task ApproveAllAsync(World world)
    {
        var request = await AskAsync(world, s_all);
        Assert.Null((await world.Access.ApproveAsync(World.Northwind, request.Id, s_olivia, new ApprovalTerms(), [World.Ios, World.Android])).Refusal);
    }

    private static async Task<AccessRequest> AskAsync(World world, RequestTarget target, Plea? plea = null)
    {
        var answer = await world.Access.RequestAsync(target, World.Sam, plea ?? new Plea("Signing fails", "ZD-7"));
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    private static async Task ApproveAsync(World world, AccessRequest request, Lender by)
    {
        var answer = await world.Access.ApproveAsync(request.Account, request.Id, by, new ApprovalTerms(), [World.Ios]);
        Assert.Null(answer.Refusal);
        Assert.NotNull(answer.Value!.Grant);
    }

    private static async Task<string?> RefusedFieldAsync(World world, AccessRequest request, ApprovalTerms terms)
    {
        var answer = await world.Access.ApproveAsync(request.Account, request.Id, World.Adam, terms, [World.Ios]);
        Assert.Equal(RefusalReason.Invalid, answer.Refusal?.Reason);
        return answer.Refusal!.Field;
    }
}
