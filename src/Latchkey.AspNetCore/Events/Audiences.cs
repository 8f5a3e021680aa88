using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// Everybody who listens to events. Streams of one sign-in about one thing are one <see cref="Audience"/>, and few audiences at a time ask the host
/// what they may hear: however many streams are open, a request that changes something doesn't wait for them.
/// </summary>
internal sealed partial class Audiences(
    SupportAccess access, IServiceScopeFactory scopes, TimeProvider time, IHostApplicationLifetime lifetime, IOptions<LatchkeyOptions> options, ILogger<Audiences> logger) : IDisposable
{
    /// <summary>How many at a time ask the host or write to a stream, as far as that takes a processor: half of them are left to requests.</summary>
    private static readonly int s_workers = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    // Headers that say nothing about who asks. Any other one keeps two streams apart.
    private static readonly HashSet<string> s_sayNothing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Host", "Last-Event-ID", "Pragma", "Priority", "Referer",
        "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "User-Agent", "traceparent", "tracestate",
    };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Audience> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Ear> _ears = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _asking = new(s_workers, s_workers);
    private readonly TaskFactory _fanOut = new(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, s_workers).ConcurrentScheduler);

    public SupportAccess Access => access;

    public IServiceScopeFactory Scopes => scopes;

    public TimeProvider Time => time;

    public TimeSpan HostPatience => options.Value.HostPatience;

    /// <summary>Joins a stream to those that it shares everything with. What happens from here on is told to it.</summary>
    public (Audience Audience, EventReader Reader) Join(HttpContext context, AccessContext caller, AppId? app, SessionId? session)
    {
        var key = KeyOf(context, caller, app, session);
        var reader = new EventReader(caller);
        lock (_gate)
        {
            if (!_open.TryGetValue(key, out var audience))
            {
                audience = new Audience(this, key, EarOf(caller), caller, app, session);
                audience.Ear.For.Add(audience);
                _open.Add(key, audience);
                _ = FanOutAsync(() => WatchAsync(audience.TellAsync));
            }

            audience.Readers.Add(reader);
            return (audience, reader);
        }
    }

    /// <summary>Takes a stream away; true where it was the last.</summary>
    public bool Remove(Audience audience, EventReader reader)
    {
        lock (_gate)
        {
            audience.Readers.Remove(reader);
            if (audience.Readers.Count > 0)
            {
                return false;
            }

            Forget(audience);
            return true;
        }
    }

    /// <summary>Nobody joins any more, and whoever is there hears nothing that they were not told.</summary>
    public void Close(Audience audience)
    {
        lock (_gate)
        {
            Forget(audience);
            audience.Readers.ForEach(reader => reader.Cut());
        }
    }

    /// <summary>Nothing is heard for them any more: their pages come back.</summary>
    public void Close(Ear ear)
    {
        lock (_gate)
        {
            foreach (var audience in ear.For.ToArray())
            {
                Close(audience);
            }
        }
    }

    public void ForEach(Ear ear, Action<Audience> tell)
    {
        lock (_gate)
        {
            ear.For.ForEach(tell);
        }
    }

    public void ForEach(Audience audience, Action<EventReader> tell)
    {
        lock (_gate)
        {
            audience.Readers.ForEach(tell);
        }
    }

    /// <summary>The request of the newest stream, which stays until what it is used for is over; null where there is none any more.</summary>
    public AccessContext? Begin(Audience audience, Task asking)
    {
        lock (_gate)
        {
            audience.Asking = asking;
            return audience.Readers.Count > 0 ? audience.Readers[^1].Caller : null;
        }
    }

    public async Task<T> InTurnAsync<T>(Func<Task<T>> work)
    {
        await _asking.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Runs what tells streams something, on few workers: whatever else the process does never queues behind more than those.</summary>
    public Task FanOutAsync(Func<Task> work) => _fanOut.StartNew(work).Unwrap();

    public void Dispose() => _asking.Dispose();

    private async Task WatchAsync(Func<CancellationToken, Task> listen)
    {
        try
        {
            await listen(lifetime.ApplicationStopping);
        }
        catch (Exception e)
        {
            // Their pages come back, and ask anew.
            LogNotAnswered(e);
        }
    }

    /// <summary>What listens for everybody who hears the same.</summary>
    private Ear EarOf(AccessContext caller)
    {
        var key = caller.Agent is { } agent ? $"agent {agent.Id}" : $"account {caller.Member!.Account}";
        if (!_ears.TryGetValue(key, out var ear))
        {
            ear = new Ear(this, key, caller.Member?.Account, caller.Agent?.Id);
            _ears.Add(key, ear);
            _ = WatchAsync(ear.ListenAsync);
        }

        return ear;
    }

    // Another one may have taken its place.
    private void Forget(Audience audience)
    {
        if (audience.Ear.For.Remove(audience) && audience.Ear.For.Count == 0)
        {
            _ears.Remove(audience.Ear.Key);
            audience.Ear.Leave();
        }

        if (_open.GetValueOrDefault(audience.Key) == audience)
        {
            _open.Remove(audience.Key);
        }
    }

    /// <summary>Whatever may say who asks, and about what.</summary>
    private static string KeyOf(HttpContext context, AccessContext caller, AppId? app, SessionId? session)
    {
        var said = new StringBuilder();
        said.Append(caller.Member is { } member ? $"member {member.Account} {member.Person}" : $"agent {caller.Agent!.Id} {caller.Agent.SignIn}")
            .Append('\n').Append(app?.Value).Append('\n').Append(session?.Value).Append('\n').Append(context.Request.QueryString.Value)
            .Append('\n').Append(context.Connection.ClientCertificate?.Thumbprint);
        foreach (var (name, value) in context.Request.Headers.Where(header => !s_sayNothing.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            said.Append('\n').Append(name).Append(':').Append(value.ToString());
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(said.ToString())));
    }

    [LoggerMessage(1501, LogLevel.Error, "The host could not say what a listener may hear, so their streams were ended. They come back by themselves.")]
    private partial void LogNotAnswered(Exception exception);
}

/// <summary>The ids of events: they say which item it is and nothing of how many came before, since items count what others are told too.</summary>
internal sealed class EventIds
{
    // Items are numbered anew by each process: from here on, so that no id of another one is any of this one's.
    private readonly long _first = BinaryPrimitives.ReadInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(long))) & (long.MaxValue >> 1);

    public string Of(long number) => Cursor.Encode(_first + number);
}
