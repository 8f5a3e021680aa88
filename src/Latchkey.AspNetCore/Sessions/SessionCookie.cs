using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.AspNetCore;

/// <summary>
/// The cookie of a session: one per app, so that several apps may be open side by side. It works only beside the sign-in
/// of the agent it was made for; on its own it opens nothing.
/// </summary>
internal static class SessionCookie
{
    public const string NamePrefix = "latchkey.";

    public static string? Read(HttpContext context, AppId app) => context.Request.Cookies[NameOf(app)];

    public static void Write(HttpContext context, AppId app, string secret) =>
        context.Response.Cookies.Append(NameOf(app), secret, Options(context));

    /// <summary>Takes the cookie from a browser that showed one.</summary>
    public static void Delete(HttpContext context, AppId app)
    {
        if (Read(context, app) is not null)
        {
            context.Response.Cookies.Delete(NameOf(app), Options(context));
        }
    }

    // The id itself stays out of the name: a cookie's name takes fewer characters than an id.
    private static string NameOf(AppId app) =>
        NamePrefix + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(app.Value)).AsSpan(0, 12));

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        Secure = context.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        // As the other cookies of an app below a path base: what else the machine serves is not sent it.
        Path = context.Request.PathBase.HasValue ? context.Request.PathBase.ToUriComponent() : "/",
        IsEssential = true,
    };
}
