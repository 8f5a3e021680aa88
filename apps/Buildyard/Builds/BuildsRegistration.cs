namespace Buildyard;

public static class BuildsRegistration
{
    public static IServiceCollection AddBuilds(this IServiceCollection services, DataDirectory directory, IConfiguration configuration)
    {
        var options = BuildQueueOptions.Read(configuration, directory.IsDemo);
        var own = DemoRepositories.In(directory);
        return services
            .AddSingleton(options)
            .AddSingleton(new SourceAddresses(options.AllowPrivateHosts, own))
            .AddSingleton(provider => new BuildRunner(
                new BuildRunnerOptions
                {
                    Directory = Path.Combine(directory.Path, "runner"),
                    AllowUnsandboxed = options.AllowUnsandboxed,
                    AllowPrivateHosts = options.AllowPrivateHosts,
                    OwnRepositories = own,
                    Hidden = [directory.Path],
                },
                provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<PublicUrl>()
            .AddSingleton<BuildFeed>()
            .AddSingleton<BuildFiles>()
            .AddSingleton<BuildCaches>()
            .AddSingleton(BuildStorageOptions.Read(configuration))
            .AddScoped<BuildStorage>()
            .AddSingleton<StorageSweep>()
            .AddSingleton<BuildExecution>()
            .AddSingleton<LogFollower>()
            .AddSingleton<BuildQueue>()
            .AddHostedService(provider => provider.GetRequiredService<BuildQueue>())
            .AddHostedService(provider => provider.GetRequiredService<StorageSweep>())
            .AddHostedService<SupportEnds>()
            .AddHostedService<CheckPoster>()
            .AddSingleton<OutgoingHttp>()
            .AddScoped<Guard>()
            .AddScoped<BuildOrders>()
            .AddScoped<BuildStarts>()
            .AddScoped<BuildBook>()
            .AddScoped<BuildDesk>()
            .AddScoped<BuildSettingsBook>()
            .AddScoped<BuildSettingsDesk>()
            .AddScoped<IncomingHooks>()
            .AddScoped<IncomingReports>()
            .AddSingleton<HookBodies>()
            .AddScoped<IncomingDesk>()
            .AddSingleton<AppBuilds>()
            .AddSingleton<LivePages>();
    }

    public static void MapBuilds(this IEndpointRouteBuilder routes)
    {
        BuildApi.Map(routes);
        BuildPages.Map(routes);
        BuildSettingsApi.Map(routes);
        BuildSettingsPages.Map(routes);
        CacheApi.Map(routes);
        IncomingApi.Map(routes);
        IncomingPages.Map(routes);
    }
}
