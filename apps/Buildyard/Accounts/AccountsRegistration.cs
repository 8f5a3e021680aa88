namespace Buildyard;

public static class AccountsRegistration
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services.AddScoped<AccountBook>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        AccountPages.Map(routes);
        AccountApi.Map(routes);
    }
}
