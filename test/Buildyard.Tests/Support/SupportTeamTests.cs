using System.Net;
using System.Net.Http.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Buildyard.Hosting;
using Latchkey.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Support;

/// <summary>The leads' page of the support team, its edges, and who did what.</summary>
[Trait("capability", "V2")]
public sealed class SupportTeamTests : IAsyncLifetime
{
    private const string Team = "/support/team";
    private const string OpenToUs = "/support-access/v1/agent/apps";
    private BuildyardHost _host = null!;
    private Browser _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync(new ManualClock());
        _lee = await _host.BrowseAsAsync("lee@support.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Agents_ComeByALink_AndLeave_AndEachStepIsTold()
    {
        var link = await InviteAsync("kim@support.test");
        Assert.Contains("has not set a password yet", await TextAsync(), StringComparison.Ordinal);
        await _host.Browse().SubmitAsync(link, link, ("name", "Kim \u0915\u093F\u092E Berg"), ("password", "three plain words"));
        var kim = await _host.CallAsAsync("kim@support.test", "three plain words");

        await SubmitAsync("Kim", "/lead");
        Assert.Contains("No longer lead", (await RowAsync("Kim")).InnerHtml, StringComparison.Ordinal);
        await SubmitAsync("Kim", "/lead");
        await SubmitAsync("Kim", "/suspend");
        Assert.Equal(HttpStatusCode.Unauthorized, (await kim.GetAsync(OpenToUs)).StatusCode);
        await SubmitAsync("Kim", "/suspend");
        kim = await _host.CallAsAsync("kim@support.test", "three plain words");
        Assert.Equal(HttpStatusCode.OK, (await kim.GetAsync(OpenToUs)).StatusCode);
        await SubmitAsync("Kim", "/remove");
        Assert.Equal(HttpStatusCode.Unauthorized, (await kim.GetAsync(OpenToUs)).StatusCode);

        var told = (await _lee.PageAsync(Team)).QuerySelectorAll("section:last-of-type ul.list li .grow").Select(li => string.Join(' ', li.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Equal(
            [
                "Lee Park removed Kim \u0915\u093F\u092E Berg", "Lee Park let Kim \u0915\u093F\u092E Berg back", "Lee Park suspended Kim \u0915\u093F\u092E Berg",
                "Lee Park made Kim \u0915\u093F\u092E Berg no longer a lead", "Lee Park made Kim \u0915\u093F\u092E Berg a lead", "Lee Park added Kim \u0915\u093F\u092E Berg",
            ],
            told[..6]);
    }

    [Fact]
    public async Task Suspended_TheirPendingRequestEnds_AndCanNotBeApproved()
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");
        var sam = await _host.CallAsAsync("sam@support.test");
        var talk = await (await adam.PostAsJsonAsync("/support-access/v1/conversations", new { app = "northwind-ios", subject = "Signing fails", text = "Since today" })).JsonAsync();
        var asked = await (await sam.PostAsJsonAsync("/support-access/v1/requests", new { conversation = talk.GetProperty("id").GetString(), reason = "Signing step fails" })).JsonAsync();

        await SubmitAsync("Sam Okafor", "/suspend");

        var answer = await adam.PostAsJsonAsync($"/support-access/v1/requests/{asked.GetProperty("id").GetString()}/approve", new { });
        Assert.Equal((HttpStatusCode.Conflict, "already_decided"), (answer.StatusCode, (await answer.JsonAsync()).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task NobodyTakesTheirOwnLead_SoThereIsAlwaysOne()
    {
        var row = await RowAsync("Sam Okafor");
        var self = await IdOfAsync("lee@support.test");
        Assert.DoesNotContain((await _lee.PageAsync(Team)).QuerySelectorAll("li form"), form => form.Closest("li")!.TextContent.Contains("(you)", StringComparison.Ordinal));
        foreach (var action in (string[])["/suspend", "/lead", "/remove"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _lee.SubmitAsync(FormOf(row, action), Team + action, ("agent", "agt_nobody"))).StatusCode);
            Assert.Equal(HttpStatusCode.Conflict, (await _lee.SubmitAsync(FormOf(row, action), Team + action, ("agent", self))).StatusCode);
        }
    }

    [Fact]
    public async Task TwoLeads_WhoUnmakeEachOtherAtOnce_LeaveOne()
    {
        await SubmitAsync("Sam Okafor", "/lead");
        var sam = await _host.BrowseAsAsync("sam@support.test");
        var (ofSam, ofLee) = (FormOf(await RowAsync("Sam Okafor"), "/lead"), FormOf(await RowAsync("Lee Park", sam), "/lead"));

        await Task.WhenAll(_lee.SubmitAsync(ofSam, Team + "/lead"), sam.SubmitAsync(ofLee, Team + "/lead"));

        var leads = 0;
        foreach (var lead in (Browser[])[_lee, sam]) leads += (await lead.GetAsync(Team)).StatusCode == HttpStatusCode.OK ? 1 : 0;
        Assert.Equal(1, leads);
    }

    [Fact]
    public async Task TheSameClickTwice_IsOneChange()
    {
        var form = FormOf(await RowAsync("Sam Okafor"), "/suspend");
        await _lee.SubmitAsync(form, Team + "/suspend");
        Assert.Equal(HttpStatusCode.Redirect, (await _lee.SubmitAsync(form, Team + "/suspend")).StatusCode);
        Assert.Single((await _lee.PageAsync(Team)).QuerySelectorAll("li .grow"), li => li.TextContent.Contains("suspended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnAgentsAddress_IsRefused_AndALinkCanBeTakenBack()
    {
        foreach (var email in (string[])["sam@support.test", "nobody"])
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _lee.SubmitAsync(Team, Team, ("email", email))).StatusCode);
        }

        var link = await InviteAsync("kim@support.test");
        await SubmitAsync("kim@support.test", "/invitations/take-back");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Browse().GetAsync(link)).StatusCode);
        Assert.DoesNotContain("kim@support.test", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePage_IsAPartOfTheConsole()
    {
        var here = (await _lee.PageAsync(Team)).QuerySelector("nav[aria-label='Support console'] a[aria-current=page]");
        Assert.Equal(("Team", Team), (here?.TextContent, here?.GetAttribute("href")));
        Assert.Contains(Team, (await _lee.PageAsync("/support-access/console")).QuerySelectorAll("nav a").Select(a => a.GetAttribute("href")));
        var sam = await _host.BrowseAsAsync("sam@support.test");
        Assert.DoesNotContain(Team, (await sam.PageAsync("/support-access/console")).QuerySelectorAll("nav a").Select(a => a.GetAttribute("href")));
    }

    private async Task<string> IdOfAsync(string email)
    {
        await using var scope = _host.App.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<BuildyardDb>().People.AsNoTracking().SingleAsync(p => p.Email == email)).Id;
    }

    private async Task<string> TextAsync() => (await _lee.PageAsync(Team)).Text();

    private async Task<IElement> RowAsync(string who, Browser? browser = null) =>
        (await (browser ?? _lee).PageAsync(Team)).QuerySelectorAll("ul.team li").Single(li => li.TextContent.Contains(who, StringComparison.Ordinal));

    private static IHtmlFormElement FormOf(IElement row, string action) =>
        row.QuerySelectorAll("form").OfType<IHtmlFormElement>().Single(form => form.GetAttribute("action") == Team + action);

    private async Task SubmitAsync(string who, string action) =>
        Assert.Equal(HttpStatusCode.Redirect, (await _lee.SubmitAsync(FormOf(await RowAsync(who), action), Team + action)).StatusCode);

    private async Task<string> InviteAsync(string email)
    {
        var answer = await _lee.SubmitAsync(Team, Team, ("email", email));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new Uri((await answer.PageAsync()).GetElementById("invitation")!.GetAttribute("value")!).AbsolutePath;
    }
}
