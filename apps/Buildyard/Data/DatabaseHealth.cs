using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Buildyard;

/// <summary>Healthy when the database answers.</summary>
internal sealed class DatabaseHealth(BuildyardDb db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await db.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The database doesn't answer.");
}
