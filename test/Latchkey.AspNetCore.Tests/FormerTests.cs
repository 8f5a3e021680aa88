using System.Net;
using System.Net.Http.Json;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Whoever could end something when it began can until it ends, from everywhere, whatever they lost since.</summary>
[Trait("capability", "T6")]
public sealed class FormerTests : IAsyncLifetime
{
    private const string App = "/support-access/v1/apps/northwind-ios/access";
    private const string Account = "/support-access/v1/accounts/northwind/access";
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("northwind-ios")]
    [InlineData("app_1")]
    public async Task RemovedFromTheTeam_SeesTheLeast_AndEndsIt(string name)
    {
        await PutOnAsync();
        Remove("adam");
        var path = $"/support-access/v1/apps/{name}/access";
        Assert.Equal("""{"state":"on","until":"2026-12-05T12:00:00.000Z","can_end":true}""", (await SendAsync("adam", HttpMethod.Get, path)).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("adam", HttpMethod.Put, path)).Status);
        Assert.Equal((HttpStatusCode.OK, """{"still_running":0}"""), await SendAsync("adam", HttpMethod.Delete, path));
        Assert.False(_host.Access.Find(new AppId("app_1"))?.IsOpen(_host.Access.Now) == true);
        Assert.Equal(await SendAsync("adam", HttpMethod.Delete, "/support-access/v1/apps/never/access"), await SendAsync("adam", HttpMethod.Delete, path));
    }

    [Fact]
    public async Task InAnotherAccount_EndsIt_AndNobodyElseThereLearnsThatItIs()
    {
        await PutOnAsync();
        _host.Apps.Members["adam"] = _host.Apps.Members["adam"] with { Account = new("contoso") };
        var nothing = await SendAsync("carla", HttpMethod.Delete, "/support-access/v1/apps/never/access");
        Assert.Equal(nothing, await SendAsync("carla", HttpMethod.Delete, App));
        Assert.Equal(nothing, await SendAsync("carla", HttpMethod.Get, App));
        Assert.Equal(nothing, await SendAsync("adam", HttpMethod.Delete, "/support-access/v1/apps/northwind-android/access"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, App)).Status);
    }

    [Fact]
    public async Task WhoLostTheRole_EndsWhatTheyLent_AndSeesTheAppAsBefore()
    {
        await PutOnAsync();
        _host.Apps.Administrators.Remove("adam");
        Assert.Contains("can_change", (await SendAsync("adam", HttpMethod.Get, App)).Text);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("dana", HttpMethod.Delete, App)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, App)).Status);
    }

    [Fact]
    public async Task OwnerNoMore_EndsAccessToTheWholeAccount_FromAnotherOne()
    {
        await OpenAccountAsync();
        _host.Apps.Owners.Remove("olivia");
        _host.Apps.Administrators.Remove("olivia");
        Assert.Contains("can_end", (await SendAsync("olivia", HttpMethod.Get, Account)).Text);
        _host.Apps.Members["olivia"] = _host.Apps.Members["olivia"] with { Account = new("contoso") };
        Assert.Contains("can_end", (await SendAsync("olivia", HttpMethod.Get, Account)).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("carla", HttpMethod.Get, Account)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("carla", HttpMethod.Delete, Account)).Status);

        using var browser = _host.Browser("olivia");
        var page = await browser.OpenAsync("/support-access/inbox");
        Assert.Contains("You can still end this", page.Text);
        Assert.Contains("every app of Northwind", page.Text);
        Assert.Equal("/support-access/inbox", (await page.SubmitAsync("form[action$='/accounts/northwind/end']")).Location);
        Assert.Empty(_host.Access.Find(new AccountId("northwind")).Grants);
    }

    [Fact]
    public async Task TheirNotices_ShowWhatTheyCanStillEnd_WithOneButton()
    {
        await PutOnAsync();
        using var browser = _host.Browser("adam");
        Assert.DoesNotContain("You can still end this", (await browser.OpenAsync("/support-access/inbox")).Text);
        Remove("adam");
        var page = await browser.OpenAsync("/support-access/inbox");
        Assert.Contains("You could end it when it began. So you can until it ends", page.Text);
        var after = await (await page.SubmitAsync("form[action$='/apps/app_1/access/off']")).FollowAsync();
        Assert.DoesNotContain("You can still end this", after.Text);
        Assert.False(_host.Access.Find(new AppId("app_1"))?.IsOpen(_host.Access.Now) == true);

        using var dana = _host.Browser("dana");
        Assert.DoesNotContain("You can still end this", (await dana.OpenAsync("/support-access/inbox")).Text);
    }

    [Fact]
    public async Task WhoCouldOnlyTurnItOff_StillDoes()
    {
        _host.Apps.MayTurnOff.Add("dana");
        await PutOnAsync();
        _host.Apps.MayTurnOff.Remove("dana");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("dana", HttpMethod.Delete, App)).Status);
        Assert.False(_host.Access.Find(new AppId("app_1"))?.IsOpen(_host.Access.Now) == true);
    }

    [Fact]
    public async Task AKeyToEveryApp_IsTurnedOffOnTheApp_ByWhoeverCouldThereWhenItBegan()
    {
        _host.Apps.MayTurnOff.Add("dana");
        await OpenAccountAsync();
        _host.Apps.MayTurnOff.Remove("dana");
        _host.Apps.Removed.Add(("dana", "northwind-ios"));
        Remove("adam");
        Assert.Contains("can_end", (await SendAsync("adam", HttpMethod.Get, App)).Text);
        // The whole of it is its owner's to end.
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("carla", HttpMethod.Delete, Account)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Get, Account)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, Account)).Status);

        using var browser = _host.Browser("adam");
        var page = await browser.OpenAsync("/support-access/inbox");
        Assert.Equal(["Northwind iOS"], page.Document.QuerySelectorAll(".lk-row-title").Select(title => title.TextContent.Trim()));
        await page.SubmitAsync("form[action$='/apps/app_1/access/off']");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("adam", HttpMethod.Delete, App)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("dana", HttpMethod.Delete, App)).Status);
        Assert.False(_host.Access.Find(new AppId("app_1"))!.IsOpen(_host.Access.Now));
        Assert.True(_host.Access.Find(new AppId("app_2"))!.IsOpen(_host.Access.Now));
    }

    [Fact]
    public async Task AnAppThatWasTakenOutOfAKey_AndComesBack_IsTurnedOffByWhoeverCouldBefore()
    {
        await OpenAccountAsync();
        _host.Apps.Administrators.Remove("adam");
        foreach (var method in (HttpMethod[])[HttpMethod.Delete, HttpMethod.Put])
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("olivia", method, App, method == HttpMethod.Put ? new { duration = "P14D" } : null)).Status);
        }

        Assert.Equal(2, _host.Access.Find(new AppId("app_1"))!.Grants.Length);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Delete, App)).Status);
        Assert.All(_host.Access.Find(new AppId("app_1"))!.Grants, grant => Assert.Null(grant.Request));
    }

    private async Task OpenAccountAsync()
    {
        var asked = await SendAsync("sam", HttpMethod.Post, "/support-access/v1/requests", new { account = "northwind", reason = "Everything hangs" });
        var id = asked.Text.Split('"')[3];
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("olivia", HttpMethod.Post, $"/support-access/v1/requests/{id}/approve", new { })).Status);
    }

    private void Remove(string person)
    {
        _host.Apps.Administrators.Remove(person);
        _host.Apps.Removed.Add((person, "northwind-ios"));
    }

    private async Task PutOnAsync() => Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", HttpMethod.Put, App, new { })).Status);

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string who, HttpMethod method, string path, object? body = null)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
