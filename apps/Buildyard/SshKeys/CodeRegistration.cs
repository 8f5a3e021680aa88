namespace Buildyard;

public static class CodeRegistration
{
    public static IServiceCollection AddCode(this IServiceCollection services) => services
        .AddSingleton<SshKeygen>()
        .AddScoped<SshKeyRing>()
        .AddScoped<RepositoryCheck>()
        .AddScoped<CodeDesk>();

    public static void MapCode(this IEndpointRouteBuilder routes)
    {
        CodePages.Map(routes);
        SshKeyApi.Map(routes);
    }
}
