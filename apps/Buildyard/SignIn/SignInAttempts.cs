using System.Net;
using System.Threading.RateLimiting;

namespace Buildyard;

/// <summary>
/// Slows guessing down: so many wrong passwords a minute for an address of the network and an e-mail address
/// (<c>SignIn:FailuresPerMinute</c>, 10), and for the former alone (<c>SignIn:FailuresPerMinuteAndAddress</c>, 100). Right ones
/// cost nothing. An address has few attempts checked at a time, so that many at once can't outrun the count.
/// </summary>
internal sealed class SignInAttempts(IConfiguration configuration) : IDisposable
{
    private const int AtATime = 2;
    private const int Waiting = 200;

    private readonly PartitionedRateLimiter<IPAddress> _turns = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetConcurrencyLimiter(address, _ => new ConcurrencyLimiterOptions { PermitLimit = AtATime, QueueLimit = Waiting }));

    private readonly PartitionedRateLimiter<IPAddress> _byAddress = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(address, _ => Bucket(configuration.GetValue("SignIn:FailuresPerMinuteAndAddress", 100))));

    private readonly PartitionedRateLimiter<(IPAddress, string)> _byPerson = PartitionedRateLimiter.Create<(IPAddress, string), (IPAddress, string)>(
        key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Bucket(configuration.GetValue("SignIn:FailuresPerMinute", 10))));

    /// <summary>Checks a password in its turn: <paramref name="check"/> answers whether it was right. Null where there were too many wrong ones.</summary>
    public async Task<bool?> TryAsync(IPAddress? from, string email, Func<Task<bool>> check)
    {
        var address = from ?? IPAddress.None;
        using var turn = await _turns.AcquireAsync(address);
        // Asking for nothing is granted while there is something left.
        using var leftForAddress = _byAddress.AttemptAcquire(address, 0);
        using var leftForPerson = _byPerson.AttemptAcquire((address, email), 0);
        if (!turn.IsAcquired || !leftForAddress.IsAcquired || !leftForPerson.IsAcquired) return null;
        if (await check()) return true;
        _byAddress.AttemptAcquire(address).Dispose();
        _byPerson.AttemptAcquire((address, email)).Dispose();
        return false;
    }

    public void Dispose()
    {
        _turns.Dispose();
        _byAddress.Dispose();
        _byPerson.Dispose();
    }

    private static TokenBucketRateLimiterOptions Bucket(int perMinute) => new()
    {
        TokenLimit = perMinute,
        TokensPerPeriod = perMinute,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1),
        QueueLimit = 0,
    };
}
