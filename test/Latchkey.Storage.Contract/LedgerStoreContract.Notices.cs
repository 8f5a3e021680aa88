namespace Latchkey.Storage.Contract;

/// <content>Notices, inboxes and deliveries.</content>
public abstract partial class LedgerStoreContract
{
    private static readonly ReaderId s_adam = ReaderId.Of(Facts.Account, Facts.Adam);

    private INoticeStore Notices => Store.Notices;

    [Fact]
    public async Task NewEntries_AreThoseBehindTheCursor_OldestFirst()
    {
        var grant = Facts.Lend();
        await WriteAsync(grant);
        await WriteAsync(Facts.Enter(grant));
        Assert.Equal([0L, 1L], (await Notices.ReadNewAsync(10, CancellationToken.None)).Select(e => e.Position));
        Assert.Equal(grant.Grant, Assert.IsType<GrantStarted>((await Notices.ReadNewAsync(1, CancellationToken.None)).Single().Fact).Grant);

        await Notices.PlanAsync([], 0, CancellationToken.None);
        var left = Assert.Single(await Notices.ReadNewAsync(10, CancellationToken.None));
        Assert.Equal((1L, Facts.Account, Clock.GetUtcNow()), (left.Position, left.Account, left.Time));
    }

    [Fact]
    public async Task Cursor_NeverMovesBack_AndSurvivesARestart()
    {
        var grant = Facts.Lend();
        await WriteAsync(grant, Facts.Enter(grant), Facts.End(grant));
        await Notices.PlanAsync([], 1, CancellationToken.None);
        await Notices.PlanAsync([], 0, CancellationToken.None);
        await ReopenAsync();
        Assert.Equal(2, Assert.Single(await Notices.ReadNewAsync(10, CancellationToken.None)).Position);
    }

    [Fact]
    public async Task ANoticePlannedAgain_StaysAsItIs()
    {
        await PlanAsync("a", due: TimeSpan.Zero);
        Assert.True(await Notices.SpreadAsync("a", Clock.GetUtcNow(), [s_adam], [], CancellationToken.None));
        await PlanAsync("a", due: TimeSpan.FromHours(1));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await Notices.ReadDueAsync(Clock.GetUtcNow(), 10, CancellationToken.None));
        Assert.True(await Notices.IsPlannedAsync("a", CancellationToken.None));
        Assert.False(await Notices.IsPlannedAsync("A", CancellationToken.None));
    }

    [Fact]
    public async Task Notices_AreDueFromTheirInstantOn_InTheirOrder()
    {
        await PlanAsync("later", due: TimeSpan.FromMinutes(1));
        await PlanAsync("now", due: TimeSpan.Zero);
        Assert.Equal(Clock.GetUtcNow(), await Notices.NextDueAsync(CancellationToken.None));
        Assert.Equal(["now"], await DueAsync());
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["now", "later"], await DueAsync());
        await Notices.SpreadAsync("now", Clock.GetUtcNow(), [], [], CancellationToken.None);
        await Notices.SpreadAsync("later", Clock.GetUtcNow(), [], [], CancellationToken.None);
        Assert.Null(await Notices.NextDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task ANoticeSetAside_WaitsByItself_AndSurvivesARestart()
    {
        await PlanAsync("poisoned");
        await PlanAsync("other");
        await Notices.SetAsideAsync("poisoned", Clock.GetUtcNow().AddMinutes(1), CancellationToken.None);
        await ReopenAsync();
        Assert.Equal(["other"], await DueAsync());
        Assert.Equal(new NoticeTrouble(1, 0), await Notices.CountTroubleAsync(CancellationToken.None));

        await Notices.SpreadAsync("other", Clock.GetUtcNow(), [], [], CancellationToken.None);
        Assert.Equal(Clock.GetUtcNow().AddMinutes(1), await Notices.NextDueAsync(CancellationToken.None));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await PlanAsync("newer");
        Assert.Equal(["poisoned", "newer"], await DueAsync());
        Assert.Equal([1, 0], (await Notices.ReadDueAsync(Clock.GetUtcNow(), 10, CancellationToken.None)).Select(s => s.Tries));

        await Notices.SpreadAsync("poisoned", Clock.GetUtcNow(), [s_adam], [], CancellationToken.None);
        await Notices.SetAsideAsync("poisoned", Clock.GetUtcNow(), CancellationToken.None);
        Assert.Equal(["newer"], await DueAsync());
        Assert.Equal(new NoticeTrouble(0, 0), await Notices.CountTroubleAsync(CancellationToken.None));
    }

    [Fact]
    public async Task ADeliveryThatFailed_IsTroubleUntilItIsSettled()
    {
        await PlanAsync("a");
        await Notices.SpreadAsync("a", Clock.GetUtcNow(), [], [(s_adam, NoticeChannel.Email)], CancellationToken.None);
        var first = Assert.Single(await DeliveriesAsync());
        Assert.Equal(new NoticeTrouble(0, 0), await Notices.CountTroubleAsync(CancellationToken.None));
        await SettleAsync(DeliveryState.Waiting, TimeSpan.FromMinutes(1), "It was busy.", first.Id);
        Assert.Equal(new NoticeTrouble(0, 1), await Notices.CountTroubleAsync(CancellationToken.None));
        await SettleAsync(DeliveryState.Sent, TimeSpan.Zero, null, first.Id);
        Assert.Equal(new NoticeTrouble(0, 0), await Notices.CountTroubleAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Spreading_HappensOnce()
    {
        await PlanAsync("a");
        var at = Clock.GetUtcNow();
        Assert.True(await Notices.SpreadAsync("a", at, [s_adam], [(s_adam, NoticeChannel.Email)], CancellationToken.None));
        await ReopenAsync();
        Assert.False(await Notices.SpreadAsync("a", at, [s_adam], [(s_adam, NoticeChannel.Email)], CancellationToken.None));
        Assert.Single(await Notices.ReadInboxAsync(s_adam, long.MaxValue, 10, CancellationToken.None));
        Assert.Single(await DeliveriesAsync());
    }

    [Fact]
    public async Task Inbox_IsTheReadersOwn_NewestFirst_AndKnowsWhatWasSeen()
    {
        var elsewhere = ReaderId.Of(new AccountId("contoso"), Facts.Adam);
        foreach (var key in new[] { "a", "b", "c" })
        {
            await PlanAsync(key);
            await Notices.SpreadAsync(key, Clock.GetUtcNow(), [s_adam], [], CancellationToken.None);
        }

        var lines = await Notices.ReadInboxAsync(s_adam, long.MaxValue, 2, CancellationToken.None);
        Assert.Equal(["c", "b"], lines.Select(l => l.Source.Notice.Key));
        Assert.Equal("a", Assert.Single(await Notices.ReadInboxAsync(s_adam, lines[^1].Number, 2, CancellationToken.None)).Source.Notice.Key);
        Assert.Empty(await Notices.ReadInboxAsync(elsewhere, long.MaxValue, 10, CancellationToken.None));

        await Notices.SeeAsync(elsewhere, long.MaxValue, CancellationToken.None);
        Assert.Equal(3, await Notices.CountUnseenAsync(s_adam, CancellationToken.None));
        await Notices.SeeAsync(s_adam, lines[^1].Number, CancellationToken.None);
        Assert.Equal(1, await Notices.CountUnseenAsync(s_adam, CancellationToken.None));
        Assert.Equal([false, true, true], (await Notices.ReadInboxAsync(s_adam, long.MaxValue, 10, CancellationToken.None)).Select(l => l.Seen));
    }

    [Fact]
    public async Task Inbox_KeepsTheNewestLines()
    {
        for (var i = 0; i < INoticeStore.MaxInbox + 2; i++)
        {
            await PlanAsync($"n{i}");
            await Notices.SpreadAsync($"n{i}", Clock.GetUtcNow(), [s_adam], [], CancellationToken.None);
        }

        Assert.Equal(INoticeStore.MaxInbox, await Notices.CountUnseenAsync(s_adam, CancellationToken.None));
        Assert.Equal($"n{INoticeStore.MaxInbox + 1}", (await Notices.ReadInboxAsync(s_adam, long.MaxValue, 1, CancellationToken.None))[0].Source.Notice.Key);
    }

    [Fact]
    public async Task Line_SaysWhatItsEntrySays_UntilThatIsErased()
    {
        var grant = Facts.Lend();
        await WriteAsync(grant);
        await PlanAsync("a", grant);
        await Notices.SpreadAsync("a", Clock.GetUtcNow(), [s_adam], [], CancellationToken.None);
        var source = (await Notices.ReadInboxAsync(s_adam, long.MaxValue, 1, CancellationToken.None))[0].Source;
        Assert.Equal("Adam Berg", source.Text(Assert.IsType<GrantStarted>(source.Fact).ByName));
        Assert.Equal(Facts.Name(Facts.App), source.Name);

        await Store.EraseAsync(Facts.Account, 0, grant.ByName.Id, CancellationToken.None);
        source = (await Notices.ReadInboxAsync(s_adam, long.MaxValue, 1, CancellationToken.None))[0].Source;
        Assert.Null(source.Text(Assert.IsType<GrantStarted>(source.Fact).ByName));
    }

    [Fact]
    public async Task Deliveries_WaitUntilTheirTime_AndKeepTheirId()
    {
        await PlanAsync("a");
        await Notices.SpreadAsync("a", Clock.GetUtcNow(), [], [(s_adam, NoticeChannel.Email)], CancellationToken.None);
        var first = Assert.Single(await DeliveriesAsync());
        Assert.Empty(await Notices.ReadDeliveriesAsync(NoticeChannel.Webhook, Clock.GetUtcNow(), 10, CancellationToken.None));

        await SettleAsync(DeliveryState.Waiting, TimeSpan.FromMinutes(1), "It was busy.", first.Id);
        Assert.Empty(await DeliveriesAsync());
        Assert.Equal(Clock.GetUtcNow().AddMinutes(1), await Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first with { Attempts = 1, NextAt = Clock.GetUtcNow() }, Assert.Single(await DeliveriesAsync()));

        await SettleAsync(DeliveryState.Sent, TimeSpan.Zero, null, first.Id);
        await SettleAsync(DeliveryState.Waiting, TimeSpan.Zero, "Too late.", first.Id);
        Assert.Empty(await DeliveriesAsync());
        Assert.Null(await Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None));
    }

    [Fact]
    public async Task WhatWasSentTogether_CountsAsOne()
    {
        var began = Clock.GetUtcNow();
        foreach (var key in new[] { "a", "b", "c" })
        {
            await PlanAsync(key);
            await Notices.SpreadAsync(key, began, [], [(s_adam, NoticeChannel.Email)], CancellationToken.None);
        }

        var ids = (await DeliveriesAsync()).Select(d => d.Id).ToArray();
        await SettleAsync(DeliveryState.Sent, TimeSpan.Zero, null, ids[0], ids[1]);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync(DeliveryState.Sent, TimeSpan.Zero, null, ids[2]);
        Assert.Equal([began, began.AddSeconds(1)], await Notices.ReadSentAsync(s_adam, NoticeChannel.Email, began, CancellationToken.None));
        Assert.Equal([began.AddSeconds(1)], await Notices.ReadSentAsync(s_adam, NoticeChannel.Email, began.AddSeconds(1), CancellationToken.None));
    }

    [Fact]
    public async Task WhatWasGivenUp_IsToldToItsAccountAlone()
    {
        await PlanAsync("a");
        await Notices.SpreadAsync("a", Clock.GetUtcNow(), [], [(s_adam, NoticeChannel.Email)], CancellationToken.None);
        await SettleAsync(DeliveryState.GivenUp, TimeSpan.Zero, "No such mailbox.", (await DeliveriesAsync()).Single().Id);
        Assert.Equal(
            new LostDelivery(s_adam, NoticeChannel.Email, Clock.GetUtcNow(), "No such mailbox."),
            Assert.Single(await Notices.ReadLostAsync(Facts.Account, 10, CancellationToken.None)));
        Assert.Empty(await Notices.ReadLostAsync(new AccountId("contoso"), 10, CancellationToken.None));
    }

    [Fact]
    public async Task Choices_AreKeptByAccountAndKind()
    {
        var choice = new NoticeChoice(Administrators: false, Owners: true, [Facts.Adam], InApp: true, Email: false, Webhook: true);
        await Notices.WriteChoicesAsync(Facts.Account, new Dictionary<NoticeKind, NoticeChoice> { [NoticeKind.On] = choice }, CancellationToken.None);
        await Notices.WriteChoicesAsync(Facts.Account, new Dictionary<NoticeKind, NoticeChoice> { [NoticeKind.Ended] = choice with { Email = true } }, CancellationToken.None);
        await ReopenAsync();
        var kept = await Notices.ReadChoicesAsync(Facts.Account, CancellationToken.None);
        Assert.Equal(choice, kept[NoticeKind.On]);
        Assert.Equal(choice with { Email = true }, kept[NoticeKind.Ended]);
        Assert.Equal(2, kept.Count);
        Assert.Empty(await Notices.ReadChoicesAsync(new AccountId("contoso"), CancellationToken.None));
    }

    [Fact]
    public async Task AWebhookThatIsRemoved_TakesWhatWaitsForItAlong()
    {
        var hook = ReaderId.HookOf(Facts.Account);
        Assert.Null(await Notices.FindHookAsync(Facts.Account, CancellationToken.None));
        await Notices.WriteHookAsync(Facts.Account, new NoticeHook("https://a.test/hook", [1, 2, 3]), CancellationToken.None);
        await PlanAsync("a");
        await Notices.SpreadAsync("a", Clock.GetUtcNow(), [], [(hook, NoticeChannel.Webhook)], CancellationToken.None);
        var kept = await Notices.FindHookAsync(Facts.Account, CancellationToken.None);
        Assert.Equal("https://a.test/hook", kept!.Url);
        Assert.Equal([1, 2, 3], kept.Secret);

        await Notices.WriteHookAsync(Facts.Account, null, CancellationToken.None);
        Assert.Null(await Notices.FindHookAsync(Facts.Account, CancellationToken.None));
        Assert.Null(await Notices.NextDeliveryAsync(NoticeChannel.Webhook, CancellationToken.None));
    }

    private Task PlanAsync(string key, GrantStarted? grant = null, TimeSpan due = default) => Notices.PlanAsync(
        [new Notice(key, NoticeKind.On, Facts.Account, Facts.App, grant?.Grant.Value ?? "grt_1", 0, Clock.GetUtcNow(), Clock.GetUtcNow() + due)], -1, CancellationToken.None);

    private async Task<IEnumerable<string>> DueAsync() => (await Notices.ReadDueAsync(Clock.GetUtcNow(), 10, CancellationToken.None)).Select(s => s.Notice.Key);

    private async Task<IReadOnlyList<NoticeDelivery>> DeliveriesAsync() =>
        [.. (await Notices.ReadDeliveriesAsync(NoticeChannel.Email, Clock.GetUtcNow(), 10, CancellationToken.None)).Select(d => d.Delivery)];

    private Task SettleAsync(DeliveryState state, TimeSpan next, string? problem, params string[] ids) => Notices.SettleAsync(
        new DeliveryOutcome(ids, state, Clock.GetUtcNow(), Clock.GetUtcNow() + next, Attempted: true, problem), CancellationToken.None);
}
