using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>Opens the ledger before the host answers requests, and refuses to start where an endpoint doesn't say, or says twice, who it is for.</summary>
internal sealed class LatchkeyStart(SupportAccess access, EndpointDataSource endpoints) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => access.StartAsync();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var faults = endpoints.Endpoints.OfType<RouteEndpoint>().Select(FaultOf).OfType<string>().ToArray();
        return faults.Length == 0
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                "Endpoints that don't say who they are for, or say it twice, can't be served:" + string.Concat(faults.Select(f => "\n- " + f)));
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string? FaultOf(RouteEndpoint endpoint) => endpoint.Metadata.GetOrderedMetadata<AccessRequirement>() switch
    {
        [] when endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null =>
            $"{NameOf(endpoint)}: say who it is for with RequirePermission, RequireMember, RequireAgent, RequireSignedIn or AllowAnonymous.",
        [RequirePermissionAttribute { Permission: var permission }] when access.Catalogue.Find(permission) is null =>
            $"{NameOf(endpoint)}: the catalogue has no permission '{permission}'.",
        { Count: > 1 } several => $"{NameOf(endpoint)}: it is for {string.Join(", ", several)}; say one of them alone.",
        _ => null,
    };

    private static string NameOf(RouteEndpoint endpoint) =>
        string.IsNullOrWhiteSpace(endpoint.DisplayName) ? $"/{endpoint.RoutePattern.RawText?.TrimStart('/')}" : endpoint.DisplayName;
}
