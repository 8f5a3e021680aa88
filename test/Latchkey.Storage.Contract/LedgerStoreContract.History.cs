namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    [Fact]
    public async Task Grants_TellTheirStory_NewestFirst()
    {
        var first = Facts.Lend(note: "for the demo");
        var from = Clock.GetUtcNow();
        await WriteAsync(first, Facts.Enter(first), Facts.Enter(first, new("sue")));
        Clock.Advance(TimeSpan.FromHours(1));
        await WriteAsync(new GrantChanged(
            first.Grant, Facts.App, "viewer", ["build.run"], Clock.GetUtcNow().AddDays(1), new("olivia"), Facts.Text("Olivia"), [new("adam"), new("olivia")], Facts.Text("longer")));
        var ended = Clock.GetUtcNow();
        var second = Facts.Lend();
        await WriteAsync(Facts.End(first, GrantEnd.Off), second, Facts.Lend(new("another")));

        var story = await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 10), CancellationToken.None);
        Assert.Equal([(5L, second.Grant), (0L, first.Grant)], story.Select(g => (g.Position, g.Id)));
        var old = story[1];
        Assert.Equal(["build.run"], old.Also);
        Assert.Equal([new("adam"), new("olivia")], old.MayEnd);
        Assert.Equal(
            new GrantRecord(
                0, first.Grant, Facts.Account, Facts.App, Request: null, "viewer", old.Also, from, ended.AddDays(1), new("olivia"), "Olivia", old.MayEnd, "longer", ended, GrantEnd.Off, "Adam Berg", 2),
            old);
        Assert.Equal((null, null, null, null, 0), (story[0].EndedAt, story[0].Cause, story[0].EndedByName, story[0].Note, story[0].Sessions));
    }

    [Fact]
    public async Task Sessions_TellTheirStory_AndCountChangesApartFromReadsAndStreams()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant, reason: "The build hangs", ticket: "ZD-4711");
        var opened = Clock.GetUtcNow();
        await WriteAsync(grant, session);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var change = Facts.Begin(session);
        await WriteAsync(Facts.Read(session), change, Facts.Begin(session, "log.follow", stream: true));
        var acted = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await WriteAsync(Facts.Finish(change), Facts.Leave(session));

        var record = Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(), CancellationToken.None));
        Assert.Equal(
            new SessionRecord(
                1, session.Session, Facts.Account, Facts.App, "Title of app_ios", "app_ios-slug", Facts.Sam, "Sam Okafor", "The build hangs", "ZD-4711",
                opened, Clock.GetUtcNow(), SessionClose.Left, 3, 1, acted),
            record);
    }

    [Fact]
    public async Task Sessions_AreFoundByAppAgentAndId_AndPaged()
    {
        var (ios, web) = (Facts.Lend(), Facts.Lend(new("web")));
        await WriteAsync(ios, web);
        var sessions = new List<SessionOpened>();
        for (var i = 0; i < 12; i++)
        {
            sessions.Add(Facts.Enter(i % 2 == 0 ? ios : web, new(i % 3 == 0 ? "sam" : "sue")));
            await WriteAsync(sessions[^1]);
        }

        await Expect(new SessionQuery(), s => true);
        await Expect(new SessionQuery(App: Facts.App), s => s.App == Facts.App);
        await Expect(new SessionQuery(Agent: new("sue")), s => s.Agent.Value == "sue");
        await Expect(new SessionQuery(App: new("web"), Agent: Facts.Sam), s => s.App.Value == "web" && s.Agent == Facts.Sam);
        await Expect(new SessionQuery(Session: sessions[4].Session), s => s == sessions[4]);
        await Expect(new SessionQuery(App: new("web"), Session: sessions[4].Session), s => false);
        await Expect(new SessionQuery(App: new("nowhere")), s => false);
        await Expect(new SessionQuery(Agent: new("nobody")), s => false);
        await Expect(new SessionQuery(Session: new("ses_none")), s => false);

        async Task Expect(SessionQuery query, Func<SessionOpened, bool> fits)
        {
            var paged = new List<SessionRecord>();
            IReadOnlyList<SessionRecord> page;
            do
            {
                page = await Store.ReadSessionsAsync(query with { Limit = 2, Before = paged.Count > 0 ? paged[^1].Position : long.MaxValue }, CancellationToken.None);
                Assert.InRange(page.Count, 0, 2);
                paged.AddRange(page);
            }
            while (page.Count == 2);
            Assert.Equal(sessions.Where(fits).Reverse().Select(s => s.Session), paged.Select(s => s.Id));
        }
    }

    [Fact]
    [Trait("capability", "P2")]
    public async Task Sessions_OfAnAccountAndAWindow_AreThoseThatWereOpenInIt()
    {
        var (ios, web, elsewhere) = (Facts.Lend(), Facts.Lend(new("web")), Facts.Lend(new("app_other")));
        var from = Clock.GetUtcNow().AddHours(2);
        var until = from.AddHours(1);
        var (left, reachesIn, inside, last, later, others) = (
            Facts.Enter(ios), Facts.Enter(ios), Facts.Enter(web), Facts.Enter(ios), Facts.Enter(ios), Facts.Enter(elsewhere));
        await WriteAsync(ios, web, left, reachesIn);
        Clock.Advance(TimeSpan.FromHours(2));
        await WriteAsync(Facts.Leave(left));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        await WriteAsync(Facts.Leave(reachesIn), inside);
        await Scribe.WriteAsync(Store, [(Other, elsewhere), (Other, others)]);
        Clock.Advance(until - Clock.GetUtcNow());
        await WriteAsync(last);
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        await WriteAsync(later);

        var window = new AccountWindow(Facts.Account, from, until);
        await Expect(new SessionQuery(Of: window), last, inside, reachesIn);
        await Expect(new SessionQuery(App: Facts.App, Of: window), last, reachesIn);
        await Expect(new SessionQuery(Of: window with { Account = Other }), others);
        await Expect(new SessionQuery(Of: window with { Account = new("nobody") }));

        async Task Expect(SessionQuery query, params SessionOpened[] expected) => Assert.Equal(
            expected.Select(s => s.Session), (await Store.ReadSessionsAsync(query, CancellationToken.None)).Select(s => s.Id));
    }

    [Fact]
    public async Task Acts_TellTheirStory_WithOutcomeTargetAndChanges()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        await Scribe.WriteAsync(Store, [(Other, Facts.Lend(new("web"))), (Facts.Account, grant), (Facts.Account, session)]);
        var (read, change, stream) = (
            Facts.Read(session, "app.read", "northwind-ios"),
            Facts.Begin(session, target: "Webhook 1"),
            Facts.Begin(session, "log.follow", stream: true));
        await WriteAsync(read, change, stream);
        var at = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromSeconds(2));
        await WriteAsync(Facts.Finish(
            change, ActOutcome.Done, Facts.Text("Webhook “hook”"),
            new(Facts.Text("url"), Facts.Text("https://a"), Facts.Text("https://b"), Secret: false),
            new(Facts.Text("added"), null, Facts.Text(""), Secret: false),
            new(Facts.Text("key"), null, null, Secret: true)));

        var acts = await Store.ReadActsAsync(new ActQuery(Facts.App), CancellationToken.None);
        Assert.Equal([stream.Act, change.Act, read.Act], acts.Select(a => a.Id));
        var done = acts[1];
        Assert.Equal(
            [new("url", "https://a", "https://b", Secret: false), new("added", null, "", Secret: false), new ChangeRecord("key", null, null, Secret: true)],
            done.Changes);
        Assert.Equal(
            new ActRecord(
                4, 3, change.Act, session.Session, Facts.Sam, "webhook.update", IsRead: false, at, Clock.GetUtcNow(), ActOutcome.Done, 200,
                "Webhook “hook”", done.Changes, Settled: null, SettledAt: null, SettledByName: null),
            done);
        var looked = acts[2];
        Assert.Equal(
            (3L, 2L, true, "northwind-ios", null, null, null),
            (looked.Position, looked.Seq, looked.IsRead, looked.Target, looked.EndedAt, looked.Outcome, looked.Status));
        Assert.Empty(looked.Changes);
        Assert.Equal((false, null, null), (acts[0].IsRead, acts[0].Target, acts[0].Outcome));
    }

    [Fact]
    public async Task OfTwoSettlements_TheFirstStands()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        var act = Facts.Begin(session);
        await WriteAsync(grant, session, act, Facts.Finish(act));
        Clock.Advance(TimeSpan.FromDays(1));
        var at = Clock.GetUtcNow();
        await WriteAsync(new ChangeSettled(act.Act, act.App, Settlement.Undone, new("adam"), Facts.Text("Adam Reyes")));
        Clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync(new ChangeSettled(act.Act, act.App, Settlement.Kept, new("olivia"), Facts.Text("Olivia Hart")));
        var record = Assert.Single(await Store.ReadActsAsync(new ActQuery(Facts.App, Act: act.Act), CancellationToken.None));
        Assert.Equal((Settlement.Undone, at, "Adam Reyes"), (record.Settled, record.SettledAt, record.SettledByName));
        Assert.Empty(await Store.ReadActsAsync(new ActQuery(Facts.App, Act: new("act_other")), CancellationToken.None));
    }

    [Fact]
    public async Task OutcomeWithoutATarget_KeepsTheOneItBeganWith()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        var act = Facts.Begin(session, target: "Webhook 1");
        await WriteAsync(grant, session, act, Facts.Finish(act, ActOutcome.Cancelled) with { Status = null });
        var record = Assert.Single(await Store.ReadActsAsync(new ActQuery(Facts.App), CancellationToken.None));
        Assert.Equal(("Webhook 1", ActOutcome.Cancelled, null), (record.Target, record.Outcome, record.Status));
    }

    [Fact]
    public async Task Acts_AreFoundBySessionAgentPermissionAndChange_AndPaged()
    {
        var (ios, web) = (Facts.Lend(), Facts.Lend(new("web")));
        SessionOpened[] sessions = [Facts.Enter(ios), Facts.Enter(ios, new("sue")), Facts.Enter(web), Facts.Enter(ios, new("lee"))];
        await WriteAsync([ios, web, .. sessions]);
        var acts = new List<(Fact Fact, ActId Id, SessionOpened Session, string Permission, bool Change)>();
        for (var i = 0; i < 40; i++)
        {
            // The last session stays without an act.
            var session = sessions[i % 3];
            if (i % 4 == 0)
            {
                var read = Facts.Read(session, "app.read");
                acts.Add((read, read.Act, session, read.Permission, false));
            }
            else
            {
                var begun = Facts.Begin(session, i % 5 == 0 ? "log.follow" : "webhook.update", stream: i % 5 == 0);
                acts.Add((begun, begun.Act, session, begun.Permission, i % 5 != 0));
            }
        }

        await WriteAsync([.. acts.Select(a => a.Fact)]);
        var app = new ActQuery(Facts.App);
        await Expect(app, a => a.Session.App == Facts.App);
        await Expect(new ActQuery(new("web")), a => a.Session.App.Value == "web");
        await Expect(new ActQuery(new("nowhere")), a => false);
        foreach (var session in sessions)
        {
            await Expect(app with { Session = session.Session }, a => a.Session == session && session.App == Facts.App);
            await Expect(app with { Session = session.Session, ChangesOnly = true }, a => a.Session == session && session.App == Facts.App && a.Change);
        }

        await Expect(app with { Session = new("ses_none") }, a => false);
        await Expect(app with { Agent = new("sue") }, a => a.Session == sessions[1]);
        await Expect(app with { Agent = new("nobody") }, a => false);
        await Expect(app with { Permission = "webhook.update" }, a => a.Session.App == Facts.App && a.Permission == "webhook.update");
        await Expect(app with { Permission = "webhook.UPDATE" }, a => false);
        await Expect(app with { ChangesOnly = true }, a => a.Session.App == Facts.App && a.Change);
        await Expect(app with { Agent = Facts.Sam, Permission = "app.read" }, a => a.Session == sessions[0] && a.Permission == "app.read");

        async Task Expect(ActQuery query, Func<(Fact Fact, ActId Id, SessionOpened Session, string Permission, bool Change), bool> fits)
        {
            var paged = new List<ActRecord>();
            IReadOnlyList<ActRecord> page;
            do
            {
                page = await Store.ReadActsAsync(query with { Limit = 3, Before = paged.Count > 0 ? paged[^1].Position : long.MaxValue }, CancellationToken.None);
                Assert.InRange(page.Count, 0, 3);
                paged.AddRange(page);
            }
            while (page.Count == 3);
            Assert.Equal(acts.Where(fits).Reverse().Select(a => a.Id), paged.Select(a => a.Id));
        }
    }

    [Fact]
    public async Task RequestAskedByName_IsOneIdOnTwoLedgers_EachWithItsOwnStory_AndSupportIsToldOfOne()
    {
        var conversation = Facts.Open("Signing fails");
        var delivered = Facts.Ask(Facts.App, conversation: conversation.Conversation.Value) with { AskedByName = NamedTarget.App };
        var asked = delivered with { App = null, Conversation = null, TargetName = Facts.Text("northwind-ios") };
        await WriteAsync(conversation);
        await Scribe.WriteAsync(
            Store,
            [(AccountId.Vendor, asked), (Facts.Account, delivered), (Facts.Account, Facts.Approve(delivered, grant: null)), (AccountId.Vendor, Facts.EndRequest(asked, RequestState.Withdrawn))]);

        var ofId = new RequestQuery(Request: asked.Request);
        var told = Assert.Single(await Store.ReadRequestsAsync(ofId with { ForSupport = true }, CancellationToken.None));
        Assert.Equal(
            (AccountId.Vendor, null, "northwind-ios", null, RequestState.Withdrawn, 0),
            (told.Account, told.App, told.TargetName, told.Conversation, told.State, told.Approvals.Length));
        var kept = Assert.Single(await Store.ReadRequestsAsync(ofId with { Account = Facts.Account }, CancellationToken.None));
        Assert.Equal((Facts.App, "Northwind iOS", RequestState.Pending, 1), (kept.App, kept.TargetName, kept.State, kept.Approvals.Length));
        Assert.Equal([NamedTarget.App, NamedTarget.App], (await Store.ReadRequestsAsync(ofId, CancellationToken.None)).Select(r => r.AskedByName!.Value));
        Assert.Equal(3, (await Store.Conversations.ReadItemsAsync(conversation.Conversation, long.MaxValue, 10, CancellationToken.None)).Count);
        var use = await Store.ReadUseAsync(new UseQuery(Clock.GetUtcNow().AddDays(-1), Clock.GetUtcNow()), CancellationToken.None);
        Assert.Equal(1, Assert.Single(use.Agents).Asked);
    }

    [Fact]
    public async Task Grants_ArePagedByPosition()
    {
        var grants = new List<GrantStarted>();
        for (var i = 0; i < 7; i++)
        {
            grants.Add(Facts.Lend());
            await WriteAsync(grants[^1], Facts.End(grants[^1]));
        }

        var first = await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 4), CancellationToken.None);
        var second = await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Before: first[^1].Position, Limit: 4), CancellationToken.None);
        Assert.Equal(grants.AsEnumerable().Reverse().Select(g => g.Grant), first.Concat(second).Select(g => g.Id));
        Assert.Empty(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Before: second[^1].Position, Limit: 4), CancellationToken.None));
        Assert.Empty(await Store.ReadGrantsAsync(new GrantQuery(new AppId("nowhere"), Limit: 4), CancellationToken.None));
    }

    [Fact]
    public async Task Entries_ArePagedFromASeq()
    {
        await WriteAsync([.. Enumerable.Range(0, 9).Select(_ => Facts.Lend())]);
        Assert.Equal([3L, 4L, 5L, 6L], (await Store.ReadEntriesAsync(Facts.Account, 3, 4, CancellationToken.None)).Select(e => e.Seq));
        Assert.Equal([7L, 8L], (await Store.ReadEntriesAsync(Facts.Account, 7, 4, CancellationToken.None)).Select(e => e.Seq));
        Assert.Empty(await Store.ReadEntriesAsync(Facts.Account, 9, 4, CancellationToken.None));
        Assert.Empty(await Store.ReadEntriesAsync(new("nobody"), 0, 4, CancellationToken.None));
        Assert.Equal(0, (await Store.ReadEdgeAsync(new("nobody"), CancellationToken.None)).Size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(IHistory.MaxPage + 1)]
    public async Task PageOutOfBounds_IsABug(int limit)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: limit), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadSessionsAsync(new SessionQuery(Limit: limit), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadActsAsync(new ActQuery(Facts.App, Limit: limit), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadEntriesAsync(Facts.Account, 0, limit, CancellationToken.None));
    }
}
