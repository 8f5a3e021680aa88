using System.Text.RegularExpressions;

namespace Latchkey.Tests.Requests;

/// <summary>
/// Support asks by a name that it knows from elsewhere. Whoever has that name is asked; support reads the same whether that is anybody.
/// </summary>
[Trait("capability", "N2")]
public sealed partial class ByNameTests
{
    private const string Name = "northwind-ios";
    private static readonly RequestTarget s_ios = new(World.Northwind, World.Ios, Name);
    private static readonly RequestTarget s_all = new(World.Northwind, App: null, "northwind");
    private static readonly Lender s_olivia = World.Admin("olivia");

    /// <summary>What becomes of a request, by the customer's doing or the clock's, and says nothing to support.</summary>
    private static readonly Dictionary<string, Func<World, Task>> s_silent = new()
    {
        ["nothing"] = _ => Task.CompletedTask,
        ["the app was deleted"] = world => world.Access.AppDeletedAsync(World.Ios.Id),
        ["the app was transferred"] = world => world.Access.AppTransferredAsync(World.Ios.Id),
        ["the account was closed"] = world => world.Access.AccountClosedAsync(World.Northwind),
        ["the account refuses"] = world => world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Refuses = true }),
        ["turned on, for less"] = world => world.TurnOnAsync(World.Ios, new Terms(Role: "viewer")),
        ["nobody answered"] = world => world.AdvanceAsync(TimeSpan.FromDays(4)),
    };

    public static TheoryData<string> Silent => [.. s_silent.Keys];

    [Theory]
    [MemberData(nameof(Silent))]
    public async Task Somebodys_AndNobodys_ReadTheSame_WhateverBecomesOfIt(string what)
    {
        Assert.Equal(await StoryAsync(found: null, what), await StoryAsync(s_ios, what));
    }

    [Theory]
    [InlineData(RefusalReason.AccountRefuses)]
    [InlineData(RefusalReason.AlreadyPending)]
    [InlineData(RefusalReason.TooSoon)]
    public async Task WhereTheCustomerCanNotBeAsked_ItIsDeliveredToNobody_AndSupportReadsTheSame(RefusalReason because)
    {
        Assert.Equal(await StoryAsync(found: null, "nothing"), await StoryAsync(s_ios, "nothing", async world =>
        {
            if (because == RefusalReason.AccountRefuses)
            {
                await world.Access.RuleAsync(World.Northwind, s_olivia, AccountPolicy.Default with { Refuses = true });
                return;
            }

            var direct = await world.Access.RequestAsync(s_ios, World.Sue, new Plea("Signing fails"));
            if (because == RefusalReason.TooSoon)
            {
                await world.Access.DenyAsync(World.Northwind, direct.Value!.Id, World.Adam, note: null);
            }
        }, skip: World.Sue.Id));
    }

    [Fact]
    public async Task Approved_ByTheIdThatTheAgentGot_LendsToTheApp_AndIsTold()
    {
        await using var world = await World.StartAsync();
        var asked = await AskAsync(world, s_ios);
        Assert.Equal((AccountId.Vendor, null, Name, null), (asked.Account, asked.App, asked.TargetName, asked.Conversation));
        var delivered = Assert.Single(world.Access.Find(World.Northwind).Requests);
        Assert.Equal((asked.Id, World.Ios.Id, World.Northwind, null), (delivered.Id, delivered.App, delivered.Account, delivered.Conversation));

        await world.RestartAsync();
        var approved = await world.Access.ApproveAsync(World.Northwind, asked.Id, World.Adam, new ApprovalTerms(TimeSpan.FromHours(1)), [World.Ios]);
        Assert.Null(approved.Refusal);
        var grant = Assert.Single(world.Access.Find(World.Ios.Id)!.Grants);
        var told = world.Access.Find(asked.Id)!;
        Assert.Equal((RequestState.Approved, grant.Id, null), (told.State, told.Grant, told.App));
        Assert.Equal("adam", Assert.Single(await ReadAsync(world)).DecidedByName);
        await world.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task Denied_IsTold_WithTheNote_AndTheNameRestsForADay()
    {
        await using var world = await World.StartAsync();
        var asked = await AskAsync(world, s_ios);
        Assert.Null((await world.Access.DenyAsync(World.Northwind, asked.Id, World.Adam, "Ask Olivia first")).Refusal);
        var told = Assert.Single(await ReadAsync(world));
        Assert.Equal((RequestState.Denied, "adam", "Ask Olivia first"), (told.State, told.DecidedByName, told.Note));

        var again = (await TryAsync(world, s_ios)).Refusal!;
        Assert.Equal((RefusalReason.TooSoon, told.DecidedAt + TimeSpan.FromDays(1)), (again.Reason, again.At));
        await world.AdvanceAsync(TimeSpan.FromDays(1));
        await AskAsync(world, s_ios);
    }

    [Fact]
    public async Task WhatOpensTheApp_IsTold()
    {
        await using var world = await World.StartAsync();
        var on = await AskAsync(world, s_ios);
        await world.TurnOnAsync(World.Ios);
        var android = await AskAsync(world, new RequestTarget(World.Northwind, World.Android, "northwind-android"), "northwind-android");
        var whole = await AskAsync(world, s_all, "northwind", NamedTarget.Account);
        Assert.True(whole.WholeAccount);
        Assert.Null((await world.Access.ApproveAsync(World.Northwind, whole.Id, s_olivia, new ApprovalTerms(), [World.Ios, World.Android])).Refusal);
        Assert.Equal(
            [(RequestState.Superseded, Supersession.TurnedOn), (RequestState.Superseded, Supersession.AccountApproved), (RequestState.Approved, null)],
            new[] { on, android, whole }.Select(r => (world.Access.Find(r.Id)!.State, world.Access.Find(r.Id)!.Because)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TakenBack_OrItsAgentGone_EndsBothSides(bool isGone)
    {
        await using var world = await World.StartAsync();
        var asked = await AskAsync(world, s_ios);
        Assert.Equal(
            RefusalReason.NotAllowed, (await world.Access.WithdrawAsync(asked.Account, asked.Id, World.Sue, isLead: false)).Refusal?.Reason);
        if (isGone)
        {
            await world.Access.AgentRemovedAsync(World.Sam.Id);
        }
        else
        {
            Assert.Null((await world.Access.WithdrawAsync(asked.Account, asked.Id, World.Sue, isLead: true)).Refusal);
        }

        var state = isGone ? RequestState.Superseded : RequestState.Withdrawn;
        Assert.Equal((state, state), (world.Access.Find(asked.Id)!.State, world.Access.Find(World.Northwind).Find(asked.Id)!.State));
    }

    [Fact]
    [Trait("capability", "R9")]
    public async Task AnAgent_AsksTwentyTimesADay_HitsAndMissesAlike()
    {
        await using var world = await World.StartAsync();
        var first = world.Clock.GetUtcNow();
        for (var time = 0; time < SupportAccess.MostAskedByName; time++)
        {
            var asked = await AskAsync(world, time % 2 == 0 ? s_ios : null);
            await world.Access.WithdrawAsync(asked.Account, asked.Id, World.Sam, isLead: false);
            await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        var looked = false;
        var most = (await TryAsync(world, null, look: () => looked = true)).Refusal!;
        Assert.Equal((RefusalReason.TooMany, first.AddDays(1), false), (most.Reason, most.At, looked));
        await world.RestartAsync();
        Assert.Equal(RefusalReason.TooMany, (await TryAsync(world, s_ios)).Refusal!.Reason);
        Assert.Null((await world.Access.RequestByNameAsync(NamedTarget.App, Name, World.Sue, new Plea("Signing fails"), _ => Task.FromResult<RequestTarget?>(null))).Refusal);
        await world.AdvanceAsync(first.AddDays(1) - world.Clock.GetUtcNow());
        await AskAsync(world, s_ios, "another-name");
    }

    [Fact]
    public async Task Requests_ThatCanNotBeMade_AskNobodyWhoseTheNameIs()
    {
        await using var world = await World.StartAsync();
        var (looked, plea) = (false, new Plea("Signing fails"));
        foreach (var (name, wrong, field) in new[]
        {
            (Name, plea with { Reason = "" }, "reason"), (Name, plea with { Role = "owner" }, "role"), (Name, plea with { Also = ["app.delete"] }, "also"),
            (Name, plea with { Duration = TimeSpan.FromDays(31) }, "duration"), ("no such\nname", plea, "app"), (new string('x', IdText.MaxLength + 1), plea, "app"),
        })
        {
            Assert.Equal(field, (await TryAsync(world, s_ios, name, wrong, () => looked = true)).Refusal?.Field);
        }

        Assert.False(looked);
        Assert.Empty(await world.Ledgers.ReadAsync(AccountId.Vendor));
    }

    /// <summary>All that support reads of a name while it asks, is refused, takes back, asks again, and time passes.</summary>
    private static async Task<string> StoryAsync(RequestTarget? found, string what, Func<World, Task>? before = null, AgentId? skip = null)
    {
        await using var world = await World.StartAsync();
        if (before is not null)
        {
            await before(world);
        }

        var told = new List<string>();
        using var stop = new CancellationTokenSource();
        var feed = world.Access.Feed.ListenAsync(World.Sam.Id, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = feed.MoveNextAsync();
        for (var time = 0; time < 2; time++)
        {
            told.Add($"{await TryAsync(world, found)}");
            told.Add($"{await TryAsync(world, found)}");
            await Read();
            await s_silent[what](world);
            await Read();
            var asked = world.Access.Find(AccountId.Vendor).Requests[^1];
            told.Add($"{(await world.Access.WithdrawAsync(asked.Account, asked.Id, World.Sam, isLead: false)).Refusal}");
            await Read();
        }

        var last = (await AskAsync(world, found: null, "the-last")).Id.Value;
        for (FeedItem item = default; item.Subject != last;)
        {
            Assert.True(await next);
            item = feed.Current;
            told.Add($"{item with { Number = 0 }}");
            next = feed.MoveNextAsync();
        }

        await stop.CancelAsync();
        await ((Task)next.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await feed.DisposeAsync();
        return Ids().Replace(string.Join('\n', told), "id");

        async Task Read()
        {
            told.AddRange((await ReadAsync(world)).Where(r => r.Agent != skip).Select(r => $"{r with { Position = 0, Also = default, Approvals = default }}"));
            told.AddRange(world.Access.PendingRequests().Where(r => r.Agent != skip).Select(r => $"{r.Id} {r.TargetName} {r.Account} {r.App} {r.Expires:O}"));
            told.Add($"{(await world.Access.History.ReadUseAsync(new UseQuery(world.Access.Now.AddDays(-30), world.Access.Now), CancellationToken.None)).Agents.FirstOrDefault(a => a.Agent == World.Sam.Id)}");
        }
    }

    private static Task<IReadOnlyList<RequestRecord>> ReadAsync(World world) =>
        world.Access.History.ReadRequestsAsync(new RequestQuery(ForSupport: true), CancellationToken.None);

    private static Task<Answer<AccessRequest>> TryAsync(World world, RequestTarget? found, string name = Name, Plea? plea = null, Action? look = null, NamedTarget what = NamedTarget.App) =>
        world.Access.RequestByNameAsync(what, name, World.Sam, plea ?? new Plea("Signing fails", "ZD-7"), _ =>
        {
            look?.Invoke();
            return Task.FromResult(found);
        });

    private static async Task<AccessRequest> AskAsync(World world, RequestTarget? found, string name = Name, NamedTarget what = NamedTarget.App)
    {
        var answer = await TryAsync(world, found, name, what: what);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    [GeneratedRegex("req_[0-9a-f]{32}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Ids();
}
