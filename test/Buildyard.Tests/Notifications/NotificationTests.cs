using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Notifications;

public sealed class NotificationTests : IAsyncLifetime
{
    private const string Notifications = "/api/apps/northwind-ios/notifications";
    private const string Access = "/support-access/v1/apps/northwind-ios/access";
    private const string Page = "/apps/northwind-ios/settings/notifications";
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly MailServer _mail = new();
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync(_clock, args: MailArgs());
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _mail.DisposeAsync();
    }

    [Fact]
    [Trait("capability", "A3")]
    public async Task AnEvent_IsToldByMailAndInbox_ToThoseWhoAreNamed()
    {
        var dana = await PersonAsync("Dana Kim");
        var support = await _host.CallAsSupportAsync("northwind-ios");
        (await support.PutAsJsonAsync($"{Notifications}/build_failed", new { audience = "chosen", people = new[] { dana }, email = true })).EnsureSuccessStatusCode();

        await FailAsync(_host);

        var mail = await _mail.NextAsync("Northwind iOS: a build failed");
        Assert.Equal("dana@northwind.test", mail.To);
        // Long lines are folded on their way.
        var text = mail.Text.Replace("=\n", "", StringComparison.Ordinal);
        Assert.Contains("Build 7 of Northwind iOS failed.", text, StringComparison.Ordinal);
        Assert.Contains("https://buildyard.test/apps/northwind-ios/builds/7", text, StringComparison.Ordinal);
        Assert.Contains("text/html", mail.Text, StringComparison.Ordinal);
        var inbox = await InboxAsync("dana@northwind.test", 1);
        Assert.Equal("Build 7 of Northwind iOS failed.", inbox[0].GetProperty("sentence").GetString());
        var activity = await _adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity");
        Assert.Contains("Dana Kim, inbox and e-mail", activity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutARule_AdminsAndOwnersFindItInTheirInbox()
    {
        await FailAsync(_host);

        Assert.Single(await InboxAsync("adam@northwind.test", 1));
        Assert.Single(await InboxAsync("olivia@northwind.test", 1));
        Assert.Empty(await InboxAsync("tess@northwind.test", 0));
        await _adam.PostAsync("/api/inbox/read", null);
        Assert.Equal(0, (await (await _adam.GetAsync("/api/inbox")).JsonAsync()).GetProperty("unread").GetInt32());
    }

    [Fact]
    public async Task WhomSupportMadeAnAdmin_IsToldAsOne_OnceTheCustomerAccepts()
    {
        var (dana, support) = (await PersonAsync("Dana Kim"), await _host.CallAsSupportAsync("northwind-ios"));
        (await support.PutAsJsonAsync($"/api/apps/northwind-ios/team/{dana}", new { role = "admin" })).EnsureSuccessStatusCode();
        await FailAsync(_host);
        Assert.Single(await InboxAsync("adam@northwind.test", 1));
        Assert.Empty(await InboxAsync("dana@northwind.test", 0));

        (await _adam.PostAsJsonAsync($"/api/apps/northwind-ios/team/{dana}/accept", new { role = "admin" })).EnsureSuccessStatusCode();
        await FailAsync(_host);

        Assert.Single(await InboxAsync("dana@northwind.test", 1));
    }

    [Fact]
    public async Task SupportAccess_IsToldOnce_ByItsOwnNotices()
    {
        await _adam.PutAsJsonAsync(Access, new { duration = "P1D" });

        Assert.Contains("support access to Northwind iOS is on", (await _mail.NextAsync("Support access to Northwind iOS is on")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await InboxAsync("adam@northwind.test", 0));
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.PutAsJsonAsync($"{Notifications}/support_access_on", new { email = true })).StatusCode);
    }

    [Fact]
    public async Task MailThatIsRefused_IsTriedAgain()
    {
        (await _adam.PutAsJsonAsync($"{Notifications}/build_failed", new { audience = "admins", email = true })).EnsureSuccessStatusCode();
        _mail.Refuses = true;
        await FailAsync(_host);
        await _mail.RefusedOneAsync();
        await _mail.RefusedOneAsync();
        _mail.Refuses = false;

        // Turned while the outcome of the first attempts may still be on its way to the database.
        for (var i = 0; i < 3; i++) _clock.Advance(TimeSpan.FromSeconds(15));

        const string Subject = "Northwind iOS: a build failed";
        Assert.Equal(["adam@northwind.test", "olivia@northwind.test"], new[] { (await _mail.NextAsync(Subject)).To, (await _mail.NextAsync(Subject)).To }.Order());
    }

    [Fact]
    public async Task WithoutAMailServer_ThePageSaysSo_AndTheInboxWorks()
    {
        await using var host = await BuildyardHost.StartAsync();
        var adam = await host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync($"{Notifications}/build_failed", new { email = true })).EnsureSuccessStatusCode();

        await FailAsync(host);

        await InboxAsync(adam, 1);
        Assert.False((await (await adam.GetAsync(Notifications)).JsonAsync()).GetProperty("email_available").GetBoolean());
        Assert.Contains("E-mail isn't set up", (await (await host.BrowseAsAsync("adam@northwind.test")).PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"audience":"everyone"}""", "audience")]
    [InlineData("""{"audience":"chosen"}""", "people")]
    [InlineData("""{"audience":"chosen","people":["per_nobody"]}""", "people")]
    public async Task BadInput_NamesTheField(string body, string field)
    {
        var refused = await _adam.PutAsync($"{Notifications}/build_failed", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(field, (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _adam.PutAsJsonAsync($"{Notifications}/weather", new { email = true })).StatusCode);
    }

    [Fact]
    public async Task Forms_SetWhoIsTold_AndTheInboxIsRead_WithoutScript()
    {
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        var form = (await adam.PageAsync(Page)).Forms.Single(f => f.QuerySelector("input[name=event]")?.GetAttribute("value") == "build_failed");
        await adam.SubmitAsync(form, Page, ("audience", "team"));
        Assert.Contains("Everyone in the team", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
        await FailAsync(_host);
        await InboxAsync("tess@northwind.test", 1);

        var tess = await _host.BrowseAsAsync("tess@northwind.test");
        Assert.Contains("Build 7 of Northwind iOS failed.", (await tess.PageAsync("/inbox")).Text(), StringComparison.Ordinal);
        await tess.SubmitAsync("/inbox", "/inbox/read");
        Assert.DoesNotContain("Mark all", (await tess.PageAsync("/inbox")).Text(), StringComparison.Ordinal);
    }

    private string[] MailArgs() =>
        ["--Smtp:Host", "127.0.0.1", "--Smtp:Port", _mail.Port.ToString(CultureInfo.InvariantCulture), "--Smtp:From", "buildyard@buildyard.test", "--public-url", "https://buildyard.test"];

    /// <summary>Says that a build failed, as the rest of Buildyard does.</summary>
    private static async Task FailAsync(BuildyardHost host)
    {
        await using var scope = host.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        await scope.ServiceProvider.GetRequiredService<Notifier>().NotifyAsync(
            db.Apps.Single(a => a.Slug == "northwind-ios"), NotificationEvent.BuildFailed, "Build 7 of Northwind iOS failed.", "/apps/northwind-ios/builds/7");
        await db.SaveChangesAsync();
    }

    private async Task<string> PersonAsync(string name) =>
        (await (await _adam.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray().Single(m => m.GetProperty("name").GetString() == name).GetProperty("person").GetString()!;

    private async Task<List<JsonElement>> InboxAsync(string email, int count) => await InboxAsync(await _host.CallAsAsync(email), count);

    /// <summary>What is in somebody's inbox, once there is as much as expected.</summary>
    private static async Task<List<JsonElement>> InboxAsync(HttpClient by, int count)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            var items = (await (await by.GetAsync("/api/inbox", timeout.Token)).JsonAsync()).GetProperty("items").EnumerateArray().ToList();
            if (items.Count >= count) return items;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }
}
