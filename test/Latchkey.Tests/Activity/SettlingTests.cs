namespace Latchkey.Tests.Activity;

/// <summary>P3: what support changed is kept or undone by an admin of the customer, and that is on the ledger.</summary>
public sealed class SettlingTests
{
    [Fact]
    public async Task Settlement_IsRecorded_WithWhoAndWhen_AndTheFirstOneStands()
    {
        await using var world = await World.StartAsync();
        var act = await ChangeAsync(world);
        world.Clock.Advance(TimeSpan.FromHours(1));
        var settled = await world.Access.SettleAsync(World.Ios, act, Settlement.Undone, World.Adam);
        Assert.Equal((act, Settlement.Undone), (settled.Value!.Act, settled.Value.Decision));
        var at = world.Clock.GetUtcNow();
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Access.SettleAsync(World.Ios, act, Settlement.Kept, World.Adam);

        var record = Assert.Single(await world.Access.History.ReadActsAsync(new ActQuery(World.Ios.Id, Act: act), CancellationToken.None));
        Assert.Equal((Settlement.Undone, at, World.Adam.Name), (record.Settled, record.SettledAt, record.SettledByName));
        Assert.Equal(2, (await world.Ledgers.FactsAsync<ChangeSettled>(World.Northwind)).Count);
        await world.Ledgers.AssertVerifiesAsync();
    }

    [Theory]
    [InlineData(true, false, false, RefusalReason.SupportInDisguise)]
    [InlineData(false, false, false, RefusalReason.NotAllowed)]
    [InlineData(true, true, true, RefusalReason.SupportInDisguise)]
    [InlineData(false, true, true, RefusalReason.PromotedBySupport)]
    public async Task SupportInAnyDisguise_AndWhoIsNoAdmin_SettleNothing(bool isAgent, bool mayTurn, bool promoted, RefusalReason reason)
    {
        await using var world = await World.StartAsync();
        var act = await ChangeAsync(world);
        var by = World.Adam with { IsAgent = isAgent, MayTurn = mayTurn, PromotedBySupport = promoted };
        Assert.Equal(reason, world.Access.MaySettle(by)?.Reason);
        Assert.Equal(reason, (await world.Access.SettleAsync(World.Ios, act, Settlement.Kept, by)).Refusal?.Reason);
        Assert.Empty(await world.Ledgers.FactsAsync<ChangeSettled>(World.Northwind));
    }

    private static async Task<ActId> ChangeAsync(World world)
    {
        await world.TurnOnAsync(World.Ios);
        var entered = await world.EnterAsync(World.Ios, World.Sam);
        using var act = await world.BeginAsync(entered, World.UpdateTitle, "title");
        await act.EndAsync(ActOutcome.Done);
        return act.Recorded!.Value;
    }
}
