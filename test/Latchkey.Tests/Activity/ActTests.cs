namespace Latchkey.Tests.Activity;

public sealed class ActTests
{
    [Fact]
    public async Task ChangeIsOnTheLedger_BeforeItHappens_AndItsOutcomeAfter()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.UpdateTitle, "title");
        var begun = Assert.Single(await world.Ledgers.FactsAsync<ActBegun>(World.Northwind));
        Assert.Equal((session.Session.Id, "app.title.update", false), (begun.Session, begun.Permission, begun.Stream));
        Assert.Null((await RecordAsync(world)).Outcome);

        act.Changed("title", "Old", "New");
        act.ChangedSecret("signing key");
        await act.EndAsync(ActOutcome.Done, 204);
        var record = await RecordAsync(world);
        Assert.Equal((ActOutcome.Done, 204, "title"), (record.Outcome, record.Status, record.Target));
        Assert.Equal([new ChangeRecord("title", "Old", "New", false), new ChangeRecord("signing key", null, null, true)], record.Changes);
    }

    [Fact]
    public async Task ChangeThatIsNeverEnded_KeepsAnUnknownOutcome()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        (await world.BeginAsync(session, World.UpdateTitle)).Dispose();
        await world.RestartAsync();
        Assert.Null((await RecordAsync(world)).Outcome);
    }

    [Fact]
    public async Task Ends_Once()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.UpdateTitle);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => act.EndAsync(ActOutcome.Done, i))));
        Assert.Single(await world.Ledgers.FactsAsync<ActEnded>(World.Northwind));
    }

    [Fact]
    public async Task ReadIsRecordedTheFirstTime_ThenOnceAMinute()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        var tick = TimeSpan.FromTicks(1);
        await ReadAsync(world, session, "page 1", recorded: 1);
        await ReadAsync(world, session, "page 1", recorded: 1);
        world.Clock.Advance(TimeSpan.FromMinutes(1) - tick);
        await ReadAsync(world, session, "page 1", recorded: 1);
        world.Clock.Advance(tick);
        await ReadAsync(world, session, "page 1", recorded: 2);
        world.Clock.Advance(TimeSpan.FromMinutes(1) - tick);
        await ReadAsync(world, session, "page 1", recorded: 2);
    }

    [Fact]
    public async Task ReadIsRecorded_PerTarget_Permission_AndSession()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        var other = await world.EnterAsync(World.Ios, World.Sue);
        await ReadAsync(world, session, "page 1", recorded: 1);
        await ReadAsync(world, session, "page 2", recorded: 2);
        await ReadAsync(world, session, null, recorded: 3);
        await ReadAsync(world, other, "page 1", recorded: 4);
        using (await world.BeginAsync(session, World.ReadArtifact, "page 1"))
        {
            Assert.Equal(5, (await world.Ledgers.FactsAsync<ActRead>(World.Northwind)).Count);
        }

        var again = await world.EnterAsync(World.Ios, World.Sam);
        await ReadAsync(world, again, "page 1", recorded: 6);
    }

    [Fact]
    public async Task RecentRead_OpensNothing_AfterTheEnd()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        await ReadAsync(world, session, "page 1", recorded: 1);
        await world.TurnOffAsync(World.Ios);
        var (decision, act) = await world.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.ReadTitle, "page 1");
        Assert.Null(act);
        Assert.Equal(DecisionReason.Ended, decision.Reason);
    }

    [Fact]
    public async Task StreamIsRecorded_WhenItOpensAndWhenItCloses()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.FollowLog, "build 7");
        Assert.True(Assert.Single(await world.Ledgers.FactsAsync<ActBegun>(World.Northwind)).Stream);
        await act.EndAsync(ActOutcome.Done);
        Assert.Single(await world.Ledgers.FactsAsync<ActEnded>(World.Northwind));
        var sessions = await world.Access.History.ReadSessionsAsync(new SessionQuery(World.Ios.Id), CancellationToken.None);
        Assert.Equal((1, 0), (sessions[0].Acts, sessions[0].Changes));
    }

    [Fact]
    public async Task OffStopsAnActUnderWay_WaitsForIt_AndItsOutcomeIsOnTheLedger()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.UpdateTitle);
        var off = world.Access.TurnOffAsync(World.Ios, World.Adam);
        Assert.True(await Eventually.HoldsAsync(() => act.Stopping.IsCancellationRequested));
        Assert.False(off.IsCompleted);

        act.Changed("title", "Old", "Half");
        await act.EndAsync(ActOutcome.Cancelled);
        Assert.Equal(0, (await off).Value!.StillRunning);
        Assert.Equal(ActOutcome.Cancelled, (await RecordAsync(world)).Outcome);
    }

    [Fact]
    public async Task OffCountsAnActThatDoesNotStop_AfterItsWait_AndKeepsItsOutcomeAllTheSame()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.UpdateTitle);
        using var read = await world.BeginAsync(session, World.ReadTitle);
        var off = world.Access.TurnOffAsync(World.Ios, World.Adam);
        Assert.True(await Eventually.HoldsAsync(() =>
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return off.IsCompleted;
        }));
        Assert.Equal(2, (await off).Value!.StillRunning);

        await act.EndAsync(ActOutcome.Done, 200);
        Assert.Equal(ActOutcome.Done, (await RecordAsync(world)).Outcome);
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task LoweringTheRole_StopsOnlyWhatItNoLongerLends()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var change = await world.BeginAsync(session, World.UpdateTitle);
        using var stream = await world.BeginAsync(session, World.FollowLog);
        await world.TurnOnAsync(World.Ios, new Terms(Role: "viewer"));
        Assert.True(change.Stopping.IsCancellationRequested);
        Assert.False(stream.Stopping.IsCancellationRequested);
        Assert.Equal(DecisionReason.NotInRole, world.Ask(session, World.UpdateTitle));
    }

    [Fact]
    public async Task HugeReport_IsCutToWhatAnEntryHolds()
    {
        await using var world = await World.StartAsync();
        var session = await OpenAsync(world);
        using var act = await world.BeginAsync(session, World.UpdateTitle, new string('t', 5000));
        for (var i = 0; i < 5000; i++)
        {
            act.Changed(new string('w', 300), "\uD800 lone", "\0 nul \u202E");
        }

        act.Changed("big", null, new string('b', Content.MaxLength + 10));
        await act.EndAsync(ActOutcome.Done);
        Assert.True(world.Access.Health.IsWorking);
        var record = await RecordAsync(world);
        Assert.Equal(Act.MaxChanges + 1, record.Changes.Length);
        Assert.Equal("4901 further changes", record.Changes[^1].What);
        await world.Ledgers.AssertVerifiesAsync();
    }

    [Fact]
    public async Task RefusalsAreNoted_OnTheVendorsLedger_OnceAMinuteWithTheirCount()
    {
        await using var world = await World.StartAsync();
        for (var i = 0; i < 500; i++)
        {
            world.Access.NoteRefused(World.Sam.Id, DecisionReason.NoGrant, "app.title.read", "GET /apps/secret");
        }

        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Access.NoteRefused(World.Sam.Id, DecisionReason.NoGrant, "app.title.read", "GET /apps/secret");
        await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms());
        var refused = await world.Ledgers.FactsAsync<Refused>(AccountId.Vendor);
        Assert.Equal([1, 500], refused.Select(r => r.Times));
    }

    private static async Task<Entered> OpenAsync(World world)
    {
        await world.TurnOnAsync(World.Ios);
        return await world.EnterAsync(World.Ios, World.Sam);
    }

    private static async Task ReadAsync(World world, Entered session, string? target, int recorded)
    {
        using var act = await world.BeginAsync(session, World.ReadTitle, target);
        await act.EndAsync(ActOutcome.Done);
        Assert.Equal(recorded, (await world.Ledgers.FactsAsync<ActRead>(World.Northwind)).Count);
    }

    private static async Task<ActRecord> RecordAsync(World world) =>
        (await world.Access.History.ReadActsAsync(new ActQuery(World.Ios.Id, ChangesOnly: true), CancellationToken.None))[0];
}
