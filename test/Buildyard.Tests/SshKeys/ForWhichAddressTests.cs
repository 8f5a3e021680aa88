using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.SshKeys;

/// <summary>Whoever makes, gives or takes a credential for an address that support set says which address that is: nobody gives it to where they never looked.</summary>
public sealed class ForWhichAddressTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Key = $"{App}/ssh-key";
    private const string Page = "/apps/northwind-ios/settings/code";
    private const string Theirs = "git@support.example:team/app.git";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _support = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        (_adam, _support) = (await _host.CallAsAsync("adam@northwind.test"), await _host.CallAsSupportAsync("northwind-ios"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AKey_IsMadeAndPasted_ForTheAddressThatTheCallNames()
    {
        (await _support.PatchAsJsonAsync(App, new { repository_url = Theirs })).EnsureSuccessStatusCode();

        Assert.Equal("repository_url", await AskedAsync(_adam.PostAsync($"{Key}/generate", null)));
        Assert.Equal("repository_url", await AskedAsync(_adam.PutAsJsonAsync(Key, new { private_key = "-----BEGIN" })));
        foreach (var other in (string[])["git@git.northwind.test:mobile/ios.git", ""])
            Assert.Equal("changed_since", await TypeAsync(_adam.PostAsJsonAsync($"{Key}/generate", new { repository_url = other })));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await (await _adam.GetAsync(Key)).JsonAsync()).GetProperty("ssh_key").ValueKind);

        (await _adam.PostAsJsonAsync($"{Key}/generate", new { repository_url = Theirs })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task WhatTheCustomerDecidedOn_IsAskedForNoMore()
    {
        (await _support.PatchAsJsonAsync(App, new { repository_url = Theirs })).EnsureSuccessStatusCode();
        const string Changes = "/support-access/v1/apps/northwind-ios/changes";
        var change = (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();
        (await _adam.PostAsync($"{Changes}/{change}/keep", null)).EnsureSuccessStatusCode();

        (await _adam.PostAsync($"{Key}/generate", null)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task ThePage_NamesTheAddressThatItShows()
    {
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        var form = (await adam.PageAsync(Page)).Forms.Single(f => f.GetAttribute("action") == $"{Page}/key/generate");
        (await _support.PatchAsJsonAsync(App, new { repository_url = Theirs })).EnsureSuccessStatusCode();

        using var refused = await adam.SubmitAsync(form, $"{Page}/key/generate");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        Assert.Contains("Support set this address", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
        using var made = await adam.SubmitAsync(Page, $"{Page}/key/generate");
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
    }

    [Fact]
    public async Task AWebhooksSigningSecret_IsMadeAndShown_ForTheAddressThatTheCallNames()
    {
        const string Url = "https://hooks.support.example/";
        var added = await _adam.PostAsJsonAsync($"{App}/webhooks", new { url = "https://hooks.northwind.example/", events = (string[])["build.finished"] });
        var hook = $"{App}/webhooks/{(await added.JsonAsync()).GetProperty("id").GetString()}";
        (await _adam.PostAsync($"{hook}/secret/reveal", null)).EnsureSuccessStatusCode();
        (await _support.PatchAsJsonAsync(hook, new { url = Url })).EnsureSuccessStatusCode();

        foreach (var what in (string[])["rotate", "reveal"])
        {
            Assert.Equal("url", await AskedAsync(_adam.PostAsync($"{hook}/secret/{what}", null)));
            Assert.Equal("changed_since", await TypeAsync(_adam.PostAsJsonAsync($"{hook}/secret/{what}", new { url = "https://hooks.northwind.example/" })));
            (await _adam.PostAsJsonAsync($"{hook}/secret/{what}", new { url = Url })).EnsureSuccessStatusCode();
        }
        var page = hook.Replace("/api/apps/northwind-ios", "/apps/northwind-ios/settings", StringComparison.Ordinal);
        using var shown = await (await _host.BrowseAsAsync("adam@northwind.test")).SubmitAsync(page, $"{page}/reveal");
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
    }

    private static async Task<string?> AskedAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        return (await answer.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString();
    }

    private static async Task<string?> TypeAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        return (await answer.JsonAsync()).GetProperty("type").GetString();
    }
}
