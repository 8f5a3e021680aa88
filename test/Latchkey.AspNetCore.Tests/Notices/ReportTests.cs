using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Latchkey.AspNetCore.Tests;

/// <summary>The closing report of a key, on its page and in the API.</summary>
public sealed class ReportTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
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
    public async Task NeverUsed_IsSaid_AndThePanelLeadsToIt()
    {
        await _adam.TurnOnAsync(App);
        await OffAsync();
        var link = (await _adam.OpenAsync($"/apps/{App}")).Find("a[href*='/reports/']")!.GetAttribute("href")!;
        var page = await _adam.OpenAsync(link);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("It was never used.", page.Text);
        Assert.Contains("ended by Adam Reyes", page.Text);
        Assert.Equal(link, (await _adam.OpenAsync($"/support-access/apps/{App}/activity")).Find(".lk-history a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task SaysWhoDidWhatAndWhy_AndTheStateOfTheLedger()
    {
        await _adam.TurnOnAsync(App);
        var page = await _sam.EnterAsync(App);
        await page.SubmitAsync("form[action$='/title']", ("title", "Renamed"));
        var soFar = await _adam.OpenAsync(await ReportAsync());
        Assert.Contains("So far", soFar.Text);
        await OffAsync();

        var report = await _adam.OpenAsync(await ReportAsync());
        Assert.Contains("Used by Sam Okafor: 1 session, 1 read, 1 change.", report.Text);
        Assert.Contains("“Signing step fails”", report.Text);
        Assert.Contains("Changed the title", report.Text);
        Assert.Contains("Opened the app", report.Text);
        var edge = await _host.Access.History.ReadEdgeAsync(new AccountId("northwind"), CancellationToken.None);
        Assert.Contains($"{edge.Size} entries, root hash {edge.Root()}", report.Text);

        using var adam = _host.Program("adam");
        var json = (await adam.GetFromJsonAsync<JsonObject>((await ReportAsync()).Replace("/apps/", "/v1/apps/", StringComparison.Ordinal)))!;
        Assert.Equal((1, 1, edge.Root().ToString()), ((int)json["reads"]!, (int)json["changes"]!, (string)json["root_hash"]!));
    }

    [Fact]
    public async Task IsForAdministratorsOfItsAppAlone()
    {
        await _adam.TurnOnAsync(App);
        await OffAsync();
        var path = await ReportAsync();
        foreach (var (who, status) in new[] { ("dana", HttpStatusCode.Forbidden), ("carla", HttpStatusCode.NotFound), ("sam", HttpStatusCode.NotFound) })
        {
            using var other = _host.Browser(who);
            Assert.Equal(status, (await other.OpenAsync(path)).Status);
        }

        using var carla = _host.Browser("carla");
        Assert.Equal(HttpStatusCode.NotFound, (await carla.OpenAsync(path.Replace("northwind-ios", "contoso-web", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.OpenAsync(path.Replace("northwind-ios", "northwind-android", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.OpenAsync($"/support-access/apps/{App}/reports/grt_unknown")).Status);
    }

    [Fact]
    [Trait("capability", "P2")]
    public async Task OfAWholeAccount_SaysWhoAskedAndWhy_AndWhatCameOfItInEachApp()
    {
        using var owner = _host.Program("olivia");
        using var agent = _host.Program("sam");
        using var asked = await agent.PostAsJsonAsync("/support-access/v1/requests", new { account = "northwind", reason = "Every queue is slow", ticket = "SUP-7" });
        var request = (string)(await asked.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        using var approved = await owner.PostAsJsonAsync($"/support-access/v1/requests/{request}/approve", new { });
        foreach (var app in new[] { App, "northwind-android", App })
        {
            await _sam.EnterAsync(app);
        }

        using var ended = await owner.DeleteAsync("/support-access/v1/accounts/northwind/access");
        Assert.True(ended.IsSuccessStatusCode);
        var grant = (await _host.Access.History.ReadGrantsAsync(new GrantQuery(Account: new AccountId("northwind"), Limit: 1), CancellationToken.None))[0].Id;
        using var olivia = _host.Browser("olivia");
        var page = await olivia.OpenAsync($"/support-access/account/reports/{grant}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Used by Sam Okafor: 3 sessions, 3 reads, 0 changes.", page.Text);
        Assert.Contains("Asked for by Sam Okafor: “Every queue is slow”", page.Text);
        Assert.Contains("SUP-7", page.Text);
        Assert.Equal(["Northwind iOS", "Northwind Android"], page.Document.QuerySelectorAll("[aria-labelledby=lk-apps] h3").Select(h => h.TextContent));
        foreach (var link in page.Document.QuerySelectorAll("[aria-labelledby=lk-apps] a").Select(a => a.GetAttribute("href")!))
        {
            Assert.Contains("Asked for by Sam Okafor", (await olivia.OpenAsync(link)).Text);
        }

        using var carla = _host.Browser("carla");
        Assert.Equal(HttpStatusCode.NotFound, (await carla.OpenAsync($"/support-access/account/reports/{grant}")).Status);
        await _adam.TurnOnAsync(App);
        var single = (await ReportAsync()).Replace($"/apps/{App}/", "/account/", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await olivia.OpenAsync(single)).Status);
    }

    private async Task OffAsync() => await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");

    private async Task<string> ReportAsync()
    {
        var grants = await _host.Access.History.ReadGrantsAsync(new GrantQuery(App: new AppId("app_1"), Limit: 1), CancellationToken.None);
        return $"/support-access/apps/{App}/reports/{grants[0].Id}";
    }
}
