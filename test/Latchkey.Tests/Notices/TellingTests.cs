namespace Latchkey.Tests.Notices;

/// <summary>Who is told what, and when.</summary>
public sealed class TellingTests
{
    private readonly People _people = new();

    [Fact]
    public async Task TellsTheStoryOfAKey_EachThingOnce()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(7)));
        await TellAsync(world);
        await world.EnterAsync(World.Ios, World.Sam);
        await TellAsync(world);
        await world.EnterAsync(World.Ios, World.Sue);
        await TellAsync(world);
        await world.TurnOffAsync(World.Ios);
        await TellAsync(world);
        Assert.Equal([NoticeKind.On, NoticeKind.FirstEntry, NoticeKind.Ended], await KindsAsync(world, People.Adam));
        Assert.Equal([NoticeKind.On, NoticeKind.FirstEntry, NoticeKind.Report], await MailsAsync(world));
    }

    [Fact]
    public async Task TellsOfEachEntry_WhereThatWasChosen()
    {
        await using var world = await World.StartAsync();
        await ChooseAsync(world, NoticeKind.EachEntry, new NoticeChoice(Administrators: true, Owners: false, [], InApp: true, Email: false, Webhook: false));
        await world.TurnOnAsync(World.Ios);
        for (var i = 0; i < 3; i++)
        {
            await world.EnterAsync(World.Ios, World.Sam);
        }

        await TellAsync(world);
        Assert.Equal([NoticeKind.On, NoticeKind.FirstEntry, NoticeKind.EachEntry, NoticeKind.EachEntry], await KindsAsync(world, People.Adam));
    }

    [Fact]
    public async Task TellsOfTheEnd_ADayAndAnHourBefore()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(3)));
        await TellAsync(world);
        await ElapseAsync(world, TimeSpan.FromDays(2) - TimeSpan.FromMilliseconds(1), NoticeKind.On);
        await ElapseAsync(world, TimeSpan.FromMilliseconds(1), NoticeKind.On, NoticeKind.Ending);
        await ElapseAsync(world, TimeSpan.FromHours(23), NoticeKind.On, NoticeKind.Ending, NoticeKind.Ending);
        await ElapseAsync(world, TimeSpan.FromHours(1), NoticeKind.On, NoticeKind.Ending, NoticeKind.Ending, NoticeKind.Ended);
    }

    [Fact]
    public async Task TellsOfTheNearestWarningAlone_AfterADownTime()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(3)));
        await TellAsync(world);
        await world.RestartAsync(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(5));
        await TellAsync(world);
        Assert.Equal([NoticeKind.On, NoticeKind.Ending], await KindsAsync(world, People.Adam));
    }

    [Fact]
    public async Task WarnsOfNoEnd_ThatWasMovedOrCame()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(2)));
        await world.AdvanceAsync(TimeSpan.FromHours(1));
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(9)));
        await TellAsync(world);
        await ElapseAsync(world, TimeSpan.FromDays(2), NoticeKind.On, NoticeKind.On);
        await world.TurnOffAsync(World.Ios);
        await TellAsync(world);
        await ElapseAsync(world, TimeSpan.FromDays(9), NoticeKind.On, NoticeKind.On, NoticeKind.Ended);
    }

    [Fact]
    public async Task GivesNoWarning_LongerThanTheWindow()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromHours(1)));
        await TellAsync(world);
        await ElapseAsync(world, TimeSpan.FromMinutes(59), NoticeKind.On);
    }

    [Fact]
    public async Task TellsWhomTheHostNamesThen_AndNobodyElse()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        _people.Administrators.Clear();
        await TellAsync(world);
        Assert.Empty(await KindsAsync(world, People.Adam));

        await world.TurnOnAsync(World.Web, lender: World.Admin("carla"));
        _people.Administrators.Add(People.Adam);
        await TellAsync(world);
        Assert.Empty(await KindsAsync(world, People.Adam));
    }

    [Fact]
    public async Task WhoeverCouldEndIt_IsToldHowItEnds_WithoutTheRole()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(2)));
        await TellAsync(world);
        _people.Administrators.Clear();
        _people.Others.Add(People.Adam);
        await world.EnterAsync(World.Ios, World.Sam);
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(1)), World.Admin("olivia"));
        await world.TurnOffAsync(World.Ios, World.Admin("olivia"));
        await TellAsync(world);
        Assert.Equal([NoticeKind.On, NoticeKind.Ended], await KindsAsync(world, People.Adam));
        // Olivia lent it last.
        Assert.Equal([NoticeKind.On, NoticeKind.Report, NoticeKind.Report], await MailsAsync(world));

        // What they could not end is not theirs to hear.
        await world.TurnOnAsync(World.Ios, lender: World.Admin("olivia"));
        await world.TurnOffAsync(World.Ios, World.Admin("olivia"));
        await TellAsync(world);
        Assert.Equal([NoticeKind.On, NoticeKind.Ended], await KindsAsync(world, People.Adam));
    }

    /// <summary>Who may turn it off and administers nothing is told once their role doesn't let them any more: before that, what is for administrators is not for them.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task WhoeverMayStillEndIt_IsNotToldHowItEnds(bool may, int told)
    {
        var piet = Recipient.Member(World.Northwind, new("piet"), "Piet de Vries", "piet@northwind.test");
        _people.Others.Add(piet);
        if (may)
        {
            _people.WhoMayEnd.Add(new("piet"));
        }

        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Duration: TimeSpan.FromDays(2)), World.Adam with { WhoMayEnd = [new("piet")] });
        await world.TurnOffAsync(World.Ios, World.Adam);
        await TellAsync(world);
        Assert.Equal(told, (await KindsAsync(world, piet)).Count(kind => kind == NoticeKind.Ended));
    }

    [Fact]
    public async Task WhoeverDoesNotSpeakForTheCustomer_IsToldNothingAsAnAdministrator()
    {
        var tess = Recipient.Member(World.Northwind, new("tess"), "Tess Moreau", "tess@northwind.test");
        _people.Administrators.Add(tess);
        _people.WithoutVoice.Add(new("tess"));
        await using var world = await World.StartAsync();
        await AskAsync(world);
        await TellAsync(world);
        await world.TurnOnAsync(World.Ios, lender: World.Admin("adam", "tess"));
        await world.EnterAsync(World.Ios, World.Sam);
        await world.TurnOffAsync(World.Ios);
        await TellAsync(world);
        Assert.Equal([NoticeKind.Request, NoticeKind.On, NoticeKind.FirstEntry, NoticeKind.Ended], await KindsAsync(world, People.Adam));
        Assert.Empty(await KindsAsync(world, tess));
        Assert.DoesNotContain(
            await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now, 100, CancellationToken.None), d => d.Delivery.Reader == tess.Reader);
    }

    [Fact]
    public async Task AMail_WaitsForNobodyWhoLostTheRole()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await TellAsync(world);
        var (delivery, _) = Assert.Single(await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now, 10, CancellationToken.None));
        var teller = new Teller(world.Access);
        Assert.Equal(People.Adam, await teller.FindRecipientAsync(_people, delivery, CancellationToken.None));
        _people.Administrators.Clear();
        Assert.Null(await teller.FindRecipientAsync(_people, delivery, CancellationToken.None));
    }

    [Fact]
    public async Task NamedPeopleAndOwners_AreToldOnceEach()
    {
        await using var world = await World.StartAsync();
        await ChooseAsync(world, NoticeKind.On, new NoticeChoice(
            Administrators: true, Owners: true, [new("adam"), new("olivia"), new("nobody")], InApp: true, Email: true, Webhook: false));
        await world.TurnOnAsync(World.Ios);
        await TellAsync(world);
        Assert.Equal([NoticeKind.On], await KindsAsync(world, People.Adam));
        Assert.Equal([NoticeKind.On], await KindsAsync(world, People.Olivia));
        Assert.Equal([NoticeKind.On, NoticeKind.On], await MailsAsync(world));
    }

    [Fact]
    public async Task AgentsWhoWorkedInAnApp_AreToldOfItInTheirInbox()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        await TellAsync(world);
        await world.EnterAsync(World.Ios, World.Sam);
        await world.EnterAsync(World.Ios, World.Sue);
        await world.TurnOffAsync(World.Ios);
        await TellAsync(world);
        Assert.Equal([NoticeKind.Ended], await KindsAsync(world, People.Sam));
        Assert.Equal(0, await world.Access.Notices.CountUnseenAsync(ReaderId.Of(World.Sue.Id), CancellationToken.None));
    }

    [Fact]
    public async Task TellsOfARequest_WhileItCanBeAnswered_AndItsAgentOfTheAnswer()
    {
        await using var world = await World.StartAsync();
        await AskAsync(world);
        await TellAsync(world);
        Assert.Equal([NoticeKind.Request], await KindsAsync(world, People.Adam));
        var (delivery, source) = Assert.Single(await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now, 10, CancellationToken.None));
        Assert.StartsWith("Sam Okafor of Acme Support asks for access to Title of app_ios", NoticeWords.Of(source, World.Catalogue, "Acme Support").Sentence, StringComparison.Ordinal);

        await world.Access.DenyAsync(World.Northwind, new RequestId(delivery.Notice.Subject), World.Adam, note: null);
        await TellAsync(world);
        Assert.Equal([NoticeKind.RequestAnswered], await KindsAsync(world, People.Sam));
        Assert.Equal([NoticeKind.Request], await KindsAsync(world, People.Adam));
        Assert.Null(await new Teller(world.Access).FindRecipientAsync(_people, delivery, CancellationToken.None));
    }

    [Fact]
    [Trait("capability", "T11")]
    public async Task TellsThatASecondPersonIsAsked_AndTheCustomerAloneHowThatCameOut()
    {
        await using var world = await World.StartAsync();
        _people.Administrators.Add(People.Olivia);
        await world.Access.RuleAsync(World.Northwind, World.Admin("olivia"), AccountPolicy.Default with { Approvers = 2 });
        var asked = (await world.Access.TurnOnAsync(World.Ios, World.Adam with { Name = "Adam Reyes" }, new Terms(Role: "titler"))).Value!.Waits!;
        await TellAsync(world);
        var (_, source) = (await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now, 10, CancellationToken.None))[0];
        Assert.StartsWith(
            "Adam Reyes wants to let Acme Support work in Title of app_ios as title editor. Your account wants two people for that: nothing changes until a second one allows it, and the question lapses on ",
            NoticeWords.Of(source, World.Catalogue, "Acme Support").Sentence, StringComparison.Ordinal);
        await world.Access.DenyAsync(World.Northwind, asked.Id, World.Admin("olivia"), note: null);
        await TellAsync(world);
        Assert.Equal([NoticeKind.Request, NoticeKind.RequestAnswered], await KindsAsync(world, People.Adam));
        Assert.Empty(await KindsAsync(world, People.Sam));
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task ARequestThatTooFewCanAllow_IsTheOwnersToHear()
    {
        await using var world = await World.StartAsync();
        await world.Access.RuleAsync(World.Northwind, World.Admin("olivia"), AccountPolicy.Default with { Approvers = 2 });
        await AskAsync(world);
        await TellAsync(world);
        Assert.Equal([NoticeKind.Request], await KindsAsync(world, People.Olivia));
    }

    [Fact]
    public async Task ARequestThatLapses_IsToldToBothSides()
    {
        await using var world = await World.StartAsync();
        await AskAsync(world);
        await TellAsync(world);
        await world.AdvanceAsync(TimeSpan.FromDays(4));
        await TellAsync(world);
        Assert.Equal([NoticeKind.RequestAnswered], await KindsAsync(world, People.Sam));
        Assert.Equal([NoticeKind.Request, NoticeKind.RequestAnswered], await KindsAsync(world, People.Adam));
    }

    [Fact]
    public async Task WithoutAMailServer_NoMailWaits()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var teller = new Teller(world.Access);
        await teller.PlanAsync(CancellationToken.None);
        await teller.SpreadAsync(_people, mail: false, CancellationToken.None);
        Assert.Empty(await MailsAsync(world));
        Assert.Equal([NoticeKind.On], await KindsAsync(world, People.Adam));
    }

    private static async Task AskAsync(World world) => Assert.Null(
        (await world.Access.RequestAsync(new RequestTarget(World.Northwind, World.Ios, World.Ios.Name.Title), World.Sam, new Plea("The signing step fails"))).Refusal);

    private static Task ChooseAsync(World world, NoticeKind kind, NoticeChoice choice) =>
        world.Access.Notices.WriteChoicesAsync(World.Northwind, new Dictionary<NoticeKind, NoticeChoice> { [kind] = choice }, CancellationToken.None);

    private static async Task<IEnumerable<NoticeKind>> KindsAsync(World world, Recipient who) =>
        (await world.Access.Notices.ReadInboxAsync(who.Reader, long.MaxValue, 100, CancellationToken.None)).Select(l => l.Source.Notice.Kind).Reverse();

    private static async Task<IEnumerable<NoticeKind>> MailsAsync(World world) =>
        (await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now, 100, CancellationToken.None)).Select(d => d.Delivery.Notice.Kind);

    private async Task TellAsync(World world)
    {
        var teller = new Teller(world.Access);
        await teller.PlanAsync(CancellationToken.None);
        await teller.SpreadAsync(_people, mail: true, CancellationToken.None);
    }

    private async Task ElapseAsync(World world, TimeSpan by, params NoticeKind[] told)
    {
        await world.AdvanceAsync(by);
        await TellAsync(world);
        Assert.Equal(told, await KindsAsync(world, People.Adam));
    }
}
