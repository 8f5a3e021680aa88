using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AngleSharp.Dom;
using Buildyard.Hosting;

namespace Buildyard.Undo;

/// <summary>N5: what the customer undoes must not do support's bidding, whatever support prepared.</summary>
public sealed partial class UndoAttackTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private BuildyardHost _host = null!;
    private HttpClient _support = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AWebhooksHeaders_DontComeBack_ForAnAddressThatSupportNamedSince()
    {
        var hook = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/webhooks", new
        {
            url = "https://hooks.northwind.example/",
            events = new[] { "build.finished" },
            headers = new[] { new { name = "Authorization", value = "Bearer of-northwind" } },
        })), "id");
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { headers = Array.Empty<object>() }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = "https://support.example/" }));

        await RefusesAsync((await OpenAsync())[1]);

        Assert.Equal(0, (await ReadAsync("/webhooks")).GetProperty("webhooks")[0].GetProperty("header_names").GetArrayLength());
        await UndoAsync((await OpenAsync())[0]);
        await UndoAsync((await OpenAsync())[0]);
        var back = (await ReadAsync("/webhooks")).GetProperty("webhooks")[0];
        Assert.Equal(("https://hooks.northwind.example/", "Authorization"), (Text(back, "url"), back.GetProperty("header_names")[0].GetString()));
    }

    [Fact]
    public async Task TheTokenOfChecks_DoesntComeBack_ForAnAddressThatSupportNamedSince()
    {
        await MakeAsync(_adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { enabled = true, token = "of-northwind" }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { token = "" }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = "https://support.example" }));

        await RefusesAsync((await OpenAsync())[1]);

        Assert.False((await ReadAsync("/build-settings")).GetProperty("checks").GetProperty("enabled").GetBoolean());
    }

    /// <summary>Two write at the same moment: what was meant for one address is never beside another.</summary>
    [Fact]
    public async Task ACredential_IsNeverBesideAnAddress_ThatWasSetAtTheSameMoment()
    {
        const string Own = "https://hooks.northwind.example/";
        var hook = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/webhooks", new { url = Own, events = new[] { "build.finished" } })), "id");
        for (var i = 0; i < 12; i++)
        {
            await Task.WhenAll(
                _adam.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { headers = new[] { new { name = "Authorization", value = "Bearer of-northwind" } } }),
                _support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = $"https://support.example/{i}" }),
                _adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { enabled = true, token = "of-northwind" }),
                _support.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = $"https://support.example/{i}" }));

            var stored = (await ReadAsync("/webhooks")).GetProperty("webhooks")[0];
            var checks = (await ReadAsync("/build-settings")).GetProperty("checks");
            Assert.False(Text(stored, "url") != Own && stored.GetProperty("header_names").GetArrayLength() > 0, $"{stored}");
            Assert.False(Text(checks, "api_url") != "https://api.github.com" && checks.GetProperty("has_token").GetBoolean(), $"{checks}");
            await MakeAsync(_adam.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = Own, headers = Array.Empty<object>() }));
            await MakeAsync(_adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = "https://api.github.com", token = "" }));
        }
    }

    [Fact]
    public async Task ACredential_NamesItsAddress_WhereSupportSetThat()
    {
        var hook = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/webhooks", new { url = "https://hooks.northwind.example/", events = new[] { "build.finished" } })), "id");
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = "https://support.example/" }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = "https://support.example" }));
        var headers = new[] { new { name = "Authorization", value = "Bearer of-northwind" } };

        await NamesAsync(_adam.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { headers }), "url");
        await NamesAsync(_adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { token = "of-northwind" }), "api_url");

        await MakeAsync(_adam.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = "https://support.example/", headers }));
        foreach (var change in await OpenAsync()) await MakeAsync(_adam.PostAsync($"{Changes}/{Act(change)}/keep", null));
        await MakeAsync(_adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { token = "of-northwind" }));

        static async Task NamesAsync(Task<HttpResponseMessage> answering, string field)
        {
            using var answer = await answering;
            Assert.Equal((HttpStatusCode.UnprocessableEntity, field), (answer.StatusCode, Text((await answer.JsonAsync()).GetProperty("errors")[0], "field")));
        }
    }

    [Fact]
    public async Task TheSshKey_DoesntComeBack_ForARepositoryThatSupportNamedSince()
    {
        await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null));
        await _support.DeleteAsync($"{App}/ssh-key");
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = "git@support.example:app.git" }));

        await RefusesAsync((await OpenAsync())[1]);

        await UndoAsync((await OpenAsync())[0]);
        await UndoAsync((await OpenAsync())[0]);
        Assert.StartsWith("SHA256:", Text((await ReadAsync("/ssh-key")).GetProperty("ssh_key"), "fingerprint"), StringComparison.Ordinal);
    }

    /// <summary>What support made, and took away with something else, doesn't come back with that once its making is undone.</summary>
    [Fact]
    public async Task SupportsOwnSshKey_DoesntComeBack_WithTheRepository()
    {
        await MakeAsync(_support.PostAsync($"{App}/ssh-key/generate", null));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = "git@support.example:app.git" }));
        await UndoAsync((await OpenAsync())[1]);

        await UndoAsync(Assert.Single(await OpenAsync()));

        Assert.Equal(JsonValueKind.Null, (await ReadAsync("/ssh-key")).GetProperty("ssh_key").ValueKind);
    }

    /// <summary>What support set of a row that it took away later stays undecided while that may come back, whatever a member saves meanwhile.</summary>
    [Fact]
    public async Task SupportsOwnSshKey_StaysUndecided_WhereItComesBackWithTheRepository()
    {
        await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null));
        await MakeAsync(_support.PostAsync($"{App}/ssh-key/generate", null));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = "git@support.example:app.git" }));
        await MakeAsync(_adam.PatchAsJsonAsync(App, new { title = "Ours" }));

        await UndoAsync((await OpenAsync())[0]);

        await UndoAsync(Assert.Single(await OpenAsync()));
    }

    /// <summary>A key goes with the repository that it was made for, whoever names another one, and whoever made it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AKeyForTheRepositoryThatSupportNamed_GoesWithIt(bool bySupport)
    {
        const string Supports = "git@support.example:app.git";
        await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null));
        var own = await FingerprintAsync();
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = Supports }));
        await MakeAsync((bySupport ? _support : _adam).PostAsJsonAsync($"{App}/ssh-key/generate", new { repository_url = Supports }));
        var change = (await OpenAsync())[^1];
        Assert.Contains("Removes the SSH key, which was set for the repository that support named.", $"{await MakeAsync(_adam.GetAsync($"{Changes}/{Act(change)}"))}", StringComparison.Ordinal);

        await UndoAsync(change);

        Assert.Empty(await OpenAsync());
        // In place of a member's, the one of before doesn't come back either: the member made another.
        Assert.Equal(bySupport ? own : null, await FingerprintAsync());

        async Task<string?> FingerprintAsync() => (await ReadAsync("/ssh-key")).GetProperty("ssh_key") is { ValueKind: JsonValueKind.Object } key ? Text(key, "fingerprint") : null;
    }

    /// <summary>Where a member puts something else in the place of what support took away, nothing that support did to it is left to decide.</summary>
    [Fact]
    public async Task ASecretThatSupportChangedAndRemoved_IsSettled_OnceAMemberSetsIt()
    {
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "old" }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "of support" }));
        await _support.DeleteAsync($"{App}/secrets/API_TOKEN");

        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "new" }));

        Assert.Empty(await OpenAsync());
    }

    /// <summary>A value that a member gave what support added is not thrown away with that.</summary>
    [Fact]
    public async Task AMembersValueOfASecretThatSupportAdded_ComesBack()
    {
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "of support" }));
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "of northwind" }));
        await _support.DeleteAsync($"{App}/secrets/API_TOKEN");
        await RefusesAsync((await OpenAsync())[1]);

        await UndoAsync((await OpenAsync())[0]);

        Assert.Single(await OpenAsync());
        Assert.Equal("of northwind", await RevealAsync("API_TOKEN"));
    }

    [Fact]
    public async Task ProtectionOfASecret_StaysOverAValueThatCameAfterIt()
    {
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "old" }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { is_protected = true }));
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "given under protection" }));

        await RefusesAsync(Assert.Single(await OpenAsync()));

        Assert.Equal(HttpStatusCode.Conflict, (await _adam.PostAsync($"{App}/secrets/API_TOKEN/reveal", null)).StatusCode);
    }

    [Fact]
    public async Task ASecretThatSupportMadeAnewUnderItsName_GoesFirst()
    {
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "of northwind" }));
        await _support.DeleteAsync($"{App}/secrets/API_TOKEN");
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "of support", is_exposed_to_pull_requests = true }));
        await RefusesAsync((await OpenAsync())[1]);

        await UndoAsync((await OpenAsync())[0]);
        await UndoAsync((await OpenAsync())[0]);

        Assert.Equal("of northwind", Text(await (await _adam.PostAsync($"{App}/secrets/API_TOKEN/reveal", null)).JsonAsync(), "value"));
        Assert.False((await ReadAsync("/secrets")).GetProperty("secrets")[0].GetProperty("is_exposed_to_pull_requests").GetBoolean());
    }

    [Fact]
    public async Task WhatIsGoneFromTheAccount_IsNotChosenAgain()
    {
        var key = await Integrations.IntegrationTests.ConnectAsync(_host);
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/integrations/apple-key", new { apple_key = key }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/integrations/apple-key", new { apple_key = (string?)null }));
        await (await _host.CallAsAsync("olivia@northwind.test")).DeleteAsync($"/api/account/apple-keys/{key}");

        await RefusesAsync(Assert.Single(await OpenAsync()));
    }

    [Fact]
    public async Task UndoneAndKeptAtOnce_OneOfThemCounts()
    {
        await SaveYamlAsync(_support, "format_version: 11\n");
        var change = Assert.Single(await OpenAsync());
        var another = await _host.CallAsAsync("olivia@northwind.test");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _adam : another).PostAsync($"{Changes}/{Act(change)}/{(i == 7 ? "keep" : "undo")}", null)));

        Assert.DoesNotContain(answers, a => (int)a.StatusCode >= 500);
        var state = Text(await (await _adam.GetAsync($"{Changes}/{Act(change)}")).JsonAsync(), "state");
        var newest = (await ReadAsync("/bitrise-yml/versions")).GetProperty("versions")[0].GetProperty("number").GetInt32();
        Assert.Equal(state == "undone" ? 5 : 4, newest);
    }

    [Fact]
    public async Task WhoeverLostTheirRights_UndoesNothing_WithAPageThatWasOpenBefore()
    {
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/team/{await PersonAsync("piet@northwind.test")}", new { role = "admin" }));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        var change = Assert.Single(await OpenAsync());
        var piet = await _host.BrowseAsAsync("piet@northwind.test");
        var page = $"/support-access/apps/northwind-ios/changes/{Act(change)}";
        var form = (await piet.PageAsync(page)).Forms.Single(f => f.GetAttribute("action") == $"{page}/undo");
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/team/{await PersonAsync("piet@northwind.test")}", new { role = "developer" }));

        using var refused = await piet.SubmitAsync(form, $"{page}/undo");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Single(await OpenAsync());
    }

    [Theory]
    [InlineData("platform_engineer")]
    [InlineData("admin")]
    public async Task WhoeverSupportRaised_AllowsNoSecrets_UntilSomebodyElseKeepsIt(string role)
    {
        await MakeAsync(_support.PutAsJsonAsync($"{App}/team/{await PersonAsync("dana@northwind.test")}", new { role }));
        await MakeAsync(_support.PostAsJsonAsync($"{App}/builds", new { workflow = "primary", commit = new string('a', 40) }));
        var dana = await _host.CallAsAsync("dana@northwind.test");

        var refused = await dana.PostAsJsonAsync($"{App}/builds/1/secrets", new { allow = "build" });

        Assert.Equal((HttpStatusCode.Forbidden, "promoted_by_support"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
        var browser = await _host.BrowseAsAsync("dana@northwind.test");
        const string page = "/apps/northwind-ios/builds/1";
        Assert.DoesNotContain("Allow secrets", (await browser.PageAsync(page)).Text(), StringComparison.Ordinal);
        await MakeAsync(_adam.PostAsync($"{Changes}/{Act(Assert.Single(await OpenAsync()))}/keep", null));
        Assert.Contains("Allow secrets for this build", (await browser.PageAsync(page)).Text(), StringComparison.Ordinal);
        await MakeAsync(dana.PostAsJsonAsync($"{App}/builds/1/secrets", new { allow = "build" }));
    }

    private async Task RefusesAsync(JsonElement change)
    {
        var refused = await _adam.PostAsync($"{Changes}/{Act(change)}/undo", null);
        Assert.Equal((HttpStatusCode.Conflict, "changed_since"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
    }

    private Task<JsonElement> UndoAsync(JsonElement change) => MakeAsync(_adam.PostAsync($"{Changes}/{Act(change)}/undo", null));

    private async Task<List<JsonElement>> OpenAsync() => [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> ReadAsync(string path) => await (await _adam.GetAsync(App + path)).JsonAsync();

    private async Task<string> PersonAsync(string email) =>
        Text((await ReadAsync("/team")).GetProperty("members").EnumerateArray().Single(m => Text(m, "email") == email), "person")!;

    private static Task<JsonElement> SaveYamlAsync(HttpClient caller, string text) =>
        MakeAsync(caller.PutAsync($"{App}/bitrise-yml", new StringContent(text, MediaTypeHeaderValue.Parse("application/yaml"))));

    private static async Task<JsonElement> MakeAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    private static string Act(JsonElement change) => Text(change.GetProperty("activity"), "id")!;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
