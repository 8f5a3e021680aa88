namespace Latchkey.Storage.Contract;

/// <content>Notices of messages, bundled by conversation.</content>
public abstract partial class LedgerStoreContract
{
    private static readonly ReaderId s_support = ReaderId.Of(Facts.Sam);

    [Fact]
    public async Task UnseenMessagesOfAConversation_AreOneLineAndOneMail()
    {
        var opened = Facts.Open("Signing fails");
        await WriteAsync(opened);
        await TellAsync(opened, "one", "two");
        var line = Assert.Single(await Notices.ReadInboxAsync(s_support, long.MaxValue, 10, CancellationToken.None));
        Assert.Equal((new MessageBundle("Signing fails", 2, OfSeveral: false), false), (line.Source.Messages, line.Seen));
        Clock.Advance(TimeSpan.FromMinutes(10));
        await TellAsync(opened, "three");

        Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await DeliveriesAsync());
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var (mail, source) = Assert.Single(await Notices.ReadDeliveriesAsync(NoticeChannel.Email, Clock.GetUtcNow(), 10, CancellationToken.None));
        Assert.Equal((s_support, 3), (mail.Reader, source.Messages!.Count));
        Assert.Equal("three", source.Text(Assert.IsType<MessageSent>(source.Fact).Text));
    }

    [Fact]
    public async Task SeeingAConversation_SeesItsNotices_AndDropsItsMail_AndNoOthers()
    {
        var (opened, other) = (Facts.Open("Signing fails"), Facts.Open("Another thing"));
        await WriteAsync(opened, other);
        await TellAsync(opened, "one", "two");
        await TellAsync(other, "three");
        var items = await Store.Conversations.ReadItemsAsync(opened.Conversation, long.MaxValue, 10, CancellationToken.None);
        Assert.False(await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[1].Position, CancellationToken.None));
        Assert.Equal(2, await Notices.CountUnseenAsync(s_support, CancellationToken.None));
        Assert.True(await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[0].Position, CancellationToken.None));
        Assert.False(await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[0].Position, CancellationToken.None));
        Assert.Equal(1, await Notices.CountUnseenAsync(s_support, CancellationToken.None));

        await TellAsync(opened, "four");
        Clock.Advance(NoticeRules.MessagesWait);
        var mails = await Notices.ReadDeliveriesAsync(NoticeChannel.Email, Clock.GetUtcNow(), 10, CancellationToken.None);
        Assert.Equal([("Another thing", 1), ("Signing fails", 1)], mails.Select(m => (m.Source.Messages!.Subject!, m.Source.Messages.Count)));
        Assert.Equal([1, 1, 2], (await Notices.ReadInboxAsync(s_support, long.MaxValue, 10, CancellationToken.None)).Select(l => l.Source.Messages!.Count));
    }

    [Fact]
    public async Task AMessageThatWasSeenAlready_IsNoNews()
    {
        var (opened, said) = (Facts.Open("Signing fails"), default(MessageSent));
        await WriteAsync(opened, said = Facts.Say(opened, "one"));
        var newest = (await Store.Conversations.FindAsync(opened.Conversation, null, CancellationToken.None))!.Newest;
        await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, newest, CancellationToken.None);
        await SpreadAsync(opened, said, newest);
        Assert.Equal(0, await Notices.CountUnseenAsync(s_support, CancellationToken.None));
        Clock.Advance(NoticeRules.MessagesWait);
        Assert.Empty(await DeliveriesAsync());
    }

    [Fact]
    public async Task Speakers_AreEachOnce_HoweverMuchTheySaid()
    {
        var opened = Facts.Open("Signing fails");
        await WriteAsync(opened);
        Assert.Empty(await Store.Conversations.ReadSpeakersAsync(opened.Conversation, CancellationToken.None));
        await WriteAsync(Facts.Say(opened, "one"), Facts.Say(opened, "two", bySupport: true), Facts.Say(opened, "three"), Facts.Say(opened, "four", bySupport: true));
        Assert.Equal(["agent:sam", "person:adam"], await Store.Conversations.ReadSpeakersAsync(opened.Conversation, CancellationToken.None));
    }

    [Fact]
    public async Task ChoicesOfMails_AreKept_ByReaderAndKind()
    {
        await Notices.WriteMailChoicesAsync(s_adam, new Dictionary<NoticeKind, bool> { [NoticeKind.On] = false, [NoticeKind.Message] = true }, CancellationToken.None);
        await Notices.WriteMailChoicesAsync(s_adam, new Dictionary<NoticeKind, bool> { [NoticeKind.Message] = false }, CancellationToken.None);
        await ReopenAsync();
        Assert.Equal(
            new Dictionary<NoticeKind, bool> { [NoticeKind.On] = false, [NoticeKind.Message] = false },
            new Dictionary<NoticeKind, bool>(await Notices.ReadMailChoicesAsync(s_adam, CancellationToken.None)));
        Assert.Empty(await Notices.ReadMailChoicesAsync(s_support, CancellationToken.None));
    }

    private async Task TellAsync(ConversationOpened opened, params string[] texts)
    {
        foreach (var text in texts)
        {
            var said = Facts.Say(opened, text);
            await WriteAsync(said);
            await SpreadAsync(opened, said, (await Store.Conversations.FindAsync(opened.Conversation, null, CancellationToken.None))!.Newest);
        }
    }

    private async Task SpreadAsync(ConversationOpened opened, MessageSent said, long entry)
    {
        await Notices.PlanAsync(
            [new Notice(said.Message.Value, NoticeKind.Message, Facts.Account, opened.App, opened.Conversation.Value, entry, Clock.GetUtcNow(), Clock.GetUtcNow())], -1, CancellationToken.None);
        await Notices.SpreadAsync(said.Message.Value, Clock.GetUtcNow(), [s_support], [(s_support, NoticeChannel.Email)], CancellationToken.None);
    }
}
