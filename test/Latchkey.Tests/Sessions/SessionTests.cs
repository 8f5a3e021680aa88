namespace Latchkey.Tests.Sessions;

public sealed class SessionTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task Closes_ThirtyMinutesAfterItsLastAct_ToTheTick()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        world.Clock.Advance(TimeSpan.FromMinutes(20));
        (await world.BeginAsync(session, World.ReadTitle)).Dispose();
        world.Clock.Advance(TimeSpan.FromMinutes(30) - Tick);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        await world.AdvanceAsync(Tick);
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));

        await world.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        var closed = Assert.Single(await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind));
        Assert.Equal((SessionClose.Idle, session.Session.OpenedAt.AddMinutes(50)), (closed.Cause, closed.At));
        Assert.NotNull(world.Access.Find(World.Ios.Id)?.Toggle);
    }

    [Fact]
    public async Task Closes_TwelveHoursAfterItOpened_HoweverBusy()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        for (var minutes = 0; minutes < 700; minutes += 20)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(20));
            (await world.BeginAsync(session, World.ReadTitle)).Dispose();
        }

        world.Clock.Advance(TimeSpan.FromMinutes(20) - Tick);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        await world.AdvanceAsync(Tick);
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));

        await world.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        var closed = Assert.Single(await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind));
        Assert.Equal((SessionClose.Expired, session.Session.OpenedAt.AddHours(12)), (closed.Cause, closed.At));
    }

    [Fact]
    public async Task RefusedActs_DoNotKeepItOpen()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Role: "viewer"));
        var session = await world.EnterAsync(World.Ios, World.Sam);
        world.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Null((await world.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, target: null)).Act);
        Assert.Null((await world.Access.BeginAsync(World.Sue.Id, World.Ios.Id, session.Session.Id, World.ReadTitle, target: null)).Act);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));
    }

    [Fact]
    public async Task SecondEntry_ReplacesTheFirst_WhoseSecretsOpenNothing()
    {
        await using var world = await World.StartAsync();
        var first = await OpenAsync(world);
        var cookie = (await world.Access.RedeemAsync(first.Code, World.Sam)).Value!.Cookie;
        var unredeemed = await world.EnterAsync(World.Ios, World.Sue);
        var second = await world.EnterAsync(World.Ios, World.Sam);
        await world.EnterAsync(World.Ios, World.Sue);

        var decision = world.Access.Decide(World.Sam.Id, World.Ios.Id, first.Session.Id, World.ReadTitle);
        Assert.Equal((DecisionReason.SessionClosed, first.Session.OpenedAt), (decision.Reason, decision.EndedAt));
        Assert.Equal(first.Session.Id, world.Access.Recognise(first.Token, CredentialKind.Bearer)?.Session);
        Assert.Equal(first.Session.Id, world.Access.Recognise(cookie, CredentialKind.Cookie)?.Session);
        Assert.Equal(DecisionReason.Allowed, world.Ask(second));
        Assert.Equal(RefusalReason.CodeSpent, (await world.Access.RedeemAsync(unredeemed.Code, World.Sue)).Refusal?.Reason);
        Assert.All(await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind), c => Assert.Equal(SessionClose.Replaced, c.Cause));
    }

    [Fact]
    public async Task OneAgentsSession_IsNoOneElses()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        await world.TurnOnAsync(World.Android);
        Assert.Equal(DecisionReason.NoSession, world.Access.Decide(World.Sue.Id, World.Ios.Id, session.Session.Id, World.ReadTitle).Reason);
        Assert.Equal(DecisionReason.NoSession, world.Access.Decide(World.Sam.Id, World.Android.Id, session.Session.Id, World.ReadTitle).Reason);
        Assert.Equal(DecisionReason.NoSession, world.Access.Decide(World.Sam.Id, World.Ios.Id, session: null, World.ReadTitle).Reason);
        Assert.Equal(DecisionReason.NoGrant, world.Access.Decide(World.Sam.Id, World.Web.Id, session.Session.Id, World.ReadTitle).Reason);

        await world.TurnOffAsync(World.Ios);
        Assert.Equal(DecisionReason.NoGrant, world.Access.Decide(World.Sue.Id, World.Ios.Id, session.Session.Id, World.ReadTitle).Reason);
        Assert.Null(world.Access.FindForAgent(World.Sue.Id, World.Ios.Name.Slug));
        Assert.NotNull(world.Access.FindForAgent(World.Sam.Id, World.Ios.Name.Slug));
    }

    [Fact]
    public async Task End_IsToldForADay_AcrossRestartsAndTransfers_ThenTheAppIsUnknown()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        await world.TurnOffAsync(World.Ios);
        await world.TurnOnAsync(World.Ios with { Account = World.Contoso });
        await world.TurnOffAsync(World.Ios with { Account = World.Contoso });
        Assert.Equal(DecisionReason.Ended, world.Ask(session));

        await world.RestartAsync(TimeSpan.FromDays(1) - Tick);
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        world.Clock.Advance(Tick);
        Assert.Equal(DecisionReason.NoGrant, world.Ask(session));
        Assert.Null(world.Access.FindForAgent(World.Sam.Id, World.Ios.Name.Slug));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task CodeIsRedeemed_WithinSixtySeconds(long ticks, bool works)
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        world.Clock.Advance(TimeSpan.FromSeconds(60) + TimeSpan.FromTicks(ticks));
        var answer = await world.Access.RedeemAsync(session.Code, World.Sam);
        Assert.Equal(works ? null : RefusalReason.CodeSpent, answer.Refusal?.Reason);
    }

    [Fact]
    public async Task CodeIsRedeemedOnce_EvenByManyAtOnce_AndNotAfterARestart()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => world.Access.RedeemAsync(session.Code, World.Sam))));
        Assert.Single(answers, a => a.Value is not null);
        Assert.All(answers.Where(a => a.Value is null), a => Assert.Equal(RefusalReason.CodeSpent, a.Refusal!.Reason));
        await world.RestartAsync();
        Assert.Equal(RefusalReason.CodeSpent, (await world.Access.RedeemAsync(session.Code, World.Sam)).Refusal?.Reason);
    }

    [Fact]
    public async Task CodeIsForTheSignInThatAskedForIt_AndAnotherDoesNotSpendIt()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        Assert.Equal(RefusalReason.CodeSpent, (await world.Access.RedeemAsync(session.Code, World.Sue)).Refusal?.Reason);
        Assert.Equal(RefusalReason.CodeSpent, (await world.Access.RedeemAsync(session.Code, World.Sam with { SignIn = "elsewhere" })).Refusal?.Reason);
        Assert.Equal(RefusalReason.CodeSpent, (await world.Access.RedeemAsync(session.Token, World.Sam)).Refusal?.Reason);
        Assert.NotNull((await world.Access.RedeemAsync(session.Code, World.Sam)).Value);
    }

    [Fact]
    public async Task Secrets_AreOfOneKind_AndLiveThroughARestart()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        var cookie = (await world.Access.RedeemAsync(session.Code, World.Sam)).Value!.Cookie;
        await world.RestartAsync();
        Assert.Equal(session.Session.Id, world.Access.Recognise(session.Token, CredentialKind.Bearer)?.Session);
        Assert.Equal(session.Session.Id, world.Access.Recognise(cookie, CredentialKind.Cookie)?.Session);
        Assert.Null(world.Access.Recognise(session.Token, CredentialKind.Cookie));
        Assert.Null(world.Access.Recognise(cookie, CredentialKind.Bearer));
        Assert.Null(world.Access.Recognise(cookie, CredentialKind.Code));
        Assert.StartsWith(Credential.BearerPrefix, session.Token, StringComparison.Ordinal);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
    }

    [Fact]
    public async Task SigningOut_EndsTheSessionsOfThatSignInOnly()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        await world.TurnOnAsync(World.Android);
        var elsewhere = await world.EnterAsync(World.Android, World.Sam with { SignIn = "elsewhere" });
        await world.RestartAsync();
        await world.Access.SignedOutAsync(World.Sam.Id, World.Sam.SignIn);
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));
        Assert.Equal(DecisionReason.Allowed, world.Ask(elsewhere));

        await world.Access.AgentRemovedAsync(World.Sam.Id);
        Assert.Equal(DecisionReason.SessionClosed, world.Ask(elsewhere));
        var causes = (await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind)).Select(c => c.Cause);
        Assert.Equal([SessionClose.SignedOut, SessionClose.AgentRemoved], causes);
    }

    [Fact]
    public async Task LeavingTwice_OrSomeoneElses_IsNotFound_AndChangesNothing()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        Assert.Equal(RefusalReason.NotFound, (await world.Access.LeaveAsync(session.Session.Id, World.Sue.Id)).Refusal?.Reason);
        Assert.Null((await world.Access.LeaveAsync(session.Session.Id, World.Sam.Id)).Refusal);
        var size = await world.Ledgers.CountAsync(World.Northwind);
        Assert.Equal(RefusalReason.NotFound, (await world.Access.LeaveAsync(session.Session.Id, World.Sam.Id)).Refusal?.Reason);
        Assert.Equal(size, await world.Ledgers.CountAsync(World.Northwind));
    }

    [Fact]
    public async Task ManyEntriesAtOnce_LeaveOneSessionOpen()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => world.EnterAsync(World.Ios, World.Sam))));
        Assert.Single(world.Access.Find(World.Ios.Id)!.Sessions);
        Assert.Equal(39, (await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind)).Count);
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    private static async Task<Entered> OpenAsync(World world)
    {
        await world.TurnOnAsync(World.Ios);
        return await world.EnterAsync(World.Ios, World.Sam);
    }
}
