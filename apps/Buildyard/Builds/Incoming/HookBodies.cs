using System.Threading.RateLimiting;
using Microsoft.AspNetCore.WebUtilities;

namespace Buildyard;

/// <summary>
/// Receives the bodies of reports, onto disk beyond what is small: as large as GitHub's get, and from senders as slow as they like, for a minute, when
/// they are cut off. What is received for one app at a time is bounded, and takes no turn of anybody's.
/// </summary>
internal sealed class HookBodies : IDisposable
{
    /// <summary>The largest body, in bytes: GitHub caps its payloads at 25 MB (docs.github.com, "Webhook events and payloads").</summary>
    public const int Largest = 25 * 1024 * 1024;

    private const int InMemory = 64 * 1024;
    private const int AtATime = 8;
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    private static readonly Refusal s_tooLarge = new(
        StatusCodes.Status413PayloadTooLarge,
        "body_too_large",
        "The payload is larger than this address accepts.",
        [new FieldError("", "It is too large.", "A body of at most 25 MB.")]);

    private static readonly Refusal s_tooMany = new(
        StatusCodes.Status429TooManyRequests,
        "too_many_at_once",
        "8 reports are received at a time for one app, and others are on their way. Send it again later.",
        []);

    private readonly PartitionedRateLimiter<string> _receiving = PartitionedRateLimiter.Create<string, string>(
        app => RateLimitPartition.GetConcurrencyLimiter(app, _ => new ConcurrencyLimiterOptions { PermitLimit = AtATime, QueueLimit = 0 }));

    private readonly TimeProvider _clock;
    private readonly string _folder;

    public HookBodies(DataDirectory directory, TimeProvider clock)
    {
        (_clock, _folder) = (clock, Path.Combine(directory.Path, "incoming"));
        // What a process left that was killed while it received.
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_folder);
        else Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The body of a report for an app, from its beginning. Whoever takes it disposes it, and with that what lies on disk.</summary>
    /// <exception cref="OperationCanceledException">The sender left, or was cut off.</exception>
    public async Task<Outcome<Stream>> ReceiveAsync(string appId, HttpRequest request)
    {
        using var place = _receiving.AttemptAcquire(appId);
        if (!place.IsAcquired) return s_tooMany;
        await using var patience = _clock.CreateTimer(_ => request.HttpContext.Abort(), null, s_longest, Timeout.InfiniteTimeSpan);
        var body = new FileBufferingReadStream(request.Body, InMemory, Largest, _folder);
        try
        {
            await body.DrainAsync(request.HttpContext.RequestAborted);
            body.Position = 0;
            return body;
        }
        catch (Exception e)
        {
            await body.DisposeAsync();
            if (e is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }) return s_tooLarge;
            throw;
        }
    }

    public void Dispose() => _receiving.Dispose();
}
