using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Whatever a host answers, it fails the request that asked for it, by name, and nothing and nobody else.</summary>
[Trait("capability", "D1")]
public sealed class BorderTests : IAsyncLifetime
{
    private const string Root = "/support-access";
    private const string App = $"{Root}/v1/apps/northwind-ios";
    private const string Account = $"{Root}/v1/accounts/northwind";
    private const string Talks = $"{Root}/v1/conversations";
    private const string Refused =
        """{"type":"host_answer","title":"This did not work","status":500,"detail":"This can't be answered: something that the app says of it can't be used. Its log says what."}""";

    private readonly Odd _odd = new();
    private readonly LogBook _log = new();
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync(services: Odd.BuiltIn(_odd, _log), routes: AskedTwice, before: WithAHeader);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task WhatCantBeUsed_FailsTheRequestThatAskedForIt_ByName_AndNothingElse()
    {
        var asking = await RequestsAsync();
        var token = await EnterAsync("carla", "contoso-web", "sue");
        foreach (var odd in OddAnswer.All)
        {
            var ask = asking[odd.By ?? odd.Asked];
            _log.Clear();
            _odd.Answer(odd.Asked, odd.Make);
            var answer = await ask();

            Assert.Equal((odd.Said, HttpStatusCode.InternalServerError, Refused), (odd.Said, answer.Status, answer.Text));
            Assert.Contains(odd.Said, Assert.Single(_log.Of(1401)), StringComparison.Ordinal);
            Assert.Equal((odd.Said, HttpStatusCode.OK), (odd.Said, (await SendAsync(token, HttpMethod.Get, "/apps/contoso-web")).Status));
            Assert.True(_host.Access.Health.IsWorking, odd.Said);
            Assert.Empty(_log.Of(1001));
        }

        // What was asked for is there as soon as the answer can be used.
        _odd.AnswerRight();
        foreach (var (asked, ask) in asking)
        {
            Assert.Equal((asked, true), (asked, (int)(await ask()).Status < 300));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public async Task AnAgentWithoutASignIn_IsAskedToSignInAnew(string? signIn)
    {
        var token = await EnterAsync("carla", "contoso-web", "sue");
        _host.Apps.Agents["sam"] = _host.Apps.Agents["sam"] with { SignIn = signIn! };
        await SendAsync("adam", HttpMethod.Put, $"{App}/access", new { });

        var session = await SendAsync("sam", HttpMethod.Post, $"{Root}/v1/sessions", new { app = "northwind-ios", reason = "Signing fails" });
        Assert.Equal((HttpStatusCode.Unauthorized, "not_signed_in"), (session.Status, (string?)session.Body["type"]));
        using var browser = _host.Browser("sam");
        var console = await browser.GetAsync($"{Root}/console");
        Assert.Equal("/signin?return=%2Fsupport-access%2Fconsole", console.Headers.Location?.OriginalString);

        Assert.All(_log.Of(1402), line => Assert.Contains("Agent.SignIn", line, StringComparison.Ordinal));
        Assert.Equal(2, _log.Of(1402).Count);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(token, HttpMethod.Get, "/apps/contoso-web")).Status);
        Assert.True(_host.Access.Health.IsWorking);
    }

    [Fact]
    public async Task AnAppOfAnotherAccount_IsAsOneThatIsNotThere()
    {
        var nothing = await SendAsync("adam", HttpMethod.Get, $"{Root}/v1/apps/no-such-app/access");
        _odd.Answer("ISupportHost.FindAppAsync", _ => _host.Apps.Apps["contoso-web"]);
        Assert.Equal(nothing, await SendAsync("adam", HttpMethod.Get, $"{Root}/v1/apps/contoso-web/access"));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("adam", HttpMethod.Get, "/apps/contoso-web")).Status);
        Assert.Equal(2, _log.Of(1403).Count);
    }

    [Fact]
    [Trait("capability", "N2")]
    public async Task AskedByName_WhatTheHostFindsAndCantBeUsed_IsAsIfNobodyHadTheName()
    {
        var miss = await AskAsync(new { app = "no-such-app", reason = "Signing fails" });
        _odd.Answer("ISupportHost.FindAppToAskForAsync", app => (HostApp?)app is { } found ? found with { Title = null! } : null);
        Assert.Equal(miss, await AskAsync(new { app = "contoso-web", reason = "Signing fails" }));
        _odd.Answer("ISupportHost.GetAppsAsync", _ => null);
        Assert.Equal(miss, await AskAsync(new { account = "contoso", reason = "Signing fails" }));
        Assert.Equal(2, _log.Of(1401).Count);
        Assert.True(_host.Access.Health.IsWorking);

        async Task<(HttpStatusCode, string)> AskAsync(object body)
        {
            var answer = await SendAsync("sam", HttpMethod.Post, $"{Root}/v1/requests", body);
            return (answer.Status, string.Join(' ', answer.Body.AsObject().Select(field => field.Key)));
        }
    }

    [Theory]
    [InlineData("ISupportHost.GetCallerAsync", "ISupportHost.GetCallerAsync: Caller is somebody else than before;")]
    [InlineData("ISupportHost.GetAppAsync", "ISupportHost.GetAppAsync: HostApp.Account is another than before;")]
    public async Task WhatIsAnotherThanBeforeInOneRequest_FailsIt(string asked, string said)
    {
        var times = 0;
        _odd.Answer(asked, right => right switch
        {
            Member member => times++ == 0 ? member : member with { Account = new("contoso") },
            HostApp app => app with { Account = new("contoso") },
            _ => right,
        });
        Assert.Equal(Refused, (await SendAsync("adam", HttpMethod.Get, "/twice/northwind-ios")).Text);
        Assert.Contains(said, Assert.Single(_log.Of(1401)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APerson_IsToldOnAPageThatSaysNothingOfIt()
    {
        _odd.Answer("ISupportHost.FindAppAsync", app => (HostApp)app! with { Title = "secret-of-northwind\u0007" });
        using var browser = _host.Browser("adam");
        var page = await browser.OpenAsync($"{Root}/apps/northwind-ios/activity");
        Assert.Equal((HttpStatusCode.InternalServerError, "This did not work"), (page.Status, page.TextOf("h1")));
        Assert.Equal("nosniff", (await browser.GetAsync($"{Root}/apps/northwind-ios/activity")).Headers.GetValues("X-Content-Type-Options").Single());
        Assert.DoesNotContain("secret-of", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("secret-of", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("capability", "T6")]
    [InlineData("ISupportHost.FindAppAsync")]
    [InlineData("ISupportHost.GetRightsAsync")]
    public async Task NoAnswer_StandsInTheWayOfAnEnd(string asked)
    {
        var token = await EnterAsync("adam", "northwind-ios", "sam");
        _odd.Answer(asked, right => right is HostApp app ? app with { Title = "Northwind\u0007" } : null);
        Assert.Equal<Reply>((HttpStatusCode.InternalServerError, Refused), await SendAsync("adam", HttpMethod.Put, $"{App}/access", new { }));
        Assert.Equal<Reply>((HttpStatusCode.OK, """{"still_running":0}"""), await SendAsync("adam", HttpMethod.Delete, $"{App}/access"));
        Assert.Equal(HttpStatusCode.Gone, (await SendAsync(token, HttpMethod.Get, "/apps/northwind-ios")).Status);
        Assert.Equal(2, _log.Of(1401).Count);

        // To end it was theirs when it began; of what others lend they learn nothing by it.
        Assert.NotEqual(HttpStatusCode.OK, (await SendAsync("dana", HttpMethod.Delete, $"{App}/access")).Status);
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task NoAnswer_StandsInTheWayOfTheEndOfAllOfIt()
    {
        var talk = await MadeAsync("olivia", Talks, new { subject = "All of it", text = "Fails everywhere" });
        var request = await MadeAsync("sam", $"{Root}/v1/requests", new { conversation = talk, account = "northwind", reason = "Signing fails" });
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("olivia", HttpMethod.Post, $"{Root}/v1/requests/{request}/approve", new { })).Status);
        _odd.Answer("ISupportHost.GetAccountRightsAsync", _ => null);
        Assert.Equal<Reply>((HttpStatusCode.OK, """{"still_running":0}"""), await SendAsync("olivia", HttpMethod.Delete, $"{Account}/access"));
        Assert.False(_host.Access.Find(new AppId("app_2"))?.IsOpen(_host.Access.Now) == true);
    }

    [Fact]
    public async Task WhatAHostReportsByItself_IsRefusedWhereItIsMade()
    {
        await EnterAsync("adam", "northwind-ios", "sam");
        var app = _host.Apps.Apps["northwind-ios"];
        foreach (var odd in (HostApp[])[app with { Slug = null! }, app with { Title = null! }, app with { AccountTitle = null! }])
        {
            await Assert.ThrowsAsync<ArgumentNullException>(() => _host.Access.AppChangedAsync(odd.Ref));
        }

        await Assert.ThrowsAsync<ArgumentNullException>(() => _host.Access.EnterAsync(app.Id, new AgentRef(new("sue"), "Sue Lindqvist", null!), "Signing fails", ticket: null));
        Assert.True(_host.Access.Health.IsWorking);
    }

    /// <summary>A default of an interface stands in for a member that a border forgets, and asks the host nothing.</summary>
    [Theory]
    [InlineData(typeof(ISupportHost))]
    [InlineData(typeof(INoticeHost))]
    [InlineData(typeof(ISharing))]
    [InlineData(typeof(IProposals))]
    [InlineData(typeof(IUndo))]
    public void EveryMember_IsAskedThroughTheBorder(Type asked)
    {
        using var scope = _host.Services.CreateScope();
        var border = scope.ServiceProvider.GetRequiredService(asked).GetType();
        Assert.NotEqual(typeof(OddSupportHost).Assembly, border.Assembly);
        Assert.All(border.GetInterfaceMap(asked).TargetMethods, method => Assert.Equal(border, method.DeclaringType));
    }

    private static void WithAHeader(WebApplication app) => app.Use((context, next) =>
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return next(context);
    });

    private static void AskedTwice(WebApplication app) => app
        .MapGet("/twice/{app}", async (string app, HttpContext context, AccessContext access, ISupportHost host) =>
        {
            await host.GetCallerAsync(context);
            return (await host.GetAppAsync(access.App!.Value, context.RequestAborted))?.Title;
        })
        .RequirePermission("app.read");

    /// <summary>A request for each member that a request asks, with what it takes to get there.</summary>
    private async Task<Dictionary<string, Func<Task<Reply>>>> RequestsAsync()
    {
        var sam = await EnterAsync("adam", "northwind-ios", "sam");
        await SendAsync(sam, HttpMethod.Put, "/apps/northwind-ios/yml", new { });
        var act = Assert.Single(await _host.Access.History.ReadActsAsync(new ActQuery(new("app_1"), ChangesOnly: true), CancellationToken.None)).Id;
        var talk = await MadeAsync("adam", Talks, new { subject = "Signing fails", text = "Since today", app = "northwind-ios" });
        await MadeAsync("adam", $"{Talks}/{talk}/shares", new { kind = "snapshot" });
        var proposal = await MadeAsync("sam", $"{Talks}/{talk}/proposals", new { target = "title", after = "Northwind", why = "Shorter" });
        var whole = await MadeAsync("olivia", Talks, new { subject = "All of it", text = "Fails everywhere" });
        var request = await MadeAsync("sam", $"{Root}/v1/requests", new { conversation = whole, account = "northwind", reason = "Signing fails" });
        await SendAsync("olivia", HttpMethod.Put, $"{Account}/policy", new { approvers = 2 });

        return new()
        {
            ["ISupportHost.GetCallerAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/access"),
            ["an agent"] = () => SendAsync("sam", HttpMethod.Post, $"{Root}/v1/sessions", new { app = "northwind-ios", reason = "Signing fails" }),
            ["ISupportHost.FindAppAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/history"),
            ["ISupportHost.GetAppAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Talks}/{talk}"),
            ["ISupportHost.GetAppsAsync"] = () => SendAsync("olivia", HttpMethod.Post, $"{Root}/v1/requests/{request}/approve", new { }),
            ["ISupportHost.GetAccountAsync"] = () => SendAsync("adam", HttpMethod.Get, Talks),
            ["ISupportHost.GetRightsAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/access"),
            ["ISupportHost.GetAccountRightsAsync"] = () => SendAsync("olivia", HttpMethod.Get, $"{Account}/access"),
            ["ISupportHost.GetApproversAsync"] = () => SendAsync("olivia", HttpMethod.Get, $"{Account}/access"),
            ["ISupportHost.FindMemberAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/access"),
            ["INoticeHost.MembersOfAsync"] = () => SendAsync("olivia", HttpMethod.Get, $"{Account}/notices"),
            ["INoticeHost.AgentsAsync"] = () => SendAsync("sam", HttpMethod.Post, $"{Talks}/{talk}/assign", new { to = "sue" }),
            ["ISharing.SnapshotAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Talks}/{talk}/shares/preview?kind=snapshot"),
            ["ISharing.ListAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Talks}/{talk}/shareables"),
            ["ISharing.FindAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Talks}/{talk}/shares/preview?kind=build&item=41"),
            ["IProposals.TargetsOf"] = () => SendAsync("sam", HttpMethod.Get, $"{Talks}/{talk}/proposals/targets"),
            ["IProposals.PermissionOf"] = () => SendAsync("adam", HttpMethod.Get, $"{Root}/v1/proposals/{proposal}"),
            ["IProposals.LookAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Root}/v1/proposals/{proposal}"),
            ["IProposals.ApplyAsync"] = () => SendAsync("adam", HttpMethod.Post, $"{Root}/v1/proposals/{proposal}/apply"),
            ["IUndo.ListOpenAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/changes"),
            ["IUndo.ListOvertakenAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{Root}/apps/northwind-ios/activity"),
            ["IUndo.LookAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/changes/{act}"),
            ["IUndo.ShowAsync"] = () => SendAsync("adam", HttpMethod.Get, $"{App}/changes/{act}"),
            ["IUndo.UndoAsync"] = () => SendAsync("adam", HttpMethod.Post, $"{App}/changes/{act}/undo"),
            ["IUndo.KeepAsync"] = () => SendAsync("adam", HttpMethod.Post, $"{App}/changes/{act}/keep", new { with = Array.Empty<string>() }),
        };
    }

    /// <summary>Has access turned on and an agent enter.</summary>
    /// <returns>The session's token.</returns>
    private async Task<string> EnterAsync(string admin, string app, string agent)
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(admin, HttpMethod.Put, $"{Root}/v1/apps/{app}/access", new { })).Status);
        return (string)(await SendAsync(agent, HttpMethod.Post, $"{Root}/v1/sessions", new { app, reason = "Signing fails" })).Body["token"]!;
    }

    private async Task<string> MadeAsync(string who, string path, object body)
    {
        var answer = await SendAsync(who, HttpMethod.Post, path, body);
        Assert.Equal((HttpStatusCode.Created, path), (answer.Status, path));
        return (string)answer.Body["id"]!;
    }

    private async Task<Reply> SendAsync(string token, HttpMethod method, string path, object? body = null)
    {
        using var program = _host.Program(token);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await program.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed record Reply(HttpStatusCode Status, string Text)
    {
        public static implicit operator Reply((HttpStatusCode Status, string Text) expected) => new(expected.Status, expected.Text);

        public JsonNode Body => JsonNode.Parse(Text)!;
    }
}
