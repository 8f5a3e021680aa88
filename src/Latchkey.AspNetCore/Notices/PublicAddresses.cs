using System.Net;
using System.Net.Sockets;

namespace Latchkey.AspNetCore;

/// <summary>Addresses of the public internet: everything but loopback, private, link-local, shared, documentation, multicast and reserved ranges.</summary>
public static class PublicAddresses
{
    private static readonly IPNetwork[] s_others =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/3"),
    ];

    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");

    // Ranges inside 2000::/3 that lead elsewhere: tunnels that carry IPv4 addresses, and documentation.
    private static readonly IPNetwork[] s_tunnels = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16")];

    /// <summary>Every IPv4 range that is not of the public internet.</summary>
    public static IReadOnlyList<IPNetwork> OtherIPv4 => s_others;

    /// <summary>Whether an address is of the public internet; an IPv4 address inside an IPv6 one is judged as what it is.</summary>
    public static bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(s_others, network => network.Contains(address))
            : s_global.Contains(address) && !Array.Exists(s_tunnels, network => network.Contains(address));
    }
}
