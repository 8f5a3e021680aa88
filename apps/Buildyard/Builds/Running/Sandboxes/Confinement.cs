using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>What keeps a sandbox on this machine.</summary>
/// <param name="Missing">Why there is no sandbox, in one sentence; null when there is one.</param>
/// <param name="NetworkMissing">Why steps have no network, in one sentence; null when they have.</param>
public sealed record Confinement(string? Missing, string? NetworkMissing)
{
    /// <summary>Whether steps are kept apart from everything else.</summary>
    public bool IsIsolated => Missing is null;

    /// <summary>Whether steps reach the public internet, and only that.</summary>
    public bool HasNetwork => IsIsolated && NetworkMissing is null;

    /// <summary>What people ought to know of where builds run here, as log, pages and start say it; null when nothing is missing.</summary>
    /// <param name="allowsUnsandboxed">Whether builds run without a sandbox where there is none.</param>
    public string? Warning(bool allowsUnsandboxed) => this switch
    {
        { IsIsolated: false } when allowsUnsandboxed => $"Builds run WITHOUT a sandbox: their steps can read and change what Buildyard itself can. {Missing}",
        { IsIsolated: false } => $"This machine has no sandbox, so no build is run. {Missing}",
        { HasNetwork: false } => $"Builds have no network. {NetworkMissing}",
        _ => null,
    };
}

/// <summary>The programs that a sandbox is put together from.</summary>
internal static class SandboxTools
{
    private static readonly string[] s_places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

    public const string SearchPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

    /// <summary>Those of <paramref name="names"/> that this machine lacks.</summary>
    public static IReadOnlyList<string> Lacking(params ReadOnlySpan<string> names)
    {
        var lacking = new List<string>();
        foreach (var name in names)
            if (!s_places.Any(place => File.Exists(Path.Combine(place, name)))) lacking.Add(name);
        return lacking;
    }
}

/// <summary>The rules of a build's network: the resolver and the public internet, nothing of this machine or of its network.</summary>
internal static class NetworkFence
{
    /// <summary>Where slirp4netns answers names.</summary>
    private const string Resolver = "10.0.2.3";

    /// <summary>
    /// For nft, in the build's own network namespace. IPv6 is not let out at all; neither are the public addresses of this machine,
    /// where Buildyard itself may listen.
    /// </summary>
    public static string RulesFor(Confinement confinement)
    {
        if (!confinement.HasNetwork) return "";
        var refused = PublicAddresses.OtherIPv4.Select(network => network.ToString()).Concat(Own().Select(address => address.ToString()));
        return $$"""
            table inet fence {
              chain out {
                type filter hook output priority 0; policy drop;
                oifname "lo" accept
                ip daddr {{Resolver}} udp dport 53 accept
                ip daddr {{Resolver}} tcp dport 53 accept
            {{string.Join('\n', refused.Select(range => $"    ip daddr {range} reject"))}}
                meta nfproto ipv6 reject
                meta nfproto ipv4 accept
              }
            }

            """;
    }

    private static IEnumerable<IPAddress> Own() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork);
}
