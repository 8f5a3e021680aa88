using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

public static class SignInRegistration
{
    /// <summary>The cookie that a browser's sign-in is kept in; behind https with <c>__Host-</c> before it (<see cref="PublicUrl.CookieName"/>).</summary>
    internal const string CookieName = "buildyard";

    private const string Chooser = "buildyard";

    public static IServiceCollection AddSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddIdentityCore<Person>(options => options.User.RequireUniqueEmail = true).AddEntityFrameworkStores<BuildyardDb>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<KnownDevices>();
        services.AddScoped<SignInDoor>();
        services.AddScoped<Invitations>();
        services.AddAuthentication(Chooser)
            .AddPolicyScheme(Chooser, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey("Authorization") ? TokenAuthentication.Scheme : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.Scheme, null)
            .AddCookie(IdentityConstants.ApplicationScheme, options =>
            {
                options.Cookie.Name = PublicUrl.CookieName(configuration, CookieName);
                options.Cookie.HttpOnly = true;
                options.Cookie.SameSite = SameSiteMode.Lax;
                options.SlidingExpiration = false;
                options.LoginPath = "/signin";
                options.Events.OnValidatePrincipal = ValidateAsync;
            });
        if (PublicUrl.IsHttps(configuration))
            services.PostConfigure<AntiforgeryOptions>(options => options.Cookie.Name = PublicUrl.CookieName(configuration, "buildyard-forms"));
        return services;
    }

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        SignInPages.Map(routes);
        WelcomePages.Map(routes);
        SignInApi.Map(routes);
    }

    /// <summary>A cookie is good while its sign-in is on record and the person's security stamp is the one it was made with.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var db = context.HttpContext.RequestServices.GetRequiredService<BuildyardDb>();
        var clock = context.HttpContext.RequestServices.GetRequiredService<TimeProvider>();
        var id = SignInDoor.SignInId(context.Principal!);
        var record = await db.SignIns.Include(s => s.Person).SingleOrDefaultAsync(s => s.Id == id && s.TokenHash == null);
        if (record is null || record.Person.Suspended || record.ExpiresAt <= clock.Now()
            || record.Person.SecurityStamp != context.Principal!.FindFirstValue("stamp"))
            context.RejectPrincipal();
    }
}
