using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Latchkey.AspNetCore;

/// <summary>
/// How support access is: degraded while it is out, since the ledger can't be written, or the clock can't be trusted. Members are not affected. What could not be
/// told so far is counted in the data.
/// </summary>
internal sealed class LatchkeyHealthCheck(SupportAccess access) : IHealthCheck
{
    /// <summary>Its name, and its tag.</summary>
    public const string Name = "latchkey";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = access.Health;
        var data = await CountAsync(cancellationToken);
        if (health.IsWorking)
        {
            return HealthCheckResult.Healthy(health.Message, data);
        }

        // Who may read a health page is the host's choice, so the sentence names no directory; the message goes with the data.
        var sentence = health.Reason == DecisionReason.Clock
            ? "Support access is out of service: the server's clock can't be trusted."
            : "Support access is out of service: its ledger can't be written. The log says why.";
        data["message"] = health.Message;
        return new HealthCheckResult(context.Registration.FailureStatus, sentence, data: data);
    }

    private async Task<Dictionary<string, object>> CountAsync(CancellationToken cancellation)
    {
        try
        {
            var trouble = await access.Notices.CountTroubleAsync(cancellation);
            return new() { ["notices_set_aside"] = trouble.Notices, ["deliveries_tried_again"] = trouble.Deliveries };
        }
        catch (LedgerStoreException)
        {
            return [];
        }
    }
}
