using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>
/// Turns at work that keeps a processor busy over what somebody made up. A party has two at a time and a few in line behind them, and so have all of one
/// account together; all accounts leave one processor free; nobody waits for long. So whoever asks for much waits behind themselves. The meter
/// <c>Buildyard</c> tells how much is at work (<c>buildyard.compute.running</c>) and how much was given up because nobody waited for it any more
/// (<c>buildyard.compute.abandoned</c>).
/// </summary>
internal sealed class ComputeTurns : IDisposable
{
    private const int AtATime = 2;
    private const int InLine = 8;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    private static readonly Refusal s_busy = new(
        StatusCodes.Status429TooManyRequests,
        "too_many_at_once",
        $"{AtATime} of these are worked on at a time, and others wait already. Ask again when they are answered.",
        []);

    private readonly TimeProvider _clock;
    private readonly UpDownCounter<int> _running;
    private readonly Counter<int> _abandoned;

    private readonly PartitionedRateLimiter<ComputeParty> _turns = PartitionedRateLimiter.CreateChained(
        Turns(party => party.Id, AtATime, InLine),
        Turns(party => party.Side, AtATime, int.MaxValue),
        Turns(_ => "all", Math.Max(1, Environment.ProcessorCount - 1), int.MaxValue));

    public ComputeTurns(IMeterFactory meters, TimeProvider clock)
    {
        var meter = meters.Create("Buildyard");
        _clock = clock;
        _running = meter.CreateUpDownCounter<int>("buildyard.compute.running");
        _abandoned = meter.CreateCounter<int>("buildyard.compute.abandoned");
    }

    /// <summary>How long a party that was refused had better leave off, in seconds.</summary>
    public static string RetryAfter => "10";

    /// <summary>Does the work in its turn; refused with 429 where too much of the same party's waits already, or for too long.</summary>
    /// <param name="party">Whose work it is.</param>
    /// <param name="work">The work. It gives up when it is told to.</param>
    /// <param name="cancellation">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async Task<Outcome<T>> DoAsync<T>(ComputeParty party, Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        using var turn = await TakeAsync(party, cancellation);
        if (turn?.IsAcquired != true) return s_busy;
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

    private static PartitionedRateLimiter<ComputeParty> Turns(Func<ComputeParty, string> of, int atATime, int inLine) =>
        PartitionedRateLimiter.Create<ComputeParty, string>(party => RateLimitPartition.GetConcurrencyLimiter(
            of(party), _ => new ConcurrencyLimiterOptions { PermitLimit = atATime, QueueLimit = inLine }));

    /// <summary>A turn; null where it didn't come in time.</summary>
    private async Task<RateLimitLease?> TakeAsync(ComputeParty party, CancellationToken cancellation)
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

/// <summary>Whose work something is.</summary>
/// <param name="Id">A person, or an app that something is reported for.</param>
/// <param name="Side">The account that they are of; of agents, support.</param>
internal readonly record struct ComputeParty(string Id, string Side)
{
    public static ComputeParty Of(AccessContext access) => access.Member is { } member
        ? new ComputeParty($"person {member.Person.Value}", $"account {member.Account.Value}")
        : new ComputeParty($"person {access.Agent?.Id.Value ?? access.Support?.Agent.Value}", "support");

    public static ComputeParty Of(App app) => new($"app {app.Id}", $"account {app.AccountId}");
}
