using System.Security.Cryptography;
using Microsoft.AspNetCore.HttpsPolicy;
using Microsoft.Extensions.Options;

namespace Buildyard;

/// <summary>Headers that keep a page to itself: no foreign scripts, no frames, no sniffing, no referrers.</summary>
internal static class SecurityHeaders
{
    private static readonly object s_nonce = new();

    private static readonly TimeSpan s_httpsOnly = TimeSpan.FromDays(365);

    /// <summary>Where people come by https, every request counts as such, and browsers are told to come by nothing else.</summary>
    public static void UseHttps(this WebApplication app)
    {
        if (PublicUrl.IsHttps(app.Configuration))
        {
            app.Use((context, next) =>
            {
                context.Request.Scheme = Uri.UriSchemeHttps;
                return next(context);
            });
        }
        app.UseMiddleware<HstsMiddleware>(Options.Create(new HstsOptions { MaxAge = s_httpsOnly }));
    }

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = Policy("");
        return next(context);
    });

    /// <summary>
    /// This response's nonce for styles that the editor makes at run time. Only a page that asks has one: what is refused
    /// is refused with the same headers, whatever it was.
    /// </summary>
    public static string Nonce(HttpContext context)
    {
        if (context.Items[s_nonce] is not string nonce)
        {
            context.Items[s_nonce] = nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            context.Response.Headers.ContentSecurityPolicy = Policy($" 'nonce-{nonce}'");
        }

        return nonce;
    }

    private static string Policy(string style) =>
        $"default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}
