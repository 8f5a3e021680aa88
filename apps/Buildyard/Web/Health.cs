using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace Buildyard;

/// <summary>Whether this instance is ready, part by part, as JSON. Support access that is out of service is said here too.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes) => routes
        .MapHealthChecks("/healthz", new HealthCheckOptions
        {
            ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
            {
                Status = report.Status.ToString(),
                Checks = report.Entries.ToDictionary(e => e.Key, e => new { Status = e.Value.Status.ToString(), Message = e.Value.Description }),
            }),
        })
        .AllowAnonymous();
}
