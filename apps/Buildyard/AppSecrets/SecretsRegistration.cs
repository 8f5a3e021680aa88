namespace Buildyard;

public static class SecretsRegistration
{
    public static IServiceCollection AddSecrets(this IServiceCollection services) => services.AddScoped<SecretBook>();

    public static void MapSecrets(this IEndpointRouteBuilder routes)
    {
        SecretPages.Map(routes);
        SecretApi.Map(routes);
    }
}
