using System.Text;

namespace Latchkey.Tests;

/// <summary>Who hears of what: an agent of what they could read at that moment, and of nothing else.</summary>
[Trait("capability", "N2")]
public sealed class FeedTests
{
    private static readonly Lender s_olivia = World.Admin("olivia");
    private static readonly Speaker s_adam = Speaker.Of(World.Adam);
    private static readonly Speaker s_sam = Speaker.Of(World.Sam);
    private static readonly Share s_settings = new(ShareKind.Snapshot, "Settings", [new SharePart("Settings", [new ShareField("Title", "iOS")], "a: 1\n")]);
    private static readonly ProposalDraft s_draft = new(new("shr_1"), "title", "Title", "7", "before", "after", "It helps");

    /// <summary>
    /// Every kind of fact, one after the other, while Sam is inside an app and Sue is not: what each of them hears. A kind that none of this
    /// writes fails, so that whoever adds one says here who may hear of it.
    /// </summary>
    [Fact]
    public async Task EveryKindOfFact_IsHeardByWhomTheTableSays()
    {
        await using var world = await World.StartAsync();
        await using var sam = new Ear(world, World.Sam);
        await using var sue = new Ear(world, World.Sue);
        Entered session = null!;
        Act act = null!;
        AccessRequest asked = null!;
        ConversationRecord talk = null!;
        ProposalRecord proposal = null!;
        ScreenshotsRecord wanted = null!;
        var access = world.Access;
        (string What, Func<Task> Do, string Sam, string Sue)[] table =
        [
            ("lent", () => world.TurnOnAsync(World.Ios), "access", "access"),
            ("changed", () => world.TurnOnAsync(World.Ios, new Terms(Role: "viewer")), "access", "access"),
            ("widened", () => world.TurnOnAsync(World.Ios, new Terms(Role: "admin")), "access", "access"),
            ("entered", async () => session = await world.EnterAsync(World.Ios, World.Sam), "session", ""),
            ("read", async () => await (await world.BeginAsync(session, World.ReadTitle)).EndAsync(ActOutcome.Done), "activity", ""),
            ("begun", async () => act = await world.BeginAsync(session, World.UpdateTitle), "activity", ""),
            ("ended", () => act.EndAsync(ActOutcome.Done), "activity", ""),
            ("settled", () => Done(access.SettleAsync(World.Ios, act.Recorded!.Value, Settlement.Kept, World.Adam)), "activity", ""),
            ("two approvers", () => RuleAsync(2), "", ""),
            ("a second person asked", () => Done(access.TurnOnAsync(World.Android, World.Adam, new Terms())), "", ""),
            ("taken back", () => Done(access.WithdrawAsync(World.Northwind, access.Find(World.Northwind).Requests[^1].Id, World.Adam.Person, "adam")), "", ""),
            ("one approver", () => RuleAsync(1), "", ""),
            ("renamed, not lent", () => access.AppChangedAsync(World.Android), "", ""),
            ("renamed, lent", () => access.AppChangedAsync(World.Ios), "access", "access"),
            ("asked", () => AskAsync(World.Sam, new RequestTarget(World.Northwind, World.Android, "android")), "request", "request"),
            ("declined", () => Done(access.DenyAsync(World.Northwind, asked.Id, World.Adam, note: null)), "request", "request"),
            ("asked by name", () => ByNameAsync("web", World.Web), "request", "request"),
            ("declined by name", () => Done(access.DenyAsync(World.Contoso, asked.Id, s_olivia, note: null)), "request", "request"),
            ("asked by a name that is nobody's", () => ByNameAsync("none", app: null), "request", "request"),
            ("asked by name again", () => ByNameAsync("web-2", World.App("app_web_2", World.Contoso)), "request", "request"),
            ("that app was deleted", () => access.AppDeletedAsync(new AppId("app_web_2")), "", ""),
            ("asked for the account", () => AskAsync(World.Sue, new RequestTarget(World.Northwind, App: null, "northwind")), "request", "request"),
            ("allowed for the account",
                () => Done(access.ApproveAsync(World.Northwind, asked.Id, s_olivia, new ApprovalTerms(), [World.Ios, World.Android])), "request access access", "request access access"),
            ("taken out of it", () => world.TurnOffAsync(World.Android, s_olivia), "access", "access"),
            ("ended for the account", () => Done(access.EndAccountAccessAsync(World.Northwind, s_olivia)), "access", "access"),
            ("a conversation", async () => talk = await OpenAsync(world), "conversation", "conversation"),
            ("a message", () => Done(access.SendAsync(talk, s_sam, new Said("Which step?"))), "conversation", "conversation"),
            ("assigned", () => Done(access.AssignAsync(talk, World.Sam, World.Sam.Id, World.Sam.Name)), "conversation", "conversation"),
            ("solved", () => Done(access.SolveAsync(talk, s_adam)), "conversation", "conversation"),
            ("reopened", async () => await Done(access.ReopenAsync((await access.Conversations.FindAsync(talk.Id, null, CancellationToken.None))!, s_adam)), "conversation", "conversation"),
            ("shown", () => Done(access.ShareAsync(talk, s_adam, s_settings)), "conversation", "conversation"),
            ("proposed", async () => proposal = (await access.ProposeAsync(talk, World.Sam, s_draft)).Value!, "conversation", "conversation"),
            ("declined", () => Done(access.DeclineProposalAsync(proposal.Id, World.Adam, note: null)), "conversation", "conversation"),
            ("screenshots asked", async () => wanted = (await access.AskForScreenshotsAsync(talk, World.Sam, ["The signing page"])).Value!, "conversation", "conversation"),
            ("sent", AnswerAsync, "conversation", "conversation"),
            ("refused", async () => { access.NoteRefused(World.Sam.Id, DecisionReason.NoGrant, "", "GET /"); await world.SettleAsync(); }, "", ""),
            ("the vendor rules", () => Done(access.RuleAsync(World.Sue, access.Policy with { MinReason = 5 })), "", ""),
            ("a lead", () => Done(access.TeamChangedAsync(TeamChange.MadeLead, World.Sue.Id, "Sue", by: null)), "", ""),
            ("left", () => Done(access.LeaveAsync(session.Session.Id, World.Sam.Id)), "session", ""),
            ("off", () => world.TurnOffAsync(World.Ios), "access", "access"),
            ("off already, another customer lends", () => world.TurnOnAsync(World.Web), "access", "access"),
            ("off there", () => world.TurnOffAsync(World.Web), "access", "access"),
            ("the clock accepted", AcceptAsync, "", ""),
        ];

        var (expected, heard) = (new StringBuilder(), new StringBuilder());
        foreach (var (what, happen, ofSam, ofSue) in table)
        {
            await happen();
            expected.AppendLine($"{what}: {ofSam} / {ofSue}");
            heard.AppendLine($"{what}: {await sam.HeardAsync()} / {await sue.HeardAsync()}");
        }

        Assert.Equal(expected.ToString(), heard.ToString());
        var written = new HashSet<Type>();
        foreach (var account in Ledgers.Accounts)
        {
            written.UnionWith((await world.Ledgers.ReadAsync(account)).Select(e => e.Fact.GetType()));
        }

        Assert.Equal(
            typeof(Fact).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Fact))).Select(t => t.Name).Order(StringComparer.Ordinal),
            written.Select(t => t.Name).Order(StringComparer.Ordinal));

        static async Task Done<T>(Task<Answer<T>> answer)
            where T : class => Assert.Null((await answer).Refusal);

        Task RuleAsync(int approvers) => Done(access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Approvers = approvers }));

        async Task AskAsync(AgentRef by, RequestTarget target) => asked = (await access.RequestAsync(target, by, new Plea("Signing fails"))).Value!;

        async Task ByNameAsync(string name, AppRef? app) => asked = (await access.RequestByNameAsync(
            NamedTarget.App, name, World.Sam, new Plea("Signing fails"), _ => Task.FromResult(app is null ? null : new RequestTarget(app.Account, app, name)))).Value!;

        async Task AnswerAsync()
        {
            using var file = new MemoryStream(Encoding.UTF8.GetBytes("a log"));
            var attached = (await access.AttachAsync(talk, s_adam, file, "log.txt", wanted.Id)).Value!;
            await Done(access.AnswerScreenshotsAsync(talk, wanted.Id, s_adam, new Said("Here") { Attachments = [attached.Id.Value] }));
        }

        async Task AcceptAsync()
        {
            world.Clock.SetWall(world.Clock.GetUtcNow().AddHours(1));
            await world.AdvanceAsync(TimeSpan.FromSeconds(1));
            await Done(access.AcceptClockAsync(World.Sue));
        }
    }

    /// <summary>The number of the newest item that an agent could hear says nothing of what they could not.</summary>
    [Fact]
    public async Task TheNewestForAnAgent_StandsStill_WhileCustomersAreAmongThemselves()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios);
        var (agents, customers) = (world.Access.Feed.NewestFor(World.Sue.Id), world.Access.Feed.NewestOf(World.Contoso, ReaderId.Of(World.Contoso, new PersonId("carla"))));
        await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Approvers = 2 });
        await world.Access.TurnOnAsync(World.Android, World.Adam, new Terms());
        Assert.Equal((agents, customers), (world.Access.Feed.NewestFor(World.Sue.Id), world.Access.Feed.NewestOf(World.Contoso, ReaderId.Of(World.Contoso, new PersonId("carla")))));
        await world.TurnOffAsync(World.Ios);
        Assert.True(world.Access.Feed.NewestFor(World.Sue.Id) > agents);
    }

    /// <summary>Whoever falls behind misses the oldest, and is told so by the next one, whoever else was told how much meanwhile.</summary>
    [Fact]
    public async Task AListenerThatFallsBehind_IsToldSo_AndOthersNews_IsNoGap()
    {
        await using var world = await World.StartAsync();
        await using var sue = new Ear(world, World.Sue);
        await sue.HeardAsync();
        for (var time = 0; time < 300; time++)
        {
            await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Approvers = 1 + (time % 2) });
        }

        await world.TurnOnAsync(World.Web);
        Assert.Equal("access", await sue.HeardAsync());
        for (var time = 0; time < 300; time++)
        {
            await world.TurnOnAsync(World.Web, new Terms(Note: $"{time}"));
        }

        Assert.Contains("access after a gap", await sue.HeardAsync(), StringComparison.Ordinal);
    }

    private static async Task<ConversationRecord> OpenAsync(World world)
    {
        var opened = await world.Access.OpenConversationAsync(new Topic(World.Northwind, "Northwind", World.Android), s_adam, "Signing fails", new Said("Since today"));
        return (await world.Access.Conversations.FindAsync(opened.Value!.Id, null, CancellationToken.None))!;
    }

    /// <summary>What one agent hears.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IAsyncEnumerator<FeedItem> _items;
        private readonly World _world;
        private readonly AgentId _agent;
        private Task<bool> _next;

        public Ear(World world, AgentRef agent)
        {
            (_world, _agent) = (world, agent.Id);
            _items = world.Access.Feed.ListenAsync(agent.Id, _stop.Token).GetAsyncEnumerator(_stop.Token);
            _next = _items.MoveNextAsync().AsTask();
        }

        /// <summary>All since the last time: what comes before something in their own inbox that is made to come now.</summary>
        public async Task<string> HeardAsync()
        {
            await new Teller(_world.Access).SeeAsync(AccountId.Vendor, ReaderId.Of(_agent), upTo: 0, CancellationToken.None);
            var heard = new List<string>();
            while (true)
            {
                Assert.True(await _next);
                var item = _items.Current;
                _next = _items.MoveNextAsync().AsTask();
                if (item.Kind == FeedKind.Inbox)
                {
                    return string.Join(' ', heard);
                }

                heard.Add(item.Kind.ToString().ToLowerInvariant() + (item.AfterGap ? " after a gap" : ""));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _items.DisposeAsync();
            _stop.Dispose();
        }
    }
}
