using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Latchkey.AspNetCore;

/// <summary>
/// Keys of POSTs that were done. Answers are not kept, and one may hold a credential, which is told once: a replay does nothing and
/// answers 409. Kept for a day, at most 10,000, in this process.
/// </summary>
internal sealed class IdempotencyKeys(TimeProvider time, Refuser refuser)
{
    private const int MaxKept = 10_000;
    private const int MaxLength = 128;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<(string Caller, string Path, string Key), DateTimeOffset> _used = new();

    /// <summary>Takes the request's key, where it has one. False with the answer where it was used before or can't be one.</summary>
    public bool TryUse(HttpContext context, string caller, [NotNullWhen(false)] out IResult? refused)
    {
        refused = null;
        if (KeyOf(context, caller) is not { } key)
        {
            return true;
        }

        if (key.Key.Length > MaxLength || !IdText.IsId(key.Key))
        {
            refused = refuser.Result(new Refusal(
                RefusalReason.Invalid, $"'Idempotency-Key' takes 1 to {MaxLength} printable characters without spaces.", "Idempotency-Key"));
            return false;
        }

        var now = time.GetUtcNow();
        if (_used.Count >= MaxKept)
        {
            foreach (var (old, at) in _used)
            {
                if (now - at >= Kept || _used.Count >= MaxKept)
                {
                    _used.TryRemove(old, out _);
                }
            }
        }

        if (_used.TryAdd(key, now))
        {
            return true;
        }

        refused = new Replayed(refuser);
        return false;
    }

    /// <summary>Gives a key back: nothing came of its request, so it may be tried again.</summary>
    public void Release(HttpContext context, string caller)
    {
        if (KeyOf(context, caller) is { } key)
        {
            _used.TryRemove(key, out _);
        }
    }

    private static (string Caller, string Path, string Key)? KeyOf(HttpContext context, string caller) =>
        context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } key ? (caller, context.Request.Path, key) : null;

    private sealed class Replayed(Refuser refuser) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => refuser.ProblemAsync(
            httpContext, 409, "already_done", "This was done with the same Idempotency-Key before. Its answer is told only once; to do it again, send the request with a new key.");
    }
}
