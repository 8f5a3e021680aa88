using System.Buffers;
using System.Text;

namespace Latchkey;

/// <summary>The rules by which a value of a HAR file is kept, and the memory of what was removed.</summary>
internal sealed class HarValues(KnownSecrets known, RemovedParts removed)
{
    // A header whose name is not here keeps its name and loses its value: what a stranger's header holds, nobody can say.
    private static readonly HashSet<string> s_plainHeaders = new(
        """
        accept accept-encoding accept-language accept-ranges access-control-allow-credentials access-control-allow-headers access-control-allow-methods
        access-control-allow-origin access-control-expose-headers access-control-max-age access-control-request-headers access-control-request-method age allow
        cache-control cf-cache-status cf-ray connection content-disposition content-encoding content-language content-length content-location content-range content-type
        cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date dnt expires host keep-alive last-modified location origin pragma priority
        range referer referrer-policy retry-after sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc
        sec-websocket-version server strict-transport-security te trailer transfer-encoding upgrade upgrade-insecure-requests user-agent vary via x-cache
        x-content-type-options x-correlation-id x-frame-options x-powered-by x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset x-request-id x-requested-with
        x-runtime x-trace-id x-xss-protection :authority :method :path :scheme :status
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_addressHeaders = new(["referer", "location", "origin", "content-location", ":path"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> s_files = new(["js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "webp", "svg", "ico", "woff", "woff2", "ttf"], StringComparer.OrdinalIgnoreCase);

    private static readonly SearchValues<char> s_noAddress = SearchValues.Create(" \t\r\n<>\"{");

    /// <summary>The request that is being read, for the list of what was removed.</summary>
    public string? Where { get; set; }

    /// <summary>Notes that something was left out.</summary>
    public void LeftOut(RemovedKind kind, string? name, bool ofWholeFile = false) => removed.Add(kind, ofWholeFile ? null : Where, name);

    /// <summary>A field's value: nothing of it where its name or its shape says that it is secret.</summary>
    public string Field(RemovedKind kind, string name, string value)
    {
        var secret = kind is RemovedKind.FormField or RemovedKind.AddressPart ? SecretNames.IsSecretParameter(name) : SecretNames.IsSecret(name);
        return secret || SecretNames.IsOpaque(value) ? Remove(kind, name, value) : Plain(kind, name, value);
    }

    /// <summary>Removes a value whatever it is.</summary>
    public string Remove(RemovedKind kind, string? name, string value, int shortest = 6)
    {
        if (value.Length == 0) return value;
        removed.Add(kind, Where, name);
        known.Add(value, shortest);
        return SecretNames.Removed;
    }

    /// <summary>Text that nothing marks as secret: addresses in it are cleaned, and whatever has the shape of a secret goes.</summary>
    public string Plain(RemovedKind kind, string? name, string value)
    {
        if (IsAddress(value)) return Address(value);
        var masked = TextSecrets.Mask(value, (of, secret) =>
        {
            removed.Add(kind, Where, of ?? name);
            known.Add(secret);
        });
        return known.Mask(masked, () => removed.Add(kind, Where, name));
    }

    public string Header(string name, string value)
    {
        if (value.Length == 0) return value;
        if (s_addressHeaders.Contains(name)) return Address(value);
        if (s_plainHeaders.Contains(name)) return Plain(RemovedKind.Header, name, value);

        // What was in it may stand elsewhere without its scheme or its cookie's name.
        var shortest = SecretNames.IsSecret(name) ? 6 : int.MaxValue;
        if (name.Contains("cookie", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var pair in value.Split([';', '\n'], StringSplitOptions.TrimEntries)) Cookie(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }
        else if (shortest == 6)
        {
            known.Add(value[(value.LastIndexOf(' ') + 1)..]);
        }

        return Remove(RemovedKind.Header, name, value, shortest);
    }

    /// <summary>Remembers a cookie's value; short ones are settings such as a language, and words that stand anywhere.</summary>
    public void Cookie(string value) => known.Add(value, shortest: 12);

    /// <summary>An address without its user, its fragment, and the secret ones of its parameters and segments.</summary>
    public string Address(string address)
    {
        var text = new StringBuilder(address.Length);
        var rest = address.AsSpan();
        if (rest.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("blob:", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase))
        {
            LeftOut(RemovedKind.AddressPart, "content");
            return rest[..(rest.IndexOf(':') + 1)].ToString() + SecretNames.Removed;
        }

        if (rest.IndexOf('#') is >= 0 and var hash)
        {
            if (hash < rest.Length - 1) Remove(RemovedKind.AddressPart, "fragment", rest[(hash + 1)..].ToString(), shortest: 12);
            rest = rest[..hash];
        }

        var query = rest.IndexOf('?') is >= 0 and var mark ? rest[(mark + 1)..] : default;
        var path = rest[..(rest.Length - query.Length - (rest.Contains('?') ? 1 : 0))];
        if (path.IndexOf("://") is >= 0 and var scheme)
        {
            text.Append(path[..(scheme + 3)]);
            path = path[(scheme + 3)..];
            var host = path.IndexOf('/') is >= 0 and var slash ? path[..slash] : path;
            path = path[host.Length..];
            if (host.LastIndexOf('@') is >= 0 and var user)
            {
                Remove(RemovedKind.AddressPart, "user", host[..user].ToString());
                text.Append(SecretNames.Removed).Append('@');
                host = host[(user + 1)..];
            }

            text.Append(host);
        }

        Segments(path, text);
        if (rest.Contains('?')) text.Append('?').Append(Pairs(RemovedKind.AddressPart, query.ToString()));
        return known.Mask(text.ToString(), () => LeftOut(RemovedKind.AddressPart, "address"));
    }

    /// <summary>Pairs as in an address's parameters and in a form that was sent.</summary>
    public string Pairs(RemovedKind kind, string pairs) => string.Join('&', pairs.Split('&').Select(pair =>
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        if (at < 0) return SecretNames.IsOpaque(pair) ? Remove(kind, null, pair) : Plain(kind, null, pair);
        var (name, value) = (Decode(pair[..at]), Decode(pair[(at + 1)..]));
        var kept = Field(kind, name, value);
        return pair[..(at + 1)] + (kept == value ? pair[(at + 1)..] : kept == SecretNames.Removed ? kept : Uri.EscapeDataString(kept));
    }));

    private void Segments(ReadOnlySpan<char> path, StringBuilder text)
    {
        var before = "";
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            if (range.Start.Value > 0) text.Append('/');
            var isFile = segment.LastIndexOf('.') is >= 0 and var dot && s_files.GetAlternateLookup<ReadOnlySpan<char>>().Contains(segment[(dot + 1)..]);
            var secret = segment.Length > 0 && ((!isFile && SecretNames.IsOpaque(segment)) || (segment.Length >= 12 && before is "reset" or "invite" or "invitations" or "invitation" or "verify" or "confirm" or "magic" or "token" or "unsubscribe"));
            text.Append(secret ? Remove(RemovedKind.AddressPart, "segment", segment.ToString()) : segment);
            before = segment.Length < 16 ? segment.ToString().ToLowerInvariant() : "";
        }
    }

    private static bool IsAddress(string value) =>
        (value.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("wss://", StringComparison.OrdinalIgnoreCase) || value is ['/', not ' ', ..])
        && !value.AsSpan().ContainsAny(s_noAddress);

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
