using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Support;

/// <summary>The account's rules for lending, and the right to end, where people lose roles and teams.</summary>
public sealed class SecondPersonTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Api = "/support-access/v1";
    private const string Access = $"{Api}/apps/{App}/access";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _olivia = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _olivia = await _host.CallAsAsync("olivia@northwind.test");
        _sam = await _host.CallAsAsync("sam@support.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    [Trait("capability", "R13")]
    public async Task ApproverWhoWasRemoved_DoesNotCount_AndAnotherOpensIt()
    {
        await RuleAsync(2);
        var request = Text(await JsonAsync(_sam.PostAsJsonAsync($"{Api}/requests", new { app = App, reason = "The signing step fails", duration = "PT1H" })), "id");
        Assert.Equal("pending", Text(await JsonAsync(_adam.PostAsJsonAsync($"{Api}/requests/{request}/approve", new { })), "state"));
        await RemoveAsync("Adam Reyes");

        var second = await JsonAsync(_olivia.PostAsJsonAsync($"{Api}/requests/{request}/approve", new { }));
        Assert.Equal("pending", Text(second, "state"));
        Assert.Equal(
            [("Adam Reyes", false), ("Olivia Hart", true)],
            second.GetProperty("approvals").EnumerateArray().Select(a => (Text(a, "by_name"), a.GetProperty("counts").GetBoolean())));
        Assert.Equal("off", Text(await JsonAsync(_olivia.GetAsync(Access)), "state"));
        Assert.Equal(HttpStatusCode.NotFound, (await _sam.PostAsJsonAsync($"{Api}/sessions", new { app = App, reason = "Looking at it" })).StatusCode);

        (await _olivia.PutAsJsonAsync($"/api/apps/{App}/team/{await IdAsync("Dana Kim")}", new { role = "admin" })).EnsureSuccessStatusCode();
        var dana = await _host.CallAsAsync("dana@northwind.test");
        Assert.Equal("approved", Text(await JsonAsync(dana.PostAsJsonAsync($"{Api}/requests/{request}/approve", new { })), "state"));
        Assert.Equal(HttpStatusCode.Created, (await _sam.PostAsJsonAsync($"{Api}/sessions", new { app = App, reason = "Looking at it" })).StatusCode);
    }

    [Fact]
    [Trait("capability", "T11")]
    public async Task SwitchOfAnAccountThatWantsTwo_OpensWithTheSecond()
    {
        await RuleAsync(2);
        var asked = await _adam.PutAsJsonAsync(Access, new { duration = "PT1H" });
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var state = await asked.JsonAsync();
        Assert.Equal("Your account wants two people for this: Olivia Hart can confirm.", Text(state, "second_person"));
        Assert.Equal(HttpStatusCode.NotFound, (await _sam.PostAsJsonAsync($"{Api}/sessions", new { app = App, reason = "Looking at it" })).StatusCode);
        (await _olivia.PostAsJsonAsync($"{Api}/requests/{Text(state.GetProperty("requests")[0], "id")}/approve", new { })).EnsureSuccessStatusCode();
        Assert.Equal("on", Text(await JsonAsync(_adam.GetAsync(Access)), "state"));
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task WhoWasRemovedFromTheTeam_EndsWhatTheyLent()
    {
        (await _adam.PutAsJsonAsync(Access, new { })).EnsureSuccessStatusCode();
        var dana = await _host.CallAsAsync("dana@northwind.test");
        await RemoveAsync("Dana Kim");
        await RemoveAsync("Adam Reyes");
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.GetAsync($"/api/apps/{App}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await dana.DeleteAsync(Access)).StatusCode);
        Assert.True((await JsonAsync(_adam.GetAsync(Access))).GetProperty("can_end").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await _adam.DeleteAsync(Access)).StatusCode);
        Assert.Equal("off", Text(await JsonAsync(_olivia.GetAsync(Access)), "state"));
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.GetAsync(Access)).StatusCode);
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task WhoIsOwnerNoMore_EndsWhatTheyLentOfTheWholeAccount()
    {
        var account = Text(await JsonAsync(_olivia.GetAsync(Access)), "account")!;
        (await _olivia.PostAsync("/account/members/owner", Form(("person", await IdAsync("Adam Reyes")), ("owner", "true")))).Dispose();
        var request = Text(await JsonAsync(_sam.PostAsJsonAsync($"{Api}/requests", new { account, reason = "Every build hangs" })), "id");
        (await _adam.PostAsJsonAsync($"{Api}/requests/{request}/approve", new { })).EnsureSuccessStatusCode();
        (await _olivia.PostAsync("/account/members/owner", Form(("person", await IdAsync("Adam Reyes")), ("owner", "false")))).Dispose();
        Assert.True((await JsonAsync(_adam.GetAsync($"{Api}/accounts/{account}/access"))).GetProperty("can_end").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await _adam.DeleteAsync($"{Api}/accounts/{account}/access")).StatusCode);
        Assert.Equal("off", Text(await JsonAsync(_olivia.GetAsync($"{Api}/accounts/{account}/access")), "state"));
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task WhoWasRemovedFromTheAccount_EndsWhatTheyLent_AndReachesNothingElse()
    {
        (await _adam.PutAsJsonAsync(Access, new { })).EnsureSuccessStatusCode();
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        (await _olivia.PostAsync("/account/members/remove", Form(("person", await IdAsync("Adam Reyes"))))).Dispose();

        var account = Text(await JsonAsync(_olivia.GetAsync(Access)), "account");
        foreach (var path in Paths(account!))
        {
            using var answer = await _adam.GetAsync(path);
            var text = (int)answer.StatusCode < 400 ? await answer.Content.ReadAsStringAsync() : "";
            Assert.True((int)answer.StatusCode < 500, path);
            Assert.False(text.Contains("Northwind Android", StringComparison.Ordinal) || text.Contains("northwind-android", StringComparison.Ordinal) || text.Contains("Olivia Hart", StringComparison.Ordinal), path);
        }
        Assert.Equal(["state", "until", "can_end"], (await JsonAsync(_adam.GetAsync(Access))).EnumerateObject().Select(p => p.Name));
        Assert.Contains("You can still end this", (await adam.PageAsync("/support-access/inbox")).Text(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _adam.DeleteAsync(Access)).StatusCode);
        Assert.Equal("off", Text(await JsonAsync(_olivia.GetAsync(Access)), "state"));
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.GetAsync(Access)).StatusCode);
    }

    /// <summary>Every page and every read, of the app, of the account, and of what stands alone.</summary>
    private IEnumerable<string> Paths(string account) =>
        from endpoint in _host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let route = endpoint.RoutePattern.RawText!
        where endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true && !route.EndsWith("events", StringComparison.Ordinal)
            && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null
        select "/" + route.Trim('/').Replace("{app}", App, StringComparison.Ordinal).Replace("{account}", account, StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Replace("*", "", StringComparison.Ordinal);

    private async Task RuleAsync(int approvers)
    {
        var account = Text(await JsonAsync(_olivia.GetAsync(Access)), "account");
        (await _olivia.PutAsJsonAsync($"{Api}/accounts/{account}/policy", new { approvers })).EnsureSuccessStatusCode();
    }

    private async Task RemoveAsync(string name) => (await _olivia.DeleteAsync($"/api/apps/{App}/team/{await IdAsync(name)}")).EnsureSuccessStatusCode();

    private async Task<string> IdAsync(string name) =>
        (await JsonAsync(_olivia.GetAsync($"/api/apps/{App}/team"))).GetProperty("members").EnumerateArray()
            .Single(m => m.GetProperty("name").GetString() == name).GetProperty("person").GetString()!;

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(f => f.Name, f => f.Value));

    private static async Task<JsonElement> JsonAsync(Task<HttpResponseMessage> answer) => await (await answer).EnsureSuccessStatusCode().JsonAsync();

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
