using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard;
using Buildyard.Floods;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Benchmarks;

/// <summary>
/// What one tenant's flood costs another: the other's page, and switch on and off, one after the other, while the flood goes on, beside
/// the same without it, in turns, on the whole of Buildyard. The flood comes from a process of its own, which takes its part of the processors too.
/// </summary>
internal static class FloodBenchmark
{
    public const string Command = "--flood";
    private const int Rounds = 4;
    private const int Times = 10;
    private static readonly TimeSpan s_rising = TimeSpan.FromMilliseconds(500);

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        await using var app = await BuildyardApp.CreateAsync(["--urls", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data"), "--quiet", "true", "--Demo:Builds=false"]);
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var token = await SignInAsync(address, "carla@contoso.test");
        using var adam = Client(address, await SignInAsync(address, "adam@northwind.test"));
        await WorkAsync(adam);
        foreach (var kind in Flood.Kinds.Keys)
        {
            var (times, limits) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                using (var flooding = Helper.Start(Command, kind, address.ToString(), token))
                {
                    await flooding.SaysAsync();
                    await Task.Delay(s_rising, TimeProvider.System);
                    times.AddRange(await WorkAsync(adam));
                }

                await Task.Delay(s_rising, TimeProvider.System);
                limits.AddRange(await WorkAsync(adam));
            }

            Figure.Print($"flood-{kind.Replace(' ', '-')}", Figure.Median(times), "ms", Figure.Median(limits), "<= 2");
        }
    });

    /// <summary>In a process of its own: floods until its input ends.</summary>
    public static async Task FloodAsync(string kind, Uri address, string token)
    {
        using var carla = Client(address, token);
        using var stop = new CancellationTokenSource();
        var flood = Flood.Kinds[kind](carla, stop.Token);
        Console.WriteLine();
        await Console.In.ReadToEndAsync(CancellationToken.None);
        await stop.CancelAsync();
        await flood;
    }

    private static async Task<List<double>> WorkAsync(HttpClient adam)
    {
        const string access = "/support-access/v1/apps/northwind-ios/access";
        var times = new List<double>();
        for (var i = 0; i < Times; i++)
        {
            var from = TimeProvider.System.GetTimestamp();
            await DoneAsync(adam.GetAsync("/apps/northwind-ios"));
            await DoneAsync(adam.PutAsJsonAsync(access, new { duration = "PT1H" }));
            await DoneAsync(adam.DeleteAsync(access));
            times.Add(Figure.Milliseconds(from));
        }

        return times;
    }

    private static async Task DoneAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<string> SignInAsync(Uri address, string email)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var signedIn = await client.PostAsJsonAsync("/api/login", new { email, password = "demo" });
        return (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private static HttpClient Client(Uri address, string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
