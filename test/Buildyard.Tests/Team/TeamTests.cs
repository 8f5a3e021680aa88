using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Team;

public sealed class TeamTests : IAsyncLifetime
{
    private const string Team = "/api/apps/northwind-ios/team";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Admin_ChangesRoles_AndTheyCountAtOnce()
    {
        var dana = await _host.CallAsAsync("dana@northwind.test");
        Assert.Equal(HttpStatusCode.Forbidden, (await dana.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Mine" })).StatusCode);

        var changed = await SetRole(_adam, "Dana Kim", "admin");

        Assert.Equal(JsonValueKind.Null, (await changed.JsonAsync()).GetProperty("promoted_by_support").ValueKind);
        Assert.Equal(HttpStatusCode.OK, (await dana.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Mine" })).StatusCode);
    }

    [Fact]
    public async Task Roles_AreTheOnesOfAnApp()
    {
        foreach (var role in (string[])["owner", "king", "", "Admin"])
        {
            var answer = await SetRole(_adam, "Dana Kim", role);

            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Contains("platform_engineer", (await answer.JsonAsync()).GetProperty("errors")[0].GetProperty("accepted").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Owner_CannotBeChanged_OrRemoved()
    {
        Assert.Equal(HttpStatusCode.Conflict, (await SetRole(_adam, "Olivia Hart", "tester")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _adam.DeleteAsync($"{Team}/{await Id("Olivia Hart")}")).StatusCode);
    }

    [Fact]
    public async Task Strangers_AreNotInTheTeam()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.PutAsJsonAsync($"{Team}/per_nobody", new { role = "tester" })).StatusCode);
        var carla = await (await (await _host.CallAsAsync("carla@contoso.test")).GetAsync("/api/account")).JsonAsync();
        var id = carla.GetProperty("members")[0].GetProperty("person").GetString();
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.PutAsJsonAsync($"{Team}/{id}", new { role = "tester" })).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.PostAsJsonAsync($"{Team}/{id}", new { role = "tester" })).StatusCode);
    }

    [Fact]
    public async Task Removed_Member_IsOut_AndCanBeAddedAgain()
    {
        var tess = await _host.CallAsAsync("tess@northwind.test");
        var id = await Id("Tess Moreau");

        Assert.Equal(HttpStatusCode.NoContent, (await _adam.DeleteAsync($"{Team}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tess.GetAsync("/api/apps/northwind-ios")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await _adam.PostAsJsonAsync($"{Team}/{id}", new { role = "developer" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await tess.GetAsync("/api/apps/northwind-ios")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await _adam.PostAsJsonAsync($"{Team}/{id}", new { role = "developer" })).StatusCode);
    }

    [Fact]
    public async Task Agents_AreNeverListed()
    {
        await _host.CallAsSupportAsync("northwind-ios");

        Assert.Equal(["Olivia Hart", "Adam Reyes", "Piet de Vries", "Dana Kim", "Tess Moreau"], (await Members()).Select(m => m.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task WhoeverSupportRaised_OnlyLooks_UntilACustomerAccepts()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        var raised = await SetRole(support, "Dana Kim", "admin");
        Assert.Equal("Sam Okafor", (await raised.JsonAsync()).GetProperty("promoted_by_support").GetString());
        var dana = await _host.CallAsAsync("dana@northwind.test");

        Assert.Equal(HttpStatusCode.OK, (await dana.GetAsync("/api/apps/northwind-ios/webhooks")).StatusCode);
        foreach (var doing in (Task<HttpResponseMessage>[])[dana.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Hers" }), TurnOn(dana), Accept(dana, "Dana Kim"), SetRole(dana, "Tess Moreau", "admin")])
            Assert.Equal((HttpStatusCode.Forbidden, "promoted_by_support"), ((await doing).StatusCode, (await (await doing).JsonAsync()).GetProperty("type").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await Accept(support, "Dana Kim")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await Accept(_adam, "Dana Kim")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await dana.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Hers" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await TurnOn(dana)).StatusCode);
    }

    [Fact]
    public async Task RaisedIsMoreThanTheCustomerGave_WhateverSupportDidBetween()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        foreach (var (role, by) in ((string, string?)[])[("tester", null), ("developer", "Sam Okafor"), ("platform_engineer", "Sam Okafor"), ("admin", "Sam Okafor"), ("platform_engineer", "Sam Okafor"), ("tester", null)])
            Assert.Equal(by, (await (await SetRole(support, "Dana Kim", role)).JsonAsync()).GetProperty("promoted_by_support").GetString());

        // An admin's word is the customer's, also where it says what support had said.
        await SetRole(support, "Dana Kim", "admin");
        Assert.Equal(JsonValueKind.Null, (await (await SetRole(_adam, "Dana Kim", "admin")).JsonAsync()).GetProperty("promoted_by_support").ValueKind);
    }

    /// <summary>What the customer accepted was that raise: what support takes away and gives again is support's once more.</summary>
    [Fact]
    public async Task WhomSupportLowers_AndRaisesAgain_WaitsAgain()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await SetRole(support, "Dana Kim", "admin");
        await Accept(_adam, "Dana Kim");
        await SetRole(support, "Dana Kim", "developer");

        Assert.Equal("Sam Okafor", (await (await SetRole(support, "Dana Kim", "admin")).JsonAsync()).GetProperty("promoted_by_support").GetString());

        var dana = await _host.CallAsAsync("dana@northwind.test");
        Assert.Equal(HttpStatusCode.Forbidden, (await dana.PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Hers" })).StatusCode);
    }

    /// <summary>One decision, at two doors: what is accepted on the team page is kept on the activity page, on the record, and nothing is left to decide.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AcceptingARole_IsKeepingWhatSupportDidToIt(bool onTheTeamPage)
    {
        const string Changes = "/support-access/v1/apps/northwind-ios/changes";
        var support = await _host.CallAsSupportAsync("northwind-ios");
        foreach (var role in (string[])["tester", "platform_engineer", "admin"]) await SetRole(support, "Dana Kim", role);
        await SetRole(support, "Tess Moreau", "developer");
        var open = await OpenAsync();
        Assert.Equal(4, open.Count);

        if (onTheTeamPage) (await Accept(_adam, "Dana Kim")).EnsureSuccessStatusCode();
        else (await _adam.PostAsJsonAsync($"{Changes}/{open[1]}/keep", new { with = open[2..] })).EnsureSuccessStatusCode();

        Assert.Equal(open[0], Assert.Single(await OpenAsync()));
        Assert.Equal(JsonValueKind.Null, (await Members()).Single(m => m.GetProperty("name").GetString() == "Dana Kim").GetProperty("promoted_by_support").ValueKind);
        foreach (var act in open[1..])
        {
            var change = await (await _adam.GetAsync($"{Changes}/{act}")).JsonAsync();
            Assert.Equal(("kept", "Adam Reyes"), (change.GetProperty("state").GetString(), change.GetProperty("activity").GetProperty("settled_by_name").GetString()));
        }

        async Task<List<string?>> OpenAsync() => [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("activity").GetProperty("id").GetString())];
    }

    [Theory]
    [InlineData("tester")]
    [InlineData("platform_engineer")]
    public async Task AnAgentsOwnMembership_IsNoneOfSupports(string role)
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await using (var scope = _host.App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
            var dana = await db.People.SingleAsync(p => p.Email == "dana@northwind.test", TestContext.Current.CancellationToken);
            (dana.Email, dana.NormalizedEmail) = ("sue+nw@support.test", "SUE+NW@SUPPORT.TEST");
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var refused = await SetRole(support, "Dana Kim", role);

        Assert.Equal((HttpStatusCode.Conflict, "of_the_support_team"), (refused.StatusCode, (await refused.JsonAsync()).GetProperty("type").GetString()));
        Assert.Equal("developer", (await Members()).Single(m => m.GetProperty("name").GetString() == "Dana Kim").GetProperty("role").GetString());
    }

    [Fact]
    public async Task Support_ChangesRoles_AndNothingElseAboutTheTeam()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");

        Assert.Equal(HttpStatusCode.OK, (await SetRole(support, "Tess Moreau", "developer")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await SetRole(support, "Olivia Hart", "tester")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SetRole(support, "Tess Moreau", "owner")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await support.DeleteAsync($"{Team}/{await Id("Tess Moreau")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await support.PostAsJsonAsync($"{Team}/{await Id("Tess Moreau")}", new { role = "tester" })).StatusCode);
    }

    [Fact]
    public async Task TeamPage_ShowsWhoSupportPromoted_AndTakesTheAcceptance()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await SetRole(support, "Dana Kim", "admin");
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        Assert.Contains("Raised by support · Sam Okafor", (await browser.PageAsync("/apps/northwind-ios/settings/team")).Text(), StringComparison.Ordinal);

        await browser.SubmitAsync("/apps/northwind-ios/settings/team", "/apps/northwind-ios/settings/team/accept");

        Assert.DoesNotContain("Raised by support", (await browser.PageAsync("/apps/northwind-ios/settings/team")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsAccepted_IsTheRoleThatWasShown()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await SetRole(support, "Dana Kim", "platform_engineer");
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        var page = await browser.PageAsync("/apps/northwind-ios/settings/team");
        var form = page.Forms.Single(f => f.GetAttribute("action")!.EndsWith("/team/accept", StringComparison.Ordinal));
        Assert.Equal("platform_engineer", form.QuerySelector("input[name=role]")!.GetAttribute("value"));
        await SetRole(support, "Dana Kim", "admin");

        using var refused = await browser.SubmitAsync(form, "/apps/northwind-ios/settings/team/accept");
        using var called = await _adam.PostAsJsonAsync($"{Team}/{await Id("Dana Kim")}/accept", new { role = "platform_engineer" });

        Assert.All((HttpResponseMessage[])[refused, called], answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        Assert.Equal("changed_since", (await called.JsonAsync()).GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.PostAsJsonAsync($"{Team}/{await Id("Dana Kim")}/accept", new { })).StatusCode);
        Assert.Equal("Sam Okafor", (await Members()).Single(m => m.GetProperty("name").GetString() == "Dana Kim").GetProperty("promoted_by_support").GetString());
        (await _adam.PostAsJsonAsync($"{Team}/{await Id("Dana Kim")}/accept", new { role = "admin" })).EnsureSuccessStatusCode();
    }

    private static Task<HttpResponseMessage> TurnOn(HttpClient client) =>
        client.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { note = "please look" });

    private async Task<HttpResponseMessage> SetRole(HttpClient client, string name, string role) =>
        await client.PutAsJsonAsync($"{Team}/{await Id(name)}", new { role });

    private async Task<HttpResponseMessage> Accept(HttpClient client, string name) => await client.PostAsJsonAsync($"{Team}/{await Id(name)}/accept", new { role = "admin" });

    private async Task<string> Id(string name) =>
        (await Members()).Single(m => m.GetProperty("name").GetString() == name).GetProperty("person").GetString()!;

    private async Task<List<JsonElement>> Members() => [.. (await (await _adam.GetAsync(Team)).JsonAsync()).GetProperty("members").EnumerateArray()];
}
