using System.Net;

namespace Latchkey.AspNetCore.Tests;

public sealed class PanelTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string On = "form[action$='/access/on']";
    private const string Off = "form[action$='/access/off']";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        _adam = _host.Browser("adam");
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Off_OffersTwoWeeksAsAnAdministrator()
    {
        var page = await _adam.OpenAsync($"/apps/{App}");
        Assert.Equal("false", page.Find("[role=switch]")!.GetAttribute("aria-checked"));
        Assert.Equal("14 days", page.TextOf("select[name=length] [selected]"));
        Assert.Equal("administrator", page.TextOf("select[name=role] [selected]"));
        Assert.Contains("Turn it on to let Sample Support work in Northwind iOS", page.Text);
    }

    [Fact]
    public async Task TurningOn_GoesBackToThePage_WhichSaysWhoAndUntilWhen()
    {
        var answer = await _adam.TurnOnAsync(App);
        Assert.Equal((HttpStatusCode.SeeOther, $"/apps/{App}"), (answer.Status, answer.Location));
        var page = await answer.FollowAsync();
        Assert.Equal("true", page.Find("[role=switch]")!.GetAttribute("aria-checked"));
        Assert.Contains("Sample Support can work in Northwind iOS as an administrator.", page.Text);
        Assert.Contains("Ends Sat 5 Dec 2026, 12:00 UTC", page.Text);
        Assert.Contains("in 14 days", page.Text);
        Assert.Contains("Never used", page.Text);
    }

    [Fact]
    public async Task AnExactEnd_IsReadAsTheUtcThatItsLabelNames()
    {
        var page = await (await _adam.TurnOnAsync(App, ("length", "until"), ("until_local", "2026-11-24T18:30"), ("role", "viewer"))).FollowAsync();
        Assert.Contains("can look at Northwind iOS and change nothing", page.Text);
        Assert.Contains("Ends Tue 24 Nov 2026, 18:30 UTC", page.Text);
    }

    [Fact]
    public async Task AnExactEnd_IsTheInstantThatTheScriptSays()
    {
        var page = await (await _adam.TurnOnAsync(App, ("length", "until"), ("until_local", "2026-11-24T18:30"), ("until", "2026-11-24T17:30:00.000Z"))).FollowAsync();
        Assert.Contains("Ends Tue 24 Nov 2026, 17:30 UTC", page.Text);
    }

    [Fact]
    public async Task Refused_SaysWhyAndKeepsWhatWasChosen()
    {
        var page = await _adam.TurnOnAsync(App, ("length", "until"), ("until_local", "2020-01-01T10:00"), ("role", "viewer"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Equal("The end is not in the future.", page.TextOf("[role=alert]"));
        Assert.Equal("until", page.Find("select[name=length] [selected]")!.GetAttribute("value"));
        Assert.Equal("2020-01-01T10:00", page.Find("[name=until_local]")!.GetAttribute("value"));
        Assert.Equal("view only", page.TextOf("select[name=role] [selected]"));
        Assert.Equal($"/apps/{App}", page.Find("[name=return]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task ChangingTheRole_LeavesTheEndWhereItIs()
    {
        await _adam.TurnOnAsync(App, ("length", "PT1H"));
        _host.Clock.Advance(TimeSpan.FromMinutes(10));
        await _adam.TurnOnAsync(App, ("role", "viewer"));
        var grant = _host.Access.Find(new AppId("app_1"))!.Toggle!;
        Assert.Equal(("viewer", _host.Clock.GetUtcNow() + TimeSpan.FromMinutes(50)), (grant.Role.Name, grant.Until));
    }

    [Fact]
    public async Task Ended_SaysWhenAndByWhom()
    {
        var page = await (await _adam.TurnOnAsync(App)).FollowAsync();
        _host.Clock.Advance(TimeSpan.FromHours(2));
        page = await (await page.SubmitAsync(Off)).FollowAsync();
        Assert.Contains("Ended today 14:00 UTC by Adam Reyes.", page.Text);
    }

    [Fact]
    public async Task AWindowThatIsOver_ReadsAsEndedByItself()
    {
        await _adam.TurnOnAsync(App, ("length", "PT1H"));
        _host.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Contains("Ended today 13:00 UTC by itself, on time.", (await _adam.OpenAsync($"/apps/{App}")).Text);
    }

    [Theory]
    [InlineData("dana", "Only admins of this app can turn support access on.")]
    [InlineData("sam-at-home", "You are on the support team")]
    public async Task WhoCannotChangeIt_SeesItsStateAndWhy(string who, string why)
    {
        using var browser = _host.Browser(who);
        var page = await browser.OpenAsync($"/apps/{App}");
        Assert.True(page.Find("[role=switch]")!.HasAttribute("disabled"));
        Assert.False(page.Shows(On));
        Assert.Contains(why, page.TextOf(".lk-why"));
    }

    [Fact]
    public async Task AFormSentAnyway_IsRefusedByTheCore()
    {
        using var dana = _host.Browser("dana");
        var token = (await dana.OpenAsync($"/apps/{App}")).Find("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var body = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("length", "P1D")]);
        var page = await Page.ReadAsync(dana, await dana.PostAsync($"/support-access/apps/{App}/access/on", body));
        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Null(_host.Access.Find(new AppId("app_1")));
    }

    [Fact]
    public async Task AnAdminWhoIsNoneAnyMore_StillTurnsItOff()
    {
        var page = await (await _adam.TurnOnAsync(App)).FollowAsync();
        _host.Apps.Administrators.Remove("adam");
        page = await _adam.OpenAsync($"/apps/{App}");
        Assert.Equal("You can turn support access off. Only admins of this app can turn it on or change it.", page.TextOf(".lk-why"));
        await page.SubmitAsync(Off);
        Assert.Empty(_host.Access.OpenApps());
    }

    [Fact]
    public async Task IsNotThere_ForMembersWithoutPermissionAndForSupport()
    {
        using var tess = _host.Browser("tess");
        Assert.False((await tess.OpenAsync($"/apps/{App}")).Shows("support-access, .lk-presence"));
        await _adam.TurnOnAsync(App);
        using var sam = _host.Browser("sam");
        Assert.False((await sam.EnterAsync(App)).Shows("support-access, .lk-presence"));
    }

    [Fact]
    public async Task SaysWhoIsInTheAppAndWhy_AndEndsTheirSession()
    {
        await _adam.TurnOnAsync(App);
        using var sam = _host.Browser("sam");
        await sam.EnterAsync(App);
        var page = await _adam.OpenAsync($"/apps/{App}");
        Assert.StartsWith("Sam Okafor is in this app now", page.TextOf(".lk-inside p"));
        Assert.EndsWith("“Signing step fails”", page.TextOf(".lk-inside p"));
        Assert.Equal("Support is here: Sam Okafor", page.TextOf(".lk-presence a"));
        page = await (await page.SubmitAsync("form[action$='/end']")).FollowAsync();
        Assert.False(page.Shows(".lk-inside"));
        Assert.Equal("true", page.Find("[role=switch]")!.GetAttribute("aria-checked"));
        Assert.Equal(HttpStatusCode.Gone, (await sam.OpenAsync($"/apps/{App}")).Status);
    }

    [Fact]
    public async Task OutOfService_SaysSoAndStillTurnsOff()
    {
        await _adam.TurnOnAsync(App);
        _host.Clock.SetWall(_host.Clock.GetUtcNow() - TimeSpan.FromMinutes(1));
        var page = await _adam.OpenAsync($"/apps/{App}");
        Assert.Contains("Support access is out of service.", page.Text);
        await page.SubmitAsync(Off);
        page = await _adam.OpenAsync($"/apps/{App}");
        Assert.Equal("false", page.Find("[role=switch]")!.GetAttribute("aria-checked"));
        Assert.True(page.Find("[role=switch]")!.HasAttribute("disabled"));
    }

    [Fact]
    public async Task AScript_GetsThePanelAlone()
    {
        using var script = _host.Browser("adam");
        script.DefaultRequestHeaders.Accept.Clear();
        var page = await script.TurnOnAsync(App);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("true", page.Find("[role=switch]")!.GetAttribute("aria-checked"));
        Assert.False(page.Shows("h1"));
        page = await script.OpenAsync($"/support-access/apps/{App}/panel?return=/somewhere");
        Assert.Equal("/somewhere", page.Find("[name=return]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task AReturnPathThatLeadsElsewhere_IsIgnored() =>
        Assert.Equal("/", (await _adam.TurnOnAsync(App, ("return", "//elsewhere.test/"))).Location);

    [Fact]
    public async Task AFormFromElsewhere_IsRefused()
    {
        var page = await _adam.TurnOnAsync(App, ("__RequestVerificationToken", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Null(_host.Access.Find(new AppId("app_1")));
    }

    [Fact]
    public async Task NothingIsInline_SoThatAStrictPolicyTakesIt()
    {
        await _adam.TurnOnAsync(App);
        foreach (var path in (string[])[$"/apps/{App}", $"/support-access/apps/{App}/activity"])
        {
            var page = await _adam.OpenAsync(path);
            Assert.Empty(page.Document.QuerySelectorAll("[style], style, [onclick], script:not([src])"));
        }
    }
}
