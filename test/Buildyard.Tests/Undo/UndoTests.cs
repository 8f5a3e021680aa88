using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Undo;

/// <summary>N5, P3: what support leaves behind is listed, and the customer keeps or undoes it.</summary>
public sealed class UndoTests : IAsyncLifetime
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
    public async Task Settings_GoBack_AndItIsRecordedWhoUndidThem()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "Northwind", project_type = "android" }));
        var change = await OnlyOpenAsync();
        Assert.Equal("Sam Okafor", Text(change, "agent_name"));
        Assert.Equal(
            ["Sets the project type of the app back to “ios”.", "Sets the title of the app back to “Northwind iOS”."],
            change.GetProperty("does").EnumerateArray().Select(d => d.GetString()).Order(StringComparer.Ordinal));

        var undone = await UndoAsync(change);

        Assert.Equal("undone", Text(undone, "state"));
        var app = await (await _adam.GetAsync(App)).JsonAsync();
        Assert.Equal(("Northwind iOS", "ios"), (Text(app, "title"), Text(app, "project_type")));
        Assert.Empty(await OpenAsync());
        var act = (await ActivityAsync()).Single(a => Text(a, "id") == Act(change));
        Assert.Equal(("undone", "Adam Reyes"), (Text(act, "settled"), Text(act, "settled_by_name")));
        Assert.Equal("undone", Text(await UndoAsync(change), "state"));
    }

    [Fact]
    public async Task AfterTheEnd_WhatIsLeft_IsStillListed_AndCanBeUndone()
    {
        await SucceedAsync(_support.PutAsJsonAsync($"{App}/team/{await PersonAsync("dana@northwind.test")}", new { role = "platform_engineer" }));
        await SucceedAsync(_adam.DeleteAsync("/support-access/v1/apps/northwind-ios/access"));

        var change = await OnlyOpenAsync();
        Assert.Equal(["Sets the role of Dana Kim back to Developer."], change.GetProperty("does").EnumerateArray().Select(d => d.GetString()));
        await UndoAsync(change);

        Assert.Equal("developer", await RoleAsync("dana@northwind.test"));
    }

    /// <summary>However much support changes, nothing of it is out of sight: the oldest least of all.</summary>
    [Fact]
    public async Task WhateverIsLeft_IsCounted_AndListedPageByPage()
    {
        for (var i = 1; i <= 102; i++) await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = $"Northwind {i}" }));

        var page = await (await _adam.GetAsync($"{Changes}?limit=60")).JsonAsync();
        var rest = await (await _adam.GetAsync($"{Changes}?limit=60&cursor={Text(page, "next_cursor")}")).JsonAsync();

        var titles = page.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).Select(c => c.GetProperty("activity").GetProperty("changes")[0].GetProperty("after").GetString());
        Assert.Equal(Enumerable.Range(1, 102).Reverse().Select(i => $"Northwind {i}"), titles);
        Assert.False(rest.TryGetProperty("next_cursor", out _));
        var access = await (await _adam.GetAsync("/support-access/v1/apps/northwind-ios/access")).JsonAsync();
        Assert.Equal(102, access.GetProperty("left_behind").GetInt32());
        var report = await (await _adam.GetAsync($"/support-access/v1/apps/northwind-ios/reports/{Text(access.GetProperty("grant"), "id")}")).JsonAsync();
        Assert.Equal((100, 102), (report.GetProperty("left_behind").GetArrayLength(), report.GetProperty("left_behind_count").GetInt32()));
        var shown = await (await _host.BrowseAsAsync("adam@northwind.test")).PageAsync("/support-access/apps/northwind-ios/activity");
        Assert.Contains("And 2 older changes", shown.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BitriseYml_GoesBack_AsANewVersionOfTheMembers()
    {
        var before = await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync();
        await SaveYamlAsync(_support, "format_version: 11\n");

        await UndoAsync(await OnlyOpenAsync());

        Assert.Equal(before, await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync());
        var newest = (await (await _adam.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions")[0];
        Assert.Equal(("Adam Reyes", "member"), (Text(newest, "author"), Text(newest, "author_kind")));
    }

    [Theory]
    [InlineData(0, "Versions 4 and 5, which support saved too, go with it.")]
    [InlineData(1, "Versions 4 and 6, which support saved too, go with it.")]
    [InlineData(2, "Versions 5 and 6, which support saved too, go with it.")]
    public async Task SeveralVersionsInARow_GoBackToTheCustomers_AtOnce_WhicheverIsUndone(int which, string others)
    {
        var before = await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync();
        foreach (var text in (string[])["format_version: 11\n", "format_version: 12\n", "format_version: 13\n"]) await SaveYamlAsync(_support, text);
        var open = await OpenAsync();
        Assert.Equal($"Saves version 3 of bitrise.yml again, as the newest one. {others}", open[which].GetProperty("does")[0].GetString());

        await UndoAsync(open[which]);

        Assert.Equal(before, await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync());
        Assert.Empty(await OpenAsync());
        var settled = (await ActivityAsync()).Where(a => Text(a, "kind") == "change").Select(a => (Text(a, "settled"), Text(a, "settled_by_name")));
        Assert.Equal(Enumerable.Repeat(((string?)"undone", (string?)"Adam Reyes"), 3), settled);
    }

    [Fact]
    public async Task AMembersVersion_IsNotThrownAway_AndATextThatHoldsSupports_IsNotMadeTheNewest()
    {
        await SaveYamlAsync(_support, "format_version: 11\n");
        await SaveYamlAsync(_adam, "format_version: 11\nworkflows:\n  mine: {}\n");
        await SaveYamlAsync(_support, "format_version: 14\n");
        var open = await OpenAsync();

        Assert.Contains("was saved again since", Text(open[1], "problem"), StringComparison.Ordinal);
        Assert.Contains("version 5, holds earlier changes of support's that nobody has kept", Text(open[0], "problem"), StringComparison.Ordinal);

        await SucceedAsync(_adam.PostAsync($"{Changes}/{Act(open[1])}/keep", null));
        await UndoAsync(Assert.Single(await OpenAsync()));
        Assert.Equal("format_version: 11\nworkflows:\n  mine: {}\n", await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ASecretsValue_GoesBack_AndIsNowhereShown()
    {
        await SucceedAsync(_adam.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "the-first-value" }));
        await SucceedAsync(_support.PutAsJsonAsync($"{App}/secrets/API_TOKEN", new { value = "the-second-value" }));
        var change = await OnlyOpenAsync();
        Assert.Contains("Sets the value of the secret API_TOKEN back to what it was.", change.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("-value\"", change.GetRawText(), StringComparison.Ordinal);
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        Assert.Contains("Changed secret API_TOKEN", (await browser.PageAsync($"/support-access/apps/northwind-ios/changes/{Act(change)}")).Text(), StringComparison.Ordinal);

        await UndoAsync(change);

        var shown = await (await _adam.PostAsync($"{App}/secrets/API_TOKEN/reveal", null)).Content.ReadAsStringAsync();
        Assert.Contains("the-first-value", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatSupportAdded_IsRemoved_AndWhatItRemoved_ComesBack()
    {
        await SucceedAsync(_adam.PutAsJsonAsync($"{App}/secrets/KEPT", new { value = "member", is_protected = true }));
        await SucceedAsync(_support.PutAsJsonAsync($"{App}/secrets/ADDED", new { value = "support" }));
        await SucceedAsync(_support.DeleteAsync($"{App}/secrets/KEPT"));
        var open = await OpenAsync();
        Assert.Equal(
            ["Brings the secret KEPT back as it was.", "Removes the secret ADDED."],
            open.Select(c => c.GetProperty("does")[0].GetString()));

        foreach (var change in open) await UndoAsync(change);

        var secrets = (await (await _adam.GetAsync($"{App}/secrets")).JsonAsync()).GetProperty("secrets").EnumerateArray().ToList();
        Assert.DoesNotContain(secrets, s => Text(s, "name") == "ADDED");
        Assert.True(secrets.Single(s => Text(s, "name") == "KEPT").GetProperty("is_protected").GetBoolean());
    }

    [Fact]
    public async Task WhatAMemberChangedInPart_IsNotOverwritten_AndTheRestIsUndone()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "By support", project_type = "android" }));
        await SucceedAsync(_adam.PatchAsJsonAsync(App, new { title = "By Adam" }));
        var change = await OnlyOpenAsync();
        Assert.Equal(["Sets the project type of the app back to “ios”."], change.GetProperty("does").EnumerateArray().Select(d => d.GetString()));

        await SucceedAsync(_adam.PostAsync($"{Changes}/{Act(change)}/undo", null));

        var now = await (await _adam.GetAsync(App)).JsonAsync();
        Assert.Equal(("By Adam", "ios"), (Text(now, "title"), Text(now, "project_type")));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task WhatAMemberChangedSince_IsToldOnThePages_AndNotCounted()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        var act = Act(await OnlyOpenAsync());
        await SucceedAsync(_adam.PatchAsJsonAsync(App, new { title = "By Adam" }));
        var browser = await _host.BrowseAsAsync("adam@northwind.test");

        var activity = (await browser.PageAsync("/support-access/apps/northwind-ios/activity")).Text();

        Assert.Contains("changed since by Adam Reyes", activity, StringComparison.Ordinal);
        Assert.DoesNotContain("Left behind", activity, StringComparison.Ordinal);
        Assert.DoesNotContain("still there", (await browser.PageAsync("/apps/northwind-ios/settings")).Text(), StringComparison.Ordinal);
        var page = await browser.PageAsync($"/support-access/apps/northwind-ios/changes/{act}");
        Assert.Contains("Adam Reyes has changed it since", page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(page.Forms, f => f.GetAttribute("action")!.Contains($"/{act}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnotherValueOfSupports_IsNotAMembersWord()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "First", project_type = "android" }));
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "Second" }));
        await SucceedAsync(_adam.PatchAsJsonAsync(App, new { project_type = "ios" }));

        Assert.Equal(2, (await OpenAsync()).Count);
    }

    [Fact]
    public async Task KeepingAPromotion_AcceptsIt()
    {
        await SucceedAsync(_support.PutAsJsonAsync($"{App}/team/{await PersonAsync("piet@northwind.test")}", new { role = "admin" }));
        var piet = await _host.CallAsAsync("piet@northwind.test");
        var change = await OnlyOpenAsync();
        var own = await piet.PostAsync($"{Changes}/{Act(change)}/keep", null);
        Assert.Equal((HttpStatusCode.Forbidden, "promoted_by_support"), (own.StatusCode, Text(await own.JsonAsync(), "type")));

        await SucceedAsync(_adam.PostAsync($"{Changes}/{Act(change)}/keep", null));

        await SucceedAsync(piet.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { duration = "P1D" }));
    }

    [Theory]
    [InlineData("piet@northwind.test", HttpStatusCode.Forbidden)]
    [InlineData("carla@contoso.test", HttpStatusCode.NotFound)]
    [InlineData("sam@support.test", HttpStatusCode.Forbidden)]
    public async Task OnlyTheAppsAdmins_Decide(string email, HttpStatusCode status)
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        var act = Act(await OnlyOpenAsync());
        var caller = await _host.CallAsAsync(email);

        foreach (var way in (string[])["undo", "keep"])
            Assert.NotEqual(HttpStatusCode.OK, (await caller.PostAsync($"{Changes}/{act}/{way}", null)).StatusCode);
        Assert.Equal(status, (await caller.GetAsync(Changes)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await _support.PostAsync($"{Changes}/{act}/keep", null)).StatusCode);
        Assert.Single(await OpenAsync());
    }

    [Fact]
    public async Task AChangeOfAnotherApp_IsNotThere()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        var act = Act(await OnlyOpenAsync());
        foreach (var (app, id) in ((string, string)[])[("northwind-android", act), ("northwind-ios", "act_unknown"), ("northwind-ios", "%20")])
            Assert.Equal(HttpStatusCode.NotFound, (await _adam.PostAsync($"/support-access/v1/apps/{app}/changes/{id}/undo", null)).StatusCode);
        Assert.Single(await OpenAsync());
    }

    [Fact]
    public async Task OnThePage_AClickShowsWhatUndoingDoes_AndAnotherDoesIt()
    {
        await SucceedAsync(_support.PatchAsJsonAsync(App, new { title = "By support" }));
        var act = Act(await OnlyOpenAsync());
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        var activity = await browser.PageAsync("/support-access/apps/northwind-ios/activity");
        Assert.Contains("Left behind by support", activity.Text(), StringComparison.Ordinal);
        Assert.Contains("One change of support is still there", (await browser.PageAsync("/apps/northwind-ios/settings")).Text(), StringComparison.Ordinal);
        var page = $"/support-access/apps/northwind-ios/changes/{act}";
        Assert.Contains("back to “Northwind iOS”", (await browser.PageAsync(page)).Text(), StringComparison.Ordinal);

        using var undone = await browser.SubmitAsync(page, $"{page}/undo");

        Assert.Equal(HttpStatusCode.SeeOther, undone.StatusCode);
        var after = (await browser.PageAsync("/support-access/apps/northwind-ios/activity")).Text();
        Assert.DoesNotContain("Left behind", after, StringComparison.Ordinal);
        Assert.Contains("undone by Adam Reyes", after, StringComparison.Ordinal);
        Assert.Contains("Undone by Adam Reyes", (await browser.PageAsync(page)).Text(), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string Act(JsonElement change) => Text(change.GetProperty("activity"), "id")!;

    private static async Task SucceedAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static Task SaveYamlAsync(HttpClient caller, string text) =>
        SucceedAsync(caller.PutAsync($"{App}/bitrise-yml", new StringContent(text, MediaTypeHeaderValue.Parse("application/yaml"))));

    private async Task<IReadOnlyList<JsonElement>> OpenAsync() => [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> OnlyOpenAsync() => Assert.Single(await OpenAsync());

    private async Task<JsonElement> UndoAsync(JsonElement change)
    {
        var answer = await _adam.PostAsync($"{Changes}/{Act(change)}/undo", null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private async Task<IReadOnlyList<JsonElement>> ActivityAsync() =>
        [.. (await (await _adam.GetAsync("/support-access/v1/apps/northwind-ios/activity")).JsonAsync()).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> MemberAsync(string email) =>
        (await (await _adam.GetAsync($"{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray().Single(m => Text(m, "email") == email);

    private async Task<string> PersonAsync(string email) => Text(await MemberAsync(email), "person")!;

    private async Task<string?> RoleAsync(string email) => Text(await MemberAsync(email), "role");
}
