using System.Net;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>
/// HTTP to addresses that customers and support typed in: to the public internet alone unless configuration
/// <c>Outgoing:AllowPrivateHosts</c> (default false) says otherwise; every address is checked when it is connected to. No redirects,
/// no cookies, no proxy, at most 10 seconds and 1 MB of an answer.
/// </summary>
internal sealed class OutgoingHttp(IConfiguration configuration) : IDisposable
{
    private const int LargestAnswer = 1024 * 1024;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http = new(FencedHandler.Create(AllowsPrivate(configuration))) { Timeout = s_longest, MaxResponseContentBufferSize = LargestAnswer };

    /// <summary>Whether addresses of the operator's own network, and http, are allowed.</summary>
    public bool AllowsPrivateHosts { get; } = AllowsPrivate(configuration);

    /// <exception cref="HttpRequestException">It can't be reached, or may not be.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => _http.SendAsync(request, cancellation);

    /// <summary>Reads an address that requests may go to: https, or http where private hosts are allowed; without credentials, query or fragment.</summary>
    public string? ReadBase(string field, string? text, List<FieldError> errors)
    {
        var accepted = AllowsPrivateHosts ? "An http or https address such as https://api.github.com." : "An https address such as https://api.github.com.";
        text = text?.Trim().TrimEnd('/');
        if (string.IsNullOrEmpty(text)) return Refuse("It is empty.");
        if (text.Length > 500 || text.Any(c => c is <= ' ' or >= '\u007f')) return Refuse("It is too long, or holds spaces or characters outside ASCII.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || !(uri.Scheme == "https" || (uri.Scheme == "http" && AllowsPrivateHosts)))
            return Refuse("It is no address that can be sent to.");
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0) return Refuse("It holds a user name, a query or a fragment.");
        if (!AllowsPrivateHosts && (uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && !PublicAddresses.Contains(ip))))
            return Refuse("It lies in this instance's own network.");
        return text;

        string? Refuse(string problem)
        {
            errors.Add(new FieldError(field, problem, accepted));
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool AllowsPrivate(IConfiguration configuration) => configuration.GetValue("Outgoing:AllowPrivateHosts", false);
}
