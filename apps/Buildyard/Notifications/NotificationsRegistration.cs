namespace Buildyard;

public static class NotificationsRegistration
{
    public static IServiceCollection AddNotifications(this IServiceCollection services) => services
        .AddSingleton<MailCourier>()
        .AddHostedService(provider => provider.GetRequiredService<MailCourier>())
        .AddScoped(provider => new Notifier(provider.GetRequiredService<BuildyardDb>(), provider.GetRequiredService<MailCourier>(), provider.GetRequiredService<TimeProvider>()))
        .AddScoped<BuildNews>()
        .AddScoped<NotificationBook>()
        .AddScoped<Inbox>()
        .AddScoped<NotificationDesk>();

    public static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        NotificationPages.Map(routes);
        NotificationApi.Map(routes);
    }
}
