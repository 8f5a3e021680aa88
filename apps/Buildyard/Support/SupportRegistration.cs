using Latchkey.AspNetCore;
using Latchkey.Sqlite;

namespace Buildyard;

public static class SupportRegistration
{
    public static IServiceCollection AddSupport(this IServiceCollection services, DataDirectory directory)
    {
        services.AddScoped<SupportTeam>();
        services.AddLatchkey(options =>
        {
            options.Team = "Buildyard Support";
            options.Catalogue = BuildyardPermissions.Catalogue;
            options.Layout = typeof(MainLayout);
            options.SignInPath = "/signin";
            options.AppPath = slug => $"/apps/{slug}";
            options.SettingsPath = slug => $"/apps/{slug}/settings";
            options.SignInCookies.Add(SignInRegistration.CookieName);
        })
            .UseHost<BuildyardSupportHost>()
            .UseUndo<SupportChanges>()
            .UseNotices<BuildyardNoticeHost>()
            .UseStore(provider => new SqliteStore(directory.Latchkey, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    public static void MapSupport(this IEndpointRouteBuilder routes)
    {
        routes.MapLatchkey("/support-access");
        SupportTeamPages.Map(routes);
    }
}
