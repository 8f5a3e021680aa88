namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    private const string Support = "agent:sam";

    [Fact]
    public async Task Conversation_TurnsWithEachWord_AndOpensAgainByTheCustomers()
    {
        var opened = Facts.Open("Signing fails");
        await WriteAsync(opened, Facts.Say(opened, "It fails since today"));
        var first = await ConversationAsync(opened);
        Assert.Equal(
            (ConversationState.WaitingOnSupport, "Signing fails", "Northwind", "Northwind iOS", "It fails since today", "Adam Berg"),
            (first.State, first.Subject, first.AccountTitle, first.AppTitle, first.LastWords, first.LastBy));

        Clock.Advance(TimeSpan.FromMinutes(1));
        await WriteAsync(Facts.Say(opened, "Looking", bySupport: true));
        var answered = await ConversationAsync(opened);
        Assert.Equal((ConversationState.WaitingOnCustomer, Clock.GetUtcNow()), (answered.State, answered.StateSince));

        await WriteAsync(new ConversationSolved(opened.Conversation, opened.App, Facts.Support), Facts.Say(opened, "Good luck", bySupport: true));
        Assert.Equal(ConversationState.Solved, (await ConversationAsync(opened)).State);

        await WriteAsync(Facts.Say(opened, "Not yet"));
        Assert.Equal(ConversationState.WaitingOnSupport, (await ConversationAsync(opened)).State);

        await WriteAsync(new ConversationAssigned(opened.Conversation, opened.App, Facts.Support, Facts.Sam, Facts.Text("Sam Okafor")));
        var given = await ConversationAsync(opened);
        Assert.Equal((Facts.Sam, "Sam Okafor", ConversationState.WaitingOnSupport), (given.Assigned!.Value, given.AssignedName, given.State));
        await WriteAsync(new ConversationAssigned(opened.Conversation, opened.App, Facts.Support, null, null));
        Assert.Null((await ConversationAsync(opened)).Assigned);
    }

    [Fact]
    public async Task Items_ComeNewestFirst_ByPage_EachAsItWas()
    {
        var opened = Facts.Open("Signing fails");
        var share = Facts.Show(opened, "Settings of Northwind iOS");
        await WriteAsync(opened, Facts.Say(opened, "one"), Facts.Say(opened, "two\n\tthree", bySupport: true), share, new ConversationSolved(opened.Conversation, opened.App, Facts.Support));
        await WriteAsync(Facts.Open("Another"));
        await ReopenAsync();

        var newest = await Store.Conversations.ReadItemsAsync(opened.Conversation, long.MaxValue, 2, CancellationToken.None);
        Assert.True(Assert.IsType<StateItem>(newest[0]).Solved);
        var shared = Assert.IsType<ShareItem>(newest[1]);
        Assert.Equal((share.Share, ShareKind.Snapshot, "Settings of Northwind iOS"), (shared.Id, shared.Kind, shared.Title));
        var part = Assert.Single(shared.Parts!.Value);
        Assert.Equal(("Settings", new ShareField("Title", "Northwind iOS"), "a: 1\n", "v1"), (part.Title, Assert.Single(part.Fields), part.Text, part.Version));

        var before = await Store.Conversations.ReadItemsAsync(opened.Conversation, newest[1].Position, 10, CancellationToken.None);
        Assert.Equal(["two\n\tthree", "one"], before.OfType<MessageItem>().Select(m => m.Text));
        Assert.Equal([(null, Facts.Sam), (Facts.Adam, null)], before.OfType<MessageItem>().Select(m => (m.Person, m.Agent)));
        Assert.Equal("Signing fails", Assert.IsType<OpenedItem>(before[2]).Subject);
    }

    [Fact]
    public async Task Lists_AreSortedByTheNewestWord_AndFilteredByWhatIsAsked()
    {
        var (ios, android) = (Facts.Open("About iOS"), Facts.Open("About Android", new("app_android")));
        var account = Facts.Open("About invoices") with { App = null, AppTitle = null };
        var other = Facts.Open("Another account");
        await WriteAsync(ios, Facts.Say(ios, "x"));
        await WriteAsync(android, Facts.Say(android, "x"));
        await WriteAsync(account, Facts.Say(account, "x"));
        await WriteAsync(new AccountId("contoso"), other, Facts.Say(other, "x"));
        await WriteAsync(Facts.Say(ios, "y", bySupport: true));
        await WriteAsync(new ConversationSolved(android.Conversation, android.App, Facts.Support), new ConversationAssigned(ios.Conversation, ios.App, Facts.Support, Facts.Sam, Facts.Text("Sam")));

        Assert.Equal([ios, android, other, account], await AskAsync(new ConversationQuery(), ios, android, other, account));
        Assert.Equal([ios, android, account], await AskAsync(new ConversationQuery(Account: Facts.Account), ios, android, other, account));
        Assert.Equal([android], await AskAsync(new ConversationQuery(Account: Facts.Account, Apps: [new("app_android"), new("none")]), ios, android, other, account));
        Assert.Empty(await AskAsync(new ConversationQuery(Account: Facts.Account, Apps: []), ios, android, other, account));
        Assert.Equal([android], await AskAsync(new ConversationQuery(App: new("app_android")), ios, android, other, account));
        Assert.Equal([ios, other, account], await AskAsync(new ConversationQuery(OpenOnly: true), ios, android, other, account));
        Assert.Equal([other, account], await AskAsync(new ConversationQuery(State: ConversationState.WaitingOnSupport), ios, android, other, account));
        Assert.Equal([ios], await AskAsync(new ConversationQuery(Assigned: Facts.Sam), ios, android, other, account));

        var page = await Store.Conversations.ReadAsync(new ConversationQuery(Limit: 2), CancellationToken.None);
        Assert.Equal([other, account], await AskAsync(new ConversationQuery(Before: page[^1].Newest), ios, android, other, account));
    }

    [Fact]
    public async Task Unread_CountsOthersWords_SinceOnesOwnMark_WhichNeverGoesBack()
    {
        var opened = Facts.Open("Signing fails");
        await WriteAsync(opened, Facts.Say(opened, "one"), Facts.Say(opened, "two"), Facts.Say(opened, "mine", bySupport: true));
        Assert.Equal(2, (await ConversationAsync(opened, Support)).Unread);
        Assert.Equal(1, (await ConversationAsync(opened, "person:adam")).Unread);
        Assert.Equal(0, (await ConversationAsync(opened)).Unread);

        var items = await Store.Conversations.ReadItemsAsync(opened.Conversation, long.MaxValue, 10, CancellationToken.None);
        await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[2].Position, CancellationToken.None);
        Assert.Equal(1, (await ConversationAsync(opened, Support)).Unread);
        await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[0].Position, CancellationToken.None);
        await Store.Conversations.MarkSeenAsync(opened.Conversation, Support, items[3].Position, CancellationToken.None);
        await Store.RebuildAsync(CancellationToken.None);
        Assert.Equal(0, Assert.Single(await Store.Conversations.ReadAsync(new ConversationQuery(Reader: Support), CancellationToken.None)).Unread);
    }

    [Fact]
    public async Task Search_FindsBeginningsOfWords_OfTheAskedAccountAlone()
    {
        var (mine, other) = (Facts.Open("Échec de signature"), Facts.Open("Échec"));
        await WriteAsync(mine, Facts.Say(mine, "the \"keychain\" is locked: errSecInternal-25308"));
        await WriteAsync(new AccountId("contoso"), other, Facts.Say(other, "keychain"));

        foreach (var words in new[] { "echec", "SIGN", "keych lock", "\"keychain\"", "errSecInternal-25308", "  locked\tkeychain " })
        {
            Assert.Equal([mine], await AskAsync(new ConversationQuery(Account: Facts.Account, Words: words), mine, other));
        }

        Assert.Equal([other, mine], await AskAsync(new ConversationQuery(Words: "keychain"), mine, other));
        foreach (var words in new[] { "nothing", "keychain nothing", "account", "northwind", "-", "*", "\"", "NOT", "a OR keychain", "words:keychain x", "" })
        {
            Assert.Empty(await AskAsync(new ConversationQuery(Account: Facts.Account, Words: words), mine, other));
        }
    }

    [Fact]
    public async Task ErasedMessage_IsFoundNoMore_AndLeavesTheRest()
    {
        var opened = Facts.Open("Signing fails");
        var said = Facts.Say(opened, "the password is swordfish");
        await WriteAsync(opened, said, Facts.Say(opened, "sorry"));
        Assert.Single(await AskAsync(new ConversationQuery(Words: "swordfish"), opened));
        await EraseAsync(said.Text.Id);
        await EraseAsync(said.Text.Id);

        async Task CheckAsync()
        {
            Assert.Empty(await AskAsync(new ConversationQuery(Words: "swordfish"), opened));
            Assert.Single(await AskAsync(new ConversationQuery(Words: "sorry"), opened));
            Assert.Single(await AskAsync(new ConversationQuery(Words: "signing"), opened));
            var items = await Store.Conversations.ReadItemsAsync(opened.Conversation, long.MaxValue, 10, CancellationToken.None);
            Assert.Equal((null, "Adam Berg"), (((MessageItem)items[1]).Text, items[1].Name));
        }

        await CheckAsync();
        await Store.RebuildAsync(CancellationToken.None);
        await CheckAsync();
    }

    private async Task<ConversationRecord> ConversationAsync(ConversationOpened opened, string? reader = null)
    {
        var found = await Store.Conversations.FindAsync(opened.Conversation, reader, CancellationToken.None);
        Assert.NotNull(found);
        return found;
    }

    private async Task<IEnumerable<ConversationOpened>> AskAsync(ConversationQuery query, params ConversationOpened[] known)
    {
        var found = await Store.Conversations.ReadAsync(query, CancellationToken.None);
        return found.Select(c => known.Single(k => k.Conversation == c.Id)).ToList();
    }
}
