using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.SignIn;

public sealed class InvitationTests : IAsyncLifetime
{
    private static readonly (string, string)[] s_welcome = [("name", "Nora Wild"), ("password", "three plain words")];
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync(_clock);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Link_MakesAMember_Once()
    {
        var link = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "nora@northwind.test");
        var nora = _host.Browse();

        Assert.Equal(HttpStatusCode.Redirect, (await nora.SubmitAsync(link, link, s_welcome)).StatusCode);

        Assert.Contains("No apps yet", (await nora.PageAsync("/")).Text(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Browse().GetAsync(link)).StatusCode);
        await _host.CallAsAsync("nora@northwind.test", "three plain words");
        var account = await (await (await _host.CallAsAsync("olivia@northwind.test")).GetAsync("/api/account")).JsonAsync();
        var member = account.GetProperty("members").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "Nora Wild");
        Assert.False(member.GetProperty("owner").GetBoolean());
    }

    [Fact]
    public async Task Link_MakesAnAgent_WhoLeadsNobody()
    {
        var link = await InviteAsync("lee@support.test", "/support/team", "/support/team", "kim@support.test");
        var kim = _host.Browse();

        await kim.SubmitAsync(link, link, ("name", "Kim Berg"), ("password", "three plain words"));

        var client = await _host.CallAsAsync("kim@support.test", "three plain words");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/support-access/v1/agent/apps")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/support/team")).StatusCode);
    }

    [Fact]
    public async Task Link_IsGood_ForThreeDays()
    {
        var link = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "nora@northwind.test");

        _clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await _host.Browse().GetAsync(link)).StatusCode);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Browse().GetAsync(link)).StatusCode);
    }

    [Fact]
    public async Task Link_AsksForANameAndALongPassword_AndIsNotSpentByMistakes()
    {
        var link = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "nora@northwind.test");

        var answer = await _host.Browse().SubmitAsync(link, link, ("name", ""), ("password", "short"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(2, (await answer.PageAsync()).QuerySelectorAll("[aria-invalid=true]").Length);
        Assert.Equal(HttpStatusCode.OK, (await _host.Browse().GetAsync(link)).StatusCode);
    }

    [Fact]
    public async Task NobodyIsInvited_WhoIsAMemberAlready_OrAtNoAddress()
    {
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        foreach (var email in (string[])["adam@northwind.test", "ADAM@northwind.test", "not an address", "nörd@northwind.test", "nora@northwind.test."])
        {
            var answer = await olivia.SubmitAsync("/account", "/account/members", ("email", email));

            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Null((await answer.PageAsync()).GetElementById("invitation"));
        }
    }

    /// <summary>Whoever invites learns nothing of who signs in elsewhere; whoever opens the link is told, and nothing becomes of anybody.</summary>
    [Theory]
    [InlineData("olivia@northwind.test", "/account", "/account/members", "carla@contoso.test")]
    [InlineData("olivia@northwind.test", "/account", "/account/members", "SAM@support.test")]
    [InlineData("lee@support.test", "/support/team", "/support/team", "adam@northwind.test")]
    public async Task AnAddressOfSomebodyElsewhere_AnswersLikeOneOfNobody_AndTheLinksPageTells(string who, string page, string action, string taken)
    {
        var browser = await _host.BrowseAsAsync(who);
        var answers = new List<string>();
        foreach (var email in (string[])[taken, "nobody@elsewhere.test"])
        {
            using var answer = await browser.SubmitAsync(page, action, ("email", email));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answers.Add((await answer.PageAsync()).QuerySelector(".link-once strong")!.TextContent.Replace(email, "", StringComparison.Ordinal));
        }

        Assert.Single(answers.Distinct());
        var link = await InviteAsync(who, page, action, taken);
        await RefusedAsync(link);
        await _host.CallAsAsync(taken);
    }

    /// <summary>The addresses of one mailbox are one person's, who would be both the customer's and of support: whichever came first, there is no second.</summary>
    [Theory]
    [InlineData("lee@support.test", "/support/team", "/support/team", "Adam+X@Northwind.Test")]
    [InlineData("olivia@northwind.test", "/account", "/account/members", "sam+home@support.test")]
    public async Task AMailbox_IsACustomersOrSupports(string who, string page, string action, string email)
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");

        await RefusedAsync(await InviteAsync(who, page, action, email));

        // Nobody else's typing makes him one of support.
        Assert.Equal(HttpStatusCode.OK, (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).StatusCode);
        // A person may be a member of two accounts by two addresses.
        var link = await InviteAsync("carla@contoso.test", "/account", "/account/members", "adam+contoso@northwind.test");
        Assert.Equal(HttpStatusCode.Redirect, (await _host.Browse().SubmitAsync(link, link, s_welcome)).StatusCode);
    }

    /// <summary>Who has two addresses of one mailbox is one person, and confirms nothing to themselves where an account wants two.</summary>
    [Fact]
    [Trait("capability", "R13")]
    public async Task OneMailbox_IsOnePersonOfAnAccount()
    {
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        var refused = await (await olivia.SubmitAsync("/account", "/account/members", ("email", "Adam+2@northwind.test"))).PageAsync();
        Assert.Contains("It is Adam Reyes's, who has joined already.", refused.Body!.TextContent, StringComparison.Ordinal);

        // Nor by two links that were open at once.
        var first = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "new@northwind.test");
        var second = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "new+2@northwind.test");
        Assert.Equal(HttpStatusCode.Redirect, (await _host.Browse().SubmitAsync(first, first, s_welcome)).StatusCode);
        await RefusedAsync(second);
    }

    [Fact]
    public async Task LastOwner_StaysOwner_AndRemovedMembersAreOut()
    {
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        var adam = await _host.CallAsAsync("adam@northwind.test");
        var account = await olivia.PageAsync("/account");
        var row = account.QuerySelectorAll("li").Single(li => li.TextContent.Contains("Adam Reyes", StringComparison.Ordinal));
        var forms = row.QuerySelectorAll("form").OfType<AngleSharp.Html.Dom.IHtmlFormElement>().ToList();
        var self = (await (await (await _host.CallAsAsync("olivia@northwind.test")).GetAsync("/api/account")).JsonAsync())
            .GetProperty("members").EnumerateArray().Single(m => m.GetProperty("owner").GetBoolean()).GetProperty("person").GetString()!;

        Assert.Equal(HttpStatusCode.Conflict, (await olivia.SubmitAsync(forms[1], "/account/members/remove", ("person", self))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await olivia.SubmitAsync(forms[0], "/account/members/owner", ("person", self), ("owner", "false"))).StatusCode);

        Assert.Equal(HttpStatusCode.Redirect, (await olivia.SubmitAsync(forms[1], "/account/members/remove")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await adam.GetAsync("/api/apps")).StatusCode);
    }

    [Fact]
    public async Task WhoeverWasTakenOut_KeepsWhatTheyCanEnd_AndJoinsAnewOnceThatIsOver()
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        var form = (await olivia.PageAsync("/account")).QuerySelectorAll("li").Single(li => li.TextContent.Contains("Adam Reyes", StringComparison.Ordinal))
            .QuerySelectorAll("form").OfType<AngleSharp.Html.Dom.IHtmlFormElement>().Last();
        Assert.Equal(HttpStatusCode.Redirect, (await olivia.SubmitAsync(form, "/account/members/remove")).StatusCode);

        // Nobody becomes them by a link of another account's, nor of the one that they left.
        await RefusedAsync(await InviteAsync("carla@contoso.test", "/account", "/account/members", "adam@northwind.test"));
        var link = await InviteAsync("olivia@northwind.test", "/account", "/account/members", "adam@northwind.test");
        await RefusedAsync(link);
        (await (await _host.CallAsAsync("adam@northwind.test")).DeleteAsync("/support-access/v1/apps/northwind-ios/access")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Redirect, (await _host.Browse().SubmitAsync(link, link, ("name", "Adam Again"), ("password", "three plain words"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await adam.GetAsync("/api/apps")).StatusCode);

        adam = await _host.CallAsAsync("adam@northwind.test", "three plain words");
        Assert.Equal(HttpStatusCode.NotFound, (await adam.GetAsync("/api/apps/northwind-ios")).StatusCode);
        var account = await (await (await _host.CallAsAsync("olivia@northwind.test")).GetAsync("/api/account")).JsonAsync();
        Assert.Contains(account.GetProperty("members").EnumerateArray(), m => m.GetProperty("name").GetString() == "Adam Again");
    }

    private async Task RefusedAsync(string link)
    {
        using var answer = await _host.Browse().SubmitAsync(link, link, s_welcome);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("Somebody signs in with this mailbox already", (await answer.PageAsync()).QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
    }

    private async Task<string> InviteAsync(string who, string page, string action, string email)
    {
        var browser = await _host.BrowseAsAsync(who);
        var answer = await browser.SubmitAsync(page, action, ("email", email));
        answer.EnsureSuccessStatusCode();
        var address = new Uri((await answer.PageAsync()).GetElementById("invitation")!.GetAttribute("value")!);
        Assert.Equal(_host.Address.Authority, address.Authority);
        return address.AbsolutePath;
    }
}
