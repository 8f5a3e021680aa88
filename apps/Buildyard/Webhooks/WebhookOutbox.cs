using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Where the rest of Buildyard says what happened, for webhooks to hear.</summary>
public sealed class WebhookOutbox
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly BuildyardDb _db;
    private readonly Courier _courier;
    private readonly TimeProvider _clock;

    internal WebhookOutbox(BuildyardDb db, Courier courier, TimeProvider clock) => (_db, _courier, _clock) = (db, courier, clock);

    /// <summary>
    /// Adds a delivery for each webhook of the app that hears this event. They are saved with the caller's next save, or not at all,
    /// and sent after it.
    /// </summary>
    /// <param name="appId">The app.</param>
    /// <param name="name">One of <see cref="WebhookEvents"/>.</param>
    /// <param name="data">What happened, for JSON; identifiers rather than contents, and never a secret.</param>
    public async Task PublishAsync(string appId, string name, object data)
    {
        var hooks = await _db.Webhooks.AsNoTracking().Where(h => h.AppId == appId && h.Enabled).ToListAsync();
        foreach (var hook in hooks.Where(h => h.Events.Split(' ').Contains(name, StringComparer.Ordinal))) Add(hook.Id, name, data);
    }

    /// <summary>Adds a delivery to one webhook.</summary>
    internal WebhookDelivery Add(string hookId, string name, object data)
    {
        var now = _clock.Now();
        var delivery = new WebhookDelivery
        {
            Id = Ids.Create("msg", now),
            WebhookId = hookId,
            Event = name,
            Payload = JsonSerializer.Serialize(new { Type = name, Timestamp = now, Data = data }, s_json),
            CreatedAt = now,
            NextAt = now,
        };
        _db.WebhookDeliveries.Add(delivery);
        _courier.RingWhenSaved(_db);
        return delivery;
    }
}
