using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.DataProtection;

namespace Buildyard;

/// <summary>Where a try to sign in comes from: a device on which this very person signed in before, or else an address of the network.</summary>
internal readonly record struct SignInPlace(string Key, bool IsKnownDevice);

/// <summary>
/// Knows devices again on which people signed in, by a cookie that outlives the sign-in. It lets nobody in: it says that a person's wrong passwords
/// on their own device are counted apart from everybody else's behind the same address.
/// </summary>
internal sealed class KnownDevices(IDataProtectionProvider protection, IConfiguration configuration, TimeProvider clock)
{
    /// <summary>How many people one device is remembered for: the last ones.</summary>
    private const int MostPeople = 5;

    private static readonly TimeSpan s_life = TimeSpan.FromDays(365);
    private readonly IDataProtector _protector = protection.CreateProtector("device");
    private readonly string _cookie = PublicUrl.CookieName(configuration, "buildyard-device");

    /// <summary>Where a request for the person of an e-mail address comes from.</summary>
    public SignInPlace PlaceOf(HttpContext context, string email) =>
        Read(context.Request) is { } device && device.Emails.Contains(email, StringComparer.Ordinal)
            ? new SignInPlace($"device {device.Id}", IsKnownDevice: true)
            : new SignInPlace($"address {Network(context.Connection.RemoteIpAddress)}", IsKnownDevice: false);

    /// <summary>Remembers that the person of an e-mail address has just signed in on this device.</summary>
    public void Remember(HttpContext context, string email)
    {
        var known = Read(context.Request);
        string[] lines = [known?.Id ?? Ids.Create("dev", clock.Now()), email, .. (known?.Emails ?? []).Where(e => e != email).Take(MostPeople - 1)];
        context.Response.Cookies.Append(_cookie, _protector.Protect(string.Join('\n', lines)), new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = s_life,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
        });
    }

    private Device? Read(HttpRequest request)
    {
        if (request.Cookies[_cookie] is not { Length: > 0 } cookie) return null;
        try
        {
            var lines = _protector.Unprotect(cookie).Split('\n');
            return new Device(lines[0], lines[1..]);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Made up, or by another instance.
            return null;
        }
    }

    /// <summary>Whoever has one address of IPv6 has all of its /64.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is null) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private sealed record Device(string Id, string[] Emails);
}
