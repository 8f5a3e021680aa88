using System.Reflection;
using Latchkey.Ledger;

namespace Latchkey.Tests.Notices;

/// <summary>Whatever fails and restarts in between, each thing is told once to each person, and nothing is left out.</summary>
public sealed class OnceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EachThingIsToldOnce_WhateverFailsBetween(ulong seed)
    {
        var random = new Seeded(seed);
        await using var world = await World.StartAsync(around: store => StumblingStore.Around(store, random));
        var people = new People();
        await world.Access.Notices.WriteChoicesAsync(
            World.Northwind,
            Enum.GetValues<NoticeKind>().ToDictionary(k => k, _ => new NoticeChoice(Administrators: true, Owners: true, [], InApp: true, Email: true, Webhook: false)),
            CancellationToken.None);
        for (var step = 0; step < 60; step++)
        {
            await ActAsync(world, random);
            if (random.OneIn(2))
            {
                await RoundAsync(world, people, random);
            }
        }

        while (!await RoundAsync(world, people, random))
        {
            // Until a round ends well: what it finds by then has been told.
        }

        await AssertToldOnceAsync(world, People.Adam);
        await AssertToldOnceAsync(world, People.Olivia);
    }

    private static async Task ActAsync(World world, Seeded random)
    {
        switch (random.Below(5))
        {
            case 0:
                await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromMinutes(30 + random.Below(4000))));
                break;
            case 1:
                await world.TurnOffAsync(World.Ios);
                break;
            case 2:
                await world.AdvanceAsync(TimeSpan.FromMinutes(random.Below(300)));
                break;
            case 3:
                await world.RestartAsync(TimeSpan.FromMinutes(random.Below(90)));
                break;
            default:
                await world.Access.EnterAsync(World.Ios.Id, World.Sam, "Looking into it", ticket: null);
                break;
        }
    }

    /// <summary>One round of telling, as the process has it that may be killed in it. False where it was.</summary>
    private static async Task<bool> RoundAsync(World world, People people, Seeded random)
    {
        try
        {
            var teller = new Teller(world.Access);
            await teller.PlanAsync(CancellationToken.None);
            await teller.SpreadAsync(people, mail: true, CancellationToken.None);
            return true;
        }
        catch (LedgerStoreException)
        {
            if (random.OneIn(2))
            {
                await world.RestartAsync();
            }

            return false;
        }
    }

    private static async Task AssertToldOnceAsync(World world, Recipient who)
    {
        var facts = (await world.Access.History.ReadEntriesAsync(World.Northwind, 0, IHistory.MaxPage, CancellationToken.None))
            .Select(e => LedgerEntry.Parse(e.Bytes)).Select(e => Fact.Read(e.Kind, e.Fields)).ToList();
        var told = (await world.Access.Notices.ReadInboxAsync(who.Reader, long.MaxValue, 1000, CancellationToken.None)).Select(l => l.Source.Notice).ToList();
        var mailed = (await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, DateTimeOffset.MaxValue.AddDays(-1), 1000, CancellationToken.None))
            .Where(d => d.Delivery.Reader == who.Reader).Select(d => d.Delivery.Notice).ToList();

        var entered = facts.OfType<SessionOpened>().Select(f => f.Grant).Distinct().Count();
        Assert.Equal(facts.Count(f => f is GrantStarted or GrantChanged), told.Count(n => n.Kind == NoticeKind.On));
        Assert.Equal(entered, told.Count(n => n.Kind == NoticeKind.FirstEntry));
        Assert.Equal(facts.OfType<SessionOpened>().Count() - entered, told.Count(n => n.Kind == NoticeKind.EachEntry));
        Assert.Equal(facts.OfType<GrantEnded>().Select(f => f.Grant.Value).Order(), told.Where(n => n.Kind == NoticeKind.Ended).Select(n => n.Subject).Order());
        Assert.Equal(told.Count(n => n.Kind == NoticeKind.Ended), told.Count(n => n.Kind == NoticeKind.Report));
        Assert.Equal(told.Count, told.Distinct().Count());
        Assert.Equal(told.ToHashSet(), [.. mailed]);
        Assert.Equal(told.Count, mailed.Count);
    }
}

/// <summary>Plans and spreads as the store below does, but every third time fails: before it was kept, or after.</summary>
public class StumblingStore : DispatchProxy
{
    private object _inner = null!;
    private Seeded _random = null!;

    internal static ILedgerStore Around(ILedgerStore store, Seeded random) => Around<ILedgerStore>(store, random);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.ReturnType == typeof(INoticeStore))
        {
            return Around((INoticeStore)targetMethod.Invoke(_inner, args)!, _random);
        }

        var stumbles = targetMethod.Name is nameof(INoticeStore.PlanAsync) or nameof(INoticeStore.SpreadAsync) && _random.OneIn(3);
        if (stumbles && _random.OneIn(2))
        {
            throw Killed();
        }

        var answer = targetMethod.Invoke(_inner, args);
        return stumbles ? throw Killed() : answer;
    }

    private static T Around<T>(T inner, Seeded random)
        where T : class
    {
        var proxy = Create<T, StumblingStore>();
        ((StumblingStore)(object)proxy)._inner = inner;
        ((StumblingStore)(object)proxy)._random = random;
        return proxy;
    }

    private static LedgerStoreException Killed() => new("Killed here.", isTransient: true);
}
