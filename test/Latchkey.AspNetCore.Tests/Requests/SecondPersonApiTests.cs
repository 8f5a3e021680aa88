using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Requests;

/// <summary>The account's rules bind the switch, by the API and by the page.</summary>
[Trait("capability", "T11")]
public sealed class SecondPersonApiTests : IAsyncLifetime
{
    private const string App = "/apps/northwind-ios";
    private const string Access = "/support-access/v1/apps/northwind-ios/access";
    private const string Requests = "/support-access/v1/requests";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        _adam = _host.Browser("adam");
    }

    public ValueTask DisposeAsync()
    {
        _adam.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task Put_AnswersNotYet_AndTheSecondPersonsApprovalOpens()
    {
        await RuleAsync(new { approvers = 2 });
        var (status, state) = await SendAsync("adam", HttpMethod.Put, Access, new { duration = "P3D", role = "viewer", note = "Look at 7" });
        Assert.Equal((HttpStatusCode.Accepted, "off", 2), (status, Text(state, "state"), state.GetProperty("approvers").GetInt32()));
        Assert.Equal("Your account wants two people for this: Olivia Hart can confirm.", Text(state, "second_person"));
        var request = state.GetProperty("requests")[0];
        Assert.Equal(("adam", "Adam Reyes", "pending", "Look at 7"), (Text(request, "person"), Text(request, "person_name"), Text(request, "state"), Text(request, "reason")));
        Assert.True(request.GetProperty("approvals")[0].GetProperty("counts").GetBoolean());
        Assert.False(request.TryGetProperty("agent", out _));

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync("adam", HttpMethod.Put, Access, new { duration = "P3D", role = "viewer" })).Status);
        Assert.Equal("already_pending", Text((await SendAsync("olivia", HttpMethod.Put, Access, new { })).Body, "type"));

        // Support neither sees nor takes back what a customer asks among themselves.
        Assert.Empty((await SendAsync("lee", HttpMethod.Get, Requests)).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("lee", HttpMethod.Post, $"{Requests}/{Text(request, "id")}/withdraw", new { })).Status);

        var approved = await SendAsync("olivia", HttpMethod.Post, $"{Requests}/{Text(request, "id")}/approve", new { });
        Assert.Equal("approved", Text(approved.Body, "state"));
        var on = (await SendAsync("adam", HttpMethod.Get, Access)).Body;
        var grant = on.GetProperty("grant");
        Assert.Equal(("on", "toggle", "viewer", "Adam Reyes and Olivia Hart"), (Text(on, "state"), Text(grant, "how"), Text(grant, "role"), Text(grant, "lent_by_name")));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Put, Access, new { duration = "PT1H" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, Access)).Status);
    }

    [Fact]
    [Trait("capability", "K2")]
    public async Task WhoIsNotNamed_IsToldWhoConfirms_AndAsksThemByTheSwitch()
    {
        await RuleAsync(new { named = new[] { "olivia" } });
        Assert.Contains("Your account's owner has named who may allow support access: Olivia Hart has to confirm. Turning the switch opens nothing yet: it asks for a second person.", (await _adam.OpenAsync(App)).Text);
        var (status, state) = await SendAsync("adam", HttpMethod.Put, Access, new { duration = "P3D" });
        Assert.Equal((HttpStatusCode.Accepted, "off"), (status, Text(state, "state")));
        var request = Text(state.GetProperty("requests")[0], "id");
        Assert.Equal("not_allowed", Text((await SendAsync("adam", HttpMethod.Post, $"{Requests}/{request}/approve", new { })).Body, "type"));
        using var olivia = _host.Browser("olivia");
        Assert.DoesNotContain("allowed it", (await olivia.OpenAsync(App)).TextOf(".lk-request"));
        Assert.Equal("approved", Text((await SendAsync("olivia", HttpMethod.Post, $"{Requests}/{request}/approve", new { })).Body, "state"));
        Assert.Equal("on", Text((await SendAsync("adam", HttpMethod.Get, Access)).Body, "state"));
        await SendAsync("adam", HttpMethod.Delete, Access);

        _host.Apps.Administrators.Remove("olivia");
        Assert.Contains("and nobody who is named can confirm it now. The owner can change that", (await _adam.OpenAsync(App)).Text);
    }

    [Fact]
    public async Task Page_SaysItBeforeTheClick_ShowsThatItWaits_AndTheAskerTakesItBack()
    {
        await RuleAsync(new { approvers = 2 });
        var page = await _adam.OpenAsync(App);
        Assert.Contains("Your account wants two people for this: Olivia Hart can confirm. Turning the switch opens nothing yet: it asks for a second person.", page.Text);
        var waiting = await (await _adam.TurnOnAsync("northwind-ios")).FollowAsync();
        Assert.Equal(("false", "Off, waits for a second person"), (waiting.Find("[role=switch]")!.GetAttribute("aria-checked"), waiting.TextOf("[data-lk-state]")));
        Assert.Contains("You asked for a second person To Northwind iOS, as an administrator, for 14 days from when it is allowed. Nothing changes before that.", waiting.TextOf(".lk-request"));
        Assert.False(waiting.Shows("form[action$='/approve']"));

        using var olivia = _host.Browser("olivia");
        var hers = await olivia.OpenAsync(App);
        Assert.Contains("Adam Reyes wants to turn support access on", hers.TextOf(".lk-request"));
        Assert.Contains("Adam Reyes has turned the switch, and waits for a second person.", hers.Text);
        Assert.True(hers.Find("[role=switch]")!.HasAttribute("disabled"));
        var taken = await (await waiting.SubmitAsync("form[action$='/withdraw']")).FollowAsync();
        Assert.False(taken.Shows(".lk-request"));

        await _adam.TurnOnAsync("northwind-ios");
        await (await olivia.OpenAsync(App)).SubmitAsync("form[action$='/approve']", ("length", "PT1H"));
        Assert.Contains("Turned on by Adam Reyes and Olivia Hart", (await _adam.OpenAsync(App)).Text);
        Assert.Contains("To lend less, or for a shorter time, nobody has to.", (await _adam.OpenAsync(App)).Text);
    }

    [Fact]
    [Trait("capability", "T11")]
    public async Task WhoeverTurnsItOff_AsksForOnNoLonger()
    {
        await RuleAsync(new { approvers = 2 });
        var asked = Text((await SendAsync("adam", HttpMethod.Put, Access, new { duration = "PT1H" })).Body.GetProperty("requests")[0], "id");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, Access)).Status);

        Assert.Equal("already_decided", Text((await SendAsync("olivia", HttpMethod.Post, $"{Requests}/{asked}/approve", new { })).Body, "type"));
        Assert.Equal("off", Text((await SendAsync("olivia", HttpMethod.Get, Access)).Body, "state"));
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task ApprovalOfWhoLostTheRight_IsSaidNotToCount_ByApiAndPage()
    {
        await RuleAsync(new { approvers = 2 });
        _host.Apps.Administrators.Add("dana");
        var asked = Text((await SendAsync("sam", HttpMethod.Post, Requests, new { app = "northwind-ios", reason = "Signing fails" })).Body, "id");
        await SendAsync("dana", HttpMethod.Post, $"{Requests}/{asked}/approve", new { });
        _host.Apps.Administrators.Remove("dana");
        var second = (await SendAsync("olivia", HttpMethod.Post, $"{Requests}/{asked}/approve", new { })).Body;
        Assert.Equal("pending", Text(second, "state"));
        Assert.Equal([("Dana Kim", false), ("Olivia Hart", true)], second.GetProperty("approvals").EnumerateArray().Select(a => (Text(a, "by_name"), a.GetProperty("counts").GetBoolean())));
        var card = (await _adam.OpenAsync(App)).TextOf(".lk-request");
        Assert.Contains("Dana Kim allowed it, as an administrator, for 7 days. That doesn't count now", card);
        Assert.Contains("Olivia Hart allowed it, as an administrator, for 7 days. It waits for another person.", card);
        Assert.Equal("approved", Text((await SendAsync("adam", HttpMethod.Post, $"{Requests}/{asked}/approve", new { })).Body, "state"));
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task RuleThatWasLowered_LetsWhoApprovedOpenIt_AndNothingSaysOtherwise()
    {
        await RuleAsync(new { approvers = 2 });
        await _adam.TurnOnAsync("northwind-ios");
        await RuleAsync(new { approvers = 1 });
        var page = await _adam.OpenAsync(App);
        Assert.Contains("Two people had to then. One is enough now: it opens once somebody allows it again.", page.TextOf(".lk-request"));
        Assert.DoesNotContain("wants two people", page.Text);
        Assert.DoesNotContain("wants a second person", page.Text);
        var opened = await (await page.SubmitAsync("form[action$='/approve']")).FollowAsync();
        Assert.Equal("true", opened.Find("[role=switch]")!.GetAttribute("aria-checked"));
    }

    [Fact]
    [Trait("capability", "R13")]
    public async Task NobodyElse_IsSaidToTheAsker_AndToTheOwner()
    {
        _host.Apps.Administrators.Remove("olivia");
        _host.Apps.Administrators.Remove("carla");
        await RuleAsync(new { approvers = 2 }, fails: true);
        _host.Apps.Administrators.Add("olivia");
        await RuleAsync(new { approvers = 2 });
        _host.Apps.Removed.Add(("olivia", "northwind-ios"));
        Assert.Contains("nobody else can confirm it now. The account's owner can change that in the account's support settings.", (await _adam.OpenAsync(App)).Text);
        _host.Apps.Administrators.Remove("adam");

        // Support reads it of what it was asked in a conversation about, and of nothing that it named itself.
        _host.Apps.Administrators.Add("dana");
        var conversation = Text((await SendAsync("dana", HttpMethod.Post, "/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" })).Body, "id");
        _host.Apps.Administrators.Remove("dana");
        await SendAsync("sam", HttpMethod.Post, Requests, new { conversation, reason = "Signing fails" });
        await SendAsync("sam", HttpMethod.Post, Requests, new { app = "northwind-android", reason = "Signing fails" });
        using var sam = _host.Browser("sam");
        Assert.Single((await sam.OpenAsync("/support-access/console/requests")).Document.QuerySelectorAll(".lk-rows .lk-why"));
        using var olivia = _host.Browser("olivia");
        Assert.Contains("Nothing can be lent as it is, by request or by the switch: 2 must approve, and only one person can.", (await olivia.OpenAsync("/support-access/account")).Text);
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task OffIsForMorePeopleThanOn_WhereTheHostSaysSo()
    {
        _host.Apps.MayTurnOff.Add("dana");
        await SendAsync("adam", HttpMethod.Put, Access, new { });
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("dana", HttpMethod.Put, Access, new { })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("dana", HttpMethod.Get, "/support-access/v1/apps/northwind-ios/activity")).Status);
        using var dana = _host.Browser("dana");
        var off = await (await (await dana.OpenAsync(App)).SubmitAsync("form[action$='/access/off']")).FollowAsync();
        Assert.Equal("false", off.Find("[role=switch]")!.GetAttribute("aria-checked"));
    }

    private async Task RuleAsync(object policy, bool fails = false)
    {
        var (status, _) = await SendAsync("olivia", HttpMethod.Put, "/support-access/v1/accounts/northwind/policy", policy);
        Assert.Equal(fails, status != HttpStatusCode.OK);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string who, HttpMethod method, string path, object? body = null)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
