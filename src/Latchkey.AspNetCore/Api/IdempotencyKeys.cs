using System.Security.Cryptography;

namespace Latchkey.AspNetCore;

/// <summary>
/// What POSTs with an <c>Idempotency-Key</c> answered (draft-ietf-httpapi-idempotency-key-header): the same request sent again does nothing
/// and gets the first answer, one that comes while the first is under way waits for it. An answer that holds a credential is told once, and a
/// replay of it is a 409; a key that comes with another body is a 422. What was refused was not done, so its key can be used again. Kept for a
/// day in this process: the last 100 of one caller, and the last 10,000 of all.
/// </summary>
internal sealed class IdempotencyKeys(TimeProvider time, Refuser refuser)
{
    private const int MostOfOne = 100;
    private const int Most = 10_000;
    private const int MaxLength = 128;
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Caller, string Key), Done> _done = [];
    private readonly LinkedList<Done> _byAge = [];
    private readonly Dictionary<string, LinkedList<Done>> _byCaller = new(StringComparer.Ordinal);

    /// <summary>Does what a request asks, unless its key says that it was done.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isToldAgain">Whether the answer may be told again: not where it holds a credential.</param>
    /// <param name="act">Does it, and answers.</param>
    public async ValueTask<object?> DoAsync(HttpContext context, bool isToldAgain, Func<ValueTask<object?>> act)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0)
        {
            return await act();
        }

        if (key.Length > MaxLength || !IdText.IsId(key))
        {
            return refuser.Result(new Refusal(
                RefusalReason.Invalid, $"'Idempotency-Key' takes 1 to {MaxLength} printable characters without spaces.", "Idempotency-Key"));
        }

        var body = await HashBodyAsync(context);
        var mine = new Done(CallerOf(context), $"{context.Request.Method} {context.Request.Path} {key}", body, time.GetUtcNow());
        if (Take(mine) is { } earlier)
        {
            if (earlier.Body != body)
            {
                return refuser.Result(new Refusal(
                    RefusalReason.Invalid, "'Idempotency-Key' was used with another body. Send another request with a new key.", "Idempotency-Key"));
            }

            // What it waited for was refused: so it is the first itself.
            return await earlier.Answer.Task.WaitAsync(context.RequestAborted) is not { } answer ? await DoAsync(context, isToldAgain, act)
                : isToldAgain ? answer
                : new Replayed(refuser);
        }

        object? answered = null;
        try
        {
            answered = await act();
            return answered;
        }
        finally
        {
            var isDone = answered is IStatusCodeHttpResult { StatusCode: null or (>= 200 and < 300) };
            if (!isDone)
            {
                Forget(mine);
            }

            mine.Answer.SetResult(isDone ? answered : null);
        }
    }

    /// <summary>Takes the place of a key; what was done with it before, where something was.</summary>
    private Done? Take(Done mine)
    {
        lock (_gate)
        {
            while (_byAge.First is { } oldest && (_byAge.Count >= Most || mine.At - oldest.Value.At >= s_kept))
            {
                Remove(oldest.Value);
            }

            if (_done.TryGetValue((mine.Caller, mine.Key), out var earlier))
            {
                return earlier;
            }

            if (_byCaller.GetValueOrDefault(mine.Caller) is { Count: >= MostOfOne } own)
            {
                Remove(own.First!.Value);
            }

            _done.Add((mine.Caller, mine.Key), mine);
            _byAge.AddLast(mine);
            if (!_byCaller.TryGetValue(mine.Caller, out own))
            {
                _byCaller.Add(mine.Caller, own = []);
            }

            own.AddLast(mine);
            return null;
        }
    }

    private void Forget(Done mine)
    {
        lock (_gate)
        {
            Remove(mine);
        }
    }

    private void Remove(Done done)
    {
        if (_done.GetValueOrDefault((done.Caller, done.Key)) != done)
        {
            return;
        }

        _done.Remove((done.Caller, done.Key));
        _byAge.Remove(done);
        if (_byCaller.GetValueOrDefault(done.Caller) is { } own && own.Remove(done) && own.Count == 0)
        {
            _byCaller.Remove(done.Caller);
        }
    }

    private static string CallerOf(HttpContext context) => context.GetAccess() switch
    {
        { Member: { } member } => $"member {member.Account} {member.Person}",
        { Agent: { } agent } => $"agent {agent.Id}",
        { Support: { } support } => $"session {support.Session}",
        _ => "",
    };

    /// <summary>What tells one body from another: of JSON the hash of its first 256 KiB, of what is no JSON its length, where that is said.</summary>
    private static async Task<string> HashBodyAsync(HttpContext context)
    {
        const int most = 256 * 1024;
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            return $"{request.ContentLength}";
        }

        request.EnableBuffering(bufferThreshold: most);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[16 * 1024];
        for (int read, left = most; left > 0 && (read = await request.Body.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), context.RequestAborted)) > 0; left -= read)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed record Done(string Caller, string Key, string Body, DateTimeOffset At)
    {
        /// <summary>The answer; null where there was none that stays.</summary>
        public TaskCompletionSource<object?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Replayed(Refuser refuser) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => refuser.ProblemAsync(
            httpContext, 409, "already_done", "This was sent with the same Idempotency-Key before. To do it again, send the request with a new key.");
    }
}

/// <summary>Marks an endpoint as done once for each <c>Idempotency-Key</c>.</summary>
internal static class OnceExtensions
{
    /// <summary>See <see cref="IdempotencyKeys"/>.</summary>
    /// <param name="endpoint">A POST.</param>
    /// <param name="isToldAgain">Whether a replay gets the first answer.</param>
    public static RouteHandlerBuilder Once(this RouteHandlerBuilder endpoint, bool isToldAgain = true) => endpoint.AddEndpointFilter(
        (invocation, next) => invocation.HttpContext.RequestServices.GetRequiredService<IdempotencyKeys>()
            .DoAsync(invocation.HttpContext, isToldAgain, () => next(invocation)));
}
