using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// Calls an account's webhook: 15 seconds in all, no redirects, no cookies, no proxy, and to no address inside the operator's network
/// unless <see cref="LatchkeyOptions.AllowPrivateWebhooks"/> says so. Of the answer only the status is read.
/// </summary>
internal sealed class HookSender : IDisposable
{
    private const int LongestUrl = 2000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    private readonly TimeProvider _time;
    private readonly bool _allowPrivate;
    private readonly HttpClient _http;

    public HookSender(IOptions<LatchkeyOptions> options, TimeProvider time)
    {
        (_time, _allowPrivate) = (time, options.Value.AllowPrivateWebhooks);
        var handler = FencedHandler.Create(_allowPrivate);
        handler.MaxResponseHeadersLength = 16;
        handler.ConnectTimeout = Longest;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Why an address can't be called; null where it can. A name is looked at when it is connected to.</summary>
    public string? ProblemOf(string url) => url switch
    {
        { Length: > LongestUrl } => "is longer than 2000 characters",
        _ when url.Any(c => c is <= ' ' or > '~') => "holds spaces or characters outside ASCII",
        _ when !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !(uri.Scheme == "https" || (_allowPrivate && uri.Scheme == "http")) => "is not an https address",
        _ when new Uri(url) is { UserInfo.Length: > 0 } or { Fragment.Length: > 0 } => "holds a user name or a fragment",
        _ when !_allowPrivate && IsPrivate(new Uri(url)) => "lies inside a private network",
        _ => null,
    };

    /// <returns>Why it was not taken, and whether it is wanted no more; null where it was taken.</returns>
    public async Task<(string? Problem, bool IsGone)> SendAsync(string url, string id, string body, string secret, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        using var timeout = new CancellationTokenSource(Longest, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "Latchkey-Webhooks/1");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(secret, id, now, body));
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            return (int)answer.StatusCode switch
            {
                >= 200 and < 300 => (null, false),
                >= 300 and < 400 => ("It answered with a redirect, which is not followed.", false),
                var status => ($"It answered {status}.", answer.StatusCode == HttpStatusCode.Gone),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ("It didn't answer within 15 seconds.", false);
        }
        catch (HttpRequestException e)
        {
            return (e.InnerException is PrivateTargetException ? "Its host is inside a private network." : "It can't be reached, or doesn't answer as HTTP does.", false);
        }
    }

    private static bool IsPrivate(Uri uri) =>
        uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && !PublicAddresses.Contains(address));
}
