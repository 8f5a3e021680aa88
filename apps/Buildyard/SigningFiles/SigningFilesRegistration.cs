namespace Buildyard;

public static class SigningFilesRegistration
{
    public static IServiceCollection AddSigningFiles(this IServiceCollection services) => services.AddScoped<SigningFileShelf>().AddScoped<SigningFileDesk>();

    public static void MapSigningFiles(this IEndpointRouteBuilder routes)
    {
        SigningFilePages.Map(routes);
        SigningFileApi.Map(routes);
    }
}
