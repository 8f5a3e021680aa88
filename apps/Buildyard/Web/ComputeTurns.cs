using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;

namespace Buildyard;

/// <summary>
/// Turns at work that keeps a processor busy over what somebody made up. A party has two at a time and a few in line behind them; all parties
/// together leave one processor free; nobody waits for long. So whoever asks for much waits behind themselves. The meter <c>Buildyard</c> tells
/// how much is at work (<c>buildyard.compute.running</c>) and how much was given up because nobody waited for it any more
/// (<c>buildyard.compute.abandoned</c>).
/// </summary>
internal sealed class ComputeTurns : IDisposable
{
    private const int AtATime = 2;
    private const int InLine = 8;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly UpDownCounter<int> _running;
    private readonly Counter<int> _abandoned;

    private readonly PartitionedRateLimiter<string> _turns = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<string, string>(party => RateLimitPartition.GetConcurrencyLimiter(
            party, _ => new ConcurrencyLimiterOptions { PermitLimit = AtATime, QueueLimit = InLine })),
        PartitionedRateLimiter.Create<string, string>(_ => RateLimitPartition.GetConcurrencyLimiter(
            "all", _ => new ConcurrencyLimiterOptions { PermitLimit = Math.Max(1, Environment.ProcessorCount - 1), QueueLimit = int.MaxValue })));

    public ComputeTurns(IMeterFactory meters, TimeProvider clock)
    {
        var meter = meters.Create("Buildyard");
        _clock = clock;
        _running = meter.CreateUpDownCounter<int>("buildyard.compute.running");
        _abandoned = meter.CreateCounter<int>("buildyard.compute.abandoned");
    }

    /// <summary>How long a party that was refused had better leave off, in seconds.</summary>
    public static string RetryAfter => "10";

    /// <summary>The party that a person is.</summary>
    public static string Person(string id) => $"person {id}";

    /// <summary>The party that what is reported for an app is.</summary>
    public static string App(string id) => $"app {id}";

    /// <summary>Does the work in its turn; refused with 429 where too much of the same party's waits already, or for too long.</summary>
    /// <param name="party">Whose work it is.</param>
    /// <param name="work">The work. It gives up when it is told to.</param>
    /// <param name="cancellation">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async Task<Outcome<T>> DoAsync<T>(string party, Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        using var turn = await TakeAsync(party, cancellation);
        if (turn?.IsAcquired != true)
            return new Refusal(StatusCodes.Status429TooManyRequests, "too_many_at_once", $"{AtATime} of these are worked on at a time, and others wait already. Ask again when they are answered.", []);
        _running.Add(1);
        try
        {
            return work(cancellation);
        }
        catch (OperationCanceledException)
        {
            _abandoned.Add(1);
            throw;
        }
        finally
        {
            _running.Add(-1);
        }
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>A turn; null where it didn't come in time.</summary>
    private async Task<RateLimitLease?> TakeAsync(string party, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(s_longestWait, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await _turns.AcquireAsync(party, 1, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
