using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Buildyard.SigningFiles;

namespace Buildyard.Undo;

/// <summary>Several changes of one thing: what is undone of them leads to the customer's own, and what a member gave it meanwhile stays theirs.</summary>
public sealed partial class UndoAttackTests
{
    /// <summary>An undo that goes past a part of a later change leaves the rest of that to be undone.</summary>
    [Fact]
    public async Task AChange_OfWhichAPartWasGonePast_IsUndoneStill()
    {
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/S", new { value = "own", is_expand = true }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/S", new { is_expand = false }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/S", new { value = "of support", is_expand = true }));
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/S", new { is_expand = false }));

        await UndoAsync((await OpenAsync())[2]);
        await UndoAsync(Assert.Single(await OpenAsync()));

        Assert.Equal("own", await RevealAsync("S"));
    }

    /// <summary>What a member had set of a change is not set back with the rest, so what support set of it later is undecided still.</summary>
    [Fact]
    public async Task WhatAnUndoLeavesAlone_SupportSetLater_IsUndecidedStill()
    {
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title = "By support", default_branch = "by-support" }));
        await MakeAsync(_adam.PatchAsJsonAsync(App, new { title = "Ours" }));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title = "By support again" }));

        await UndoAsync((await OpenAsync())[1]);
        await UndoAsync(Assert.Single(await OpenAsync()));

        Assert.Equal("Ours", Text(await ReadAsync(""), "title"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheAddressAndHeadersOfAWebhook_ComeBack_WhereSomethingElseOfThatChangeWasSetSince(bool byMember)
    {
        var hook = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/webhooks", new
        {
            url = "https://hooks.northwind.example/",
            events = new[] { "build.finished" },
            headers = new[] { new { name = "Authorization", value = "of northwind" } },
        })), "id");
        if (!byMember) await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { enabled = false }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = "https://support.example/", enabled = !byMember }));
        await MakeAsync((byMember ? _adam : _support).PatchAsJsonAsync($"{App}/webhooks/{hook}", new { enabled = byMember }));

        if (!byMember) await UndoAsync((await OpenAsync())[2]);
        await UndoAsync(Assert.Single(await OpenAsync()));

        var back = (await ReadAsync("/webhooks")).GetProperty("webhooks")[0];
        Assert.Equal(("https://hooks.northwind.example/", "Authorization", true), (Text(back, "url"), back.GetProperty("header_names")[0].GetString(), back.GetProperty("enabled").GetBoolean()));
    }

    [Fact]
    public async Task Checks_AreNotSwitchedOnByAnUndo_AtAnAddressOfSupports()
    {
        await MakeAsync(_adam.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = "https://git.northwind.example", token = "own", enabled = true }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { enabled = false }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { api_url = "https://support.example", token = "of-support", enabled = true }));
        await MakeAsync(_support.PatchAsJsonAsync($"{App}/build-settings/checks", new { enabled = false }));

        await RefusesAsync((await OpenAsync())[2]);
        foreach (var _ in (int[])[1, 2, 3]) await UndoAsync((await OpenAsync())[0]);

        var checks = (await ReadAsync("/build-settings")).GetProperty("checks");
        Assert.Equal(("https://git.northwind.example", true), (Text(checks, "api_url"), checks.GetProperty("enabled").GetBoolean()));
    }

    /// <summary>What nobody can be shown isn't kept because support cleared it: undoing that would bring it back.</summary>
    [Theory]
    [InlineData("incoming-webhook/secret", "PUT", """{"secret":"of support"}""", """{"secret":""}""")]
    [InlineData("build-settings/checks", "PATCH", """{"token":"of-support","enabled":true}""", """{"token":""}""")]
    [InlineData("webhooks/{id}", "PATCH", """{"headers":[{"name":"Authorization","value":"of support"}]}""", """{"headers":[]}""")]
    [InlineData("webhooks/{id}", "PATCH", """{"headers":[{"name":"Authorization","value":"of support"}]}""", """{"url":"https://support.example/"}""")]
    [InlineData("webhooks/{id}", "PATCH", """{"headers":[{"name":"Authorization","value":"of support"}]}""", null)]
    public async Task WhatCantBeShown_IsNotKept_OnceSupportClearedIt(string path, string method, string set, string? cleared)
    {
        await MakeAsync(_adam.PostAsync($"{App}/incoming-webhook/rotate", null));
        var hook = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/webhooks", new { url = "https://hooks.northwind.example/", events = new[] { "build.finished" } })), "id")!;
        await SendAsync(method, set);
        await SendAsync(cleared is null ? "DELETE" : method, cleared);

        using var refused = await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[1])}/keep", null);

        Assert.Equal((HttpStatusCode.Conflict, "not_shown"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));

        async Task SendAsync(string method, string? body)
        {
            var address = $"{App}/{path.Replace("{id}", hook, StringComparison.Ordinal)}";
            using var sent = await _support.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), address) { Content = body is null ? null : new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) });
            sent.EnsureSuccessStatusCode();
        }
    }

    /// <summary>What a member gave a thing that support had added is not thrown away with that.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AMembersHeadersOfAWebhookThatSupportAdded_AreNotThrownAway(bool removed)
    {
        const string Own = "https://hooks.northwind.example/";
        var hook = Text(await MakeAsync(_support.PostAsJsonAsync($"{App}/webhooks", new { url = Own, events = new[] { "build.finished" } })), "id");
        await MakeAsync(_adam.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { url = Own, headers = new[] { new { name = "Authorization", value = "of northwind" } } }));
        if (removed) (await _support.DeleteAsync($"{App}/webhooks/{hook}")).EnsureSuccessStatusCode();
        else await MakeAsync(_support.PatchAsJsonAsync($"{App}/webhooks/{hook}", new { headers = Array.Empty<object>() }));

        await RefusesAsync((await OpenAsync())[1]);
        await UndoAsync((await OpenAsync())[0]);

        Assert.Single(await OpenAsync());
        Assert.Equal("Authorization", (await ReadAsync("/webhooks")).GetProperty("webhooks")[0].GetProperty("header_names")[0].GetString());
    }

    [Fact]
    public async Task AMembersTokenOfAnIncomingWebhookThatSupportAdded_ComesBack()
    {
        await MakeAsync(_support.PostAsync($"{App}/incoming-webhook/rotate", null));
        await MakeAsync(_adam.PostAsync($"{App}/incoming-webhook/rotate", null));
        (await _support.DeleteAsync($"{App}/incoming-webhook")).EnsureSuccessStatusCode();
        await RefusesAsync((await OpenAsync())[1]);

        await UndoAsync((await OpenAsync())[0]);

        Assert.Single(await OpenAsync());
        Assert.Equal(JsonValueKind.String, (await ReadAsync("/incoming-webhook")).GetProperty("url").ValueKind);
    }

    /// <summary>What support added doesn't come back undecided, whatever little a member gave it.</summary>
    [Fact]
    public async Task ASecretThatSupportAddedAndRemoved_DoesntComeBackUndecided_BecauseAMemberSetSomethingOfIt()
    {
        await MakeAsync(_support.PutAsJsonAsync($"{App}/secrets/S", new { value = "of support" }));
        await MakeAsync(_adam.PutAsJsonAsync($"{App}/secrets/S", new { is_expand = false }));
        (await _support.DeleteAsync($"{App}/secrets/S")).EnsureSuccessStatusCode();
        await RefusesAsync((await OpenAsync())[1]);

        await UndoAsync((await OpenAsync())[0]);

        Assert.Contains("was changed since", Text(Assert.Single(await OpenAsync()), "problem"), StringComparison.Ordinal);
    }

    /// <summary>Where support put back what was the customer's, undoing that alone would bring support's: the first change is undone, with both.</summary>
    [Fact]
    public async Task WhatSupportPutBack_IsNotUndoneIntoWhatSupportHadSet()
    {
        var title = Text(await ReadAsync(""), "title");
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title }));
        await RefusesAsync((await OpenAsync())[0]);

        await UndoAsync((await OpenAsync())[1]);

        Assert.Equal(title, Text(await ReadAsync(""), "title"));
        Assert.Empty(await OpenAsync());
    }

    [Theory]
    [InlineData("support had removed it")]
    [InlineData("it went with the repository")]
    [InlineData("a member makes it once the repository is the customer's again")]
    public async Task TheCustomersSshKey_IsThere_AfterTheRepositoryWentThereAndBack(string how)
    {
        var isMadeLater = how.StartsWith("a member", StringComparison.Ordinal);
        var own = isMadeLater ? null : Text(await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null)), "fingerprint");
        var url = Text(await ReadAsync(""), "repository_url");
        if (how.StartsWith("support", StringComparison.Ordinal)) (await _support.DeleteAsync($"{App}/ssh-key")).EnsureSuccessStatusCode();
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = "git@support.example:app.git" }));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = url }));
        own ??= Text(await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null)), "fingerprint");

        for (var refused = 0; await OpenAsync() is { Count: > 0 } open;)
            refused = (await _adam.PostAsync($"{Changes}/{Act(open[refused])}/undo", null)).IsSuccessStatusCode ? 0 : refused + 1;

        Assert.Equal((own, url), (Text((await ReadAsync("/ssh-key")).GetProperty("ssh_key"), "fingerprint"), Text(await ReadAsync(""), "repository_url")));
    }

    /// <summary>An undo that finds the repository named as it was says nothing new of it, nor of keys.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AMembersKeyThatSupportRemoved_ComesBack_WhicheverIsUndoneFirst(bool oldestFirst)
    {
        await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null));
        var url = Text(await ReadAsync(""), "repository_url");
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = "git@support.example:app.git" }));
        await MakeAsync(_support.PatchAsJsonAsync(App, new { repository_url = url }));
        var own = Text(await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null)), "fingerprint");
        (await _support.DeleteAsync($"{App}/ssh-key")).EnsureSuccessStatusCode();

        for (var refused = 0; await OpenAsync() is { Count: > 0 } open;)
        {
            var next = oldestFirst ? open[^(1 + refused)] : open[refused];
            refused = (await _adam.PostAsync($"{Changes}/{Act(next)}/undo", null)).IsSuccessStatusCode ? 0 : refused + 1;
        }

        Assert.Equal((own, url), (Text((await ReadAsync("/ssh-key")).GetProperty("ssh_key"), "fingerprint"), Text(await ReadAsync(""), "repository_url")));
    }

    [Fact]
    public async Task TheKeyOfARepository_ComesBackWithIt_WhereAMemberSetSomethingElseOfThatChange()
    {
        var own = Text(await MakeAsync(_adam.PostAsync($"{App}/ssh-key/generate", null)), "fingerprint");
        await MakeAsync(_support.PatchAsJsonAsync(App, new { title = "By support", repository_url = "git@support.example:app.git" }));
        await MakeAsync(_adam.PatchAsJsonAsync(App, new { title = "Ours" }));

        await UndoAsync(Assert.Single(await OpenAsync()));

        Assert.Equal((own, "Ours"), (Text((await ReadAsync("/ssh-key")).GetProperty("ssh_key"), "fingerprint"), Text(await ReadAsync(""), "title")));
    }

    /// <summary>Whatever a member's new file has in common with support's: it is theirs as a whole.</summary>
    [Fact]
    public async Task AMembersFileInThePlaceOfSupports_IsTheirsAsAWhole()
    {
        static object Profile(string name, int year) => new { name = "app.mobileprovision", content = Convert.ToBase64String(Samples.Profile(name, text => text.Replace("2031-", $"{year}-", StringComparison.Ordinal))) };
        var file = Text(await MakeAsync(_adam.PostAsJsonAsync($"{App}/signing-files", Profile("A first one", 2031))), "id");
        await MakeAsync(_support.PutAsJsonAsync($"{App}/signing-files/{file}", Profile("By support", 2033)));

        await MakeAsync(_adam.PutAsJsonAsync($"{App}/signing-files/{file}", Profile("By Adam", 2033)));

        Assert.Empty(await OpenAsync());
    }

    private async Task<string?> RevealAsync(string secret) => Text(await (await _adam.PostAsync($"{App}/secrets/{secret}/reveal", null)).JsonAsync(), "value");
}
