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

    // What a path lets somebody in with, and what has the shape of a token, is no shorter.
    private const int ShortestSecret = 12;

    private static readonly SearchValues<char> s_noAddress = SearchValues.Create(" \t\r\n<>\"{");
    private static readonly SearchValues<char> s_behindAddress = SearchValues.Create(" \t\r\n<>\"'`{}()|\\");

    // What follows one of these in a path lets somebody in.
    private static readonly SearchValues<string> s_lettingIn = SearchValues.Create(
        ["reset", "invit", "verif", "confirm", "activat", "magic", "token", "unsubscri"], StringComparison.OrdinalIgnoreCase);

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
        var masked = TextSecrets.Mask(Addresses(value), (of, secret) =>
        {
            removed.Add(kind, Where, of ?? name);
            known.Add(secret);
        });
        return known.Mask(masked, () => removed.Add(kind, Where, name));
    }

    /// <summary>A text with the addresses in it cleaned.</summary>
    private string Addresses(string text)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        if (at < 0) return text;
        var (output, copied) = (new StringBuilder(text.Length), 0);
        for (; at >= 0; at = text.IndexOf("://", at, StringComparison.Ordinal))
        {
            var from = at;
            while (from > copied && char.IsAsciiLetter(text[from - 1])) from--;
            var length = text.AsSpan(at + 3).IndexOfAny(s_behindAddress);
            at = length < 0 ? text.Length : at + 3 + length;
            output.Append(text, copied, from - copied).Append(Address(text[from..at]));
            copied = at;
        }

        return output.Append(text, copied, text.Length - copied).ToString();
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
            Credentials(value[(value.LastIndexOf(' ') + 1)..]);
        }

        return Remove(RemovedKind.Header, name, value, shortest);
    }

    /// <summary>Remembers what follows a scheme, and the password in it where it is a pair in Base64 (RFC 7617).</summary>
    private void Credentials(string value)
    {
        known.Add(value);
        var pair = new byte[value.Length];
        if (Convert.TryFromBase64String(value, pair, out var length) && pair.AsSpan(0, length).IndexOf((byte)':') is >= 0 and var colon)
        {
            known.Add(Encoding.UTF8.GetString(pair.AsSpan(colon + 1, length - colon - 1)));
        }
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

        var query = rest.IndexOf('?');
        Segments(query < 0 ? rest : rest[..query], text);
        if (query >= 0) text.Append('?').Append(Pairs(RemovedKind.AddressPart, rest[(query + 1)..].ToString()));
        return known.Mask(text.ToString(), () => LeftOut(RemovedKind.AddressPart, "address"));
    }

    /// <summary>Pairs as in an address's parameters and in a form that was sent.</summary>
    public string Pairs(RemovedKind kind, string pairs) => string.Join('&', pairs.Split('&').Select(pair => Pair(kind, pair)));

    private string Pair(RemovedKind kind, string pair)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        if (at < 0) return SecretNames.IsOpaque(pair) ? Remove(kind, null, pair) : Plain(kind, null, pair);

        // What is to be passed on is encoded once more for each that passes it on.
        var (name, whole) = (Decode(pair[..at]), Decode(pair[(at + 1)..]));
        for (var deeper = 0; deeper < 3 && whole.Contains('%', StringComparison.Ordinal); deeper++) whole = Uri.UnescapeDataString(whole);
        var kept = Field(kind, name, whole);
        return pair[..(at + 1)] + (kept == whole ? pair[(at + 1)..] : kept == SecretNames.Removed ? kept : Uri.EscapeDataString(kept));
    }

    /// <summary>The path, host included: each segment by itself.</summary>
    private void Segments(ReadOnlySpan<char> path, StringBuilder text)
    {
        ReadOnlySpan<char> before = default, last = default;
        var number = 0;
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            if (number > 0) text.Append('/');
            var isHost = number >= 2 && last.Length == 0 && (before.EndsWith(":") || (number == 2 && before.Length == 0));
            if (isHost ? !segment.Contains('@') : IsPlain(segment))
            {
                text.Append(segment);
            }
            else if (isHost)
            {
                text.Append(Host(segment.ToString()));
            }
            else
            {
                var letsIn = last.Length < 32 && last.ContainsAny(s_lettingIn);
                text.AppendJoin(';', segment.ToString().Split(';').Select(part => Segment(part, letsIn)));
            }

            before = last;
            last = segment;
            number++;
        }
    }

    /// <summary>Whether a segment has neither parameters nor room for a secret: most have not, and an address has many.</summary>
    private static bool IsPlain(ReadOnlySpan<char> segment) =>
        !segment.ContainsAny(';', '=') && (segment.Length < ShortestSecret || IsFile(segment));

    private static bool IsFile(ReadOnlySpan<char> segment) =>
        segment.LastIndexOf('.') is >= 0 and var dot && s_files.GetAlternateLookup<ReadOnlySpan<char>>().Contains(segment[(dot + 1)..]);

    private string Host(string host)
    {
        var at = host.LastIndexOf('@');
        if (at < 0) return host;
        var colon = host.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && colon < at) known.Add(Uri.UnescapeDataString(host[(colon + 1)..at]));
        return Remove(RemovedKind.AddressPart, "user", host[..at]) + host[at..];
    }

    /// <summary>A segment, or a parameter of it behind a semicolon (RFC 3986, section 3.3).</summary>
    private string Segment(string part, bool letsIn) =>
        IsFile(part) ? part
        : letsIn && part.Length >= ShortestSecret ? Remove(RemovedKind.AddressPart, "segment", part)
        : Pair(RemovedKind.AddressPart, part);

    private static bool IsAddress(string value) =>
        (value.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("wss://", StringComparison.OrdinalIgnoreCase) || value is ['/', not ' ', ..])
        && !value.AsSpan().ContainsAny(s_noAddress);

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
