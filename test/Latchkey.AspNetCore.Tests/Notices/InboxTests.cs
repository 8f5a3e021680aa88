using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Everyone's own inbox, and the bell that says that something is in it.</summary>
public sealed class InboxTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Inbox = "/support-access/inbox";
    private const string Api = "/support-access/v1/inbox";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        _adam = _host.Browser("adam");
        _sam = _host.Browser("sam");
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        _sam.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Empty_SaysWhatWillBeThere() => Assert.Contains("Nothing yet.", (await _adam.OpenAsync(Inbox)).Text);

    [Fact]
    public async Task TellsWhoDidWhat_NewestFirst_UntilItIsSeen()
    {
        await _adam.TurnOnAsync(App);
        await _sam.EnterAsync(App);
        await UnseenAsync("adam", 2);
        var page = await _adam.OpenAsync(Inbox);
        Assert.Equal(
            [
                "new Sam Okafor of Sample Support entered Northwind iOS for the first time since access was turned on.",
                "new Adam Reyes turned on support access to Northwind iOS: Sample Support can work there as administrator until Sat 5 Dec 2026, 12:00 UTC.",
            ],
            page.Document.QuerySelectorAll(".lk-notices .lk-row-main > p:first-child").Select(p => string.Join(' ', p.TextContent.Replace("new", "new ", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains("2 not seen", (await _adam.OpenAsync($"/apps/{App}")).Find("#lk-bell")!.GetAttribute("aria-label"));

        var after = await (await page.SubmitAsync("form[action$='/inbox/seen']")).FollowAsync();
        Assert.False(after.Shows(".lk-unseen"));
        Assert.False((await _adam.OpenAsync($"/apps/{App}")).Shows(".lk-count"));
    }

    [Fact]
    public async Task LeadsToWhatItTellsOf()
    {
        await _adam.TurnOnAsync(App);
        await _sam.EnterAsync(App);
        await UnseenAsync("adam", 2);
        var links = (await _adam.OpenAsync(Inbox)).Document.QuerySelectorAll(".lk-notices a").Select(a => a.GetAttribute("href")!).ToList();
        Assert.StartsWith("/support-access/apps/app_1/activity?session=ses_", links[0]);
        Assert.Equal($"/apps/{App}", links[1]);
        Assert.Equal(HttpStatusCode.OK, (await _adam.OpenAsync(links[0])).Status);
    }

    [Fact]
    [Trait("capability", "R3")]
    public async Task WhatAnAgentAskedForByItsAddress_IsCalledAsTheCustomerCallsIt()
    {
        using var sam = _host.Program("sam");
        using var asked = await sam.PostAsJsonAsync("/support-access/v1/requests", new { app = "northwind-android", reason = "Asked by phone" });
        Assert.Equal(HttpStatusCode.Created, asked.StatusCode);
        await UnseenAsync("adam", 1);
        Assert.Contains("asks for access to Northwind Android as", (await _adam.OpenAsync(Inbox)).Text);
        using var adam = _host.Program("adam");
        Assert.Contains("asks for access to Northwind Android as", (string)(await adam.GetFromJsonAsync<JsonObject>(Api))!["items"]![0]!["sentence"]!);
    }

    [Fact]
    [Trait("capability", "K1")]
    public async Task LeadsNobodyWhereTheyMayNotGo()
    {
        using (var olivia = _host.Program("olivia"))
        {
            foreach (var kind in new[] { "on", "first_entry" })
            {
                using var put = await olivia.PutAsJsonAsync($"/support-access/v1/accounts/northwind/notices/{kind}", new { people = new[] { "dana", "tess" } });
                Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            }
        }

        await _adam.TurnOnAsync(App);
        await _sam.EnterAsync(App);
        foreach (var (who, leads) in new (string, string[])[] { ("dana", [$"/apps/{App}"]), ("tess", []) })
        {
            await UnseenAsync(who, 2);
            using var named = _host.Browser(who);
            var page = await named.OpenAsync(Inbox);
            Assert.Equal(2, page.Document.QuerySelectorAll(".lk-notices li").Length);
            Assert.Equal(leads, page.Document.QuerySelectorAll(".lk-notices a").Select(a => a.GetAttribute("href")!));
            using var program = _host.Program(who);
            Assert.Equal(leads, (await program.GetFromJsonAsync<JsonObject>(Api))!["items"]!.AsArray().Select(i => (string?)i!["path"]).OfType<string>());
        }
    }

    [Fact]
    public async Task IsReadByItsOwnerAlone()
    {
        await _adam.TurnOnAsync(App);
        await UnseenAsync("adam", 1);
        foreach (var who in new[] { "dana", "tess", "carla", "sue" })
        {
            using var other = _host.Program(who);
            var inbox = (await other.GetFromJsonAsync<JsonObject>(Api))!;
            Assert.Equal(0, (int)inbox["unseen"]!);
            Assert.Empty(inbox["items"]!.AsArray());
            using var seen = await other.PostAsJsonAsync($"{Api}/seen", new { through = "999" });
            // Nobody is told numbers, or can try them.
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.StatusCode);
        }

        await UnseenAsync("adam", 1);
        using var nobody = _host.Program(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Api)).StatusCode);
    }

    [Fact]
    public async Task Api_TellsAndMarks()
    {
        await _adam.TurnOnAsync(App);
        await UnseenAsync("adam", 1);
        using var adam = _host.Program("adam");
        var item = (await adam.GetFromJsonAsync<JsonObject>(Api))!["items"]![0]!;
        Assert.Equal(("on", App, false), ((string)item["kind"]!, (string)item["app"]!, (bool)item["seen"]!));
        Assert.Contains("turned on support access to Northwind iOS", (string)item["sentence"]!);
        // How many notices others have is not said, nor compared with how much else there is.
        Assert.Matches("^[A-Za-z0-9_-]{22}$", (string)item["id"]!);
        using var elsewhere = await adam.GetAsync($"/support-access/v1/apps/{App}/history?cursor={(string)item["id"]!}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, elsewhere.StatusCode);
        using var seen = await adam.PostAsJsonAsync($"{Api}/seen", new { through = (string)item["id"]! });
        Assert.Equal(0, (int)(await seen.Content.ReadFromJsonAsync<JsonObject>())!["unseen"]!);
        using var bad = await adam.PostAsJsonAsync($"{Api}/seen", new { through = "-1" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, bad.StatusCode);
        Assert.Equal("through", (string)(await bad.Content.ReadFromJsonAsync<JsonObject>())!["field"]!);
    }

    [Fact]
    public async Task TheBell_IsNotThereForSupportInsideAnApp()
    {
        await _adam.TurnOnAsync(App);
        Assert.False((await _sam.EnterAsync(App)).Shows("#lk-bell"));
        Assert.True((await _sam.OpenAsync("/support-access/inbox")).Text.Length > 0);
    }

    private async Task UnseenAsync(string who, int count)
    {
        using var client = _host.Program(who);
        await Told.WhenAsync(async () => (int)(await client.GetFromJsonAsync<JsonObject>(Api))!["unseen"]!, unseen => unseen == count);
    }
}
