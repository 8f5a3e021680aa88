using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Requests;

public sealed class RequestApiTests : IAsyncLifetime
{
    private const string Requests = "/support-access/v1/requests";
    private const string Conversations = "/support-access/v1/conversations";
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    [Trait("capability", "R9")]
    public async Task Declined_IsAskedAgain_OnlyAfterAMessage_NotAfterWhateverElseTheCustomerDoes()
    {
        var talk = await TalkAsync("adam", "northwind-ios");
        var asked = await SendAsync("sam", Requests, new { conversation = talk, reason = "Signing fails" });
        Assert.Equal(HttpStatusCode.Created, asked.Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", $"{Requests}/{Id(asked)}/deny", new { note = "Not now" })).Status);
        _host.Clock.Advance(TimeSpan.FromMinutes(1));

        await SendAsync("adam", $"{Conversations}/{talk}/solve", new { });
        await SendAsync("adam", $"{Conversations}/{talk}/reopen", new { });
        var again = await SendAsync("sam", Requests, new { conversation = talk, reason = "Signing fails" });
        Assert.Equal((HttpStatusCode.Conflict, "too_soon"), (again.Status, again.Body.GetProperty("type").GetString()));

        await SendAsync("adam", $"{Conversations}/{talk}/messages", new { text = "You may ask" });
        Assert.Equal(HttpStatusCode.Created, (await SendAsync("sam", Requests, new { conversation = talk, reason = "Signing fails" })).Status);
    }

    [Fact]
    [Trait("capability", "R3")]
    public async Task AnAgentAsks_ForAnAppOrAnAccount_OrWhatTheySpeakAbout_AndIsToldNoMoreThanTheyKnow()
    {
        var talk = await TalkAsync("adam", "northwind-ios");
        object[] nothing =
        [
            new { conversation = "cnv_none", reason = "Signing fails" }, new { conversation = talk, app = "contoso-web", reason = "Signing fails" },
            new { conversation = talk, account = "contoso", reason = "Signing fails" },
            new { conversation = talk, app = "northwind-android", reason = "Not what is spoken about here" },
        ];
        foreach (var body in nothing)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("sam", Requests, body)).Status);
        }

        // What is wrong whatever is asked for is said first, so that nothing can be tried with it.
        foreach (var app in (string[])["northwind-ios", "northwind-android", "no-such-app"])
        {
            foreach (var (body, field) in new (object, string)[]
            {
                (new { conversation = talk, app, reason = "" }, "reason"), (new { conversation = talk, app, reason = "Signing fails", role = "boss" }, "role"),
                (new { conversation = "cnv_none", app, reason = "Signing fails", duration = "P99D" }, "duration"),
            })
            {
                Assert.Equal(field, (await SendAsync("sam", Requests, body)).Body.GetProperty("field").GetString());
            }
        }

        Assert.Equal("account", (await SendAsync("sam", Requests, new { app = "northwind-ios", account = "northwind", reason = "Signing fails" })).Body.GetProperty("field").GetString());
        var spoken = (await SendAsync("sam", Requests, new { conversation = talk, reason = "Signing fails" })).Body;
        Assert.Equal(("app_1", talk, "Northwind iOS"), (spoken.GetProperty("app").GetString(), spoken.GetProperty("conversation").GetString(), spoken.GetProperty("target_name").GetString()));
        var named = (await SendAsync("sam", Requests, new { app = "northwind-android", reason = "Asked by phone" })).Body;
        var whole = (await SendAsync("sam", Requests, new { account = "northwind", reason = "Every app fails" })).Body;
        Assert.Equal(("northwind-android", "northwind"), (named.GetProperty("target_name").GetString(), whole.GetProperty("target_name").GetString()));
        Assert.Equal((false, true), (named.GetProperty("whole_account").GetBoolean(), whole.GetProperty("whole_account").GetBoolean()));
        foreach (var unknown in (string[])["app", "account", "conversation"])
        {
            Assert.False(named.TryGetProperty(unknown, out _) || whole.TryGetProperty(unknown, out _));
        }

        foreach (var request in new[] { spoken, named, whole })
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("olivia", $"{Requests}/{request.GetProperty("id").GetString()}/deny", new { })).Status);
        }
    }

    [Fact]
    [Trait("capability", "R3")]
    public async Task Page_AsksForAnAppByItsName_AndKeepsWhatWasTypedWhereThatCanBeNoName()
    {
        var ask = await _host.Browser("sam").OpenAsync("/support-access/console/ask");
        var refused = await ask.SubmitAsync("form.lk-form", ("app", "no such app"), ("reason", "Asked by phone"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("signs without spaces", refused.TextOf("#lk-app-error"), StringComparison.Ordinal);
        var asked = await refused.SubmitAsync("form.lk-form", ("app", "northwind-android"));
        Assert.Equal("/support-access/console/requests", asked.Location);
        var listed = await asked.FollowAsync();
        Assert.Contains("northwind-android “Asked by phone”", listed.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("capability", "R4")]
    public async Task OnlyAnAdministrator_OfWhatIsAskedFor_Answers_InNoDisguise()
    {
        var asked = Id(await SendAsync("sam", Requests, new { conversation = await TalkAsync("adam", "northwind-ios"), reason = "Signing fails" }));
        foreach (var (who, status) in new[]
        {
            ("dana", HttpStatusCode.Forbidden), ("sam-at-home", HttpStatusCode.Forbidden), ("carla", HttpStatusCode.NotFound),
            ("sam", HttpStatusCode.NotFound), ("lee", HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(status, (await SendAsync(who, $"{Requests}/{asked}/approve", new { })).Status);
            Assert.Equal(status, (await SendAsync(who, $"{Requests}/{asked}/deny", new { })).Status);
        }

        _host.Apps.PromotedBySupport.Add("adam");
        foreach (var answer in (string[])["approve", "deny"])
        {
            Assert.Equal("promoted_by_support", (await SendAsync("adam", $"{Requests}/{asked}/{answer}", new { })).Body.GetProperty("type").GetString());
        }

        _host.Apps.PromotedBySupport.Clear();
        var approved = await SendAsync("adam", $"{Requests}/{asked}/approve", new { duration = "PT1H", role = "viewer" });
        Assert.Equal("approved", approved.Body.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("adam", $"{Requests}/{asked}/approve", new { })).Status);
    }

    [Fact]
    [Trait("capability", "T7")]
    public async Task AnAppThatWasTakenOutOfTheAccountsKey_SaysSo_AndItsSwitchLendsWhatItSays()
    {
        const string Access = "/support-access/v1/apps/northwind-ios/access";
        var whole = Id(await SendAsync("sam", Requests, new { account = "northwind", reason = "Every app fails" }));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("olivia", $"{Requests}/{whole}/approve", new { })).Status);
        using var adam = _host.Program("adam");
        using var off = await adam.DeleteAsync(Access, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, off.StatusCode);
        using var browser = _host.Browser("adam");
        Assert.Contains("this one was taken out of that", (await browser.OpenAsync("/apps/northwind-ios")).Text, StringComparison.Ordinal);

        using var on = await adam.PutAsJsonAsync(Access, new { role = "viewer", duration = "PT10M" }, TestContext.Current.CancellationToken);
        var state = JsonElement.Parse(await on.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var grant = Assert.Single(state.GetProperty("grants").EnumerateArray());
        Assert.Equal(("viewer", "toggle"), (grant.GetProperty("role").GetString(), grant.GetProperty("how").GetString()));
    }

    private async Task<string> TalkAsync(string who, string app) =>
        Id(await SendAsync(who, Conversations, new { subject = "Signing fails", text = "Since today", app }));

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string who, string path, object body)
    {
        using var client = _host.Program(who);
        using var answer = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    private static string Id((HttpStatusCode Status, JsonElement Body) answer) => answer.Body.GetProperty("id").GetString()!;
}
