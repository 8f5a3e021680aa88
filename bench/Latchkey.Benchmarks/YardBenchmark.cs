using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Benchmarks;

/// <summary>
/// The whole of Buildyard on loopback. <c>log</c>: lines a second from a step, through redaction, the log file and server-sent events,
/// to the last of those who follow it over HTTP, against one pipe. <c>page-with-builds</c>: the p95 of a page while four builds print as
/// fast as they can, against the same page while none runs.
/// </summary>
internal static class YardBenchmark
{
    // Less than the 20 MB that a log keeps.
    private const int Lines = 300_000;
    private const int Rounds = 3;
    private const int Requests = 300;
    private const int WarmUp = 50;
    private const int Running = 4;

    private static readonly string s_script = $"seq -f 'line %08.0f of a log that is as long as such lines are' 1 {Lines}";

    public static Task LogAsync() => InYardAsync(async (client, _) =>
    {
        foreach (var followers in (int[])[1, OpenStreams.MostOfOne])
        {
            var values = new List<double>();
            var limits = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                values.Add(Lines / await FollowedAsync(client, followers) * 1000);
                limits.Add(Lines / await BuildBenchmark.ByHandAsync(s_script, Lines) * 1000);
            }
            Figure.Print(followers == 1 ? "log" : $"log-{followers}", Figure.Median(values), "lines/s", Figure.Median(limits), "near 1 is good");
        }
    });

    public static Task PagesAsync() => InYardAsync(async (client, app) =>
    {
        await PagesAsync(client, app, WarmUp);
        var builds = new List<int>();
        for (var i = 0; i < Running; i++) builds.Add(await StartAsync(client, "busy"));
        foreach (var build in builds) await UntilAsync(client, build, "running");
        var beside = await PagesAsync(client, app, Requests);
        foreach (var build in builds)
        {
            using var aborted = await client.PostAsJsonAsync(string.Create(CultureInfo.InvariantCulture, $"/api/apps/{app}/builds/{build}/abort"), new { reason = "measured" });
            aborted.EnsureSuccessStatusCode();
        }
        // Afterwards: the page lists the same builds.
        foreach (var build in builds) await UntilAsync(client, build, "aborted");
        var alone = await PagesAsync(client, app, Requests);
        Figure.Print("page-with-builds-p95", Figure.Percentile(beside, 0.95), "ms", Figure.Percentile(alone, 0.95), "small is good");
        Figure.Print("page-with-builds-median", Figure.Median(beside), "ms", Figure.Median(alone), "small is good");
    });

    private static async Task<List<double>> PagesAsync(HttpClient client, string app, int requests)
    {
        var times = new List<double>();
        for (var i = 0; i < requests; i++)
        {
            var from = TimeProvider.System.GetTimestamp();
            using var answer = await client.GetAsync($"/apps/{app}/builds");
            await answer.Content.ReadAsByteArrayAsync();
            answer.EnsureSuccessStatusCode();
            times.Add(Figure.Milliseconds(from));
        }
        return times;
    }

    /// <summary>The time from the start of a build until the last of its followers has every line.</summary>
    private static async Task<double> FollowedAsync(HttpClient client, int followers)
    {
        var from = TimeProvider.System.GetTimestamp();
        var build = await StartAsync(client, "seq");
        var read = await Task.WhenAll(Enumerable.Range(0, followers).Select(_ => FollowAsync(client, build)));
        var time = Figure.Milliseconds(from);
        return Array.TrueForAll(read, lines => lines == Lines) ? time : throw new InvalidOperationException($"A follower has {read.Min()} of {Lines} lines.");
    }

    private static async Task<int> FollowAsync(HttpClient client, int build)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/api/apps/bench/builds/{build}/log"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var events = await answer.Content.ReadAsStreamAsync();
        return await CountAsync(events);
    }

    /// <summary>Counts the lines of the script, however they are cut into pieces, to the end of the stream.</summary>
    private static async Task<int> CountAsync(Stream events)
    {
        var mark = "\ndata: line "u8.ToArray();
        var buffer = new byte[128 * 1024];
        var held = 0;
        var count = 0;
        int read;
        while ((read = await events.ReadAsync(buffer.AsMemory(held))) > 0)
        {
            var seen = buffer.AsSpan(0, held + read);
            count += seen.Count(mark);
            held = Math.Min(seen.Length, mark.Length - 1);
            // What is held is shorter than the mark, so nothing is counted twice.
            seen[^held..].CopyTo(buffer);
        }
        return count;
    }

    private static async Task<int> StartAsync(HttpClient client, string workflow)
    {
        using var answer = await client.PostAsJsonAsync("/api/apps/bench/builds", new { workflow });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt32();
    }

    private static async Task UntilAsync(HttpClient client, int build, string status)
    {
        while ((await client.GetFromJsonAsync<JsonElement>(string.Create(CultureInfo.InvariantCulture, $"/api/apps/bench/builds/{build}"))).GetProperty("status").GetString() != status)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
    }

    private static Task InYardAsync(Func<HttpClient, string, Task> measure) => Sample.InFolderAsync(async folder =>
    {
        // One slot is kept for the other account.
        await using var app = await BuildyardApp.CreateAsync(
            ["--urls", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data"), "--quiet", "true", "--Demo:Builds=false", $"--Builds:AtOnce={Running + 1}"]);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(10) };
        using var signedIn = await client.PostAsJsonAsync("/api/login", new { email = "olivia@northwind.test", password = "demo" });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString());
        var yaml = $$"""
            format_version: "23"
            workflows:
              seq:
                steps:
                - script: {inputs: [content: "{{s_script}}"]}
              busy:
                steps:
                - script: {inputs: [content: "while :; do seq 1 1000; done"]}
            """;
        using var added = await client.PostAsJsonAsync("/api/apps", new { title = "Bench", bitrise_yml = yaml });
        added.EnsureSuccessStatusCode();
        await using (var scope = app.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Apps.Where(a => a.Title == "Bench").ExecuteUpdateAsync(a => a.SetProperty(x => x.Slug, "bench"));
        await measure(client, "bench");
        await app.StopAsync();
    });
}
