using System.Net.Http.Headers;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.Benchmarks;

/// <summary>
/// Requests through Kestrel and the whole pipeline on loopback, one after the other, each against the same trivial handler
/// in an app without Latchkey. Both take turns. Two raw commits are measured beside the change, to say what it is made of.
/// </summary>
internal static class CheckHttpBenchmark
{
    private const int Requests = 1500;
    private const int WarmUp = 300;

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        await using var bare = await StartAsync(_ => { }, app => app.MapMethods("/apps/{app}", ["GET", "POST"], (string app) => app));
        await using var guarded = await StartAsync(
            services => services.AddLatchkey(options =>
            {
                options.Catalogue = Sample.Catalogue;
                options.Team = "Bench Support";
            }).UseHost<BenchHost>().UseStore(_ => Sample.Store(Path.Combine(folder, "latchkey"))),
            app =>
            {
                app.UseLatchkey();
                app.MapGet("/apps/{app}", (string app) => app).RequirePermission("app.read");
                app.MapPost("/apps/{app}", (string app) => app).RequirePermission("app.update");
            });

        var access = guarded.Services.GetRequiredService<SupportAccess>();
        await access.TurnOnAsync(Sample.App(1), Sample.Lender, new Terms());
        var token = (await access.EnterAsync(Sample.App(1).Id, Sample.Agent, "Measuring", null)).Value!.Token;
        using var plain = Client(bare, token: null);
        using var support = Client(guarded, token);
        using var raw = new RawSqlite(Path.Combine(folder, "raw.db"));

        await PairAsync("check-http-read", HttpMethod.Get, "/apps/app-1", 200, support, plain, "small is good");
        await PairAsync("check-http-change", HttpMethod.Post, "/apps/app-1", 200, support, plain, "two durable commits more");
        await PairAsync("check-http-refused", HttpMethod.Get, "/apps/app-2", 404, support, plain, "small is good");
        TwoCommits(raw);
    });

    private static async Task PairAsync(string name, HttpMethod method, string path, int status, HttpClient support, HttpClient plain, string target)
    {
        var values = new List<double>();
        var limits = new List<double>();
        for (var i = 0; i < Requests; i++)
        {
            var value = await TimeAsync(support, method, path, status);
            var limit = await TimeAsync(plain, method, path, 200);
            if (i >= WarmUp)
            {
                values.Add(value);
                limits.Add(limit);
            }
        }

        Figure.Print(name, Figure.Median(values), "µs", Figure.Median(limits), target);
        Figure.Print(name + "-p99", Figure.Percentile(values, 0.99), "µs", Figure.Percentile(limits, 0.99), target);
    }

    private static async Task<double> TimeAsync(HttpClient client, HttpMethod method, string path, int status)
    {
        var from = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var time = Figure.Milliseconds(from) * 1000;
        return (int)response.StatusCode == status ? time : throw new InvalidOperationException($"{path} answered {response.StatusCode}.");
    }

    private static void TwoCommits(RawSqlite raw)
    {
        var row = new byte[600];
        var times = new List<double>();
        for (var i = 0; i < Requests; i++)
        {
            var from = TimeProvider.System.GetTimestamp();
            raw.InsertBytes([row]);
            raw.InsertBytes([row]);
            times.Add(Figure.Milliseconds(from) * 1000);
        }

        Figure.Print("check-http-two-raw-commits", Figure.Median(times), "µs", Figure.Median(times), "what a change can't do without");
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        services(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static HttpClient Client(WebApplication app, string? token)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
