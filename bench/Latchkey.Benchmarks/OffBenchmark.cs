using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Latchkey.Benchmarks;

/// <summary>
/// How long a customer waits until support access is off, over HTTP: while 2,000 streams of their colleagues are open, each of which is told; and
/// while two of them send files of just under 50 MB one after the other. Each beside the same without, in turn, in one run.
/// </summary>
internal static class OffBenchmark
{
    public const string ReadStreams = "--read-streams";
    public const string SendFiles = "--send-files";
    private const int Times = 20;
    private const int WarmUp = 5;
    private const int Rounds = 4;
    private const int Streams = 2_000;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private const string App = "/support-access/v1/apps/app-1/access";

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        await using var busy = await StartAsync(Path.Combine(folder, "busy"));
        await using var quiet = await StartAsync(Path.Combine(folder, "quiet"));
        using var ofBusy = Client(DeliverBenchmark.AddressOf(busy), 0);
        using var ofQuiet = Client(DeliverBenchmark.AddressOf(quiet), 0);
        await BesideStreamsAsync(new Uri(DeliverBenchmark.AddressOf(busy), "/support-access/v1/events?app=app-1"), ofBusy, ofQuiet);
        await BesideFilesAsync(ofBusy);
    });

    private static async Task BesideStreamsAsync(Uri events, HttpClient busy, HttpClient quiet)
    {
        using var streams = Helper.Start(ReadStreams, events.ToString(), Streams.ToString(CultureInfo.InvariantCulture));
        await streams.SaysAsync();
        var (times, limits) = (new List<double>(), new List<double>());
        for (var i = 0; i < Times + WarmUp; i++)
        {
            await TurnAsync(busy, HttpMethod.Put);
            await streams.SaysAsync();
            times.Add(await TurnAsync(busy, HttpMethod.Delete));
            await streams.SaysAsync();
            limits.Add(await OffAsync(quiet));
        }

        Figure.Print("off-2000-streams", Figure.Median(times.Skip(WarmUp)), "ms", Figure.Median(limits.Skip(WarmUp)), "<= 2");
    }

    /// <summary>In a process of its own: opens streams, and says when all are open, and then each time that all of them heard of a change.</summary>
    public static async Task ReadStreamsAsync(Uri address, int count)
    {
        await using var streams = await Benchmarks.Streams.OpenAsync(address, count, "access", i => $"person={i / OpenStreams.MostOfOne}");
        Console.WriteLine();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                await streams.TimeAsync(() => Task.CompletedTask);
                Console.WriteLine();
            }
        });
        await Console.In.ReadToEndAsync();
    }

    private static async Task BesideFilesAsync(HttpClient client)
    {
        var conversation = await OpenAsync(client);
        var (times, limits) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            using (var sending = Helper.Start(SendFiles, client.BaseAddress!.ToString(), conversation))
            {
                await sending.SaysAsync();
                times.AddRange(await SpreadAsync(client));
            }

            limits.AddRange(await SpreadAsync(client));
        }

        Figure.Print("off-50-mb-files", Figure.Median(times), "ms", Figure.Median(limits), "<= 2");
    }

    /// <summary>Over several files, whose sending, cleaning and writing each take a while.</summary>
    private static async Task<List<double>> SpreadAsync(HttpClient client)
    {
        var times = new List<double>();
        for (var i = 0; i < Times / Rounds; i++)
        {
            await Task.Delay(s_pause, TimeProvider.System);
            times.Add(await OffAsync(client));
        }

        return times;
    }

    private static async Task<double> OffAsync(HttpClient client)
    {
        await TurnAsync(client, HttpMethod.Put);
        return await TurnAsync(client, HttpMethod.Delete);
    }

    private static async Task<double> TurnAsync(HttpClient client, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, App);
        if (method == HttpMethod.Put)
        {
            request.Content = JsonContent.Create(new { duration = "PT1H" });
        }

        var from = TimeProvider.System.GetTimestamp();
        using var answer = await client.SendAsync(request);
        var time = Figure.Milliseconds(from);
        answer.EnsureSuccessStatusCode();
        return time;
    }

    private static async Task<string> OpenAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Signing fails", text = "Since Monday.", app = "app-1" });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>())!["id"];
    }

    /// <summary>In a process of its own: two people send files until its input ends.</summary>
    public static async Task SendFilesAsync(Uri address, string conversation)
    {
        using var stop = new CancellationTokenSource();
        var sending = Enumerable.Range(1, 2).Select(person => SendAsync(address, person, conversation, stop.Token)).ToArray();
        Console.WriteLine();
        await Console.In.ReadToEndAsync(CancellationToken.None);
        await stop.CancelAsync();
        await Task.WhenAll(sending);
    }

    private static async Task SendAsync(Uri address, int person, string conversation, CancellationToken stop)
    {
        var har = HarBenchmark.File(1_740);
        using var client = Client(address, person);
        try
        {
            while (true)
            {
                using var file = new ByteArrayContent(har);
                file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                using var answer = await client.PostAsync($"/support-access/v1/conversations/{conversation}/attachments", file, stop);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(stop));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException || (e is HttpRequestException && stop.IsCancellationRequested))
        {
            // The measuring is over.
        }
    }

    private static HttpClient Client(Uri address, int person)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-Person", person.ToString(CultureInfo.InvariantCulture));
        client.DefaultRequestHeaders.Add("Authorization", "Bench");
        return client;
    }

    private static Task<WebApplication> StartAsync(string folder) => DeliverBenchmark.StartAsync(
        services => services.AddLatchkey(options =>
        {
            options.Catalogue = Sample.Catalogue;
            options.Team = "Bench Support";
            options.Access.AttachmentBytesOfAccount = long.MaxValue / 2;
        }).UseHost<MembersHost>().UseStore(_ => Sample.Store(folder)),
        app =>
        {
            app.UseLatchkey();
            app.MapLatchkey();
        });
}

/// <summary>A process of its own, which does something to the server until it is disposed of: what that takes is nothing that the server does.</summary>
internal sealed class Helper : IDisposable
{
    private readonly Process _process;

    private Helper(Process process) => _process = process;

    public static Helper Start(params string[] args) => new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, args)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!);

    /// <summary>Waits until it says the next thing.</summary>
    public async Task SaysAsync()
    {
        if (await _process.StandardOutput.ReadLineAsync() is null)
        {
            throw new InvalidOperationException("The helper is gone.");
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>A host where everyone is an administrator, and says in the request who they are.</summary>
internal sealed class MembersHost : BenchHost
{
    private static readonly HostApp s_app = new(Sample.App(1).Id, Sample.Account, "app-1", "App 1", "Bench");

    public override ValueTask<Caller?> GetCallerAsync(HttpContext context)
    {
        var person = context.Request.Query["person"].ToString() is { Length: > 0 } asked ? asked : context.Request.Headers["X-Person"].ToString();
        return new(new Member(new PersonId($"per_{person}"), Sample.Account, $"Person {person}", $"{person}@bench.test"));
    }

    public override ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation) => new(s_app);

    public override ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation) => new(s_app);

    public override ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) => new(true);

    public override ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) => new(new AccessRights(true, false, [member.Person]));
}
