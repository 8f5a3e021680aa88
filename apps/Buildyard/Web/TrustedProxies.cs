using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Buildyard;

/// <summary>
/// The proxies that may say whom they speak for (<c>--trusted-proxies</c>, addresses and networks with commas between): of their requests the
/// address of whoever asks is that in <c>X-Forwarded-For</c>, and the scheme that in <c>X-Forwarded-Proto</c>. Nobody else's word counts. What a
/// proxy says the host is never counts.
/// </summary>
internal sealed partial class TrustedProxies
{
    private const string Option = "trusted-proxies";
    private readonly IReadOnlyList<IPNetwork> _networks;
    private int _told;

    private TrustedProxies(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    /// <exception cref="StartRefusedException">One is none, or is everybody.</exception>
    public static TrustedProxies Read(IConfiguration configuration)
    {
        if (configuration.GetValue("ForwardedHeaders_Enabled", "") is "true" or "True")
            throw new StartRefusedException($"ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody. Leave it out, and name the proxies with --{Option}.");
        var names = configuration[Option] ?? configuration["TrustedProxies"] ?? "";
        return new TrustedProxies([.. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Network)]);
    }

    public void Use(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILogger<TrustedProxies>>();
        if (_networks.Count == 0 && PublicUrl.IsElsewhere(app.Configuration)) LogNoneNamed(logger, app.Configuration["public-url"]!);
        app.Use((context, next) =>
        {
            var speaks = context.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName);
            if (speaks && context.Connection.RemoteIpAddress is { } from && !Has(from) && Interlocked.Exchange(ref _told, 1) == 0) LogNotBelieved(logger, from);
            return next(context);
        });
        if (_networks.Count == 0) return;
        // Several proxies in a row are gone through as long as each is named.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in _networks) options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }

    private bool Has(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(network => network.Contains(plain));
    }

    private static IPNetwork Network(string name)
    {
        var network = IPAddress.TryParse(name, out var one) ? new IPNetwork(one, one.GetAddressBytes().Length * 8)
            : IPNetwork.TryParse(name, out var many) ? many
            : throw new StartRefusedException($"--{Option}: '{name}' is neither an address such as 192.0.2.1 nor a network such as 10.0.0.0/8.");
        return network.PrefixLength > 0 ? network : throw new StartRefusedException($"--{Option}: '{name}' is everybody. Name the proxies alone.");
    }

    [LoggerMessage(2101, LogLevel.Warning, "--public-url is {Url}, and no proxy is named. Where one stands in front, name it with --trusted-proxies: "
        + "until then everybody who comes through it counts as one when passwords are guessed.")]
    private static partial void LogNoneNamed(ILogger logger, string url);

    [LoggerMessage(2102, LogLevel.Warning, "A request from {Address} names whom it speaks for (X-Forwarded-For) and is not believed. "
        + "If that is a proxy of yours, name it with --trusted-proxies. This is said once.")]
    private static partial void LogNotBelieved(ILogger logger, IPAddress address);
}
