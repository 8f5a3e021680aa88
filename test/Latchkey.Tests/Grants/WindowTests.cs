namespace Latchkey.Tests.Grants;

public sealed class WindowTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task AllowsOneTickBeforeTheEnd_AndDeniesAtIt()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));
        world.Clock.Advance(TimeSpan.FromMinutes(10) - Tick);
        Assert.Equal(DecisionReason.Allowed, world.Ask(session));

        world.Clock.Advance(Tick);
        var decision = world.Access.Decide(session.Session.Agent, World.Ios.Id, session.Session.Id, World.ReadTitle);
        Assert.Equal(DecisionReason.Ended, decision.Reason);
        Assert.Equal(session.View.Toggle!.Until, decision.EndedAt);
    }

    [Theory]
    [InlineData(-1, DecisionReason.Allowed)]
    [InlineData(0, DecisionReason.Ended)]
    [InlineData(1, DecisionReason.Ended)]
    public async Task IsExact_WithNobodyRunningUntilThen(long ticks, DecisionReason expected)
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));
        await world.RestartAsync(TimeSpan.FromMinutes(10) + TimeSpan.FromTicks(ticks));
        Assert.Equal(expected, world.Ask(session));
    }

    [Fact]
    public async Task EndIsRecordedAsExpired_AtTheEndOfTheWindow_WhenItComes()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        await AssertExpiredAsync(world, session);
    }

    [Fact]
    public async Task EndIsRecordedAsExpired_AtTheEndOfTheWindow_AtTheStartAfterIt()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));
        await world.RestartAsync(TimeSpan.FromDays(3));
        await AssertExpiredAsync(world, session);
        Assert.Empty(world.Access.OpenApps());
    }

    [Fact]
    public async Task EndIsOnTheLedger_BeforeAnActIsToldOfIt()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));

        // Set, not turned: no timer has fired when the question comes.
        world.Clock.SetWall(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(3));
        await world.TurnOnAsync(World.Ios, new Terms(Until: world.Clock.GetUtcNow() + TimeSpan.FromSeconds(1)));
        world.Clock.SetWall(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(1));
        var (decision, act) = await world.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, target: null);
        Assert.Null(act);
        Assert.Equal(DecisionReason.Ended, decision.Reason);
        Assert.Equal(GrantEnd.Expired, Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Cause);
    }

    [Fact]
    public async Task ExpiredWindow_IsRecordedAsExpired_WhoeverIsFirstToTouchIt()
    {
        Func<World, Entered, Task>[] first =
        [
            (world, _) => world.Access.TurnOffAsync(World.Ios, World.Adam),
            (world, _) => world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms()),
            (world, _) => world.Access.AppDeletedAsync(World.Ios.Id),
            (world, _) => world.Access.AccountClosedAsync(World.Northwind),
            (world, session) => world.Access.ForfeitAsync(session.View.Toggle!.Id, World.Sam),
            (world, session) => world.Access.LeaveAsync(session.Session.Id, World.Sam.Id),
        ];
        foreach (var touch in first)
        {
            await using var world = await World.StartAsync();
            var session = await OpenAsync(world, TimeSpan.FromMinutes(1));
            await world.TurnOnAsync(World.Ios, new Terms(Until: world.Clock.GetUtcNow() + TimeSpan.FromSeconds(2)));
            world.Clock.SetWall(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(4));
            await touch(world, session);
            var end = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
            Assert.Equal((GrantEnd.Expired, ManualStart(2), null), (end.Cause, end.At, end.By));
            var closed = Assert.Single(await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind));
            Assert.Equal((SessionClose.AccessEnded, ManualStart(2), null), (closed.Cause, closed.At, closed.By));
        }
    }

    [Fact]
    public async Task SessionThatWasIdleBeforeTheEnd_IsClosedAsIdle_AtItsOwnTime()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromHours(2));
        await world.RestartAsync(TimeSpan.FromHours(3));
        var closed = Assert.Single(await world.Ledgers.FactsAsync<SessionClosed>(World.Northwind));
        Assert.Equal((SessionClose.Idle, session.Session.OpenedAt.AddMinutes(30)), (closed.Cause, closed.At));
    }

    [Fact]
    public async Task RenewalAfterTheEnd_IsANewKey_AndRevivesNoSession()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world, TimeSpan.FromMinutes(10));
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        var renewed = await world.TurnOnAsync(World.Ios);
        Assert.NotEqual(session.View.Toggle!.Id, renewed.Toggle!.Id);
        Assert.Equal(DecisionReason.Ended, world.Ask(session));
    }

    private static DateTimeOffset ManualStart(int seconds) => Latchkey.Testing.ManualClock.DefaultStart.AddSeconds(seconds);

    private static async Task<Entered> OpenAsync(World world, TimeSpan window)
    {
        await world.TurnOnAsync(World.Ios, new Terms(window));
        return await world.EnterAsync(World.Ios, World.Sam);
    }

    private static async Task AssertExpiredAsync(World world, Entered session)
    {
        var end = Assert.Single(await world.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((GrantEnd.Expired, session.View.Toggle!.Until), (end.Cause, end.At));
        var record = Assert.Single(await world.Access.History.ReadGrantsAsync(new GrantQuery(World.Ios.Id, Limit: 10), CancellationToken.None));
        Assert.Equal((GrantEnd.Expired, session.View.Toggle.Until), (record.Cause, record.EndedAt));
    }
}
