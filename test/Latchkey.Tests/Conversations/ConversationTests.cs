namespace Latchkey.Tests.Conversations;

public sealed class ConversationTests
{
    private static readonly Topic AboutIos = new(World.Northwind, "Northwind", World.Ios);
    private static readonly Speaker Adam = Speaker.Of(World.Adam);
    private static readonly Speaker Sam = Speaker.Of(World.Sam);

    [Fact]
    public async Task AnAdministratorAsks_SupportAnswers_WithNothingLent()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world, "  Signing fails  ", "First line\r\nsecond\tline\n");
        Assert.Null((await world.Access.SendAsync(conversation, Sam, new Said("What does the log say?"))).Refusal);

        await world.RestartAsync();
        var read = await ReadAsync(world, conversation.Id);
        Assert.Equal(("Signing fails", ConversationState.WaitingOnCustomer, World.Ios.Id), (read.Subject, read.State, read.App!.Value));
        var items = await world.Access.Conversations.ReadItemsAsync(conversation.Id, long.MaxValue, 10, CancellationToken.None);
        Assert.Equal(["What does the log say?", "First line\nsecond\tline"], items.OfType<MessageItem>().Select(m => m.Text));
        Assert.Empty(world.Access.OpenApps());
    }

    [Fact]
    public async Task OnlyTheCustomersAdministrators_OpenAndWriteForIt()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        foreach (var (by, reason) in new[]
        {
            (Speaker.Of(World.Adam with { MayTurn = false }), RefusalReason.NotAllowed),
            (Speaker.Of(World.Adam with { IsAgent = true }), RefusalReason.SupportInDisguise),
        })
        {
            Assert.Equal(reason, (await world.Access.OpenConversationAsync(AboutIos, by, "Subject", new Said("Text"))).Refusal?.Reason);
            Assert.Equal(reason, (await world.Access.SendAsync(conversation, by, new Said("Text"))).Refusal?.Reason);
            Assert.Equal(reason, (await world.Access.SolveAsync(conversation, by)).Refusal?.Reason);
            Assert.Equal(reason, (await world.Access.ShareAsync(conversation, by, Settings())).Refusal?.Reason);
        }

        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.OpenConversationAsync(AboutIos, Sam, "Subject", new Said("Text"))).Refusal?.Reason);
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.ShareAsync(conversation, Sam, Settings())).Refusal?.Reason);
        Assert.Single(await world.Access.Conversations.ReadAsync(new ConversationQuery(), CancellationToken.None));
    }

    [Theory]
    [InlineData("ab", "text", "subject")]
    [InlineData("two\nlines", "text", "subject")]
    [InlineData("good subject", "", "text")]
    [InlineData("good subject", " \r\n ", "text")]
    [InlineData("good subject", "red \u001b[31mtext", "text")]
    [InlineData("good subject", "turned \u202Eround", "text")]
    [InlineData("good subject", "broken \ud800", "text")]
    [InlineData("isolated \u2066 subject", "text", "subject")]
    public async Task WhatCantBeRead_IsRefused_NamingTheField(string subject, string text, string field)
    {
        await using var world = await World.StartAsync();
        var refusal = (await world.Access.OpenConversationAsync(AboutIos, Adam, subject, new Said(text))).Refusal;
        Assert.Equal((RefusalReason.Invalid, field), (refusal?.Reason, refusal?.Field));
        Assert.Contains($"'{field}'", refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_AreTakenUpToTheirLimits()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world, new string('s', 120), new string('t', 10_000));
        Assert.Equal("text", (await world.Access.SendAsync(conversation, Adam, new Said(new string('t', 10_001)))).Refusal?.Field);
        Assert.Equal("subject", (await world.Access.OpenConversationAsync(AboutIos, Adam, new string('s', 121), new Said("t"))).Refusal?.Field);
        Assert.Equal("attachments", (await world.Access.SendAsync(conversation, Adam, new Said("", ["att_1"]))).Refusal?.Field);
        Assert.Equal("attachments", (await world.Access.SendAsync(conversation, Adam, new Said("x", [.. Enumerable.Range(0, 21).Select(i => $"att_{i}")]))).Refusal?.Field);
    }

    [Fact]
    public async Task Floods_AreHeldBack_AndPass()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        for (var i = 0; i < 60; i++)
        {
            Assert.Null((await world.Access.SendAsync(conversation, Adam, new Said("again"))).Refusal);
        }

        Assert.Equal(RefusalReason.TooMany, (await world.Access.SendAsync(conversation, Adam, new Said("again"))).Refusal?.Reason);
        Assert.Null((await world.Access.SendAsync(conversation, Sam, new Said("I see"))).Refusal);
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Null((await world.Access.SendAsync(conversation, Adam, new Said("again"))).Refusal);

        for (var i = 1; i < 100; i++)
        {
            await OpenAsync(world);
        }

        await world.RestartAsync();
        Assert.Equal(RefusalReason.TooMany, (await world.Access.OpenConversationAsync(AboutIos, Adam, "Subject", new Said("Text"))).Refusal?.Reason);
        Assert.Null((await world.Access.OpenConversationAsync(new Topic(World.Contoso, "Contoso", World.Web), Speaker.Of(World.Admin("carla")), "Subject", new Said("Text"))).Refusal);
        await world.AdvanceAsync(TimeSpan.FromDays(1));
        await OpenAsync(world);
    }

    [Fact]
    public async Task SolvingTwice_AndGivingToWhomItIsGiven_WritesNothing()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        Assert.Null((await world.Access.SolveAsync(conversation, Sam)).Refusal);
        Assert.Null((await world.Access.AssignAsync(conversation, World.Sam, World.Sue.Id, World.Sue.Name)).Refusal);
        conversation = await ReadAsync(world, conversation.Id);
        Assert.Equal((ConversationState.Solved, World.Sue.Id, World.Sue.Name), (conversation.State, conversation.Assigned!.Value, conversation.AssignedName));

        await world.Access.SolveAsync(conversation, Adam);
        await world.Access.AssignAsync(conversation, World.Sam, World.Sue.Id, World.Sue.Name);
        Assert.Equal(conversation, await ReadAsync(world, conversation.Id));

        await world.Access.ReopenAsync(conversation, Adam);
        Assert.Equal(ConversationState.WaitingOnSupport, (await ReadAsync(world, conversation.Id)).State);
    }

    [Fact]
    public async Task EachWord_IsToldToListeners_WithTheConversationsIdAlone()
    {
        await using var world = await World.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var feed = world.Access.Feed.ListenAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = feed.MoveNextAsync();
        var conversation = await OpenAsync(world);
        Assert.True(await next);
        Assert.Equal((World.Northwind, World.Ios.Id, FeedKind.Conversation, conversation.Id.Value), (feed.Current.Account, feed.Current.App!.Value, feed.Current.Kind, feed.Current.Subject));
    }

    [Fact]
    public async Task WhatIsShared_ComesBackAsItWas_AndOpensASolvedConversation()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        await world.Access.SolveAsync(conversation, Sam);
        Assert.Null((await world.Access.ShareAsync(conversation, Adam, Settings())).Refusal);
        var item = Assert.IsType<ShareItem>((await world.Access.Conversations.ReadItemsAsync(conversation.Id, long.MaxValue, 1, CancellationToken.None))[0]);
        Assert.Equal("a: 1\n", Assert.Single(item.Parts!.Value).Text);
        Assert.Equal(ConversationState.WaitingOnSupport, (await ReadAsync(world, conversation.Id)).State);

        var huge = new Share(ShareKind.Build, "Build 1", [new SharePart("Log", [], new string('x', Content.MaxLength))]);
        Assert.Equal("share", (await world.Access.ShareAsync(conversation, Adam, huge)).Refusal?.Field);
    }

    private static Share Settings() => new(ShareKind.Snapshot, "Settings", [new SharePart("Settings", [new ShareField("Title", "iOS")], "a: 1\n")]);

    private static async Task<ConversationRecord> OpenAsync(World world, string subject = "Signing fails", string text = "Since today")
    {
        var answer = await world.Access.OpenConversationAsync(AboutIos, Adam, subject, new Said(text));
        Assert.Null(answer.Refusal);
        return await ReadAsync(world, answer.Value!.Id);
    }

    private static async Task<ConversationRecord> ReadAsync(World world, ConversationId id)
    {
        var found = await world.Access.Conversations.FindAsync(id, null, CancellationToken.None);
        Assert.NotNull(found);
        return found;
    }
}
