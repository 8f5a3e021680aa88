namespace Buildyard;

public static class TeamRegistration
{
    public static IServiceCollection AddTeam(this IServiceCollection services) =>
        services.AddHttpContextAccessor().AddScoped<AppTeam>().AddScoped<RoleChanges>().AddScoped<TeamDesk>();

    public static void MapTeam(this IEndpointRouteBuilder routes)
    {
        TeamPages.Map(routes);
        TeamApi.Map(routes);
    }
}
