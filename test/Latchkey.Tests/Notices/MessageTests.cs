namespace Latchkey.Tests.Notices;

/// <summary>Who is told of messages in conversations, and how often.</summary>
public sealed class MessageTests
{
    private static readonly Topic s_aboutIos = new(World.Northwind, "Northwind", World.Ios);
    private static readonly Speaker s_adam = Speaker.Of(World.Admin("adam") with { Name = "Adam Reyes" });
    private static readonly Speaker s_sam = Speaker.Of(World.Sam);
    private static readonly Recipient s_sue = Recipient.Agent(World.Sue.Id, "Sue Lindqvist", "sue@support.test");
    private readonly People _people = new();

    [Fact]
    public async Task AQuestion_IsTheWholeTeamsToSee_AndNobodysMail()
    {
        _people.Team.Add(s_sue);
        await using var world = await World.StartAsync();
        await OpenAsync(world);
        await TellAsync(world);
        Assert.Equal(["New message from Adam Reyes in “Signing fails”."], await SaidAsync(world, People.Sam));
        Assert.Equal(["New message from Adam Reyes in “Signing fails”."], await SaidAsync(world, s_sue));
        Assert.Empty(await SaidAsync(world, People.Adam));
        Assert.Empty(await MailsAsync(world));
    }

    [Fact]
    public async Task AnAnswer_IsToldToWhoAsked_AndTheNextQuestionToWhoAnswered()
    {
        _people.Team.Add(s_sue);
        await using var world = await World.StartAsync();
        var talk = await OpenAsync(world);
        await TellAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await SendAsync(world, talk, s_sam, "And since when?");
        await TellAsync(world);
        Assert.Equal(["2 new messages from Sam Okafor in “Signing fails”."], await SaidAsync(world, People.Adam));
        await SendAsync(world, talk, s_adam, "The third.");
        await TellAsync(world);
        Assert.Equal(["2 new messages from Adam Reyes in “Signing fails”."], await SaidAsync(world, People.Sam));
        Assert.Equal(["New message from Adam Reyes in “Signing fails”."], await SaidAsync(world, s_sue));
        Assert.Equal(
            [("Adam Reyes", "2 new messages from Sam Okafor: Signing fails"), ("Sam Okafor", "New message from Adam Reyes: Signing fails")],
            await MailsAsync(world));
    }

    [Fact]
    public async Task AMessageOfSeveral_SaysSo()
    {
        _people.Team.Add(s_sue);
        await using var world = await World.StartAsync();
        var talk = await OpenAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await SendAsync(world, talk, Speaker.Of(World.Sue), "Which branch?");
        await TellAsync(world);
        Assert.Equal(["2 new messages from Sue Lindqvist and others in “Signing fails”."], await SaidAsync(world, People.Adam));
    }

    [Fact]
    public async Task WhoeverItIsGivenTo_IsToldAlone_WhileTheyAreOfTheTeam()
    {
        _people.Team.Add(s_sue);
        await using var world = await World.StartAsync();
        var talk = await OpenAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await world.Access.AssignAsync(await FindAsync(world, talk), World.Sue, World.Sue.Id, World.Sue.Name);
        await TellAsync(world);
        await SeeAllAsync(world, talk);
        await SendAsync(world, talk, s_adam, "The third.");
        await TellAsync(world);
        Assert.Equal(0, await UnseenAsync(world, People.Sam));
        Assert.Equal(1, await UnseenAsync(world, s_sue));

        _people.Team.Remove(s_sue);
        await SendAsync(world, talk, s_adam, "And the fourth.");
        await TellAsync(world);
        Assert.Equal(1, await UnseenAsync(world, People.Sam));
    }

    [Fact]
    public async Task WhoMayNotReadIt_IsToldNothing_WhoeverNamedThem()
    {
        await using var world = await World.StartAsync();
        await world.Access.Notices.WriteChoicesAsync(
            World.Northwind,
            new Dictionary<NoticeKind, NoticeChoice> { [NoticeKind.Message] = new(Administrators: false, Owners: true, [new("adam"), new("tess")], InApp: true, Email: true, Webhook: false) },
            CancellationToken.None);
        var talk = await OpenAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await TellAsync(world);
        Assert.Equal(1, await UnseenAsync(world, People.Adam));
        Assert.Equal(["2 new messages from Sam Okafor and others in “Signing fails”."], await SaidAsync(world, People.Olivia));

        // Whoever took part has gone: those who may read it now are told in their place.
        _people.Administrators.Clear();
        await SendAsync(world, talk, s_sam, "Are you there?");
        await TellAsync(world);
        Assert.Equal(1, await UnseenAsync(world, People.Adam));
    }

    [Fact]
    public async Task AMail_IsSentForWhatIsUnread_AndForNothingElse()
    {
        await using var world = await World.StartAsync();
        var talk = await OpenAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await TellAsync(world);
        await SeeAllAsync(world, talk);
        Assert.Equal(0, await UnseenAsync(world, People.Adam));
        Assert.Empty(await MailsAsync(world));
        await SendAsync(world, talk, s_sam, "And since when?");
        await SeeAllAsync(world, talk);
        await TellAsync(world);
        Assert.Equal(0, await UnseenAsync(world, People.Adam));
        Assert.Empty(await MailsAsync(world));
    }

    [Fact]
    public async Task WhoWantsNoMail_GetsNone_AndWhoChangedTheirMind_NoMore()
    {
        await using var world = await World.StartAsync();
        var talk = await OpenAsync(world);
        await TellAsync(world);
        await SendAsync(world, talk, s_sam, "Which step?");
        await TellAsync(world);
        var (delivery, _) = Assert.Single(await DueAsync(world));
        await ChooseAsync(world, People.Adam, false);
        Assert.Null(await new Teller(world.Access).FindRecipientAsync(_people, delivery, CancellationToken.None));
        await ChooseAsync(world, People.Adam, true);
        Assert.Equal(People.Adam, await new Teller(world.Access).FindRecipientAsync(_people, delivery, CancellationToken.None));

        await ChooseAsync(world, People.Sam, false);
        await SendAsync(world, talk, s_adam, "The third.");
        await TellAsync(world);
        Assert.Single(await DueAsync(world));
        Assert.Equal(1, await UnseenAsync(world, People.Sam));
    }

    [Theory]
    [InlineData("<b>Bold</b> & “quoted”\u202Egnp\u0007", "<b>Bold</b> & “quoted” gnp")]
    [InlineData("Subject\u2028Bcc: all@northwind.test", "Subject Bcc: all@northwind.test")]
    public async Task WhatASubjectSays_StaysOnOneLineOfPlainText(string subject, string shown)
    {
        await using var world = await World.StartAsync();
        var opened = await world.Access.OpenConversationAsync(s_aboutIos, s_adam, subject, new Said("x"));
        if (opened.Value is null)
        {
            Assert.Equal("subject", opened.Refusal!.Field);
            return;
        }

        await TellAsync(world);
        Assert.Equal([$"New message from Adam Reyes in “{shown}”."], await SaidAsync(world, People.Sam));
    }

    private static async Task<ConversationId> OpenAsync(World world) =>
        (await world.Access.OpenConversationAsync(s_aboutIos, s_adam, "Signing fails", new Said("Since Monday."))).Value!.Id;

    private static async Task<ConversationRecord> FindAsync(World world, ConversationId id) => (await world.Access.Conversations.FindAsync(id, null, CancellationToken.None))!;

    private static async Task SendAsync(World world, ConversationId id, Speaker by, string text) =>
        Assert.Null((await world.Access.SendAsync(await FindAsync(world, id), by, new Said(text))).Refusal);

    private static async Task SeeAllAsync(World world, ConversationId id)
    {
        var newest = (await FindAsync(world, id)).Newest;
        foreach (var who in new[] { People.Adam.Reader, People.Sam.Reader, s_sue.Reader })
        {
            await new Teller(world.Access).SeeAsync(World.Northwind, who, id, newest, CancellationToken.None);
        }
    }

    private static Task ChooseAsync(World world, Recipient who, bool mail) =>
        world.Access.Notices.WriteMailChoicesAsync(who.Reader, new Dictionary<NoticeKind, bool> { [NoticeKind.Message] = mail }, CancellationToken.None);

    private static async Task<int> UnseenAsync(World world, Recipient who) =>
        await world.Access.Notices.CountUnseenAsync(who.Reader, CancellationToken.None);

    private static async Task<IEnumerable<string>> SaidAsync(World world, Recipient who) =>
        (await world.Access.Notices.ReadInboxAsync(who.Reader, long.MaxValue, 100, CancellationToken.None)).Select(l => NoticeWords.Of(l.Source, World.Catalogue, "Acme Support").Sentence);

    private static async Task<IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)>> DueAsync(World world) =>
        await world.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, world.Access.Now + NoticeRules.MessagesWait, 100, CancellationToken.None);

    private async Task<IEnumerable<(string To, string Subject)>> MailsAsync(World world)
    {
        var mails = new List<(string, string)>();
        foreach (var (delivery, source) in await DueAsync(world))
        {
            var to = await new Teller(world.Access).FindRecipientAsync(_people, delivery, CancellationToken.None);
            mails.Add((to!.Name, NoticeWords.Of(source, World.Catalogue, "Acme Support").Subject));
        }

        return mails;
    }

    private async Task TellAsync(World world)
    {
        var teller = new Teller(world.Access);
        await teller.PlanAsync(CancellationToken.None);
        await teller.SpreadAsync(_people, mail: true, CancellationToken.None);
    }
}
