using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Builds;
using Buildyard.Hosting;

namespace Buildyard.Notifications;

/// <summary>Notices for an app's admins are for whom the customer made one, whatever support makes of roles meanwhile.</summary>
[Trait("capability", "K1")]
public sealed class WhoIsToldTests : IAsyncLifetime
{
    private const string Access = "/support-access/v1/apps/northwind-ios/access";
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task WhomSupportRaised_IsToldNothing_AndWhomItLowered_HowItEnds()
    {
        var olivia = await _host.CallAsAsync("olivia@northwind.test");
        var (adam, dana) = (await _host.CallAsAsync("adam@northwind.test"), await _host.CallAsAsync("dana@northwind.test"));
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await ToldAsync(olivia, "on", "first_entry");
        var members = (await (await olivia.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray().ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("person").GetString());
        foreach (var (name, role) in ((string, string)[])[("Dana Kim", "admin"), ("Adam Reyes", "developer")])
            (await support.PutAsJsonAsync($"/api/apps/northwind-ios/team/{members[name]}", new { role })).EnsureSuccessStatusCode();

        // Renewed while she is raised: by her role she could end it from here on.
        (await olivia.PutAsJsonAsync(Access, new { duration = "P3D" })).EnsureSuccessStatusCode();
        await ToldAsync(olivia, "on", "first_entry", "on");
        (await olivia.DeleteAsync(Access)).EnsureSuccessStatusCode();
        await ToldAsync(olivia, "on", "first_entry", "on", "ended");

        await ToldAsync(adam, "on", "first_entry", "ended");
        await ToldAsync(dana);
    }

    /// <summary>Waits until they were told as much.</summary>
    private static Task<string> ToldAsync(HttpClient who, params string[] kinds) => Yard.UntilAsync(
        async () => string.Join(' ', (await (await who.GetAsync("/support-access/v1/inbox")).JsonAsync()).GetProperty("items").EnumerateArray().Select(KindOf).Reverse()),
        told => told == string.Join(' ', kinds));

    private static string? KindOf(JsonElement line) => line.GetProperty("kind").GetString();
}
