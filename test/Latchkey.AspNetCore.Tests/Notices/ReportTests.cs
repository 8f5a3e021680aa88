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

    private async Task OffAsync() => await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");

    private async Task<string> ReportAsync()
    {
        var grants = await _host.Access.History.ReadGrantsAsync(new GrantQuery(App: new AppId("app_1"), Limit: 1), CancellationToken.None);
        return $"/support-access/apps/{App}/reports/{grants[0].Id}";
    }
}
