namespace Latchkey.Tests.Decisions;

public sealed class DecideTests
{
    [Fact]
    public async Task Deciding_AllocatesNothing_WhateverTheAnswer()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Role: "viewer", Also: ["artifact.read"]));
        var session = await world.EnterAsync(World.Ios, World.Sam);
        var closed = await world.EnterAsync(World.Ios, World.Sue);
        await world.Access.LeaveAsync(closed.Session.Id, World.Sue.Id);
        (AgentId, AppId, SessionId?, Permission?, DecisionReason)[] questions =
        [
            (World.Sam.Id, World.Ios.Id, session.Session.Id, World.ReadTitle, DecisionReason.Allowed),
            (World.Sam.Id, World.Ios.Id, session.Session.Id, World.ReadArtifact, DecisionReason.Allowed),
            (World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, DecisionReason.NotInRole),
            (World.Sam.Id, World.Ios.Id, session.Session.Id, World.DeleteApp, DecisionReason.OffLimits),
            (World.Sam.Id, World.Ios.Id, session.Session.Id, null, DecisionReason.UnknownPermission),
            (World.Sam.Id, World.Ios.Id, null, World.ReadTitle, DecisionReason.NoSession),
            (World.Sue.Id, World.Ios.Id, closed.Session.Id, World.ReadTitle, DecisionReason.SessionClosed),
            (World.Sam.Id, World.Web.Id, null, World.ReadTitle, DecisionReason.NoGrant),
        ];
        foreach (var (agent, app, id, permission, reason) in questions)
        {
            Assert.Equal(reason, world.Access.Decide(agent, app, id, permission).Reason);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100_000; i++)
            {
                world.Access.Decide(agent, app, id, permission);
            }

            // Less than a byte a question: what the runtime itself takes while it compiles the loop anew.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 99_999);
        }
    }

    [Fact]
    public void NothingSaid_IsADenial()
    {
        Assert.False(default(Decision).IsAllowed);
        Assert.Equal(DecisionReason.NoGrant, default(Decision).Reason);
        Assert.Equal(DecisionReason.NoGrant, Decider.Decide(null, World.Sam.Id, null, World.ReadTitle, default).Reason);
    }

    [Fact]
    public void EveryReason_HasAWordOfItsOwn()
    {
        var reasons = Enum.GetValues<DecisionReason>();
        Assert.Equal(reasons.Length, reasons.Select(Decision.Slug).Distinct().Count());
        Assert.Equal("not_in_role", Decision.Slug(DecisionReason.NotInRole));
        Assert.Throws<ArgumentOutOfRangeException>(() => Decision.Slug((DecisionReason)200));
    }

    [Fact]
    public async Task Slug_LeadsToAnAppOnlyWhileItIsItsName()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var renamed = World.Ios with { Name = World.Ios.Name with { Slug = "renamed" } };
        await world.Access.AppChangedAsync(renamed);
        Assert.Null(world.Access.FindForAgent(World.Sam.Id, World.Ios.Name.Slug));
        Assert.Equal(World.Ios.Id, world.Access.FindForAgent(World.Sam.Id, "renamed")?.App);

        // Another app takes the name before the host reports that the first one gave it up.
        await world.TurnOnAsync(World.Android with { Name = renamed.Name });
        await world.Access.AppChangedAsync(World.Ios);
        Assert.Equal(World.Android.Id, world.Access.FindForAgent(World.Sam.Id, "renamed")?.App);
        await world.RestartAsync();
        Assert.Equal(World.Android.Id, world.Access.FindForAgent(World.Sam.Id, "renamed")?.App);
        Assert.Equal(World.Ios.Id, world.Access.FindForAgent(World.Sam.Id, World.Ios.Name.Slug)?.App);
    }

    [Fact]
    public async Task App_ThatIsNotLent_AndOneThatIsNotThere_AreOne()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await world.TurnOffAsync(World.Ios);
        Assert.Equal(world.Access.Decide(World.Sam.Id, new("never"), null, World.ReadTitle), world.Access.Decide(World.Sam.Id, World.Ios.Id, null, World.ReadTitle));
        Assert.Null(world.Access.FindForAgent(World.Sam.Id, World.Ios.Name.Slug));
        Assert.Empty(world.Access.OpenApps());
    }
}
