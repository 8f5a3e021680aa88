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

    /// <summary>
    /// Whether people reach this instance by https alone: cookies are for that alone then, and requests count as such, however a proxy passes them on.
    /// </summary>
    public static bool IsHttps(IConfiguration configuration) => Read(configuration)?.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether people reach this instance through something that stands in front of it.</summary>
    public static bool IsElsewhere(IConfiguration configuration) => Read(configuration) is { } url && (url.Scheme == Uri.UriSchemeHttps || !url.IsLoopback);

    /// <summary>What a cookie of ours is called: behind https by a name that browsers keep from other hosts and from plain http.</summary>
    public static string CookieName(IConfiguration configuration, string name) => IsHttps(configuration) ? $"__Host-{name}" : name;

    private static Uri? Read(IConfiguration configuration) => Uri.TryCreate(configuration["public-url"], UriKind.Absolute, out var url) ? url : null;

    private string Listening() =>
        (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost")
            .Replace("*", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
}
