using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Buildyard;

/// <summary>
/// The address that people and programs outside reach this instance at: <c>--public-url</c>, else the first address it listens on.
/// Links in mails, checks and builds begin with it; never with what a request says its host is.
/// </summary>
internal sealed class PublicUrl(IConfiguration configuration, IServer server)
{
    public string To(string path) => (configuration["public-url"] ?? Listening()).TrimEnd('/') + path;

    private string Listening() =>
        (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost")
            .Replace("*", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
}
