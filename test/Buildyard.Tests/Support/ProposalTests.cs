using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Support;

/// <summary>Support proposes a change to what it was shown; the customer's administrator applies it under their own name, or not.</summary>
public sealed class ProposalTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Yml = $"/api/apps/{App}/bitrise-yml";
    private const string Token = "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;
    private string _conversation = "";

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        (_adam, _sam) = (await _host.CallAsAsync("adam@northwind.test"), await _host.CallAsAsync("sam@support.test"));
        var opened = await _adam.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = App });
        _conversation = $"/support-access/v1/conversations/{(await opened.JsonAsync()).GetProperty("id").GetString()}";
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AppliedUnderTheAdministratorsName_ThenUndone_OtherLinesStay()
    {
        await SaveAsync((await ReadAsync()).Replace("app-store", "app-store # ours", StringComparison.Ordinal));
        await ShareAsync();
        var proposal = await ProposeAsync("the whole file", yaml => yaml.Replace("pod install --deployment", "pod install --deployment --repo-update", StringComparison.Ordinal));
        // Somebody changes another place meanwhile.
        await SaveAsync((await ReadAsync()).Replace("iPhone 16", "iPhone 17", StringComparison.Ordinal));
        var before = await ReadAsync();

        var look = await (await _adam.GetAsync(Path(proposal))).JsonAsync();
        Assert.True(look.GetProperty("can_answer").GetBoolean());
        Assert.Contains("iPhone 17", look.GetProperty("then").GetString(), StringComparison.Ordinal);
        Assert.Equal("applied", await AnswerAsync(_adam, proposal, "apply"));
        Assert.Equal(before.Replace("--deployment", "--deployment --repo-update", StringComparison.Ordinal), await ReadAsync());
        var version = (await (await _adam.GetAsync($"{Yml}/versions")).JsonAsync()).GetProperty("versions")[0];
        Assert.Equal(("Adam Reyes", "member"), (version.GetProperty("author").GetString(), version.GetProperty("author_kind").GetString()));
        Assert.Contains(proposal, version.GetProperty("message").GetString(), StringComparison.Ordinal);

        Assert.Equal("already_decided", await AnswerAsync(_adam, proposal, "apply"));
        Assert.Equal("reverted", await AnswerAsync(_adam, proposal, "revert"));
        Assert.Equal(before, await ReadAsync());
        Assert.Equal("already_decided", await AnswerAsync(_adam, proposal, "revert"));
    }

    /// <summary>A link to what was shown leads there, and is no item's own place: were it the next one's, it would say whether anything came between.</summary>
    [Theory]
    [InlineData("adam@northwind.test")]
    [InlineData("sam@support.test")]
    [Trait("capability", "N2")]
    public async Task ALinkToWhatWasShown_LeadsThere_AndSaysNothingOfWhatCameNext(string who)
    {
        await ShareAsync();
        (await _adam.PostAsJsonAsync($"{_conversation}/messages", new { text = "That is the file" })).EnsureSuccessStatusCode();
        var browser = await _host.BrowseAsAsync(who);
        var page = await browser.PageAsync(_conversation.Replace("/v1/", "/", StringComparison.Ordinal));
        var link = page.QuerySelectorAll("a[href*='cursor=']").Select(a => a.GetAttribute("href")!).Single(href => href.Contains("#lk-item-", StringComparison.Ordinal));
        var (cursor, item) = (link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..link.IndexOf('#', StringComparison.Ordinal)], link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..]);

        Assert.True(page.QuerySelectorAll("[id^='lk-item-']").Length >= 3);
        Assert.Null(page.GetElementById($"lk-item-{cursor}"));
        var there = (await browser.PageAsync(link)).QuerySelectorAll("[id^='lk-item-']").Select(shown => shown.Id).ToList();
        Assert.Contains(item, there);
        Assert.Equal(page.QuerySelectorAll("[id^='lk-item-']").Length - 1, there.Count);
    }

    [Fact]
    public async Task ALiteralTokenInTheFile_IsNeverShown_AndStaysAsItIs()
    {
        await SaveAsync((await ReadAsync()).Replace("  - SCHEME: Northwind", $"  - GITHUB_TOKEN: {Token}\n  - SCHEME: Northwind", StringComparison.Ordinal));
        await ShareAsync();
        var targets = await (await _sam.GetAsync($"{_conversation}/proposals/targets")).Content.ReadAsStringAsync();
        Assert.DoesNotContain(Token, targets, StringComparison.Ordinal);
        Assert.DoesNotContain("\"title\":\"GITHUB_TOKEN\"", targets, StringComparison.Ordinal);

        var whole = await ProposeAsync("the whole file", yaml => yaml.Replace("SCHEME: Northwind\n", "SCHEME: NorthwindDebug\n", StringComparison.Ordinal));
        Assert.Equal("applied", await AnswerAsync(_adam, whole, "apply"));
        Assert.Contains($"  - GITHUB_TOKEN: {Token}\n  - SCHEME: NorthwindDebug\n", await ReadAsync(), StringComparison.Ordinal);

        var env = await ProposeAsync("SIMULATOR", _ => "platform=iOS Simulator,name=iPhone 17");
        Assert.Equal("applied", await AnswerAsync(_adam, env, "apply"));
        Assert.Contains(Token, await ReadAsync(), StringComparison.Ordinal);
        foreach (var seen in new[] { $"{_conversation}/proposals", $"{_conversation}/items", Path(whole) })
            Assert.DoesNotContain(Token, await (await _sam.GetAsync(seen)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatHoldsASecret_CantBeProposed()
    {
        await SaveAsync((await ReadAsync()).Replace("  - SCHEME: Northwind", $"  - GITHUB_TOKEN: {Token}\n  - SCHEME: Northwind", StringComparison.Ordinal));
        await ShareAsync();
        foreach (var change in new Func<string, string>[]
        {
            yaml => yaml.Replace("GITHUB_TOKEN: [removed]", "GITHUB_TOKEN: none", StringComparison.Ordinal),
            yaml => yaml.Replace("  - GITHUB_TOKEN: [removed]\n", "", StringComparison.Ordinal),
            yaml => yaml.Replace("SCHEME: Northwind\n", $"SCHEME: Northwind\n  - OTHER_TOKEN: {Token}\n", StringComparison.Ordinal),
            yaml => yaml.Replace("SCHEME: Northwind\n", "SCHEME: Northwind\n  - OTHER: [removed]\n", StringComparison.Ordinal),
        })
        {
            var answer = await TryProposeAsync("the whole file", change);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal("after", (await answer.JsonAsync()).GetProperty("field").GetString());
        }
    }

    [Theory]
    [InlineData("title", "Northwind iOS app")]
    [InlineData("Default branch", "trunk")]
    [InlineData("SCHEME", "NorthwindDebug")]
    [InlineData("step 2 Install pods, input content", "#!/usr/bin/env bash\npod install\n")]
    [InlineData("the whole workflow", "# Faster now.\nprimary:\n  steps:\n  - deploy-to-bitrise-io@2: {}\n")]
    public async Task EachTarget_IsApplied_AndUndone_AndRefusedWhereItWasChangedSince(string title, string after)
    {
        await ShareAsync();
        var (yaml, app) = (await ReadAsync(), await AppAsync());
        var first = await ProposeAsync(title, _ => after);
        Assert.Equal("applied", await AnswerAsync(_adam, first, "apply"));
        Assert.NotEqual((yaml, app), (await ReadAsync(), await AppAsync()));
        Assert.Equal("reverted", await AnswerAsync(_adam, first, "revert"));
        Assert.Equal((yaml, app), (await ReadAsync(), await AppAsync()));

        var late = await ProposeAsync(title, _ => after);
        await (await _adam.PatchAsJsonAsync($"/api/apps/{App}", new { title = "Renamed", default_branch = "next" })).JsonAsync();
        await SaveAsync(yaml.Replace("SCHEME: Northwind", "SCHEME: Other", StringComparison.Ordinal).Replace("pod install --deployment", "pod install --verbose", StringComparison.Ordinal));
        var (nowYaml, nowApp) = (await ReadAsync(), await AppAsync());
        Assert.NotNull((await (await _adam.GetAsync(Path(late))).JsonAsync()).GetProperty("problem").GetString());
        Assert.Equal("changed_since", await AnswerAsync(_adam, late, "apply"));
        Assert.Equal((nowYaml, nowApp), (await ReadAsync(), await AppAsync()));
        Assert.Equal("declined", await AnswerAsync(_adam, late, "decline"));
    }

    /// <summary>N5: what is applied is what the card shows: also where another place refers to it, and where the proposal edits that place too.</summary>
    [Theory]
    [InlineData("the whole file", "")]
    [InlineData("the whole file", "    - deploy-to-bitrise-io@2: {}\n")]
    [InlineData("the whole workflow", "")]
    public async Task WhatAnotherPlaceRefersTo_IsShownThere(string title, string beside)
    {
        await SaveAsync("format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        inputs: &hello\n        - content: echo hello\n  release:\n    steps:\n    - script@1:\n        inputs: *hello\n");
        await ShareAsync();

        var proposal = await ProposeAsync(title, text => text.Replace("echo hello", "env", StringComparison.Ordinal) + beside);

        var card = (await (await _host.BrowseAsAsync("adam@northwind.test")).PageAsync($"/support-access/conversations/{_conversation.Split('/')[^1]}")).GetElementById($"lk-{proposal}")!;
        Assert.Equal(2, card.QuerySelectorAll($"#lk-{proposal}-effect .lk-diff-added").Count(line => line.TextContent.Contains("content: env", StringComparison.Ordinal)));
        var told = (await (await _adam.GetAsync(Path(proposal))).JsonAsync()).GetProperty("effect").GetProperty("after").GetString()!;
        Assert.Equal(2, told.Split('\n').Count(line => line.Contains("content: env", StringComparison.Ordinal)));
        Assert.Equal("applied", await AnswerAsync(_adam, proposal, "apply"));
    }

    [Fact]
    public async Task WhatIsTooLongToShow_IsNotApplied()
    {
        await SaveAsync($"format_version: \"23\"\nworkflows:\n  primary:\n    envs: &many\n{string.Concat(Enumerable.Range(0, 100).Select(i => $"    - E{i}: hello\n"))}{string.Concat(Enumerable.Range(0, 150).Select(i => $"  _m{i}:\n    envs: *many\n"))}");
        await ShareAsync();
        var before = await ReadAsync();

        var proposal = await ProposeAsync("the whole workflow", text => text.Replace("E7: hello", "E7: env", StringComparison.Ordinal));

        Assert.Contains("10,000 lines", (await (await _adam.GetAsync(Path(proposal))).JsonAsync()).GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal("changed_since", await AnswerAsync(_adam, proposal, "apply"));
        Assert.Equal(before, await ReadAsync());
    }

    /// <summary>However many lines there are before it.</summary>
    [Fact]
    public async Task EveryLineOfAProposal_IsShown()
    {
        await ShareAsync();
        var proposal = await ProposeAsync("the whole file", yaml => yaml + string.Concat(Enumerable.Repeat("# nothing to see\n", 520)) + "# the last line\n");
        var browser = await _host.BrowseAsAsync("adam@northwind.test");

        var card = (await browser.PageAsync($"/support-access/conversations/{_conversation.Split('/')[^1]}")).GetElementById($"lk-{proposal}")!;

        Assert.Contains("# the last line", card.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyOfSupport_AndNobodyWithoutTheRight_Applies()
    {
        await ShareAsync();
        var proposal = await ProposeAsync("title", _ => "Other");
        foreach (var who in new[] { "piet@northwind.test", "dana@northwind.test", "carla@contoso.test", "sam@support.test", "lee@support.test" })
        {
            var caller = await _host.CallAsAsync(who);
            foreach (var what in new[] { "apply", "decline", "revert" })
                Assert.Equal(HttpStatusCode.NotFound, (await caller.PostAsJsonAsync($"{Path(proposal)}/{what}", new { })).StatusCode);
        }

        var inside = await _host.CallAsSupportAsync(App);
        Assert.Equal(HttpStatusCode.NotFound, (await inside.PostAsJsonAsync($"{Path(proposal)}/apply", new { })).StatusCode);

        // Support made Dana an admin: before the customer accepts that, there is no conversation for her.
        var people = (await (await _adam.GetAsync($"/api/apps/{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var dana = people.First(p => p.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString();
        (await inside.PutAsJsonAsync($"/api/apps/{App}/team/{dana}", new { role = "admin" })).EnsureSuccessStatusCode();
        Assert.Equal("not_found", await AnswerAsync(await _host.CallAsAsync("dana@northwind.test"), proposal, "apply"));
        Assert.Equal("applied", await AnswerAsync(_adam, proposal, "apply"));
        Assert.Equal("Other", (await AppAsync()).Split('\n')[0]);
    }

    [Fact]
    public async Task OfTwoWhoAnswerAtOnce_OneDoes()
    {
        await ShareAsync();
        for (var round = 0; round < 5; round++)
        {
            var proposal = await ProposeAsync("SCHEME", now => now + "X");
            var versions = await VersionsAsync();
            var answers = await Task.WhenAll(AnswerAsync(_adam, proposal, "apply"), AnswerAsync(_adam, proposal, "apply"), AnswerAsync(_sam, proposal, "withdraw"));
            Assert.Equal(2, answers.Count(a => a == "already_decided"));
            var won = Assert.Single(answers, a => a != "already_decided");
            Assert.Equal(versions + (won == "applied" ? 1 : 0), await VersionsAsync());
            if (won == "applied") Assert.Equal("reverted", await AnswerAsync(_adam, proposal, "revert"));
        }
    }

    [Fact]
    public async Task ANewerProposal_TakesTheOldOnesPlace_AndTheTurnIsTheCustomers()
    {
        var nothing = await _sam.GetAsync($"{_conversation}/proposals/targets");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, nothing.StatusCode);
        await ShareAsync();
        Assert.Equal("waiting_on_support", await TurnAsync());
        var old = await ProposeAsync("title", _ => "One");
        Assert.Equal("waiting_on_customer", await TurnAsync());
        await ProposeAsync("title", _ => "Two");
        Assert.Equal("already_decided", await AnswerAsync(_adam, old, "apply"));
        var page = (await (await _adam.GetAsync($"{_conversation}/proposals")).JsonAsync()).GetProperty("items");
        Assert.Equal(["open", "superseded"], page.EnumerateArray().Select(p => p.GetProperty("state").GetString()));
        Assert.Equal("applied", await AnswerAsync(_adam, page[0].GetProperty("id").GetString()!, "apply"));
        Assert.Equal("waiting_on_support", await TurnAsync());
    }

    [Fact]
    public async Task WithoutJavaScript_TheWholeWay()
    {
        await ShareAsync();
        var (sam, adam) = (await _host.BrowseAsAsync("sam@support.test"), await _host.BrowseAsAsync("adam@northwind.test"));
        var page = _conversation.Replace("/v1", "", StringComparison.Ordinal);
        var choose = await sam.PageAsync($"{page}/propose");
        var target = choose.QuerySelectorAll("option").First(o => o.TextContent == "SCHEME").GetAttribute("value")!;
        var edit = $"{page}/propose?target={Uri.EscapeDataString(target)}";
        var refused = await sam.SubmitAsync(edit, $"{page}/propose", ("after", "Kept as typed"), ("why", ""), ("then", "send"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var again = await refused.PageAsync();
        Assert.Equal("Kept as typed", again.QuerySelector("#lk-after")!.GetAttribute("value"));
        Assert.Equal("true", again.QuerySelector("#lk-why")!.GetAttribute("aria-invalid"));

        var preview = await (await sam.SubmitAsync(edit, $"{page}/propose", ("after", "NorthwindDebug"), ("why", "The scheme is gone"), ("then", "preview"))).PageAsync();
        Assert.Equal(("Northwind", "NorthwindDebug"), (preview.QuerySelector("del")!.TextContent, preview.QuerySelector("ins")!.TextContent));
        var sent = await sam.SubmitAsync(edit, $"{page}/propose", ("after", "NorthwindDebug"), ("why", "The scheme is gone"), ("then", "send"));
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);

        var shown = await adam.PageAsync(page);
        var apply = shown.Forms.First(f => f.Action.EndsWith("/apply", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.SeeOther, (await adam.SubmitAsync(apply, new Uri(apply.Action).PathAndQuery)).StatusCode);
        Assert.Contains("Applied by Adam Reyes", (await sam.PageAsync(page)).Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("SCHEME: NorthwindDebug", await ReadAsync(), StringComparison.Ordinal);
        Assert.Contains((await adam.PageAsync(page)).Forms, f => f.Action.EndsWith("/revert", StringComparison.Ordinal));
    }

    private static string Path(string proposal) => $"/support-access/v1/proposals/{proposal}";

    private async Task ShareAsync() => (await _adam.PostAsJsonAsync($"{_conversation}/shares", new { kind = "snapshot" })).EnsureSuccessStatusCode();

    private Task<string> ReadAsync() => _adam.GetStringAsync(Yml);

    private async Task SaveAsync(string text) =>
        (await _adam.PutAsync(Yml, new StringContent(text, System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();

    private async Task<string> AppAsync()
    {
        var app = await (await _adam.GetAsync($"/api/apps/{App}")).JsonAsync();
        return string.Join('\n', app.GetProperty("title").GetString(), app.GetProperty("default_branch").GetString());
    }

    private async Task<int> VersionsAsync() => (await (await _adam.GetAsync($"{Yml}/versions?limit=100")).JsonAsync()).GetProperty("versions").GetArrayLength();

    private async Task<string?> TurnAsync() => (await (await _adam.GetAsync(_conversation)).JsonAsync()).GetProperty("state").GetString();

    private async Task<HttpResponseMessage> TryProposeAsync(string title, Func<string, string> change)
    {
        var targets = (await (await _sam.GetAsync($"{_conversation}/proposals/targets")).JsonAsync()).GetProperty("items").EnumerateArray();
        var target = targets.First(t => string.Equals(t.GetProperty("title").GetString(), title, StringComparison.OrdinalIgnoreCase) && t.GetProperty("group").GetString() != "Workflow _checkout");
        return await _sam.PostAsJsonAsync(
            $"{_conversation}/proposals", new { target = target.GetProperty("id").GetString(), after = change(target.GetProperty("value").GetString()!), why = "This should help" });
    }

    private async Task<string> ProposeAsync(string title, Func<string, string> change)
    {
        var answer = await TryProposeAsync(title, change);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("id").GetString()!;
    }

    /// <summary>The state that the answer came to, or the type of why not.</summary>
    private static async Task<string?> AnswerAsync(HttpClient by, string proposal, string what)
    {
        var answer = await (await by.PostAsJsonAsync($"{Path(proposal)}/{what}", new { })).JsonAsync();
        return answer.TryGetProperty("state", out var state) ? state.GetString() : answer.GetProperty("type").GetString();
    }
}
