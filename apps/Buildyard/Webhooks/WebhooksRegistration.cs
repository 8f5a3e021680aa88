namespace Buildyard;

public static class WebhooksRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services) => services
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookCourier>()
        .AddHostedService(provider => provider.GetRequiredService<WebhookCourier>())
        .AddHostedService<AccessNews>()
        .AddScoped(provider => new WebhookOutbox(provider.GetRequiredService<BuildyardDb>(), provider.GetRequiredService<WebhookCourier>(), provider.GetRequiredService<TimeProvider>()))
        .AddScoped<WebhookBook>()
        .AddScoped<WebhookDesk>();

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        WebhookPages.Map(routes);
        WebhookApi.Map(routes);
    }
}
