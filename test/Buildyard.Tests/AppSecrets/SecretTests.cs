using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.AppSecrets;

public sealed class SecretTests : IAsyncLifetime
{
    private const string Secrets = "/api/apps/northwind-ios/secrets";
    private const string Page = "/apps/northwind-ios/workflow/secrets";
    private BuildyardHost _host = null!;
    private HttpClient _piet = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _piet = await _host.CallAsAsync("piet@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Value_GoesIn_AndIsReadOnlyByAMemberWhoAsks()
    {
        var added = await PutAsync(_piet, "API_TOKEN", new { value = "planted-value-1\nsecond line" });

        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.DoesNotContain("planted-value", await added.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("planted-value", await _piet.GetStringAsync(Secrets), StringComparison.Ordinal);
        var shown = await _piet.PostAsync($"{Secrets}/API_TOKEN/reveal", null);
        Assert.Equal("planted-value-1\nsecond line", (await shown.JsonAsync()).GetProperty("value").GetString());
        Assert.Equal("no-store", shown.Headers.CacheControl?.ToString());
    }

    [Fact]
    [Trait("capability", "A19")]
    public async Task Support_AddsReplacesAndRemoves_AndNeverReads()
    {
        await PutAsync(_piet, "API_TOKEN", new { value = "planted-by-piet" });
        var support = await _host.CallAsSupportAsync("northwind-ios");

        Assert.Equal(HttpStatusCode.NotFound, (await support.PostAsync($"{Secrets}/API_TOKEN/reveal", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(support, "API_TOKEN", new { value = "planted-by-sam" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(support, "FROM_SUPPORT", new { value = "planted-by-sam" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await support.DeleteAsync($"{Secrets}/FROM_SUPPORT")).StatusCode);

        var token = (await (await _piet.GetAsync(Secrets)).JsonAsync()).GetProperty("secrets").EnumerateArray().Single();
        Assert.Equal("Support · Sam Okafor", token.GetProperty("changed_by").GetString());
        var adam = await _host.CallAsAsync("adam@northwind.test");
        var activity = await adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity");
        Assert.DoesNotContain("planted", activity, StringComparison.Ordinal);
        Assert.Equal(
            ["secret API_TOKEN: value of API_TOKEN", "secret FROM_SUPPORT: secret FROM_SUPPORT, value of FROM_SUPPORT", "secret FROM_SUPPORT: secret FROM_SUPPORT"],
            JsonElement.Parse(activity).GetProperty("items").EnumerateArray().Where(i => i.GetProperty("kind").GetString() == "change").Reverse()
                .Select(i => $"{i.GetProperty("target").GetString()}: {string.Join(", ", i.GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("what").GetString()))}"));
    }

    [Fact]
    public async Task Support_CantGivePullRequests_AValueItDoesNotKnow()
    {
        await PutAsync(_piet, "API_TOKEN", new { value = "planted" });
        var support = await _host.CallAsSupportAsync("northwind-ios");

        var refused = await PutAsync(support, "API_TOKEN", new { is_exposed_to_pull_requests = true });

        Assert.Equal((HttpStatusCode.Conflict, "value_needed"), (refused.StatusCode, (await refused.JsonAsync()).GetProperty("type").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(support, "API_TOKEN", new { value = "sams", is_exposed_to_pull_requests = true })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_piet, "API_TOKEN", new { value = "piets", is_exposed_to_pull_requests = false })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_piet, "API_TOKEN", new { is_exposed_to_pull_requests = true })).StatusCode);
    }

    [Fact]
    public async Task Protection_IsOneWay()
    {
        await PutAsync(_piet, "API_TOKEN", new { value = "planted", is_protected = true });

        Assert.Equal(HttpStatusCode.Conflict, (await _piet.PostAsync($"{Secrets}/API_TOKEN/reveal", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(_piet, "API_TOKEN", new { is_protected = false })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_piet, "API_TOKEN", new { value = "new", is_expand = false })).StatusCode);
        Assert.True((await (await _piet.GetAsync(Secrets)).JsonAsync()).GetProperty("secrets")[0].GetProperty("is_protected").GetBoolean());
    }

    [Fact]
    public async Task Builds_GetEverything_PullRequestsWhatIsExposedToThem()
    {
        await PutAsync(_piet, "ALL", new { value = "one" });
        await PutAsync(_piet, "OUTSIDE", new { value = "two", is_expand = false, is_exposed_to_pull_requests = true });
        await using var scope = _host.App.Services.CreateAsyncScope();
        var app = (await (await _piet.GetAsync("/api/apps/northwind-ios")).JsonAsync()).GetProperty("id").GetString()!;
        var book = scope.ServiceProvider.GetRequiredService<SecretBook>();

        Assert.Equal([new BuildSecret("ALL", "one", true, false), new BuildSecret("OUTSIDE", "two", false, true)], await book.ForBuildAsync(app, pullRequest: false));
        Assert.Equal([new BuildSecret("OUTSIDE", "two", false, true)], await book.ForBuildAsync(app, pullRequest: true));
        Assert.Empty(await book.ForBuildAsync("app_other", pullRequest: false));
    }

    [Theory]
    [InlineData("1TOKEN", """{"value":"x"}""", 422, "name")]
    [InlineData("API-TOKEN", """{"value":"x"}""", 422, "name")]
    [InlineData("API%20TOKEN", """{"value":"x"}""", 422, "name")]
    [InlineData("T%C3%96KEN", """{"value":"x"}""", 422, "name")]
    [InlineData("TOKEN", "{}", 422, "value")]
    [InlineData("TOKEN", """{"value":""}""", 422, "value")]
    [InlineData("TOKEN", """{"value":"a\u0000b"}""", 422, "value")]
    [InlineData("TOKEN", """{"value":1}""", 400, "value")]
    [InlineData("TOKEN", """{"value":null}""", 400, "value")]
    [InlineData("TOKEN", """{"value":"x","is_protected":"yes"}""", 400, "is_protected")]
    [InlineData("TOKEN", """{"value":"x","is_expand":null}""", 400, "is_expand")]
    [InlineData("TOKEN", """{"value":"x","exposed":true}""", 400, "exposed")]
    public async Task BadInput_IsNamed_AndChangesNothing(string name, string body, int status, string field)
    {
        var refused = await _piet.PutAsync($"{Secrets}/{name}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Equal(field, (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(0, (await (await _piet.GetAsync(Secrets)).JsonAsync()).GetProperty("secrets").GetArrayLength());
    }

    [Fact]
    public async Task Bounds_HoldOnLengthAndNumber()
    {
        Assert.Equal(422, (int)(await PutAsync(_piet, new string('A', 129), new { value = "x" })).StatusCode);
        Assert.Equal(422, (int)(await PutAsync(_piet, "TOKEN", new { value = new string('x', (64 * 1024) + 1) })).StatusCode);
        for (var i = 0; i < 200; i++) (await PutAsync(_piet, $"TOKEN_{i}", new { value = "x" })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(_piet, "ONE_MORE", new { value = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_piet, "TOKEN_1", new { value = "y" })).StatusCode);
    }

    [Fact]
    public async Task Forms_AddShowChangeAndRemove_WithoutScript()
    {
        var piet = await _host.BrowseAsAsync("piet@northwind.test");

        await piet.SubmitAsync(Page, $"{Page}/set", ("name", "PEM"), ("value", "line 1\r\nline 2\r\n"));
        var shown = await (await piet.SubmitAsync(Page, $"{Page}/reveal", ("name", "PEM"))).PageAsync();
        Assert.Contains("line 1\nline 2\n", shown.Text(), StringComparison.Ordinal);

        var change = (await piet.PageAsync(Page)).Forms.Single(f => f.QuerySelector("input[name=existing]") is not null);
        await piet.SubmitAsync(change, $"{Page}/set", ("is_protected", "true"));
        var page = await piet.PageAsync(Page);
        Assert.Contains("Protected", page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(page.Forms, f => f.GetAttribute("action") == $"{Page}/reveal");

        await piet.SubmitAsync(Page, $"{Page}/remove");
        Assert.Contains("No secrets yet", (await piet.PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SupportsPage_OffersNoValue()
    {
        await PutAsync(_piet, "API_TOKEN", new { value = "planted" });
        var support = await _host.CallAsSupportAsync("northwind-ios");

        var page = await (await support.GetAsync(Page)).PageAsync();

        Assert.Contains("API_TOKEN", page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(page.Forms, f => f.GetAttribute("action") == $"{Page}/reveal");
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient by, string name, object body) => by.PutAsJsonAsync($"{Secrets}/{name}", body);
}
