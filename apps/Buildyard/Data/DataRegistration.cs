using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Buildyard;

public static class DataRegistration
{
    public static IServiceCollection AddData(this IServiceCollection services, DataDirectory directory)
    {
        services.AddSingleton(directory).AddSingleton<Sealing>();
        services.AddSingleton<SupportChangeRecorder>();
        services.AddDbContext<BuildyardDb>((provider, options) => options.UseSqlite(directory.ConnectionString)
            .AddInterceptors(provider.GetRequiredService<SupportChangeRecorder>())
            // A save that fails is somebody's to handle, or ends up in the log as the request's fault: not twice.
            .ConfigureWarnings(warnings => warnings.Log((CoreEventId.SaveChangesFailed, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug))));
        services.AddDataProtection().SetApplicationName("Buildyard").PersistKeysToFileSystem(new DirectoryInfo(directory.Keys));
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
        return services;
    }

    /// <summary>Brings the database of <paramref name="directory"/> to the version of this build.</summary>
    public static void Migrate(this DataDirectory directory)
    {
        using var connection = new SqliteConnection(directory.ConnectionString);
        try
        {
            connection.Open();
            Migrations.Apply(connection);
        }
        catch (SqliteException e)
        {
            throw new StartRefusedException($"{directory.Database} can't be opened: {e.Message}", e);
        }
    }
}
