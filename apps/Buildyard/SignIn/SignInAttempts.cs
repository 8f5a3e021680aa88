using System.Net;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;

namespace Buildyard;

/// <summary>
/// Slows guessing down: so many wrong passwords a minute for an address of the network and an e-mail address
/// (<c>SignIn:FailuresPerMinute</c>, 10), and for the former alone (<c>SignIn:FailuresPerMinuteAndAddress</c>, 100). Right ones
/// cost nothing. An address has few attempts checked at a time, so that many at once can't outrun the count. Minutes are those
/// of the clock that everything here goes by, which the framework's own limiters of rates can't be given.
/// </summary>
internal sealed class SignInAttempts(IConfiguration configuration, TimeProvider clock) : IDisposable
{
    private const int AtATime = 2;
    private const int Waiting = 200;
    private const int MostCounters = 100_000;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> _turns = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetConcurrencyLimiter(address, _ => new ConcurrencyLimiterOptions { PermitLimit = AtATime, QueueLimit = Waiting }));

    private readonly int _perPerson = configuration.GetValue("SignIn:FailuresPerMinute", 10);
    private readonly int _perAddress = configuration.GetValue("SignIn:FailuresPerMinuteAndAddress", 100);
    private readonly Lock _gate = new();
    private readonly Dictionary<(IPAddress Address, string? Email), int> _failures = [];
    private DateTimeOffset _since;

    /// <summary>Checks a password in its turn: <paramref name="check"/> answers whether it was right. Null where there were too many wrong ones.</summary>
    public async Task<bool?> TryAsync(IPAddress? from, string email, Func<Task<bool>> check)
    {
        var address = from ?? IPAddress.None;
        using var turn = await _turns.AcquireAsync(address);
        if (!turn.IsAcquired || !HasLeft(address, email)) return null;
        if (await check()) return true;
        NoteFailure(address, email);
        return false;
    }

    public void Dispose() => _turns.Dispose();

    private bool HasLeft(IPAddress address, string email)
    {
        lock (_gate)
        {
            var now = clock.Now();
            if (now < _since || now >= _since + s_window)
            {
                _failures.Clear();
                _since = now;
            }
            return _failures.Count < MostCounters
                && _failures.GetValueOrDefault((address, null)) < _perAddress
                && _failures.GetValueOrDefault((address, email)) < _perPerson;
        }
    }

    private void NoteFailure(IPAddress address, string email)
    {
        lock (_gate)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_failures, (address, null), out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_failures, (address, email), out _)++;
        }
    }
}
