using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;
using Microsoft.AspNetCore.Http;

namespace Buildyard.Webhooks;

public sealed class WebhookTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Hooks = $"{App}/webhooks";
    private const string Page = "/apps/northwind-ios/settings/webhooks";
    private static readonly string[] s_appChanged = ["app.changed"];
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private Receiver _receiver = null!;
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _host = await BuildyardHost.StartAsync(_clock, args: ["--Webhooks:AllowPrivateHosts", "true"]);
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    [Trait("capability", "A1")]
    public async Task ChangeOfTheApp_IsTold_SignedSoThatTheStandardLibraryAccepts()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        var hook = await AddAsync(support, new { url = $"{_receiver.Address}/hook?x=1", events = s_appChanged, headers = new[] { new { name = "X-Token", value = "planted-header" } } });

        await _adam.PatchAsJsonAsync(App, new { title = "Told" });

        var received = await _receiver.NextAsync();
        Assert.Equal(("/hook", "planted-header", "application/json"), (received.Path, received.Headers["X-Token"], received.Headers["Content-Type"]));
        var body = JsonElement.Parse(received.Body);
        Assert.Equal(("app.changed", "Told"), (Text(body, "type"), Text(body.GetProperty("data"), "title")));
        var secret = await SecretAsync(hook);
        Assert.Equal("accepted", await VerifyAsync(secret, received, received.Body));
        Assert.NotEqual("accepted", await VerifyAsync(secret, received, received.Body + " "));
        Assert.NotEqual("accepted", await VerifyAsync(WebhookSigning.CreateSecret(), received, received.Body));
        var delivery = await SettledAsync(hook);
        Assert.Equal(("delivered", 200, 1), (Text(delivery, "state"), delivery.GetProperty("status").GetInt32(), delivery.GetProperty("attempts").GetInt32()));
    }

    [Fact]
    public void Signature_IsThatOfTheSpecificationsVector()
    {
        var file = Shared("vectors/standard-webhooks/vector.json");
        var vector = JsonElement.Parse(File.ReadAllText(file));

        var signature = WebhookSigning.Sign(Text(vector, "secret"), Text(vector, "id"), DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("timestamp").GetInt64()), Text(vector, "payload"));

        Assert.Equal(Text(vector, "signature"), signature);
    }

    [Fact]
    public async Task WhatFails_IsTriedAgain_LaterAndLater_WithTheSameId_AndGivenUp()
    {
        _receiver.Answer = context => { context.Response.StatusCode = 503; return Task.CompletedTask; };
        var hook = await AddAsync(_adam, new { url = _receiver.Address, events = s_appChanged });
        await _adam.PatchAsJsonAsync(App, new { title = "Told" });
        var ids = new List<string> { (await _receiver.NextAsync()).Headers["webhook-id"] };
        foreach (var wait in (TimeSpan[])[TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14)])
        {
            // Sign-ins end on the way.
            _adam = await _host.CallAsAsync("adam@northwind.test");
            var attempts = ids.Count;
            await UntilAsync(hook, d => d.GetProperty("attempts").GetInt32() == attempts && d.GetProperty("status").ValueKind == JsonValueKind.Number);
            _clock.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.True(_receiver.IsEmpty);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            ids.Add((await _receiver.NextAsync()).Headers["webhook-id"]);
        }

        _adam = await _host.CallAsAsync("adam@northwind.test");
        Assert.Single(ids.Distinct());
        Assert.Equal("failed", Text(await SettledAsync(hook), "state"));
        _receiver.Answer = context => context.Response.WriteAsync("back again");
        (await _adam.PostAsync($"{Hooks}/{hook}/deliveries/{ids[0]}/redeliver", null)).EnsureSuccessStatusCode();
        Assert.Equal(ids[0], (await _receiver.NextAsync()).Headers["webhook-id"]);
        Assert.Equal(("delivered", "back again"), (Text(await SettledAsync(hook), "state"), Text(await SettledAsync(hook), "response")));
    }

    [Fact]
    public async Task Redirects_AreNotFollowed_AndGoneMeansGone()
    {
        var hook = await AddAsync(_adam, new { url = _receiver.Address, events = s_appChanged });
        _receiver.Answer = context => { context.Response.Redirect($"{_receiver.Address}/elsewhere"); return Task.CompletedTask; };
        await _adam.PostAsync($"{Hooks}/{hook}/test", null);
        await _receiver.NextAsync();
        var delivery = await UntilAsync(hook, d => d.GetProperty("status").ValueKind == JsonValueKind.Number);
        Assert.Contains("redirect", Text(delivery, "problem"), StringComparison.Ordinal);
        Assert.True(_receiver.IsEmpty);

        _receiver.Answer = context => { context.Response.StatusCode = 410; return Task.CompletedTask; };
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _receiver.NextAsync();
        Assert.Equal("failed", Text(await SettledAsync(hook), "state"));
    }

    [Fact]
    public async Task EndlessAnswers_AreReadInPart()
    {
        _receiver.Answer = async context =>
        {
            context.Response.ContentLength = 10L * 1024 * 1024 * 1024;
            var part = new byte[64 * 1024];
            Array.Fill(part, (byte)'x');
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(part, context.RequestAborted);
        };
        var hook = await AddAsync(_adam, new { url = _receiver.Address, events = s_appChanged });
        await _adam.PostAsync($"{Hooks}/{hook}/test", null);

        var delivery = await SettledAsync(hook);

        Assert.Equal(("delivered", 4096), (Text(delivery, "state"), Text(delivery, "response").Length));
    }

    [Fact]
    public async Task SlowReceiver_IsGivenFifteenSeconds_AndHoldsUpNobodyElse()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var other = await Receiver.StartAsync();
        _receiver.Answer = context => slow.Task.WaitAsync(context.RequestAborted);
        var stuck = await AddAsync(_adam, new { url = _receiver.Address, events = s_appChanged });
        var quick = await AddAsync(_adam, new { url = other.Address, events = s_appChanged });

        await _adam.PatchAsJsonAsync(App, new { title = "Told" });

        await _receiver.NextAsync();
        await other.NextAsync();
        Assert.Equal("delivered", Text(await SettledAsync(quick), "state"));
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Contains("within 15 seconds", Text(await UntilAsync(stuck, d => d.GetProperty("problem").ValueKind == JsonValueKind.String), "problem"), StringComparison.Ordinal);
        slow.SetResult();
    }

    [Fact]
    public async Task WhatWaits_SurvivesARestart()
    {
        var folder = Directory.CreateTempSubdirectory("buildyard-hooks-").FullName;
        string[] allowed = ["--Webhooks:AllowPrivateHosts", "true"];
        _receiver.Answer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        string id;
        await using (var first = await BuildyardHost.StartAsync(_clock, folder, allowed))
        {
            var adam = await first.CallAsAsync("adam@northwind.test");
            await AddAsync(adam, new { url = _receiver.Address, events = s_appChanged });
            await adam.PatchAsJsonAsync(App, new { title = "Told" });
            id = (await _receiver.NextAsync()).Headers["webhook-id"];
        }

        _clock.Advance(TimeSpan.FromMinutes(5));
        await using (await BuildyardHost.StartAsync(_clock, folder, allowed))
            Assert.Equal(id, (await _receiver.NextAsync()).Headers["webhook-id"]);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task AnotherUrl_ClearsHeadersAndSecret_AndTheFormSaysSoBefore()
    {
        var hook = await AddAsync(_adam, new { url = $"{_receiver.Address}/old", events = s_appChanged, headers = new[] { new { name = "X-Token", value = "planted-header" } } });
        var secret = await SecretAsync(hook);
        var support = await _host.CallAsSupportAsync("northwind-ios");
        Assert.Contains("Another URL clears the headers", (await (await support.GetAsync($"{Page}/{hook}")).PageAsync()).Text(), StringComparison.Ordinal);

        var changed = await (await support.PatchAsJsonAsync($"{Hooks}/{hook}", new { url = $"{_receiver.Address}/sams" })).JsonAsync();

        Assert.Equal(0, changed.GetProperty("header_names").GetArrayLength());
        Assert.NotEqual(secret, await SecretAsync(hook));
        await support.PostAsync($"{Hooks}/{hook}/test", null);
        var received = await _receiver.NextAsync();
        Assert.DoesNotContain("planted-header", string.Join('\n', received.Headers.Values), StringComparison.Ordinal);
        Assert.NotEqual("accepted", await VerifyAsync(secret, received, received.Body));
    }

    [Fact]
    public async Task Support_SeesNoSecret_AndNoAnswer()
    {
        _receiver.Answer = context => context.Response.WriteAsync($"you sent {context.Request.Headers["X-Token"]}");
        var hook = await AddAsync(_adam, new { url = _receiver.Address, events = s_appChanged, headers = new[] { new { name = "X-Token", value = "planted-header" } } });
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await support.PostAsync($"{Hooks}/{hook}/test", null);
        Assert.Contains("planted-header", Text(await SettledAsync(hook), "response"), StringComparison.Ordinal);

        foreach (var path in (string[])[Hooks, $"{Hooks}/{hook}/deliveries", Page, $"{Page}/{hook}"])
            Assert.DoesNotContain("planted", await support.GetStringAsync(path), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await support.PostAsync($"{Hooks}/{hook}/secret/reveal", null)).StatusCode);
        Assert.DoesNotContain("planted", await _adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrivateTargets_AreRefused_AtOnceOrWhenTheNameIsLookedUp()
    {
        await using var strict = await BuildyardHost.StartAsync(_clock);
        var adam = await strict.CallAsAsync("adam@northwind.test");
        foreach (var url in (string[])["https://127.0.0.1/", "https://localhost/", "https://a.localhost./", "https://10.0.0.8/", "https://[::1]/", "https://[fd00::1]/", "https://169.254.169.254/", "https://192.168.1.1:8443/", "https://[::ffff:127.0.0.1]/", "https://0x7f.1/"])
            Assert.True((await adam.PostAsJsonAsync(Hooks, new { url, events = s_appChanged })).StatusCode == HttpStatusCode.UnprocessableEntity, url);
        // A name that leads to this machine, which nothing in the address gives away.
        var hook = await AddAsync(adam, new { url = $"https://{Dns.GetHostName()}/", events = s_appChanged });
        await adam.PostAsync($"{Hooks}/{hook}/test", null);
        var delivery = await UntilAsync(adam, hook, d => d.GetProperty("problem").ValueKind == JsonValueKind.String);
        Assert.Contains(Text(delivery, "problem"), (string[])["Its host is inside a private network.", "There is no host of this name."]);
    }

    [Theory]
    [InlineData("""{"events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"http://x y","events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"ftp://example.com/","events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"https://me:pw@example.com/","events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"https://example.com/#x","events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"/relative","events":["app.changed"]}""", "url")]
    [InlineData("""{"url":"https://example.com/"}""", "events")]
    [InlineData("""{"url":"https://example.com/","events":["app.flew"]}""", "events")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"Host","value":"x"}]}""", "headers")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"webhook-id","value":"x"}]}""", "headers")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"X Y","value":"x"}]}""", "headers")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"X","value":"a\r\nb: c"}]}""", "headers")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"X","value":""}]}""", "headers")]
    [InlineData("""{"url":"https://example.com/","events":["app.changed"],"headers":[{"name":"X","value":"1"},{"name":"x","value":"2"}]}""", "headers")]
    public async Task BadInput_NamesTheField_AndAddsNothing(string body, string field)
    {
        var refused = await _adam.PostAsync(Hooks, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(field, Text((await refused.JsonAsync()).GetProperty("errors")[0], "field"));
        Assert.Equal(0, (await (await _adam.GetAsync(Hooks)).JsonAsync()).GetProperty("webhooks").GetArrayLength());
    }

    [Fact]
    public async Task Forms_AddShowSwitchAndRemove_WithoutScript()
    {
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        var added = await adam.SubmitAsync(Page, Page, ("url", $"{_receiver.Address}/form"), ("headers", "X-One: 1\r\nX-Two: two words"), ("events", "app.changed"));
        var path = added.Headers.Location!.OriginalString.Split('?')[0];
        Assert.Contains("X-One, X-Two", (await adam.PageAsync(path)).Text(), StringComparison.Ordinal);
        Assert.StartsWith("whsec_", (await (await adam.SubmitAsync(path, $"{path}/reveal")).PageAsync()).QuerySelector("#signing-secret")!.GetAttribute("value"), StringComparison.Ordinal);

        await adam.SubmitAsync(path, $"{path}/test");
        Assert.Equal("two words", (await _receiver.NextAsync()).Headers["X-Two"]);
        await adam.SubmitAsync(path, path, ("enabled", "false"), ("events", "build.started,build.finished"));
        var page = (await adam.PageAsync(Page)).Text();
        Assert.Contains("build.started, build.finished", page, StringComparison.Ordinal);
        await adam.SubmitAsync(path, $"{path}/remove");
        Assert.Contains("No webhooks yet", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    private static async Task<string> AddAsync(HttpClient by, object hook)
    {
        var added = await by.PostAsJsonAsync(Hooks, hook);
        Assert.True(added.StatusCode == HttpStatusCode.Created, await added.Content.ReadAsStringAsync());
        return Text(await added.JsonAsync(), "id");
    }

    private async Task<string> SecretAsync(string hook)
    {
        var url = (await (await _adam.GetAsync(Hooks)).JsonAsync()).GetProperty("webhooks").EnumerateArray().Single(h => Text(h, "id") == hook).GetProperty("url").GetString();
        return Text(await (await _adam.PostAsJsonAsync($"{Hooks}/{hook}/secret/reveal", new { url })).JsonAsync(), "signing_secret");
    }

    private Task<JsonElement> SettledAsync(string hook) => UntilAsync(hook, d => Text(d, "state") != "waiting");

    private Task<JsonElement> UntilAsync(string hook, Func<JsonElement, bool> condition) => UntilAsync(_adam, hook, condition);

    /// <summary>The newest delivery, once it is as expected.</summary>
    private static async Task<JsonElement> UntilAsync(HttpClient by, string hook, Func<JsonElement, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            var deliveries = (await (await by.GetAsync($"{Hooks}/{hook}/deliveries", timeout.Token)).JsonAsync()).GetProperty("deliveries");
            if (deliveries.GetArrayLength() > 0 && condition(deliveries[0])) return deliveries[0];
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }

    /// <summary>Asks npm's <c>standardwebhooks</c>.</summary>
    private static async Task<string> VerifyAsync(string secret, Received received, string body)
    {
        const string Script = """
            const { Webhook } = require("standardwebhooks");
            const { secret, headers, body } = JSON.parse(require("fs").readFileSync(0, "utf8"));
            try { new Webhook(secret).verify(body, headers); console.log("accepted"); } catch (e) { console.log(e.message); }
            """;
        var start = new ProcessStartInfo("node", ["-e", Script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Path.Combine(Root(), "test", "Buildyard.Tests") };
        using var node = Process.Start(start)!;
        var headers = received.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value, StringComparer.Ordinal);
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(new { secret, headers, body }));
        node.StandardInput.Close();
        var said = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return said.Trim();
    }

    private static string Shared(string path)
    {
        var file = Path.Combine(Root(), "..", "shared", path);
        if (File.Exists(file)) return file;
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"../shared/{path} is not beside the project.");
        throw new FileNotFoundException($"../shared/{path} is not beside the project.", file);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Latchkey.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
