namespace Latchkey.Tests.Storage;

/// <summary>A world with one app lent and one agent in it, on a store that fails when told to.</summary>
internal sealed class Faulty : IAsyncDisposable
{
    public World World { get; private set; } = null!;

    public FaultyStore Store { get; private set; } = null!;

    public FaultyClock Clock { get; private set; } = null!;

    public Entered Session { get; private set; } = null!;

    public bool ShutAtStart { get; set; }

    public static async Task<Faulty> StartAsync()
    {
        var at = new Faulty();
        at.World = await World.StartAsync(
            around: inner => at.Store = new FaultyStore(inner) { IsShut = at.ShutAtStart }, time: clock => at.Clock = new FaultyClock(clock), log: new FaultyLog());
        await at.World.TurnOnAsync(World.Ios);
        at.Session = await at.World.EnterAsync(World.Ios, World.Sam);
        return at;
    }

    /// <summary>Lets seconds pass, one after each try, until the ledger can be written again.</summary>
    public async Task RecoverAsync()
    {
        for (var seconds = 0; !World.Access.Health.IsWorking; seconds++)
        {
            Assert.True(seconds < 60, "The ledger is not tried again");
            var tries = Store.Tries;
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await Eventually.HoldsAsync(() => World.Access.Health.IsWorking || Store.Tries > tries));
        }
    }

    /// <summary>The ledger verifies, tells a story that holds, and says the same as memory does.</summary>
    public async Task AssertWholeAsync()
    {
        await World.Ledgers.AssertVerifiesAsync();
        await World.Ledgers.AssertStoryHoldsAsync();
        var before = Picture();
        var history = await World.Ledgers.DumpAsync();
        await World.RestartAsync();
        Assert.Equal(before, Picture());
        await World.Store.RebuildAsync(CancellationToken.None);
        Assert.Equal(history, await World.Ledgers.DumpAsync());
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();

    private string Picture() => string.Join("\n", new[] { World.Ios, World.Android, World.Web }.Select(app =>
    {
        var view = World.Access.Find(app.Id);
        var sessions = (view?.Sessions ?? []).Select(s => s.Id.Value).Order(StringComparer.Ordinal);
        return $"{app.Id}: {view?.Toggle?.Id} {view?.Toggle?.Role} {view?.Toggle?.Until:O} {string.Join(",", sessions)}";
    }));
}
