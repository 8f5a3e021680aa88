using Latchkey.AspNetCore;
using Latchkey.Sqlite;

namespace Buildyard;

public static class SupportRegistration
{
    public static IServiceCollection AddSupport(this IServiceCollection services, DataDirectory directory)
    {
        services.AddScoped<SupportTeam>().AddScoped<SupportTeamDesk>();
        services.AddOptions<LatchkeyOptions>().Configure<IConfiguration>(ReadWaysOut);
        services.AddLatchkey(options =>
        {
            options.Team = "Buildyard Support";
            options.Catalogue = BuildyardPermissions.Catalogue;
            options.Layout = typeof(MainLayout);
            options.SignInPath = "/signin";
            options.AppPath = slug => $"/apps/{slug}";
            options.SettingsPath = slug => $"/apps/{slug}/settings";
            options.TeamPath = "/support/team";
            options.HelpLinks.Add(new HelpLink("Steps and the bitrise.yml", "https://devcenter.bitrise.io/en/references/steps-reference.html", "What each step takes, and how workflows are written."));
            options.HelpLinks.Add(new HelpLink("The API of this Buildyard", "/openapi/v1.json", "Most of what pages do, for programs."));
            options.HelpLinks.Add(new HelpLink("How it stands", "/healthz", "Whether Buildyard and support access work right now."));
        })
            .UseHost<BuildyardSupportHost>()
            .UseUndo<SupportChanges>()
            .UseSharing<AppSharing>()
            .UseProposals<AppProposals>()
            .UseNotices<BuildyardNoticeHost>()
            .UseStore(provider => new SqliteStore(directory.Latchkey, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>What lies in the operator's network is open to these webhooks where it is to Buildyard's own; mails go through the same server that Buildyard's own mails go through.</summary>
    private static void ReadWaysOut(LatchkeyOptions options, IConfiguration configuration)
    {
        options.SignInCookies.Add(PublicUrl.CookieName(configuration, SignInRegistration.CookieName));
        options.AllowPrivateWebhooks = WebhookSender.AllowsPrivate(configuration);
        if (string.IsNullOrEmpty(configuration["Smtp:Host"]) || string.IsNullOrEmpty(configuration["Smtp:From"])) return;
        var mail = options.Mail;
        (mail.Host, mail.From, mail.User, mail.Password) = (configuration["Smtp:Host"], configuration["Smtp:From"], configuration["Smtp:User"], configuration["Smtp:Password"]);
        (mail.Port, mail.StartTls) = (configuration.GetValue("Smtp:Port", 25), configuration.GetValue("Smtp:Tls", false));
    }

    public static void MapSupport(this IEndpointRouteBuilder routes)
    {
        routes.MapLatchkey("/support-access");
        SupportTeamPages.Map(routes);
    }
}
