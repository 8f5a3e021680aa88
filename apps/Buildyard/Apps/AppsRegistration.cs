namespace Buildyard;

public static class AppsRegistration
{
    public static IServiceCollection AddApps(this IServiceCollection services) => services
        .AddScoped<Dashboard>()
        .AddScoped<AppSettings>()
        .AddScoped<NewApps>()
        .AddSingleton<RepositoryReader>();

    public static void MapApps(this IEndpointRouteBuilder routes)
    {
        AppPages.Map(routes);
        AppApi.Map(routes);
    }
}
