using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Vendor;

/// <summary>The page and the API of the vendor's policies.</summary>
[Trait("capability", "V4")]
public sealed class VendorPolicyPageTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Policies = "/support-access/console/policies";
    private const string Api = "/support-access/v1/vendor/policy";
    private const string Form = "form[action$='/console/policies']";
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task LeadChangesThem_AndEveryoneMeetsThem()
    {
        using var lee = _host.Browser("lee");
        using var adam = _host.Browser("adam");
        using var sam = _host.Browser("sam");
        var page = await lee.OpenAsync(Policies);
        Assert.Contains("Nobody has changed anything yet", page.Text);
        page = await (await page.SubmitAsync(Form,
            ("max_window", "36"), ("max_window_unit", "hours"), ("default_window", "1"), ("request_window", "1"),
            ("reason_min_length", "10"), ("ticket_required", "true"), ("ticket_pattern", "SUP-[0-9]+"), ("ticket_example", "SUP-12"), ("ticket_hint", "The number of the case"))).FollowAsync();
        Assert.Contains("Saved. It holds from now on.", page.Text);
        Assert.Contains("Lee Park", page.TextOf("section .lk-rows li"));
        Assert.Contains("The longest window: 30 days → 36 hours", page.Text);
        Assert.Contains("Tickets: optional → required", page.Text);

        var panel = await adam.OpenAsync($"/apps/{App}");
        Assert.Equal(["PT1H", "P1D", "until"], panel.Document.QuerySelectorAll("select[name=length] option").Select(o => o.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await adam.TurnOnAsync(App, ("length", "P3D"))).Status);
        await adam.TurnOnAsync(App);
        var enter = await sam.OpenAsync($"/support-access/console/enter/{App}");
        Assert.Contains("The number of the case. One looks like SUP-12.", enter.Text);
        var refused = await enter.SubmitAsync("form[action*='/console/enter/']", ("reason", "Signing step fails"), ("ticket", "12"));
        Assert.Contains("The ticket does not look like a ticket here. The number of the case. One looks like SUP-12.", refused.Text);
    }

    [Fact]
    public async Task Refused_NothingIsSaved_AndWhatWasTypedStands()
    {
        using var lee = _host.Browser("lee");
        var page = await (await lee.OpenAsync(Policies)).SubmitAsync(Form, ("ticket_pattern", "SUP-["), ("ticket_example", "SUP-1"), ("reason_min_length", "12"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains("Nothing was saved. The pattern for tickets is not a regular expression: at character", page.TextOf("[role=alert]"));
        Assert.Equal(("SUP-[", "12", "true"), (page.Find("#lk-ticket_pattern")!.GetAttribute("value"), page.Find("#lk-reason_min_length")!.GetAttribute("value"), page.Find("#lk-ticket_pattern")!.GetAttribute("aria-invalid")));
        Assert.Equal(3, _host.Access.Policy.MinReason);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await (await lee.OpenAsync(Policies)).SubmitAsync(Form, ("max_window", "many"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await (await lee.OpenAsync(Policies)).SubmitAsync(Form, ("max_window", "31"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await (await lee.OpenAsync(Policies)).SubmitAsync(Form, ("reason_example", "An example without its pattern"))).Status);
    }

    [Fact]
    public async Task OfTheApi_WhatIsLeftOutStays_AndAnEmptyPatternTakesItsRuleAway()
    {
        var ruled = await PutAsync("lee", new { max_window = "P3D", ticket_pattern = "SUP-[0-9]+", ticket_example = "SUP-1" });
        Assert.Equal(("P3D", "P3D", "P3D", "P30D"), (Text(ruled, "max_window"), Text(ruled, "default_window"), Text(ruled, "request_window"), Text(ruled, "longest_possible")));
        ruled = await PutAsync("lee", new { ticket_required = true });
        Assert.Equal(("SUP-[0-9]+", "Lee Park"), (Text(ruled, "ticket_pattern"), Text(ruled, "changed_by_name")));
        ruled = await PutAsync("lee", new { ticket_pattern = "" });
        Assert.False(ruled.Body.TryGetProperty("ticket_example", out _));
        Assert.True(ruled.Body.GetProperty("ticket_required").GetBoolean());
        Assert.Equal("max_window", (await PutAsync("lee", new { max_window = "P31D" })).Body.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("sam", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    [InlineData("adam", HttpStatusCode.NotFound, HttpStatusCode.NotFound)]
    [InlineData("nobody", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    public async Task OnlyLeadsChangeThem(string who, HttpStatusCode read, HttpStatusCode write)
    {
        using var program = _host.Program(who);
        using var answer = await program.GetAsync(Api, TestContext.Current.CancellationToken);
        Assert.Equal((read, write), (answer.StatusCode, (await PutAsync(who, new { max_window = "P1D" })).Status));
        Assert.Equal(TimeSpan.FromDays(30), _host.Access.Policy.MaxWindow);
    }

    private static string? Text((HttpStatusCode Status, JsonElement Body) answer, string name) => answer.Body.GetProperty(name).GetString();

    private async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string who, object body)
    {
        using var client = _host.Program(who);
        using var answer = await client.PutAsJsonAsync(Api, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }
}
