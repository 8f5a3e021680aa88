using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;
using Buildyard.SigningFiles;

namespace Buildyard.Undo;

/// <summary>N5: what nobody can be shown is not kept: the customer sets their own, or undoes it.</summary>
public sealed class UnseenTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private const string Pages = "/support-access/apps/northwind-ios/changes";

    private BuildyardHost _host = null!;
    private HttpClient _support = null!;
    private HttpClient _adam = null!;
    private Browser _browser = null!;
    private string _hook = "";

    /// <summary>What support does, with what the page calls it, and what a member does so that it is theirs.</summary>
    public static TheoryData<string, string, string, string, string> Unseen { get; } = new()
    {
        { "PUT secrets/NEW", """{"value":"theirs","is_protected":true}""", "the value of the secret NEW", "PUT secrets/NEW", """{"value":"ours"}""" },
        { "PUT secrets/API_TOKEN", """{"value":"theirs","is_protected":true,"is_expand":false}""", "the value of the secret API_TOKEN", "PUT secrets/API_TOKEN", """{"value":"ours"}""" },
        { "PUT secrets/SHUT", """{"value":"theirs"}""", "the value of the secret SHUT", "PUT secrets/SHUT", """{"value":"ours"}""" },
        { "PATCH webhooks/{hook}", """{"headers":[{"name":"X-Token","value":"theirs"}]}""", "the headers of the webhook", "PATCH webhooks/{hook}", """{"headers":[{"name":"X-Token","value":"ours"}]}""" },
        { "POST webhooks", """{"url":"https://hooks.example.org/by-support","events":["build.finished"],"headers":[{"name":"X-Token","value":"theirs"}]}""", "the headers of the webhook", "PATCH webhooks/{made}", """{"headers":[{"name":"X-Token","value":"ours"}],"url":"https://hooks.example.org/by-support"}""" },
        { "PATCH build-settings/checks", """{"enabled":true,"token":"theirs"}""", "the checks token of the build settings", "PATCH build-settings/checks", """{"token":"ours","api_url":"https://api.github.com"}""" },
        { "PUT incoming-webhook/secret", """{"secret":"theirs"}""", "the secret of the incoming webhook", "PUT incoming-webhook/secret", """{"secret":"ours"}""" },
    };

    /// <summary>What support does, and what of it the page shows.</summary>
    public static TheoryData<string, string, string> Seen { get; } = new()
    {
        { "PUT secrets/NEW", """{"value":"its own value"}""", "its own value" },
        { "PUT secrets/API_TOKEN", """{"value":"one\ntwo of it"}""", "two of it" },
        { "PUT secrets/API_TOKEN", """{"is_protected":true}""", "protected" },
        { "DELETE secrets/SHUT", "", "protected" },
        { "POST ssh-key/generate", "", "SHA256:" },
        { "POST signing-files", $$"""{"name":"a.mobileprovision","content":"{{Convert.ToBase64String(Samples.Profile("By support"))}}"}""", "SHA-256" },
        { "POST signing-files", $$"""{"name":"a.jks","password":"changeit","alias":"second","content":"{{Convert.ToBase64String(Samples.Jks("changeit", ("first", "changeit"), ("second", "changeit")))}}"}""", "key second" },
        { "POST incoming-webhook/rotate", "", "incoming webhook" },
        { "POST webhooks/{hook}/secret/rotate", "", "signing secret" },
    };

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _browser = await _host.BrowseAsAsync("adam@northwind.test");
        await SendAsync(_adam, "PUT secrets/API_TOKEN", """{"value":"first"}""");
        await SendAsync(_adam, "PUT secrets/SHUT", """{"value":"first","is_protected":true}""");
        await SendAsync(_adam, "POST incoming-webhook/rotate", "");
        _hook = Text(await SendAsync(_adam, "POST webhooks", """{"url":"https://hooks.northwind.example/","events":["build.finished"]}"""), "id")!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Unseen))]
    public async Task WhatNobodyIsShown_IsNotKept_UntilAMemberSetsTheirOwn(string what, string body, string called, string anew, string own)
    {
        var made = await SendAsync(_support, what, body);
        var act = Act(Assert.Single(await OpenAsync()));

        var page = await _browser.PageAsync($"{Pages}/{act}");
        Assert.Contains($"It can't be kept. Nobody can be shown {called}", page.Text(), StringComparison.Ordinal);
        Assert.Equal([$"{Pages}/{act}/undo"], page.Forms.Select(form => form.GetAttribute("action")).Where(action => action!.Contains(act, StringComparison.Ordinal)));
        var refused = await _adam.PostAsync($"{Changes}/{act}/keep", null);
        Assert.Equal((HttpStatusCode.Conflict, "not_shown"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
        using var submitted = await _browser.SubmitAsync(page.Forms.Single(form => form.GetAttribute("action") == $"{Pages}/{act}/undo"), $"{Pages}/{act}/keep");
        Assert.Equal(HttpStatusCode.Conflict, submitted.StatusCode);
        Assert.Single(await OpenAsync());

        await SendAsync(_adam, anew.Replace("{made}", made.ValueKind == JsonValueKind.Object && made.TryGetProperty("id", out var id) ? id.GetString() : "", StringComparison.Ordinal), own);

        foreach (var left in await OpenAsync()) (await _adam.PostAsync($"{Changes}/{Act(left)}/keep", null)).EnsureSuccessStatusCode();
        Assert.Empty(await OpenAsync());
    }

    [Theory]
    [MemberData(nameof(Seen))]
    public async Task WhatIsShown_ByItselfOrByWhatTellsItApart_IsKept(string what, string body, string shown)
    {
        await SendAsync(_support, what, body);
        var act = Act(Assert.Single(await OpenAsync()));

        Assert.Contains(shown, (await _browser.PageAsync($"{Pages}/{act}")).Text(), StringComparison.Ordinal);
        (await _adam.PostAsync($"{Changes}/{act}/keep", null)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task WhatRestsOnSomethingUnseen_IsNotKeptEither()
    {
        await SendAsync(_support, "PUT secrets/NEW", """{"value":"theirs","is_protected":true}""");
        await SendAsync(_support, "PUT secrets/NEW", """{"is_expand":false}""");
        var open = await OpenAsync();

        var refused = await _adam.PostAsJsonAsync($"{Changes}/{Act(open[0])}/keep", new { with = new[] { Act(open[1]) } });

        Assert.Equal((HttpStatusCode.Conflict, "not_shown"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
        Assert.Equal(2, (await OpenAsync()).Count);
    }

    /// <summary>Support shuts what it set before: neither is shown any more. What it set and replaced comes back where the newer one is undone.</summary>
    [Theory]
    [InlineData("""{"is_protected":true}""")]
    [InlineData("""{"value":"again","is_protected":true}""")]
    public async Task WhatSupportShutsLater_OrReplaces_IsUnseenTo(string later)
    {
        await SendAsync(_support, "PUT secrets/API_TOKEN", """{"value":"theirs"}""");
        await SendAsync(_support, "PUT secrets/API_TOKEN", later);
        var first = Act((await OpenAsync())[1]);

        var refused = await _adam.PostAsync($"{Changes}/{first}/keep", null);

        Assert.Equal((HttpStatusCode.Conflict, "not_shown"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
        Assert.DoesNotContain("theirs", await _adam.GetStringAsync($"{Changes}/{first}"), StringComparison.Ordinal);
    }

    /// <summary>Where it is decided it is shown; in a list, in the activity and to support it isn't.</summary>
    [Fact]
    public async Task AValueIsShownWhereItIsDecided_AndNowhereElse()
    {
        await SendAsync(_support, "PUT secrets/NEW", """{"value":"its own value"}""");
        var act = Act(Assert.Single(await OpenAsync()));

        Assert.Contains("its own value", await _adam.GetStringAsync($"{Changes}/{act}"), StringComparison.Ordinal);
        foreach (var path in (string[])[Changes, "/support-access/v1/apps/northwind-ios/activity"])
            Assert.DoesNotContain("its own value", await _adam.GetStringAsync(path), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await _support.GetAsync($"{Changes}/{act}")).StatusCode);
        (await _adam.PostAsync($"{Changes}/{act}/keep", null)).EnsureSuccessStatusCode();
        Assert.DoesNotContain("its own value", await _adam.GetStringAsync($"{Changes}/{act}"), StringComparison.Ordinal);
    }

    private async Task<JsonElement> SendAsync(HttpClient caller, string what, string body)
    {
        var (method, path) = (what.Split(' ')[0], what.Split(' ')[1].Replace("{hook}", _hook, StringComparison.Ordinal));
        using var answer = await caller.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), $"{App}/{path}") { Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json") });
        Assert.True(answer.IsSuccessStatusCode, $"{what}: {await answer.Content.ReadAsStringAsync()}");
        return answer.StatusCode == HttpStatusCode.NoContent ? default : await answer.JsonAsync();
    }

    private async Task<IReadOnlyList<JsonElement>> OpenAsync() => [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private static string Act(JsonElement change) => Text(change.GetProperty("activity"), "id")!;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
