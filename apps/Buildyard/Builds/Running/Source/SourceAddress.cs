using System.Net;
using System.Net.Sockets;

namespace Buildyard;

/// <summary>Where a repository is fetched from, with the very address of its host that was found acceptable.</summary>
/// <param name="Url">As it was given.</param>
/// <param name="Protocol">https, ssh or file, in git's words.</param>
/// <param name="Host">The host's name; empty for a file.</param>
/// <param name="Port">Its port.</param>
/// <param name="Address">The host's address; null for a file.</param>
internal sealed record SourceAddress(string Url, string Protocol, string Host, int Port, IPAddress? Address)
{
    /// <summary>
    /// Resolves once, so that a name can't point elsewhere a moment later.
    /// </summary>
    /// <param name="url">https, ssh, <c>git@host:path</c>; a file where private hosts are allowed.</param>
    /// <param name="allowPrivate">Whether hosts of the operator's own network, and this machine's disk, may be read.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <returns>The address, or why it can't be fetched from.</returns>
    public static async Task<(SourceAddress? Address, string? Problem)> ResolveAsync(string url, bool allowPrivate, CancellationToken cancellation)
    {
        if (Parse(url) is not { } parsed) return (null, "The repository's address is not one that can be cloned.");
        var (protocol, host, port) = parsed;
        if (protocol == "file") return allowPrivate ? (new SourceAddress(url, protocol, "", 0, null), null) : (null, "Repositories on this machine's disk can't be cloned.");
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return (null, $"There is no host named {host}.");
        }
        var found = allowPrivate ? addresses.FirstOrDefault() : Array.Find(addresses, PublicAddresses.Contains);
        return found is null ? (null, $"{host} is inside a private network.") : (new SourceAddress(url, protocol, host, port, found), null);
    }

    private static (string Protocol, string Host, int Port)? Parse(string url)
    {
        if (url.StartsWith('-') || url.Any(c => c is <= ' ' or >= '\u007f')) return null;
        if (url.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.DnsSafeHost.StartsWith('-')) return null;
            return uri.Scheme switch
            {
                "https" => ("https", uri.DnsSafeHost, uri.Port),
                "ssh" => ("ssh", uri.DnsSafeHost, uri.Port > 0 ? uri.Port : 22),
                "file" => ("file", "", 0),
                _ => null,
            };
        }
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var at = url.IndexOf('@', StringComparison.Ordinal);
        return colon > 0 && at > 0 && at < colon - 1 && url[at + 1] != '-' ? ("ssh", url[(at + 1)..colon], 22) : null;
    }
}
