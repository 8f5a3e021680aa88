using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.Support;

public sealed class SupportUserTests : IAsyncLifetime
{
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task WhatSupportChanges_IsOnTheActivity_WithBeforeAndAfter()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await support.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Northwind", project_type = "android" });
        var adam = await _host.CallAsAsync("adam@northwind.test");

        var activity = await (await adam.GetAsync("/support-access/v1/apps/northwind-ios/activity")).JsonAsync();

        var change = activity.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("kind").GetString() == "change");
        Assert.Equal("changed the app's settings", change.GetProperty("title").GetString());
        Assert.Equal(
            [("title", "Northwind iOS", "Northwind"), ("project type", "ios", "android")],
            change.GetProperty("changes").EnumerateArray().Select(c => (Text(c, "what"), Text(c, "before"), Text(c, "after"))));
    }

    /// <summary>What is on the record is the permission that was used: who may rename an app is not who may disable it.</summary>
    [Fact]
    public async Task DisablingAnApp_IsAnActOfItsOwn_UnderItsOwnPermission()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        (await support.PutAsJsonAsync("/api/apps/northwind-ios/enabled", new { enabled = false })).EnsureSuccessStatusCode();
        var adam = await _host.CallAsAsync("adam@northwind.test");

        var activity = await (await adam.GetAsync("/support-access/v1/apps/northwind-ios/activity")).JsonAsync();

        var change = activity.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("kind").GetString() == "change");
        Assert.Equal(("app.enabled.update", "state"), (Text(change, "permission"), Text(change.GetProperty("changes")[0], "what")));
    }

    [Fact]
    public async Task YamlSavedBySupport_BearsSupportsName()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        var body = new StringContent("format_version: 11\n", MediaTypeHeaderValue.Parse("application/yaml"));

        var version = await (await support.PutAsync("/api/apps/northwind-ios/bitrise-yml", body)).JsonAsync();

        Assert.Equal("Support · Sam Okafor", version.GetProperty("author").GetString());
        Assert.Equal("support", version.GetProperty("author_kind").GetString());
        var browser = await _host.BrowseAsAsync("piet@northwind.test");
        Assert.Contains("Support · Sam Okafor", (await browser.PageAsync("/apps/northwind-ios/workflow/yml/versions")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InsideOneApp_EverythingElse_IsNotThere()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        string[] paths =
        [
            "/api/account", "/api/billing", "/api/apps", "/api/apps/northwind-android",
            "/api/apps/contoso-web", "/api/apps/nothing-here", "/account", "/account/billing",
            "/apps/new", "/support/team", "/support-access/v1/apps/northwind-ios/access",
        ];
        foreach (var path in paths)
            Assert.True((await support.GetAsync(path)).StatusCode == HttpStatusCode.NotFound, path);
    }

    [Fact]
    public async Task DeletingAndAccepting_AreNotThere_ForSupport()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");

        Assert.Equal(HttpStatusCode.NotFound, (await support.PostAsync("/apps/northwind-ios/settings/delete", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await support.GetAsync("/api/apps/northwind-ios")).StatusCode);
    }

    [Fact]
    public async Task Viewer_ReadsAndChangesNothing()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios", role: "viewer");

        Assert.Equal(HttpStatusCode.OK, (await support.GetAsync("/api/apps/northwind-ios/bitrise-yml")).StatusCode);
        var refused = await support.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "No" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("not_in_role", (await refused.JsonAsync()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task DeletingAnApp_EndsSupportsSession()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");

        await olivia.SubmitAsync("/apps/northwind-ios/settings", "/apps/northwind-ios/settings/delete", ("confirm", "northwind-ios"));

        Assert.Equal(HttpStatusCode.Gone, (await support.GetAsync("/api/apps/northwind-ios")).StatusCode);
    }

    [Fact]
    public async Task Health_SaysHowLatchkeyIs()
    {
        var answer = await _host.Call().GetAsync("/healthz");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Healthy", (await answer.JsonAsync()).GetProperty("checks").GetProperty("latchkey").GetProperty("status").GetString());
    }

    [Fact]
    public async Task WhileSupportIsOut_NoProbeTakesBuildyardAway_AndMembersWork()
    {
        var clock = new ManualClock();
        await using var host = await BuildyardHost.StartAsync(clock);
        var adam = await host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        clock.SetWall(clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        var sam = await host.CallAsAsync("sam@support.test");
        var refused = await sam.PostAsJsonAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Signing step fails" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        var health = await host.Call().GetAsync("/healthz");
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (health.StatusCode, (await health.JsonAsync()).GetProperty("status").GetString()));
        var live = await host.Call().GetAsync("/livez");
        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","checks":{}}"""), (live.StatusCode, await live.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.OK, (await adam.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Still ours" })).StatusCode);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
