using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Delivers events to webhooks. A webhook hears one event at a time; a slow one holds up nobody else.</summary>
internal sealed class WebhookCourier(IServiceScopeFactory scopes, WebhookSender sender, Sealing sealing, TimeProvider clock, ILogger<WebhookCourier> logger)
    : Courier(scopes, clock, logger)
{
    /// <summary>The wait after the first attempt, the second, and so on; after the last of them it is given up. From the specification's recommendation.</summary>
    public static readonly IReadOnlyList<TimeSpan> Backoff =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14),
    ];

    private const int KeptPerWebhook = 100;

    protected override int Lanes => 16;

    protected override IQueryable<Waiting> Waits(BuildyardDb db) =>
        db.WebhookDeliveries.Where(d => d.State == DeliveryState.Waiting && d.Webhook.Enabled).Select(d => new Waiting { Id = d.Id, Lane = d.WebhookId, At = d.NextAt });

    protected override async Task CarryOutAsync(IServiceProvider services, string id, CancellationToken cancellation)
    {
        var db = services.GetRequiredService<BuildyardDb>();
        if (await db.WebhookDeliveries.Include(d => d.Webhook).SingleOrDefaultAsync(d => d.Id == id && d.State == DeliveryState.Waiting, cancellation) is not { } delivery) return;
        var last = delivery.Attempts >= Backoff.Count;
        delivery.LastAt = Clock.Now();
        delivery.NextAt = delivery.LastAt.Value + Backoff[Math.Min(delivery.Attempts, Backoff.Count - 1)];
        delivery.Attempts++;
        await db.SaveChangesAsync(cancellation);

        var hook = delivery.Webhook;
        var headers = hook.Headers is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(sealing.Open(Webhook.HeadersPurpose, hook.Headers))!;
        var outcome = await sender.SendAsync(hook.Url, delivery.Id, delivery.Payload, sealing.OpenText(Webhook.SecretPurpose, hook.SigningSecret), headers, cancellation);
        (delivery.Status, delivery.TookMilliseconds, delivery.Problem, delivery.Response) = (outcome.Status, (int)outcome.Took.TotalMilliseconds, outcome.Problem, outcome.Response);
        // 410 is how a receiver says that it wants no more of this.
        delivery.State = outcome.Succeeded ? DeliveryState.Delivered : last || outcome.Status == StatusCodes.Status410Gone ? DeliveryState.Failed : DeliveryState.Waiting;
        if (delivery.State == DeliveryState.Failed)
        {
            var app = await db.Apps.SingleAsync(a => a.Id == hook.AppId, CancellationToken.None);
            await services.GetRequiredService<Notifier>().NotifyAsync(
                app, NotificationEvent.WebhookFailed, $"A webhook of {app.Title} could not be told of {delivery.Event}: {delivery.Problem}", $"/apps/{app.Slug}/settings/webhooks/{hook.Id}");
        }
        try
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The webhook was removed while it was being told.
            return;
        }
        await db.WebhookDeliveries
            .Where(d => d.WebhookId == hook.Id && d.State != DeliveryState.Waiting)
            .OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Skip(KeptPerWebhook)
            .ExecuteDeleteAsync(CancellationToken.None);
    }
}
