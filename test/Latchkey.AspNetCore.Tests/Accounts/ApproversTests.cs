using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Accounts;

/// <summary>An owner names who approves, or wants two: in the page that anybody can use.</summary>
[Trait("capability", "K2")]
public sealed class ApproversTests : IAsyncLifetime
{
    private const string Account = "/support-access/account";
    private const string Requests = "/support-access/v1/requests";
    private SampleHost _host = null!;
    private HttpClient _olivia = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        _olivia = _host.Browser("olivia");
    }

    public ValueTask DisposeAsync()
    {
        _olivia.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task OnlyWhoMayApprove_IsOffered()
    {
        var page = await _olivia.OpenAsync(Account);
        Assert.Equal(["adam", "olivia"], page.Document.QuerySelectorAll("input[name=named]").Select(i => i.GetAttribute("value")!).Order(StringComparer.Ordinal));
        Assert.True(page.Shows("input[name=who][value=everyone][checked]"));
    }

    [Fact]
    public async Task NamedOnes_Approve_AndNobodyElse_UntilEverybodyMayAgain()
    {
        Assert.Equal(HttpStatusCode.RedirectMethod, await SaveAsync("1", "named", "olivia"));
        var asked = await AskAsync();
        var refused = await SendAsync("adam", $"{Requests}/{asked}/approve");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("has named who may allow support access, and you are not among them", refused.Text);
        Assert.Equal(HttpStatusCode.RedirectMethod, await SaveAsync("1", "everyone"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", $"{Requests}/{asked}/approve")).Status);
    }

    [Fact]
    public async Task TwoPeople_MustApprove_AndOneTwiceIsOne()
    {
        await SaveAsync("2", "everyone");
        var asked = await AskAsync();
        Assert.Contains("\"pending\"", (await SendAsync("adam", $"{Requests}/{asked}/approve")).Text);
        var again = await SendAsync("adam", $"{Requests}/{asked}/approve");
        Assert.Contains("You have approved this already. This account wants a second person to approve it too.", again.Text);
        using var adam = _host.Browser("adam");
        Assert.Contains("Adam Reyes allowed it, as an administrator, for 7 days. It waits for another person.", (await adam.OpenAsync("/apps/northwind-ios")).TextOf(".lk-request"));
        Assert.Contains("\"approved\"", (await SendAsync("olivia", $"{Requests}/{asked}/approve")).Text);
    }

    [Fact]
    public async Task WhoLostTheRole_IsSaid_AndCanNotApprove_UntilTheyHaveItAgain()
    {
        await SaveAsync("1", "named", "adam");
        var asked = await AskAsync();
        _host.Apps.Administrators.Remove("adam");
        var page = await _olivia.OpenAsync(Account);
        Assert.Contains("Adam Reyes can't approve now: they left, or are no administrator any more", page.Text);
        Assert.Contains("Nothing can be lent as it is, by request or by the switch: 1 must approve, and nobody who is named can.", page.Text);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("adam", $"{Requests}/{asked}/approve")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("olivia", $"{Requests}/{asked}/approve")).Status);
        _host.Apps.Administrators.Add("adam");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("adam", $"{Requests}/{asked}/approve")).Status);
    }

    [Fact]
    public async Task NobodyTicked_OrOneOfTwo_IsRefused_AndNothingChanges()
    {
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SaveAsync("1", "named"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SaveAsync("2", "named", "adam"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SaveAsync("1", "named", "not an id"));
        Assert.Equal(AccountPolicy.Default, _host.Access.Find(new AccountId("northwind")).Policy);
    }

    private async Task<HttpStatusCode> SaveAsync(string approvers, string who, params string[] named)
    {
        var token = (await _olivia.OpenAsync(Account)).Find("form[action$='/account/policy'] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var form = new FormUrlEncodedContent(
        [
            new("__RequestVerificationToken", token), new("refuses", "false"), new("approvers", approvers), new("who", who), .. named.Select(n => new KeyValuePair<string, string>("named", n)),
        ]);
        using var answer = await _olivia.PostAsync($"{Account}/policy", form, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private async Task<string> AskAsync()
    {
        var talk = JsonElement.Parse((await SendAsync("adam", "/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" })).Text);
        var asked = await SendAsync("sam", Requests, new { conversation = talk.GetProperty("id").GetString(), reason = "Signing fails" });
        return JsonElement.Parse(asked.Text).GetProperty("id").GetString()!;
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string who, string path, object? body = null)
    {
        using var client = _host.Program(who);
        using var answer = await client.PostAsJsonAsync(path, body ?? new { }, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
