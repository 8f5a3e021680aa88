namespace Latchkey.Tests.Notices;

/// <summary>A notice for which the host fails holds up nothing else, and is told once it can be.</summary>
[Trait("capability", "K1")]
public sealed class SetAsideTests
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);
    private readonly People _people = new() { Broken = World.Ios.Id };

    [Fact]
    public async Task HoldsUpNoOther_AndIsToldWhenTheHostAnswersAgain()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await world.TurnOnAsync(World.Android);
        await TellAsync(world);
        Assert.Equal([World.Android.Id], await ToldAsync(world));
        Assert.Equal(new NoticeTrouble(1, 0), await world.Access.Notices.CountTroubleAsync(CancellationToken.None));

        _people.Broken = null;
        world.Clock.Advance(HalfAMinute - TimeSpan.FromMilliseconds(1));
        await TellAsync(world);
        Assert.Equal([World.Android.Id], await ToldAsync(world));
        world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await TellAsync(world);
        Assert.Equal([World.Android.Id, World.Ios.Id], await ToldAsync(world));
        Assert.Equal(new NoticeTrouble(0, 0), await world.Access.Notices.CountTroubleAsync(CancellationToken.None));
    }

    [Fact]
    public async Task IsTriedAfterPausesThatGrow_UpToFourHours_AndNeverGivenUp()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(30)));
        var pauses = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            await TellAsync(world);
            var next = (await world.Access.Notices.NextDueAsync(CancellationToken.None))!.Value - world.Access.Now;
            pauses.Add(next.TotalMinutes);
            await world.AdvanceAsync(next);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240], pauses);
    }

    [Fact]
    public async Task SurvivesARestart()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await TellAsync(world);
        await world.RestartAsync(HalfAMinute);
        _people.Broken = null;
        await TellAsync(world);
        await TellAsync(world);
        Assert.Equal([World.Ios.Id], await ToldAsync(world));
    }

    [Fact]
    public async Task OneThatIsNoNewsAnyMore_IsNotToldLater()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(3)));
        _people.Broken = null;
        await TellAsync(world);
        _people.Broken = World.Ios.Id;
        await world.AdvanceAsync(TimeSpan.FromDays(2));
        await TellAsync(world);
        Assert.Equal(new NoticeTrouble(1, 0), await world.Access.Notices.CountTroubleAsync(CancellationToken.None));

        // That it ends in a day, once it has ended.
        await world.TurnOffAsync(World.Ios);
        _people.Broken = null;
        await world.AdvanceAsync(HalfAMinute);
        await TellAsync(world);
        var kinds = (await world.Access.Notices.ReadInboxAsync(People.Adam.Reader, long.MaxValue, 10, CancellationToken.None)).Select(line => line.Source.Notice.Kind).Reverse();
        Assert.Equal([NoticeKind.On, NoticeKind.Ended], kinds);
    }

    private static async Task<IEnumerable<AppId?>> ToldAsync(World world) =>
        (await world.Access.Notices.ReadInboxAsync(People.Adam.Reader, long.MaxValue, 100, CancellationToken.None)).Select(line => line.Source.Notice.App).Reverse();

    private async Task TellAsync(World world)
    {
        var teller = new Teller(world.Access);
        await teller.PlanAsync(CancellationToken.None);
        await teller.SpreadAsync(_people, mail: true, CancellationToken.None);
    }
}
