using System.Net;

namespace Latchkey.AspNetCore.Tests;

public sealed class ActivityTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Activity = $"/support-access/apps/{App}/activity";
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
    public async Task NeverUsed_IsSaid() => Assert.Contains("Never used.", (await _adam.OpenAsync(Activity)).Text);

    [Fact]
    public async Task ShowsWhoDidWhatAndWhy_WithBeforeAndAfter()
    {
        await WorkAsync();
        var page = await _adam.OpenAsync(Activity);
        Assert.StartsWith("Sam Okafor", page.TextOf(".lk-session h2"));
        Assert.Contains("“Signing step fails”", page.TextOf(".lk-session header"));
        Assert.Equal(
            ["Changed secret API_KEY", "Changed bitrise.yml", "Changed the title", "Opened the app"],
            page.Document.QuerySelectorAll(".lk-act-what > p:first-child").Select(p => string.Join(' ', p.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal("Northwind iOS", page.TextOf(".lk-act del"));
        Assert.Equal("Northwind", page.TextOf(".lk-act ins"));
        Assert.Equal("    - script@1: {}", page.Find(".lk-diff-removed .lk-diff-text")!.TextContent);
        Assert.Equal("    - script@2: {}", page.Find(".lk-diff-added .lk-diff-text")!.TextContent);
        Assert.Contains("API_KEY changed", page.Text);
        Assert.Contains("Turned on by Adam Reyes", page.TextOf(".lk-history"));
    }

    [Theory]
    [InlineData("?changes_only=true", 3)]
    [InlineData("?permission=yml.update", 1)]
    [InlineData("?agent=sam", 4)]
    [InlineData("?agent=sue", 0)]
    public async Task ShowsOnlyWhatFitsTheFilter(string filter, int acts)
    {
        await WorkAsync();
        Assert.Equal(acts, (await _adam.OpenAsync(Activity + filter)).Document.QuerySelectorAll(".lk-act").Length);
    }

    [Fact]
    public async Task AnActThatFailed_SaysSo()
    {
        await _adam.TurnOnAsync(App);
        var inside = await _sam.EnterAsync(App);
        await ChangeAsync(inside, HttpMethod.Post, $"/apps/{App}/refused", "");
        Assert.Contains("failed (409)", (await _adam.OpenAsync(Activity)).Text);
    }

    [Fact]
    public async Task StaysWhenAccessHasEnded()
    {
        await WorkAsync();
        await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");
        var page = await _adam.OpenAsync(Activity);
        Assert.Equal(4, page.Document.QuerySelectorAll(".lk-act").Length);
        Assert.Contains("ended by Adam Reyes", page.TextOf(".lk-history"));
    }

    [Fact]
    public async Task OlderSessions_AreOnFurtherPages()
    {
        await _adam.TurnOnAsync(App);
        for (var i = 0; i < 21; i++)
        {
            await _sam.EnterAsync(App, $"Visit {i}");
        }

        var page = await _adam.OpenAsync(Activity);
        Assert.Equal(20, page.Document.QuerySelectorAll(".lk-session").Length);
        var older = await _adam.OpenAsync(page.Document.QuerySelectorAll("a").Single(a => a.TextContent == "Older").GetAttribute("href")!);
        Assert.Contains("“Visit 0”", older.TextOf(".lk-session header"));
    }

    [Fact]
    public async Task IsForAdminsOfTheAppAlone()
    {
        using var dana = _host.Browser("dana");
        using var carla = _host.Browser("carla");
        Assert.Equal(HttpStatusCode.Forbidden, (await dana.OpenAsync(Activity)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await carla.OpenAsync(Activity)).Status);
        await _adam.TurnOnAsync(App);
        await _sam.EnterAsync(App);
        Assert.Equal(HttpStatusCode.NotFound, (await _sam.OpenAsync(Activity)).Status);
    }

    [Fact]
    public async Task AFilterThatIsNone_IsRefused() => Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.OpenAsync(Activity + "?cursor=nonsense")).Status);

    private async Task WorkAsync()
    {
        await _adam.TurnOnAsync(App);
        var inside = await _sam.EnterAsync(App);
        await inside.SubmitAsync($"form[action='/apps/{App}/title']", ("title", "Northwind"));
        await ChangeAsync(inside, HttpMethod.Put, $"/apps/{App}/yml", _host.Apps.Yml.Replace("script@1", "script@2", StringComparison.Ordinal));
        await ChangeAsync(inside, HttpMethod.Put, $"/apps/{App}/secrets/API_KEY", "s3cret");
    }

    private static async Task ChangeAsync(Page page, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body) };
        request.Headers.Add("X-CSRF-Token", page.Find("[name=__RequestVerificationToken]")!.GetAttribute("value"));
        using var response = await page.Browser.SendAsync(request);
    }
}
