using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.AspNetCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Buildyard;

/// <summary>Buildyard, put together: from arguments to an application that is ready to run.</summary>
public static class BuildyardApp
{
    private const string DefaultAddress = "http://127.0.0.1:5080";
    private static readonly long s_largestBody = 2L * 1024 * 1024;

    /// <summary>
    /// Opens the data directory (<c>--data DIR</c>, default <c>data</c> beside the project), brings it up to date, makes demo
    /// data in an empty one unless <c>--demo=false</c>, and builds the application.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Changes the builder before anything is registered; tests replace the clock here.</param>
    /// <exception cref="StartRefusedException">It can't start as asked; the message says why and what to do.</exception>
    public static async Task<WebApplication> CreateAsync(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(BuildyardApp).Assembly.GetName().Name,
            ContentRootPath = ContentRoot(),
        });
        builder.WebHost.UseStaticWebAssets();
        // Its fallback for files that change while the server runs is an endpoint that nobody has decided about.
        builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
        // The framework's chatter is left out. A start that fails is told by Program, in one sentence. Of its warnings: key files are protected by the directory's mode, and pages
        // with forms are meant to be kept by no cache.
        builder.Logging
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
            .AddFilter(typeof(TokenAuthentication).FullName, LogLevel.Warning);
        configure?.Invoke(builder);
        var addresses = Addresses(builder);
        var directory = DataDirectory.Open(
            builder.Configuration["data"] ?? Path.Combine(builder.Environment.ContentRootPath, "data"),
            Switch(builder.Configuration, "demo"),
            addresses);
        var proxies = TrustedProxies.Read(builder.Configuration);
        directory.Migrate();
        Register(builder, directory);
        var app = builder.Build();
        Route(app, directory, proxies);
        await FirstStart.PrepareAsync(app, directory, addresses);
        return app;
    }

    private static void Register(WebApplicationBuilder builder, DataDirectory directory)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = s_largestBody;
        });
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json =>
        {
            var options = json.SerializerOptions;
            options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.PropertyNameCaseInsensitive = false;
            options.NumberHandling = JsonNumberHandling.Strict;
            options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.AllowDuplicateProperties = false;
            options.RespectNullableAnnotations = true;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<BadRequests>().AddExceptionHandler<UnwritableDisk>().AddExceptionHandler<ChangedMeanwhile>().AddProblemDetails();
        services.AddRazorComponents();
        services.AddApiDescription();
        services.AddData(directory).AddSignIn(builder.Configuration).AddApps().AddTeam().AddWorkflows().AddAccounts().AddDemo();
        services.AddSecrets().AddCode().AddSigningFiles().AddIntegrations();
        services.AddBuilds(directory, builder.Configuration);
        services.AddSupport(directory);
        // After Latchkey, to whose start the news of support access listens.
        services.AddWebhooks().AddNotifications();
    }

    private static void Route(WebApplication app, DataDirectory directory, TrustedProxies proxies)
    {
        proxies.Use(app);
        app.UseHttps();
        app.UseSecurityHeaders();
        app.UseExceptionHandler(ErrorPages.Options);
        app.UseDemoFence(directory);
        app.UseRouting();
        app.UseAuthentication();
        app.UseErrorPages();
        app.UseLatchkey();
        app.UseLegibleInput();

        app.MapStaticAssets().AllowAnonymous();
        app.MapHealth();
        app.MapApiDescription();
        app.MapSignIn();
        app.MapDemo(directory);
        app.MapApps();
        app.MapTeam();
        app.MapWorkflows();
        app.MapBuilds();
        app.MapSecrets();
        app.MapCode();
        app.MapSigningFiles();
        app.MapWebhooks();
        app.MapIntegrations();
        app.MapNotifications();
        app.MapAccounts();
        app.MapSupport();
    }

    /// <summary>A published Buildyard has its pages beside it; a built one finds them in the project.</summary>
    private static string? ContentRoot() => Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")) ? AppContext.BaseDirectory : null;

    private static bool? Switch(ConfigurationManager configuration, string name) => configuration[name] switch
    {
        null => null,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new StartRefusedException($"--{name}={text} is neither true nor false."),
    };

    /// <summary>Everything that the configuration says to listen on, and our own default where it says nothing.</summary>
    private static IReadOnlyList<string> Addresses(WebApplicationBuilder builder)
    {
        var addresses = Configured(builder);
        return addresses.FirstOrDefault(address => !IsAddress(address)) is { } wrong
            ? throw new StartRefusedException($"'{wrong}' is no address to listen on. --urls takes one such as {DefaultAddress}, or several with semicolons between.")
            : addresses;
    }

    private static bool IsAddress(string address)
    {
        try
        {
            return BindingAddress.Parse(address).Port is >= 0 and <= ushort.MaxValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static IReadOnlyList<string> Configured(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0) return endpoints;
        var urls = Split(configuration["urls"]);
        if (urls.Length > 0) return urls;
        string[] ports = [.. Split(configuration["http_ports"]).Select(p => $"http://*:{p}"), .. Split(configuration["https_ports"]).Select(p => $"https://*:{p}")];
        if (ports.Length > 0) return ports;
        builder.WebHost.UseUrls(DefaultAddress);
        return [DefaultAddress];

        static string[] Split(string? text) => text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }
}
