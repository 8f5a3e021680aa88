using System.Net;
using System.Net.Sockets;

namespace Latchkey.AspNetCore;

/// <summary>The host lies in the operator's own network, where nothing is sent to.</summary>
/// <param name="host">The host, as it was named.</param>
#pragma warning disable CA1032 // Thrown in this file alone, to get through the HTTP client.
public sealed class PrivateTargetException(string host) : Exception($"{host} lies in this instance's own network, where nothing is sent to.");
#pragma warning restore CA1032

/// <summary>The way out for HTTP to addresses that customers and support typed in.</summary>
public static class FencedHandler
{
    /// <summary>
    /// A handler that follows no redirects, keeps no cookies and asks no proxy. It looks each name up itself and connects to an address
    /// that was looked at, so that a name can't point elsewhere a moment later.
    /// </summary>
    /// <param name="allowsPrivate">Whether addresses of the operator's own network may be reached.</param>
    public static SocketsHttpHandler Create(bool allowsPrivate) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, allowsPrivate, cancellation),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowsPrivate, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = allowsPrivate ? addresses : Array.FindAll(addresses, PublicAddresses.Contains);
        if (allowed.Length == 0)
        {
            throw new PrivateTargetException(target.Host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
