using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Buildyard.Notifications;

namespace Buildyard.Builds;

/// <summary>A3: people are told how builds ended, as the notification settings say.</summary>
public sealed class BuildNewsTests : IAsyncLifetime
{
    private const string Notifications = $"/api/apps/{Yard.App}/notifications";
    private readonly MailServer _mail = new();
    private Yard _yard = null!;

    public async ValueTask InitializeAsync() => _yard = await Yard.OpenAsync(
        "exit ${CODE:-0}",
        args: ["--Smtp:Host=127.0.0.1", $"--Smtp:Port={_mail.Port.ToString(CultureInfo.InvariantCulture)}", "--Smtp:From=buildyard@buildyard.test", "--public-url=https://buildyard.test"]);

    public async ValueTask DisposeAsync()
    {
        await _yard.DisposeAsync();
        await _mail.DisposeAsync();
    }

    [Fact]
    public async Task AFailedBuild_IsInTheAdminsInbox_AndMailedWhereTheyWantIt_ASuccessfulOneIsNot()
    {
        (await _yard.Owner.PutAsJsonAsync($"{Notifications}/build_failed", new { email = true })).EnsureSuccessStatusCode();

        await EndsAsync("success", code: 0);
        await EndsAsync("failed", code: 3);

        var item = Assert.Single(await InboxAsync(_yard.Owner));
        Assert.Equal("Build 2 of Yard (primary) has failed.", item.GetProperty("sentence").GetString());
        Assert.Equal("/apps/yard/builds/2", item.GetProperty("path").GetString());
        var mail = await _mail.NextAsync("Yard: a build failed");
        Assert.Equal("olivia@northwind.test", mail.To);
        Assert.Contains("Build 2 of Yard (primary) has failed.", mail.Text.Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("https://buildyard.test/apps/yard/builds/2", mail.Text.Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASuccessfulBuild_IsTold_ToThoseWhoAreNamed()
    {
        var team = (await (await _yard.Owner.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var dana = team.Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString();
        (await _yard.Owner.PostAsJsonAsync($"/api/apps/{Yard.App}/team/{dana}", new { role = "developer" })).EnsureSuccessStatusCode();
        (await _yard.Owner.PutAsJsonAsync($"{Notifications}/build_succeeded", new { audience = "chosen", people = new[] { dana } })).EnsureSuccessStatusCode();

        await EndsAsync("success", code: 0);

        Assert.Equal("Build 1 of Yard (primary) has succeeded.", Assert.Single(await InboxAsync(await _yard.Host.CallAsAsync("dana@northwind.test"))).GetProperty("sentence").GetString());
        Assert.Empty(await InboxAsync(_yard.Owner));
    }

    private async Task EndsAsync(string status, int code)
    {
        var build = await _yard.RunAsync(new { env = new[] { new { name = "CODE", value = code.ToString(CultureInfo.InvariantCulture) } } });
        Assert.Equal(status, build.GetProperty("status").GetString());
    }

    /// <summary>What is there at once: it is saved with the build's end.</summary>
    private static async Task<List<JsonElement>> InboxAsync(HttpClient by) => [.. (await (await by.GetAsync("/api/inbox")).JsonAsync()).GetProperty("items").EnumerateArray()];
}
