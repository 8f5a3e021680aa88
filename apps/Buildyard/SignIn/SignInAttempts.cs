using System.Runtime.InteropServices;
using System.Threading.RateLimiting;

namespace Buildyard;

/// <summary>
/// Slows guessing down, and locks nobody out. Wrong passwords for an e-mail address are counted for the place that they come from, for a quarter of
/// an hour: after five, each try from there is checked after a pause that doubles from a second to fifteen. So nobody's guesses are felt by
/// anybody else, nor by the same person elsewhere. Addresses that nobody has are counted alike, each for itself. How many are checked at a time is
/// bounded, for a place and in all, since each check is made to be slow; devices that are known don't stand in line with the others.
/// </summary>
internal sealed class SignInAttempts(TimeProvider clock) : IDisposable
{
    private const int WithoutPause = 5;

    // Tries for one e-mail address in one place, and all tries in one place, that wait or are checked.
    private const int AtATime = 2;
    private const int MostOfAPlace = 1_000;

    // Beyond, what is counted is forgotten. Guessing so much takes longer than it is remembered.
    private const int MostCounted = 100_000;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(15);

    private readonly PartitionedRateLimiter<SignInPlace> _turns = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<SignInPlace, string>(place => Turns(place.Key, AtATime)),
        PartitionedRateLimiter.Create<SignInPlace, bool>(place => Turns(place.IsKnownDevice, Math.Max(1, Environment.ProcessorCount - 1))));

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Place, string Email), (int Failures, DateTimeOffset Last)> _failures = [];
    private readonly Dictionary<(string Place, string? Email), int> _inHand = [];

    /// <summary>How long whoever was refused had better leave off, in seconds.</summary>
    public static string RetryAfter => "15";

    /// <summary>Checks a password in its turn: <paramref name="check"/> answers whether it was right. Null where too many tries wait there already.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<bool?> TryAsync(SignInPlace place, string email, Func<Task<bool>> check, CancellationToken cancellation)
    {
        if (!Enter(place.Key, email, out var pause)) return null;
        try
        {
            if (pause > TimeSpan.Zero) await Task.Delay(pause, clock, cancellation);
            using var turn = await _turns.AcquireAsync(place, 1, cancellation);
            var right = await check();
            Note(place.Key, email, right);
            return right;
        }
        finally
        {
            Leave(place.Key, email);
        }
    }

    public void Dispose() => _turns.Dispose();

    // Who may wait is counted here: nobody is turned away in between.
    private static RateLimitPartition<T> Turns<T>(T party, int atATime) =>
        RateLimitPartition.GetConcurrencyLimiter(party, _ => new ConcurrencyLimiterOptions { PermitLimit = atATime, QueueLimit = int.MaxValue });

    private bool Enter(string place, string email, out TimeSpan pause)
    {
        lock (_gate)
        {
            pause = PauseAfter(_failures.TryGetValue((place, email), out var counted) && clock.Now() - counted.Last < s_remembered ? counted.Failures : 0);
            if (_inHand.GetValueOrDefault((place, email)) >= AtATime || _inHand.GetValueOrDefault((place, null)) >= MostOfAPlace) return false;
            CollectionsMarshal.GetValueRefOrAddDefault(_inHand, (place, email), out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_inHand, (place, null), out _)++;
            return true;
        }
    }

    private void Leave(string place, string email)
    {
        lock (_gate)
        {
            foreach (var key in ((string, string?)[])[(place, email), (place, null)])
                if (--CollectionsMarshal.GetValueRefOrNullRef(_inHand, key) == 0) _inHand.Remove(key);
        }
    }

    private void Note(string place, string email, bool right)
    {
        lock (_gate)
        {
            var now = clock.Now();
            if (right)
            {
                _failures.Remove((place, email));
                return;
            }
            if (_failures.Count >= MostCounted)
            {
                foreach (var (key, old) in _failures)
                    if (now - old.Last >= s_remembered) _failures.Remove(key);
                if (_failures.Count >= MostCounted) _failures.Clear();
            }
            ref var counted = ref CollectionsMarshal.GetValueRefOrAddDefault(_failures, (place, email), out _);
            counted = (now - counted.Last < s_remembered ? counted.Failures + 1 : 1, now);
        }
    }

    private static TimeSpan PauseAfter(int failures) => failures < WithoutPause
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(s_longestPause.TotalSeconds, Math.Pow(2, failures - WithoutPause)));
}
