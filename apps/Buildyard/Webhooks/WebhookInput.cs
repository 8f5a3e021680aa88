using System.Net;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A header that is sent with each delivery. Its value is never shown again.</summary>
public sealed record WebhookHeader(string Name, string Value);

/// <summary>A new webhook, or new values for one; what is left out stays.</summary>
public sealed record WebhookChanges
{
    /// <summary>An <c>https</c> address. Another one clears the headers and the signing secret that were kept for the old one.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Url { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>All of them: those that are there are replaced.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public IReadOnlyList<WebhookHeader>? Headers { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? Enabled { get; init; }
}

/// <summary>What a webhook's fields may hold.</summary>
internal static class WebhookInput
{
    private const int MostHeaders = 20;
    private const int LongestValue = 4096;

    // What the protocol or this product sets itself.
    private static readonly string[] s_ours =
        ["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "proxy-authorization", "proxy-connection", "user-agent"];

    public static void Check(WebhookChanges changes, bool allowPrivate, List<FieldError> errors)
    {
        if (changes.Url is { } url) CheckUrl(url, allowPrivate, errors);
        if (changes.Events is { } events && (events.Count == 0 || events.Any(e => !WebhookEvents.All.Any(known => known.Name == e))))
            errors.Add(new FieldError("events", events.Count == 0 ? "There is none." : "There is one that is not known.", $"One or more of {string.Join(", ", WebhookEvents.All.Select(e => e.Name))}."));
        if (changes.Headers is { } headers) CheckHeaders(headers, errors);
    }

    private static void CheckUrl(string url, bool allowPrivate, List<FieldError> errors)
    {
        var problem = url switch
        {
            "" => "It is empty.",
            { Length: > 2000 } => "It is longer than 2000 characters.",
            _ when url.Any(c => c is <= ' ' or >= '\u007f') => "It holds spaces or characters outside ASCII.",
            _ when !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !(uri.Scheme == "https" || (allowPrivate && uri.Scheme == "http")) => "It is not an https address.",
            _ when new Uri(url).UserInfo.Length > 0 => "It holds a user name or password: put it into a header.",
            _ when new Uri(url).Fragment.Length > 0 => "It holds a fragment (#), which is never sent.",
            _ when !allowPrivate && IsPrivate(new Uri(url)) => "Its host is inside a private network.",
            _ => null,
        };
        if (problem is not null) errors.Add(new FieldError("url", problem, "An https address on the public internet."));
    }

    /// <summary>What the address itself gives away. Names are looked at when they are connected to.</summary>
    private static bool IsPrivate(Uri uri) =>
        uri.DnsSafeHost.TrimEnd('.') is var host && (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || (IPAddress.TryParse(host, out var address) && !PublicAddresses.Contains(address)));

    private static void CheckHeaders(IReadOnlyList<WebhookHeader> headers, List<FieldError> errors)
    {
        var problem = headers.Count > MostHeaders
            ? $"There are more than {MostHeaders}."
            : headers.Select(Problem).FirstOrDefault(p => p is not null) ?? (headers.DistinctBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Count() < headers.Count ? "One is given twice." : null);
        if (problem is not null) errors.Add(new FieldError("headers", problem, $"At most {MostHeaders} headers with a name such as X-Token and a value of 1 to {LongestValue} visible ASCII characters."));
    }

    private static string? Problem(WebhookHeader header) => header switch
    {
        { Name.Length: 0 or > 100 } => "One has no name, or a very long one.",
        _ when !header.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') => "A name holds a character that no header's name can hold.",
        _ when s_ours.Contains(header.Name.ToLowerInvariant(), StringComparer.Ordinal) || header.Name.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase) => $"{header.Name} is set by Buildyard itself.",
        { Value.Length: 0 or > LongestValue } => $"{header.Name} has no value, or a very long one.",
        _ when header.Value.Any(c => c is < ' ' or > '~') || header.Value.Trim() != header.Value => $"The value of {header.Name} holds something that no header can hold.",
        _ => null,
    };
}
