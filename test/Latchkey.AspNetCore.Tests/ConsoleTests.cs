using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests;

public sealed class ConsoleTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Console = "/support-access/console";
    private const string EnterForm = "form[action*='/console/enter/']";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync(options => (options.Access.TicketPattern, options.Access.TicketExample) = ("(SUP-[0-9]+)?", "SUP-1234"));
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
    public async Task Empty_SaysWhatWillBeHereAndHow()
    {
        var page = await _sam.OpenAsync(Console);
        Assert.Contains("An app appears here when one of its admins turns support access on", page.Text);
        Assert.Contains("Each time you enter one, it is listed here", page.Text);
    }

    [Fact]
    public async Task ShowsWhatIsOpen_AndLeadsIntoIt()
    {
        await _adam.TurnOnAsync(App);
        var page = await _sam.OpenAsync(Console);
        Assert.Equal("Northwind iOS", page.TextOf("h3"));
        Assert.Contains("ends in 14 days", page.Text);
        Assert.Equal("1000", page.Find("progress")!.GetAttribute("value"));
        var inside = await EnterAsync("Signing step fails", "SUP-7");
        Assert.Contains("You are in Northwind iOS (Northwind) as support · administrator · ends in 12 h", BarOf(inside));
        Assert.Contains("reason: Signing step fails", BarOf(inside));
        page = await _sam.OpenAsync(Console);
        Assert.Equal($"/apps/{App}", page.Find(".lk-actions a")!.GetAttribute("href"));
        Assert.Contains("“Signing step fails”", page.Text);
        Assert.Contains("SUP-7", page.Text);
    }

    [Fact]
    [Trait("capability", "V1")]
    public async Task Entering_OffersTheOpenConversation_AsTheReason()
    {
        await _adam.TurnOnAsync(App);
        using var adam = _host.Program("adam");
        using var sent = await adam.PostAsJsonAsync("/support-access/v1/conversations", new { app = App, subject = "Signing fails on main", text = "Since today" }, TestContext.Current.CancellationToken);
        var offered = await _sam.OpenAsync($"{Console}/enter/{App}");
        Assert.Equal("", offered.Find("#lk-reason")!.TextContent);
        var chosen = await _sam.OpenAsync(offered.Find(".lk-offers a")!.GetAttribute("href")!);
        Assert.Equal("Signing fails on main", chosen.Find("#lk-reason")!.TextContent);
        Assert.Equal("", (await _sam.OpenAsync($"{Console}/enter/{App}?conversation=cnv_none")).Find("#lk-reason")!.TextContent);
    }

    [Fact]
    [Trait("capability", "V1")]
    public async Task MySessions_ArePaged_OnAPageOfTheirOwn()
    {
        await _adam.TurnOnAsync(App);
        for (var i = 0; i < 6; i++)
        {
            await EnterAsync($"Session number {i}", "SUP-7");
        }

        var console = await _sam.OpenAsync(Console);
        Assert.DoesNotContain("Session number 0", console.Text);
        Assert.Contains("Session number 0", (await _sam.OpenAsync(console.Document.QuerySelectorAll("a.lk-button").Single(a => a.TextContent == "Older").GetAttribute("href")!)).Text);
        Assert.Contains("Session number 0", (await _sam.OpenAsync($"{Console}/sessions")).Text);
    }

    [Fact]
    public async Task Refused_SaysWhyBesideTheFieldAndKeepsWhatWasTyped()
    {
        await _adam.TurnOnAsync(App);
        var form = await _sam.OpenAsync($"{Console}/enter/{App}");
        var page = await form.SubmitAsync(EnterForm, ("reason", "A long look"), ("ticket", "nonsense"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Equal("The ticket does not look like a ticket here; one looks like SUP-1234.", page.TextOf("#lk-ticket-error"));
        Assert.Equal("A long look", page.TextOf("#lk-reason"));
        Assert.Equal("nonsense", page.Find("#lk-ticket")!.GetAttribute("value"));
        page = await page.SubmitAsync(EnterForm, ("reason", "x"), ("ticket", "SUP-1"));
        Assert.Equal("The reason has 1 character; it takes 3 to 500.", page.TextOf("#lk-reason-error"));
    }

    [Fact]
    public async Task WhatIsNotLent_LooksLikeWhatIsNotThere()
    {
        var notLent = await _sam.GetByteArrayOrErrorAsync($"{Console}/enter/{App}");
        var unknown = await _sam.GetByteArrayOrErrorAsync($"{Console}/enter/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, notLent.Status);
        Assert.Equal(unknown.Body, notLent.Body);
    }

    [Fact]
    public async Task TheWayInOfTheApi_IsOneButton_ThatWorksOnce()
    {
        await _adam.TurnOnAsync(App);
        using var api = _host.Program("sam");
        var opened = await api.PostAsJsonAsync("/support-access/v1/sessions", new { app = App, reason = "By the API", ticket = "SUP-1" });
        var way = new Uri((await opened.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("enter_url").GetString()!).AbsolutePath;

        // Looking, as a mail scanner or a link preview does, uses nothing up.
        await _sam.OpenAsync(way);
        var page = await _sam.OpenAsync(way);
        Assert.Equal("Enter Northwind iOS as support", page.TextOf("main button"));
        var entered = await page.SubmitAsync("main form");
        Assert.Equal((HttpStatusCode.SeeOther, $"/apps/{App}"), (entered.Status, entered.Location));
        Assert.Equal(HttpStatusCode.OK, (await entered.FollowAsync()).Status);
        Assert.Equal(HttpStatusCode.Gone, (await page.SubmitAsync("main form")).Status);
    }

    [Fact]
    public async Task AWayIn_IsNothingToAnotherAgent()
    {
        await _adam.TurnOnAsync(App);
        using var api = _host.Program("sam");
        var opened = await api.PostAsJsonAsync("/support-access/v1/sessions", new { app = App, reason = "By the API", ticket = "SUP-1" });
        var way = new Uri((await opened.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("enter_url").GetString()!).AbsolutePath;
        using var sue = _host.Browser("sue");
        Assert.Equal(HttpStatusCode.Gone, (await sue.OpenAsync(way)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _sam.OpenAsync(way)).Status);
    }

    [Fact]
    public async Task Leaving_GoesToTheConsole_AndThePageIsGone()
    {
        await _adam.TurnOnAsync(App);
        var inside = await EnterAsync("Signing step fails", "SUP-7");
        var left = await inside.SubmitAsync(".lk-bar form");
        Assert.Equal((HttpStatusCode.SeeOther, Console), (left.Status, left.Location));
        var page = await _sam.OpenAsync($"/apps/{App}");
        Assert.Equal(HttpStatusCode.Gone, page.Status);
        Assert.Equal("Your session in this app ended at 2026-11-21 12:00:00 UTC.", page.TextOf("main p:has(time)"));
        Assert.Equal("2026-11-21T12:00:00.000Z", page.Find("time")!.GetAttribute("datetime"));
        Assert.Equal(Console, page.Find("main a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task GivingBack_EndsItForTheTeam()
    {
        await _adam.TurnOnAsync(App);
        var page = await _sam.OpenAsync(Console);
        await page.SubmitAsync("form[action$='/forfeit']");
        Assert.Empty(_host.Access.OpenApps());
        Assert.Contains("given back by Sam Okafor of support", (await _adam.OpenAsync($"/apps/{App}")).Text);
    }

    [Fact]
    public async Task AClockThatJumped_IsAcceptedByALeadAlone()
    {
        await _adam.TurnOnAsync(App);
        _host.Clock.SetWall(_host.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        await _adam.TurnOnAsync(App);
        using var lee = _host.Browser("lee");
        Assert.DoesNotContain("Accept the new time", (await _sam.OpenAsync(Console)).Text);
        var page = await lee.OpenAsync(Console);
        Assert.Contains("Support access is out of service.", page.Text);
        await page.SubmitAsync("form[action$='/clock/accept']");
        Assert.True(_host.Access.Health.IsWorking);
    }

    [Fact]
    public async Task IsNotThere_ForMembers() => Assert.Equal(HttpStatusCode.NotFound, (await _adam.OpenAsync(Console)).Status);

    private async Task<Page> EnterAsync(string reason, string ticket)
    {
        var form = await _sam.OpenAsync($"{Console}/enter/{App}");
        return await (await form.SubmitAsync(EnterForm, ("reason", reason), ("ticket", ticket))).FollowAsync();
    }

    // The dots between the parts are drawn by the stylesheet.
    private static string BarOf(Page page)
    {
        foreach (var part in page.Document.QuerySelectorAll(".lk-bar .lk-sep"))
        {
            part.TextContent = " · " + part.TextContent;
        }

        return page.TextOf(".lk-bar > div");
    }
}

internal static class Bytes
{
    public static async Task<(HttpStatusCode Status, byte[] Body)> GetByteArrayOrErrorAsync(this HttpClient browser, string path)
    {
        using var response = await browser.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }
}
