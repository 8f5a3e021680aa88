using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Primitives;

namespace Latchkey.AspNetCore.Tests;

/// <summary>A host in which an endpoint says not at all, or twice, who it is for does not start.</summary>
[Trait("capability", "D1")]
public sealed class RequirementTests
{
    [Fact]
    public async Task AConventionOverAnAttribute_RefusesTheStart_NamingBoth()
    {
        var refused = await RefusalOfAsync(
            app => app.MapControllers().RequireMember(),
            services => services.AddControllers().AddApplicationPart(typeof(RequirementTests).Assembly));
        Assert.Contains("SampleSettingsController.Get", refused, StringComparison.Ordinal);
        Assert.Contains("it is for RequirePermission(\"settings.read\", appRoute: \"app\"), RequireMember; say one of them alone.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequirementOfAGroupBesideTheEndpointsOwn_RefusesTheStart() =>
        Assert.Equal(
            """
            Endpoints that don't say who they are for, or say it twice, can't be served:
            - HTTP: GET /apps/{app}/settings: it is for RequireMember, RequirePermission("settings.read", appRoute: "app"); say one of them alone.
            """,
            await RefusalOfAsync(app => app.MapGroup("/apps/{app}").RequireMember().MapGet("/settings", () => "settings").RequirePermission("settings.read")));

    [Fact]
    public async Task EachRequirement_IsNamedAsItWasSaid()
    {
        var refused = await RefusalOfAsync(app => app.MapGet("/team", () => "team").RequireAgent(lead: true).RequireAgent().RequireSignedIn());
        Assert.Contains("RequireAgent(lead: true), RequireAgent, RequireSignedIn", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointWithoutAName_IsNamedByItsRoute()
    {
        var refused = await RefusalOfAsync(app => app.MapGet("/favicon.ico", () => "icon").WithDisplayName(""));
        Assert.Contains("- /favicon.ico: say who it is for with RequirePermission,", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointThatComesLaterWithTwoRequirements_AnswersNobody()
    {
        using var later = new LaterEndpoints();
        await using var host = await SampleHost.StartAsync(routes: app => ((IEndpointRouteBuilder)app).DataSources.Add(later));
        later.Add("/once", new RequireMemberAttribute());
        later.Add("/twice", new RequirePermissionAttribute("settings.read"), new RequireMemberAttribute());
        later.Add("/twice-and-open", new RequireMemberAttribute(), new RequireMemberAttribute(), new AllowAnonymousAttribute());
        using var adam = host.Browser("adam");
        Assert.Equal(HttpStatusCode.OK, (await adam.GetAsync("/once")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await adam.GetAsync("/twice")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await adam.GetAsync("/twice-and-open")).StatusCode);
    }

    private static async Task<string> RefusalOfAsync(Action<WebApplication> routes, Action<IServiceCollection>? services = null) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(() => SampleHost.StartAsync(services: services, routes: routes))).Message;
}

/// <summary>Endpoints that are added while the host runs.</summary>
internal sealed class LaterEndpoints : EndpointDataSource, IDisposable
{
    private readonly List<Endpoint> _endpoints = [];
    private CancellationTokenSource _changed = new();

    public override IReadOnlyList<Endpoint> Endpoints => [.. _endpoints];

    public override IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    public void Add(string path, params object[] metadata)
    {
        _endpoints.Add(new RouteEndpoint(context => context.Response.WriteAsync(path), RoutePatternFactory.Parse(path), 0, new(metadata), path));
        var changed = Interlocked.Exchange(ref _changed, new());
        changed.Cancel();
        changed.Dispose();
    }

    public void Dispose() => _changed.Dispose();
}

/// <summary>Settings of an app, with a requirement of their own.</summary>
[ApiController]
public sealed class SampleSettingsController : ControllerBase
{
    [HttpGet("/apps/{app}/settings")]
    [RequirePermission("settings.read")]
    public string Get() => $"settings of {RouteData.Values["app"]}";
}
