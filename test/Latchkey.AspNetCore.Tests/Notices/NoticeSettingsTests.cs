using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Who of an account is told, and how, as its owner chooses; and the account's webhook.</summary>
public sealed class NoticeSettingsTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Api = "/support-access/v1/accounts/northwind";
    private const string Page = "/support-access/notices";
    private HookReceiver _receiver = null!;
    private SampleHost _host = null!;
    private HttpClient _owner = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await HookReceiver.StartAsync();
        _host = await SampleHost.StartAsync(options => options.AllowPrivateWebhooks = true);
        _host.Apps.Owners.Clear();
        _host.Apps.Owners.Add("olivia");
        _owner = _host.Program("olivia");
        _adam = _host.Browser("adam");
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        _adam.Dispose();
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public void Signature_IsTheSpecificationsOwn()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Latchkey.slnx")))
        {
            root = root.Parent;
        }

        var file = Path.Combine(root!.Parent!.FullName, "shared", "vectors", "standard-webhooks", "vector.json");
        Assert.SkipWhen(!File.Exists(file) && Environment.GetEnvironmentVariable("CI") != "true", "The vectors are not beside the project.");
        var vector = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.Equal(
            (string)vector["signature"]!,
            WebhookSignature.Sign((string)vector["secret"]!, (string)vector["id"]!, DateTimeOffset.FromUnixTimeSeconds((long)vector["timestamp"]!), (string)vector["payload"]!));
    }

    [Fact]
    public async Task WhatIsChosen_Holds()
    {
        using var put = await _owner.PutAsJsonAsync($"{Api}/notices/on", new { administrators = false, people = new[] { "tess" } });
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        await _adam.TurnOnAsync(App);
        using var tess = _host.Program("tess");
        await Told.WhenAsync(async () => (int)(await tess.GetFromJsonAsync<JsonObject>("/support-access/v1/inbox"))!["unseen"]!, unseen => unseen == 1);
        using var adam = _host.Program("adam");
        Assert.Equal(0, (int)(await adam.GetFromJsonAsync<JsonObject>("/support-access/v1/inbox"))!["unseen"]!);
        var settings = (await _owner.GetFromJsonAsync<JsonObject>($"{Api}/notices"))!;
        Assert.False((bool)settings["email_available"]!);
        Assert.Equal("tess", (string)settings["choices"]!.AsArray().Single(c => (string)c!["event"]! == "on")!["people"]![0]!);
        Assert.False((bool)settings["choices"]!.AsArray().Single(c => (string)c!["event"]! == "each_entry")!["in_app"]!);
    }

    [Theory]
    [InlineData("adam", HttpStatusCode.Forbidden)]
    [InlineData("tess", HttpStatusCode.Forbidden)]
    [InlineData("carla", HttpStatusCode.NotFound)]
    [InlineData("sam", HttpStatusCode.NotFound)]
    [InlineData("sam-at-home", HttpStatusCode.Forbidden)]
    [InlineData("raised", HttpStatusCode.Forbidden)]
    public async Task OnlyOwnersOfTheAccount_SeeAndChoose_InNoDisguise(string who, HttpStatusCode status)
    {
        _host.Apps.Members["raised"] = _host.Apps.Members["tess"] with { Person = new("raised") };
        _host.Apps.Owners.UnionWith(["raised", "sam-at-home"]);
        _host.Apps.PromotedBySupport.Add("raised");
        using var other = _host.Program(who);
        Assert.Equal(status, (await other.GetAsync($"{Api}/notices")).StatusCode);
        Assert.Equal(status, (await other.PutAsJsonAsync($"{Api}/notices/on", new { owners = true })).StatusCode);
        Assert.Equal(status, (await other.PutAsJsonAsync($"{Api}/notice-webhook", new { url = "https://hooks.test/" })).StatusCode);
        Assert.Equal(status, (await other.DeleteAsync($"{Api}/notice-webhook")).StatusCode);
    }

    [Theory]
    [InlineData("notices/on", """{"people":["carla"]}""", "people")]
    [InlineData("notices/on", """{"email":"yes"}""", "email")]
    [InlineData("notice-webhook", """{"url":"https://user:password@hooks.test/"}""", "url")]
    [InlineData("notice-webhook", """{"url":"file:///etc/passwd"}""", "url")]
    [InlineData("notice-webhook", "{}", "url")]
    public async Task BadValues_AreNamed(string path, string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var refused = await _owner.PutAsync($"{Api}/{path}", content);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(field, (string)(await refused.Content.ReadFromJsonAsync<JsonObject>())!["field"]!);
    }

    [Theory]
    [InlineData("http://hooks.test/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://169.254.169.254/latest")]
    public async Task PrivateAddresses_AreNotTaken_UnlessTheOperatorAllows(string url)
    {
        await using var strict = await SampleHost.StartAsync();
        strict.Apps.Owners.Add("olivia");
        using var owner = strict.Program("olivia");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await owner.PutAsJsonAsync($"{Api}/notice-webhook", new { url })).StatusCode);
    }

    [Fact]
    public async Task AWebhook_IsCalledOnce_Signed_WithIdsAndNamesAlone()
    {
        var secret = await SetHookAsync();
        await _adam.TurnOnAsync(App);
        using var sam = _host.Browser("sam");
        await sam.EnterAsync(App, "A reason nobody else reads");
        await Told.WhenAsync(() => Task.FromResult(_receiver.Calls.Count), calls => calls == 2);
        foreach (var call in _receiver.Calls)
        {
            var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(call.Headers["webhook-timestamp"], CultureInfo.InvariantCulture));
            Assert.Equal(WebhookSignature.Sign(secret, call.Headers["webhook-id"], at, call.Body), call.Headers["webhook-signature"]);
            Assert.DoesNotContain("A reason nobody else reads", call.Body);
            Assert.Matches("^msg_[0-9a-f]{32}$", call.Headers["webhook-id"]);
        }

        var on = JsonNode.Parse(_receiver.Calls.First().Body)!;
        Assert.Equal("support_access.on", (string)on["type"]!);
        Assert.Equal(("northwind", "app_1"), ((string)on["data"]!["account"]!, (string)on["data"]!["app"]!));
        Assert.NotEqual(_receiver.Calls.First().Headers["webhook-id"], _receiver.Calls.Last().Headers["webhook-id"]);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(302)]
    public async Task AWebhookThatFails_IsCalledAgain_AsTheSameMessage(int status)
    {
        await SetHookAsync();
        _receiver.Status = status;
        await _adam.TurnOnAsync(App);
        var next = await Told.WhenAsync(NextAsync, next => next > _host.Clock.GetUtcNow());
        _receiver.Status = 200;
        _host.Clock.Advance(next!.Value - _host.Clock.GetUtcNow());
        await Told.WhenAsync(NextAsync, left => left is null);
        Assert.Equal(2, _receiver.Calls.Count);
        Assert.Single(_receiver.Calls.Select(c => c.Headers["webhook-id"]).Distinct());
        Assert.All(_receiver.Calls, c => Assert.Equal("/hook", c.Path));
    }

    [Fact]
    public async Task AWebhookThatIsGone_IsGivenUp_AndTheOwnerReadsIt()
    {
        await SetHookAsync();
        _receiver.Status = 410;
        await _adam.TurnOnAsync(App);
        await Told.WhenAsync(async () => (await _host.Access.Notices.ReadLostAsync(new AccountId("northwind"), 10, CancellationToken.None)).Count, lost => lost == 1);
        using var olivia = _host.Browser("olivia");
        Assert.Contains("It answered 410.", (await olivia.OpenAsync(Page)).Text);
    }

    [Fact]
    public async Task ThePage_Chooses_AndShowsASecretOnce_WithoutScript()
    {
        using var olivia = _host.Browser("olivia");
        var page = await olivia.OpenAsync(Page);
        Assert.Contains("No mail server is set up here", page.Text);
        var saved = await page.SubmitAsync("#lk-each_entry form", ("owners", "true"), ("in_app", "true"));
        Assert.Equal(HttpStatusCode.SeeOther, saved.Status);
        var choices = await _host.Access.Notices.ReadChoicesAsync(new AccountId("northwind"), CancellationToken.None);
        Assert.True(choices[NoticeKind.EachEntry] is { Owners: true, InApp: true });

        var set = await page.SubmitAsync("form[action$='/webhook/set']", ("url", new Uri(_receiver.Address, "/hook").AbsoluteUri));
        Assert.Contains(WebhookSignature.SecretPrefix, set.Text);
        Assert.DoesNotContain(WebhookSignature.SecretPrefix, (await olivia.OpenAsync(Page)).Text);
        var refused = await page.SubmitAsync("form[action$='/webhook/set']", ("url", "nowhere"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        await (await olivia.OpenAsync(Page)).SubmitAsync("form[action$='/webhook/remove']");
        Assert.Null(await _host.Access.Notices.FindHookAsync(new AccountId("northwind"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, (await _adam.OpenAsync(Page)).Status);
    }

    private async Task<string> SetHookAsync()
    {
        using var put = await _owner.PutAsJsonAsync($"{Api}/notice-webhook", new { url = new Uri(_receiver.Address, "/hook").AbsoluteUri });
        return (string)(await put.Content.ReadFromJsonAsync<JsonObject>())!["secret"]!;
    }

    private Task<DateTimeOffset?> NextAsync() => _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Webhook, CancellationToken.None);
}
