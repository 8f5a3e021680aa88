using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.Benchmarks;

/// <summary>
/// From sending a message until the other side's stream has it, with 1 and with 1,000 streams open, each beside a bare broadcast of
/// server-sent events to as many streams. Both take turns.
/// </summary>
internal static class DeliverBenchmark
{
    private const int Messages = 330;
    private const int WarmUp = 30;

    public static Task RunAsync() => Sample.InFolderAsync(async folder =>
    {
        var broadcast = new Broadcast();
        await using var bare = await StartAsync(_ => { }, app => app.MapGet("/events", broadcast.ServeAsync));
        await using var whole = await StartAsync(
            services => services.AddLatchkey(options =>
            {
                options.Catalogue = Sample.Catalogue;
                options.Team = "Bench Support";
            }).UseHost<AgentHost>().UseStore(_ => Sample.Store(Path.Combine(folder, "latchkey"))),
            app =>
            {
                app.UseLatchkey();
                app.MapLatchkey();
            });
        var access = whole.Services.GetRequiredService<SupportAccess>();
        var opened = await access.OpenConversationAsync(new Topic(Sample.Account, "Bench", Sample.App(1)), Speaker.Of(Sample.Lender), "Signing fails", new Said("Since Monday."));
        var talk = (await access.Conversations.FindAsync(opened.Value!.Id, null, CancellationToken.None))!;
        foreach (var streams in (int[])[1, 1000])
        {
            await using var theirs = await Streams.OpenAsync(new Uri(AddressOf(whole), "/support-access/v1/events"), streams, "conversation", i => $"agent={i / OpenStreams.MostOfOne}");
            await using var limit = await Streams.OpenAsync(new Uri(AddressOf(bare), "/events"), streams, "conversation");
            var (times, limits) = (new List<double>(), new List<double>());
            for (var i = 0; i < Messages; i++)
            {
                // As many speakers as messages: nobody may send as fast as this measures.
                var by = Speaker.Of(Sample.Lender with { Person = new PersonId(string.Create(CultureInfo.InvariantCulture, $"per_{streams}_{i}")) });
                var time = await theirs.TimeAsync(() => access.SendAsync(talk, by, new Said("And once more.")));
                var least = await limit.TimeAsync(() => broadcast.SendAsync());
                if (i >= WarmUp)
                {
                    times.Add(time);
                    limits.Add(least);
                }
            }

            Figure.Print($"deliver-{streams}", Figure.Median(times), "ms", Figure.Median(limits), "one durable commit more");
            Figure.Print($"deliver-{streams}-p99", Figure.Percentile(times, 0.99), "ms", Figure.Percentile(limits, 0.99), "for reading");
        }
    });

    public static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<WebApplication> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map)
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
}

/// <summary>Server-sent events to everyone who listens, with nothing behind them.</summary>
internal sealed class Broadcast
{
    private readonly ConcurrentDictionary<Channel<bool>, bool> _listeners = new();

    public Task SendAsync()
    {
        foreach (var listener in _listeners.Keys)
        {
            listener.Writer.TryWrite(true);
        }

        return Task.CompletedTask;
    }

    public async Task ServeAsync(HttpContext context)
    {
        var own = Channel.CreateUnbounded<bool>();
        context.Response.ContentType = "text/event-stream";
        _listeners[own] = true;
        await SayAsync(context, "ready");
        try
        {
            await foreach (var _ in own.Reader.ReadAllAsync(context.RequestAborted))
            {
                await SayAsync(context, "conversation");
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went away.
        }

        _listeners.TryRemove(own, out _);
    }

    private static async Task SayAsync(HttpContext context, string name)
    {
        await context.Response.WriteAsync($"event: {name}\ndata: {{}}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}

/// <summary>Readers of one address, all of which read everything; what is timed is when the last of them hears.</summary>
internal sealed class Streams : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _reading = [];
    private readonly SemaphoreSlim _ready = new(0);
    private readonly SemaphoreSlim _heard = new(0);
    private readonly string _kind;
    private readonly int _count;

    private Streams(string kind, int count) => (_kind, _count) = (kind, count);

    /// <summary>Opens so many.</summary>
    /// <param name="address">Where.</param>
    /// <param name="count">How many.</param>
    /// <param name="kind">What they wait for.</param>
    /// <param name="query">What each adds to the address: whose it is.</param>
    public static async Task<Streams> OpenAsync(Uri address, int count, string kind, Func<int, string>? query = null)
    {
        var streams = new Streams(kind, count);
        for (var i = 0; i < count; i++)
        {
            var own = query is null ? address : new Uri(address + (address.Query.Length == 0 ? "?" : "&") + query(i));
            streams._reading.Add(streams.ReadAsync(own));
            await streams._ready.WaitAsync();
        }

        return streams;
    }

    /// <summary>Milliseconds from a call until every stream heard of it.</summary>
    public async Task<double> TimeAsync(Func<Task> send)
    {
        var from = TimeProvider.System.GetTimestamp();
        var sent = send();
        for (var i = 0; i < _count; i++)
        {
            await _heard.WaitAsync();
        }

        var time = Figure.Milliseconds(from);
        await sent;
        return time;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading);
        _http.Dispose();
        _stop.Dispose();
        _ready.Dispose();
        _heard.Dispose();
    }

    private async Task ReadAsync(Uri address)
    {
        try
        {
            await using var stream = await _http.GetStreamAsync(address, _stop.Token);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line == "event: ready")
                {
                    _ready.Release();
                }
                else if (line == $"event: {_kind}")
                {
                    _heard.Release();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The measuring is over.
        }
    }
}
