using System.Net;
using System.Net.Sockets;
using Latchkey.AspNetCore;
namespace Buildyard;

/// <summary>Where a repository is fetched from, with the very address of its host that was found acceptable.</summary>
/// <param name="Url">What git is given.</param>
/// <param name="Protocol">https, ssh or file, in git's words.</param>
/// <param name="Host">The host's name; empty for a file.</param>
/// <param name="Port">Its port.</param>
/// <param name="Address">The host's address; null for a file.</param>
internal sealed record SourceAddress(string Url, string Protocol, string Host, int Port, IPAddress? Address)
{
    /// <summary>Whether a repository at this address is read over SSH.</summary>
    public static bool IsOverSsh(string url) => Parse(url) is { Protocol: "ssh" };

    internal static (string Protocol, string Host, int Port)? Parse(string url) => RepositoryAddress.Parse(url) switch
    {
        { Scheme: "file" } => ("file", "", 0),
        // The host goes into a command line: nothing but a name or an address may.
        { Host: var host } when Uri.CheckHostName(host) == UriHostNameType.Unknown => null,
        { Scheme: "https", Host: var host, Port: var port } => ("https", host, port ?? 443),
        { Scheme: "ssh", Host: var host, Port: var port } => ("ssh", host, port ?? 22),
        _ => null,
    };
}

/// <summary>
/// Which repositories this instance reads: those on the public internet; on hosts of its own network and on this machine's disk where
/// configuration <c>Git:AllowPrivateHosts</c> (default false) says so; and its own, each for the account that it belongs to.
/// </summary>
/// <param name="allowPrivateHosts">Whether hosts of the operator's own network, and this machine's disk, may be read.</param>
/// <param name="own">This instance's own repositories.</param>
internal sealed class SourceAddresses(bool allowPrivateHosts, OwnRepositories own)
{
    /// <summary>Resolves once, so that a name can't point elsewhere a moment later.</summary>
    /// <param name="url">https, ssh, <c>git@host:path</c>; a file where private hosts are allowed.</param>
    /// <param name="account">For whose app. What belongs to another account is as unknown as any host that isn't there.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <returns>The address, or why it can't be fetched from.</returns>
    public async Task<(SourceAddress? Address, string? Problem)> ResolveAsync(string url, string account, CancellationToken cancellation)
    {
        if (RepositoryAddress.Problem(url) is { } problem) return (null, $"The repository's address {problem}");
        if (own.Find(account, url) is { } directory) return (new SourceAddress(new Uri(directory).AbsoluteUri, "file", "", 0, null), null);
        if (SourceAddress.Parse(url) is not var (protocol, host, port)) return (null, $"The repository's address {RepositoryAddress.NotCloned}");
        if (protocol == "file") return allowPrivateHosts ? (new SourceAddress(url, protocol, "", 0, null), null) : (null, "Repositories on this machine's disk can't be cloned.");
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return (null, $"There is no host named {host}.");
        }
        var found = allowPrivateHosts ? addresses.FirstOrDefault() : Array.Find(addresses, PublicAddresses.Contains);
        return found is null ? (null, $"{host} is inside a private network.") : (new SourceAddress(url, protocol, host, port, found), null);
    }
}
