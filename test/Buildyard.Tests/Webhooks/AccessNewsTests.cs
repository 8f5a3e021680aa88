using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey;
using Microsoft.Data.Sqlite;

namespace Buildyard.Webhooks;

public sealed class AccessNewsTests
{
    [Fact]
    public async Task AnEndThatWasDroppedFromTheFeed_IsToldAllTheSame()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await BuildyardHost.StartAsync(args: ["--Webhooks:AllowPrivateHosts", "true"]);
        var adam = await host.CallAsAsync("adam@northwind.test");
        var hook = new { url = $"{receiver.Address}/hook", events = new[] { "support_access.changed" } };
        (await adam.PostAsJsonAsync("/api/apps/northwind-android/webhooks", hook)).EnsureSuccessStatusCode();
        await TurnAsync(adam, HttpMethod.Put, "northwind-android");
        Assert.Equal("on", await ToldAsync(receiver));

        // While another program holds the database, the news of one app waits for it, and far more comes in than is kept for them.
        await using (var held = new SqliteConnection($"Data Source={Path.Combine(host.Directory, "buildyard.db")};Pooling=false"))
        {
            await held.OpenAsync();
            await using var transaction = await held.BeginTransactionAsync();
            await TurnAsync(adam, HttpMethod.Put, "northwind-ios");
            await TurnAsync(adam, HttpMethod.Delete, "northwind-android");
            for (var i = 0; i < 150; i++)
            {
                await TurnAsync(adam, HttpMethod.Delete, "northwind-ios");
                await TurnAsync(adam, HttpMethod.Put, "northwind-ios");
            }
        }

        Assert.Equal("ended", await ToldAsync(receiver));
    }

    private static async Task TurnAsync(HttpClient admin, HttpMethod method, string app)
    {
        using var request = new HttpRequestMessage(method, $"/support-access/v1/apps/{app}/access");
        if (method == HttpMethod.Put) request.Content = JsonContent.Create(new { duration = "PT1H" });
        (await admin.SendAsync(request)).EnsureSuccessStatusCode();
    }

    private static async Task<string?> ToldAsync(Receiver receiver) =>
        JsonElement.Parse((await receiver.NextAsync()).Body).GetProperty("data").GetProperty("state").GetString();
}
