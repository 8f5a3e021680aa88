namespace Buildyard;

public static class WorkflowsRegistration
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services) => services
        .AddSingleton<ComputeTurns>().AddSingleton<StackOffer>().AddScoped<YamlHistory>().AddScoped<WorkflowBook>().AddScoped<Forms>();

    public static void MapWorkflows(this IEndpointRouteBuilder routes)
    {
        YamlPages.Map(routes);
        YamlApi.Map(routes);
        CheckApi.Map(routes);
        WorkflowPages.Map(routes);
        FilePages.Map(routes);
        ComparePages.Map(routes);
        WorkflowApi.Map(routes);
    }
}
