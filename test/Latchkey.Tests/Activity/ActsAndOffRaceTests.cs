using System.Collections.Concurrent;

namespace Latchkey.Tests.Activity;

public sealed class ActsAndOffRaceTests
{
    private const int Flips = 500;

    [Fact]
    public async Task ThousandsOfInterleavings_LeaveNoActAfterItsEnd_AndNoneUnrecorded()
    {
        await using var world = await World.StartAsync();
        var apps = new[] { new Place(World.Ios), new Place(World.Android) };
        using var over = new CancellationTokenSource();
        var agents = apps.SelectMany(place => new[] { World.Sam, World.Sue }.Select(agent => Task.Run(() => WorkAsync(world, place, agent, over.Token)))).ToArray();
        await Task.WhenAll(apps.Select((place, i) => Task.Run(() => FlipAsync(world, place, (ulong)i))));
        await over.CancelAsync();
        await Task.WhenAll(agents);

        await world.Ledgers.AssertVerifiesAsync();
        await world.Ledgers.AssertStoryHoldsAsync();
        var facts = (await world.Ledgers.ReadAsync(World.Northwind)).Select(e => e.Fact).ToList();
        foreach (var place in apps)
        {
            var (begun, ended) = (facts.OfType<ActBegun>().Count(f => f.App == place.App.Id), facts.OfType<ActEnded>().Count(f => f.App == place.App.Id));
            Assert.Equal((place.Begun, place.Begun), (begun, ended));
            Assert.Equal(Flips, facts.OfType<GrantEnded>().Count(f => f.App == place.App.Id));
            Assert.True(place.Begun > 100, $"Only {place.Begun} acts came between {Flips} ends");
        }

        Assert.True(apps.Sum(p => p.Stopped) > 0, "No end ever met an act under way");
    }

    private static async Task FlipAsync(World world, Place place, ulong seed)
    {
        var random = new Seeded(seed);
        for (var i = 0; i < Flips; i++)
        {
            await world.TurnOnAsync(place.App, new Terms(TimeSpan.FromDays(1)));
            place.IsOff = false;
            await PauseAsync(random.Below(6));
            if (random.OneIn(3) && place.Sessions.Values.FirstOrDefault() is { } some)
            {
                await world.Access.LeaveAsync(some.Session.Id, some.Session.Agent);
            }

            // Nobody turns a clock here, so this answers only once every act that was begun has ended.
            Assert.Equal(0, await world.TurnOffAsync(place.App));
            place.Generation++;
            place.IsOff = true;
            foreach (var session in place.Sessions.Values)
            {
                var (decision, act) = await world.Access.BeginAsync(session.Session.Agent, place.App.Id, session.Session.Id, World.UpdateTitle, target: null);
                Assert.Null(act);
                Assert.False(decision.IsAllowed);
            }

            await PauseAsync(random.Below(3));
            place.IsOff = false;
        }
    }

    private static async Task WorkAsync(World world, Place place, AgentRef agent, CancellationToken over)
    {
        var random = new Seeded((ulong)agent.Id.Value.Length + (ulong)place.App.Id.Value.Length);
        while (!over.IsCancellationRequested)
        {
            var entered = await world.Access.EnterAsync(place.App.Id, agent, "Racing", ticket: null);
            if (entered.Value is not { } session)
            {
                await Task.Yield();
                continue;
            }

            place.Sessions[agent.Id] = session;
            for (var going = true; going;)
            {
                going = await ActAsync(world, place, session, random.Pick(World.UpdateTitle, World.FollowLog, World.ReadTitle), random.Below(5));
            }
        }
    }

    private static async Task<bool> ActAsync(World world, Place place, Entered session, Permission permission, int pause)
    {
        var (wasOff, generation) = (place.IsOff, place.Generation);
        var (decision, act) = await world.Access.BeginAsync(session.Session.Agent, place.App.Id, session.Session.Id, permission, target: null);
        if (act is null)
        {
            return false;
        }

        using (act)
        {
            Assert.True(decision.IsAllowed);
            Assert.False(wasOff && place.IsOff && generation == place.Generation, "An act began between an end's answer and the next start");
            if (permission.Kind != PermissionKind.Read)
            {
                Interlocked.Increment(ref place.Begun);
            }

            await PauseAsync(pause);
            if (act.Stopping.IsCancellationRequested)
            {
                Interlocked.Increment(ref place.Stopped);
            }

            await act.EndAsync(act.Stopping.IsCancellationRequested ? ActOutcome.Cancelled : ActOutcome.Done);
            return true;
        }
    }

    private static async Task PauseAsync(int yields)
    {
        for (var i = 0; i < yields; i++)
        {
            await Task.Yield();
        }
    }

    private sealed class Place(AppRef app)
    {
        public int Begun;
        public int Stopped;
        private volatile bool _isOff;
        private volatile int _generation;

        public AppRef App => app;

        public ConcurrentDictionary<AgentId, Entered> Sessions { get; } = [];

        public bool IsOff
        {
            get => _isOff;
            set => _isOff = value;
        }

        public int Generation
        {
            get => _generation;
            set => _generation = value;
        }
    }
}
