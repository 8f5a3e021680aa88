namespace Buildyard;

public static class WorkflowsRegistration
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services) => services.AddScoped<YamlHistory>();

    public static void MapWorkflows(this IEndpointRouteBuilder routes)
    {
        YamlPages.Map(routes);
        YamlApi.Map(routes);
    }
}
