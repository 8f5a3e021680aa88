using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Floods;

/// <summary>While one tenant does as much of something as they can, nothing is refused to another, and everything is answered.</summary>
public sealed class FloodTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Kinds => [.. Flood.Kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task WhileOneTenantFloods_AnotherWorksAsEver(string kind)
    {
        await using var host = await BuildyardHost.StartAsync();
        var carla = await host.CallAsAsync("carla@contoso.test");
        var adam = await host.CallAsAsync("adam@northwind.test");
        using var stop = new CancellationTokenSource();
        var flood = Flood.Kinds[kind](carla, stop.Token);

        for (var round = 0; round < 3; round++) await WorkAsync(host, adam).WaitAsync(s_patience, TimeProvider.System);

        Assert.False(flood.IsCompleted, "There was no flood.");
        await stop.CancelAsync();
        await flood.WaitAsync(s_patience, TimeProvider.System);
        (await adam.GetAsync("/healthz")).EnsureSuccessStatusCode();
    }

    /// <summary>What an administrator does on an ordinary day, and whom they let in.</summary>
    private static async Task WorkAsync(BuildyardHost host, HttpClient adam)
    {
        const string app = "northwind-ios";
        var again = await host.CallAsAsync("adam@northwind.test");
        (await again.GetAsync("/api/apps")).EnsureSuccessStatusCode();
        (await again.GetAsync($"/apps/{app}")).EnsureSuccessStatusCode();
        using var yaml = new StringContent("format_version: \"23\"\nworkflows: {a: {}}\n");
        (await adam.PostAsync("/api/bitrise-yml/validate", yaml)).EnsureSuccessStatusCode();

        var support = await host.CallAsSupportAsync(app);
        (await support.GetAsync($"/api/apps/{app}")).EnsureSuccessStatusCode();
        using var opened = await adam.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today.", app });
        var id = (await (opened.EnsureSuccessStatusCode()).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        using var file = new StringContent("a log");
        (await adam.PostAsync($"/support-access/v1/conversations/{id}/attachments", file)).EnsureSuccessStatusCode();
        (await adam.DeleteAsync($"/support-access/v1/apps/{app}/access")).EnsureSuccessStatusCode();
    }
}
