using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>What came of one attempt.</summary>
internal sealed record AttemptOutcome(int? Status, TimeSpan Took, string? Problem, string? Response)
{
    public bool Succeeded => Problem is null;
}

/// <summary>
/// Sends one delivery: 15 seconds in all, no redirects, no proxy, and to no address inside the operator's network unless
/// configuration <c>Webhooks:AllowPrivateHosts</c> (default false) says so. Of the answer 4 KB are read, whatever comes.
/// </summary>
internal sealed class WebhookSender(IConfiguration configuration, TimeProvider clock) : IDisposable
{
    private const int MostOfTheAnswer = 4 * 1024;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = Create(AllowsPrivate(configuration));

    /// <summary>Whether the operator lets webhooks go to addresses inside their network, and over plain http.</summary>
    public static bool AllowsPrivate(IConfiguration configuration) => configuration.GetValue("Webhooks:AllowPrivateHosts", false);

    public async Task<AttemptOutcome> SendAsync(string url, string id, string payload, string secret, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(payload, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "Buildyard-Webhooks/1");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSigning.Sign(secret, id, now, payload));
        return await AttemptAsync(request, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Create(bool allowsPrivate)
    {
        var handler = FencedHandler.Create(allowsPrivate);
        handler.MaxResponseHeadersLength = 16;
        handler.ConnectTimeout = s_longest;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private async Task<AttemptOutcome> AttemptAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        using var timeout = new CancellationTokenSource(s_longest, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            var took = Stopwatch.GetElapsedTime(began);
            var problem = (int)answer.StatusCode switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 => "It answered with a redirect, which is not followed.",
                var status => $"It answered {status}.",
            };
            return new AttemptOutcome((int)answer.StatusCode, took, problem, await ReadAsync(answer, stop.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new AttemptOutcome(null, Stopwatch.GetElapsedTime(began), "It didn't answer within 15 seconds.", null);
        }
        catch (HttpRequestException e)
        {
            return new AttemptOutcome(null, Stopwatch.GetElapsedTime(began), Explain(e), null);
        }
    }

    private static string Explain(HttpRequestException e) => e switch
    {
        { InnerException: PrivateTargetException } => "Its host is inside a private network.",
        { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "There is no host of this name.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "Its certificate can't be trusted, or it speaks no TLS.",
        { HttpRequestError: HttpRequestError.ConnectionError } => "It can't be reached.",
        { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "Its answer's headers are too long.",
        _ => "It didn't answer as HTTP does.",
    };

    /// <summary>As much as is shown. That the rest is slow, endless or broken changes nothing: the status was heard.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var buffer = new byte[MostOfTheAnswer];
        var length = 0;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            int read;
            while (length < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(length), cancellation)) > 0) length += read;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // What came until here is what there is.
        }
        return string.Concat(Encoding.UTF8.GetString(buffer, 0, length).Where(c => !char.IsControl(c) || c is '\n' or '\t'));
    }
}
