namespace Buildyard;

public static class IntegrationsRegistration
{
    public static IServiceCollection AddIntegrations(this IServiceCollection services) => services.AddScoped<AppleKeyRing>().AddScoped<AppConnections>();

    public static void MapIntegrations(this IEndpointRouteBuilder routes)
    {
        IntegrationPages.Map(routes);
        IntegrationApi.Map(routes);
    }
}
