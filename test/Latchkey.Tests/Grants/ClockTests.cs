namespace Latchkey.Tests.Grants;

public sealed class ClockTests
{
    [Fact]
    public async Task SetBackALittle_RevivesNothingThatATimerSawEnd()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(1));
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Set(world, TimeSpan.FromSeconds(-5));
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Assert.True(world.Access.Health.IsWorking);

        await world.RestartAsync();
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Assert.Empty(world.Access.OpenApps());
    }

    [Fact]
    public async Task SetBackALittle_RevivesNothingThatAQuestionSawEnd()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Until: world.Clock.GetUtcNow() + TimeSpan.FromSeconds(3)));
        var session = await world.EnterAsync(World.Ios, World.Sam);

        // Set, not turned: no timer fires, the question alone sees the end.
        Set(world, TimeSpan.FromSeconds(3));
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Set(world, TimeSpan.FromSeconds(-3));
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
        Assert.Equal(RefusalReason.NotFound, (await world.Access.EnterAsync(World.Ios.Id, World.Sue, "Once more", ticket: null)).Refusal?.Reason);
    }

    [Fact]
    public async Task SetFarBack_LocksSupportOut_AndEndingStillWorks_UntilItIsRightAgain()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        var other = await world.TurnOnAsync(World.Android);
        Set(world, TimeSpan.FromSeconds(-5) - TimeSpan.FromTicks(1));
        await AssertLockedOutAsync(world, session);

        await world.RestartAsync();
        await AssertLockedOutAsync(world, session);
        Assert.Equal(0, await world.TurnOffAsync(World.Android));
        Assert.Null(world.Access.Find(World.Android.Id)?.Toggle);

        Set(world, TimeSpan.FromSeconds(5) + TimeSpan.FromTicks(1));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        var ended = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((other.Toggle!.Id, GrantEnd.Off), (ended.Grant, ended.Cause));
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task SetFarBackAndPutRight_IsNotTakenForAJump()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromHours(-3));
        await world.AdvanceAsync(TimeSpan.FromMinutes(2));
        await AssertLockedOutAsync(world, session);
        Set(world, TimeSpan.FromHours(3));
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        (await world.BeginAsync(session, World.UpdateTitle)).Dispose();
    }

    [Fact]
    public async Task JumpAhead_IsNoticedWithinASecond_StopsActs_AndEndsNothing()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        using var act = await world.BeginAsync(session, World.FollowLog);
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));

        await AssertLockedOutAsync(world, session);
        Assert.True(act.Stopping.IsCancellationRequested);
        Assert.Empty(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
    }

    [Fact]
    public async Task JumpAhead_IsNoEnd_ForTheFirstWhoAsks()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        var (decision, act) = await world.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, target: null);
        Assert.Null(act);
        Assert.Equal(DecisionReason.Clock, decision.Reason);
        Assert.Empty(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
    }

    [Fact]
    public async Task JumpAhead_LiftsByItself_OnceTheClockIsSetRight()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        Set(world, TimeSpan.FromDays(-2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(world.Access.Health.IsWorking);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
        Assert.False(world.Access.Health.MayAcceptClock);
        Assert.Equal(RefusalReason.Invalid, (await world.Access.AcceptClockAsync(World.Sue)).Refusal?.Reason);
    }

    [Fact]
    public async Task JumpAhead_HoldsAppends_ButRecordsEnds_AtTheTimeThatIsVouchedFor()
    {
        await using var world = await World.StartAsync();
        await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        Assert.Equal(RefusalReason.Clock, (await world.Access.TurnOnAsync(World.Android, World.Adam, new Terms())).Refusal?.Reason);

        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await world.TurnOffAsync(World.Ios);
        var ended = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((GrantEnd.Off, Latchkey.Testing.ManualClock.DefaultStart.AddSeconds(10)), (ended.Cause, ended.At));
    }

    [Fact]
    public async Task JumpAhead_OnceAccepted_IsOnTheVendorsLedger_AndTimeGoesOnFromThere()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromHours(3));
        Set(world, TimeSpan.FromHours(5));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Null((await world.Access.AcceptClockAsync(World.Sue)).Refusal);

        Assert.Equal(DecisionReason.SessionClosed, world.Ask(session));
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        var accepted = Assert.Single(await world.Ledgers.FactsAsync<ClockAccepted>(AccountId.Vendor));
        var start = Latchkey.Testing.ManualClock.DefaultStart.AddSeconds(1);
        Assert.Equal((World.Sue.Id, start, start.AddHours(5)), (accepted.By, accepted.Expected, accepted.Accepted));
        Assert.Equal(session.View.Toggle!.Until, Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).At);
        await world.TurnOnAsync(World.Ios);
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task JumpAhead_IsHeldOverRestarts_UntilALeadAcceptsIt()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.RestartAsync();
        await AssertLockedOutAsync(world, session);
        Assert.True(world.Access.Health.MayAcceptClock);

        // Nor does a second one, or time that passes while nobody runs.
        await world.RestartAsync(TimeSpan.FromHours(1));
        await AssertLockedOutAsync(world, session);
        Assert.Empty(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));

        Assert.Null((await world.Access.AcceptClockAsync(World.Sue)).Refusal);
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(session.View.Toggle!.Until, Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).At);
        await world.RestartAsync();
        Assert.True(world.Access.Health.IsWorking);
        await world.TurnOnAsync(World.Ios);
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task JumpAhead_HeldOverARestart_RecordsEnds_AtNoTimeBeforeWhatWasVouchedFor()
    {
        await using var world = await World.StartAsync();
        await OpenAsync(world, TimeSpan.FromDays(1));
        await world.AdvanceAsync(TimeSpan.FromMinutes(3));
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.RestartAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await world.TurnOffAsync(World.Ios);
        var ended = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal(GrantEnd.Off, ended.Cause);
        Assert.InRange(ended.At, Latchkey.Testing.ManualClock.DefaultStart.AddMinutes(3), Latchkey.Testing.ManualClock.DefaultStart.AddMinutes(4));
    }

    [Fact]
    public async Task JumpAhead_HeldOverARestart_StillKnowsWhatEndedLately()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromHours(3));
        await world.TurnOffAsync(World.Ios);
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.RestartAsync();
        Set(world, TimeSpan.FromDays(-2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
    }

    [Fact]
    public async Task JumpAhead_SetRightWhileItRan_IsForgottenByTheNextStart()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        Set(world, TimeSpan.FromDays(-2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.RestartAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));
    }

    [Fact]
    public async Task JumpAhead_ThatCouldNotBeWrittenDown_IsWrittenDownOnceItCan()
    {
        FaultyStore store = null!;
        await using var world = await World.StartAsync(around: inner => store = new FaultyStore(inner));
        var session = await OpenAsync(world, TimeSpan.FromDays(1));
        store.IsDown = true;
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromSeconds(2));
        store.IsDown = false;
        await world.AdvanceAsync(TimeSpan.FromSeconds(2));
        await world.RestartAsync();
        await AssertLockedOutAsync(world, session);
    }

    [Fact]
    public async Task JumpAhead_LetsTheWatchForEndsSleep()
    {
        FaultyStore store = null!;
        await using var world = await World.StartAsync(around: inner => store = new FaultyStore(inner));
        await OpenAsync(world, TimeSpan.FromDays(1));
        Set(world, TimeSpan.FromDays(2));
        await world.AdvanceAsync(TimeSpan.FromMinutes(2));
        var before = store.Transactions;
        for (var i = 0; i < 200; i++)
        {
            await world.SettleAsync();
        }

        // Each of these takes two transactions, and nobody else takes any.
        Assert.InRange(store.Transactions - before, 400, 401);
    }

    [Fact]
    public async Task EntryTimes_NeverRunBackwards_HoweverTheClockIsSet()
    {
        var random = new Seeded(5);
        await using var world = await World.StartAsync();
        for (var i = 0; i < 200; i++)
        {
            Set(world, TimeSpan.FromMilliseconds(random.Below(8000) - 4000));
            await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(TimeSpan.FromHours(1), Note: "again"));
            await world.Access.TurnOffAsync(World.Ios, World.Adam);
        }

        await world.Ledgers.AssertStoryHoldsAsync();
        await world.Ledgers.AssertVerifiesAsync();
    }

    private static void Set(World world, TimeSpan by) => world.Clock.SetWall(world.Clock.GetUtcNow() + by);

    private static async Task<Entered> OpenAsync(World world, TimeSpan window)
    {
        await world.TurnOnAsync(World.Ios, new Terms(window));
        return await world.EnterAsync(World.Ios, World.Sam);
    }

    private static async Task AssertLockedOutAsync(World world, Entered session)
    {
        Assert.Equal(DecisionReason.Clock, world.Ask(session));
        Assert.Equal(DecisionReason.Clock, world.Access.Health.Reason);
        Assert.Equal(RefusalReason.Clock, (await world.Access.TurnOnAsync(World.Web, World.Adam, new Terms())).Refusal?.Reason);
        Assert.Equal(RefusalReason.Clock, (await world.Access.EnterAsync(World.Ios.Id, World.Sue, "Let me in", ticket: null)).Refusal?.Reason);
        Assert.Equal(RefusalReason.Clock, (await world.Access.RedeemAsync(session.Code, World.Sam)).Refusal?.Reason);
        var (decision, act) = await world.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.ReadTitle, target: null);
        Assert.Null(act);
        Assert.Equal(DecisionReason.Clock, decision.Reason);
    }
}
