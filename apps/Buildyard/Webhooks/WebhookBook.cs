using System.Text.Json;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>The webhooks of an app and what became of their deliveries.</summary>
internal sealed class WebhookBook(BuildyardDb db, WebhookOutbox outbox, WebhookCourier courier, Sealing sealing, IConfiguration configuration, TimeProvider clock)
{
    private const int Most = 20;
    private const int Shown = 50;

    private static readonly Refusal s_unknown = Refusal.NotFound("There is no webhook of this id.");

    public Task<List<Webhook>> ListAsync(AccessContext access) => db.Webhooks.AsNoTracking().Of(access).OrderBy(h => h.Id).ToListAsync();

    public async Task<Outcome<Webhook>> FindAsync(AccessContext access, string id) =>
        await db.Webhooks.AsNoTracking().Of(access).SingleOrDefaultAsync(h => h.Id == id) is { } hook ? hook : s_unknown;

    /// <summary>The newest deliveries, newest first. What a receiver answered might repeat a header to us: whoever speaks for the customer is shown it.</summary>
    public async Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(AccessContext access, string id)
    {
        var app = access.App!.Value.Value;
        var deliveries = await db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == id && d.Webhook.AppId == app)
            .OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(Shown).ToListAsync();
        if (!await access.SpeaksForCustomerAsync()) deliveries.ForEach(d => d.Response = null);
        return deliveries;
    }

    public async Task<Outcome<Webhook>> AddAsync(AccessContext access, WebhookChanges changes)
    {
        changes = changes with { Url = changes.Url?.Trim() ?? "", Events = changes.Events ?? [] };
        if (Check(changes) is { } invalid) return invalid;
        if (await db.Webhooks.Of(access).CountAsync() >= Most) return Refusal.Conflict("too_many", $"An app has at most {Most} webhooks. Remove one first.");
        var hook = new Webhook
        {
            Id = Ids.Create("whk", clock.Now()),
            AppId = access.App!.Value.Value,
            Url = changes.Url!,
            Events = Events(changes.Events!),
            SigningSecret = NewSecret(),
            Enabled = changes.Enabled ?? true,
        };
        access.Target($"webhook {hook.Url}");
        SetHeaders(access, hook, changes.Headers ?? []);
        access.Changed("webhook", null, Describe(hook));
        hook.Sign(access, clock.Now());
        db.Webhooks.Add(hook);
        await db.SaveChangesAsync();
        return hook;
    }

    public async Task<Outcome<Webhook>> UpdateAsync(AccessContext access, string id, WebhookChanges changes)
    {
        if (changes.Url is { } typed) changes = changes with { Url = typed.Trim() };
        if (await db.Webhooks.Of(access).SingleOrDefaultAsync(h => h.Id == id) is not { } hook) return s_unknown;
        if (Check(changes) is { } invalid) return invalid;
        if (changes is { Headers.Count: > 0 } && await new SupportsRows(db, sealing).AskForWhichAsync(access, hook, nameof(Webhook.Url), ("url", hook.Url), changes.Url) is { } asked) return asked;
        access.Target($"webhook {hook.Url}");
        var before = Describe(hook);
        if (changes.Url is { } url && url != hook.Url)
        {
            // What was kept for the old address is not for the new one: nobody aims it there.
            if (hook.Headers is not null && changes.Headers is null) SetHeaders(access, hook, []);
            hook.Url = url;
            hook.SigningSecret = NewSecret();
            access.ChangedSecret("signing secret");
        }
        if (changes.Events is { } events) hook.Events = Events(events);
        if (changes.Headers is { } headers) SetHeaders(access, hook, headers);
        hook.Enabled = changes.Enabled ?? hook.Enabled;
        if (Describe(hook) is var after && after != before) access.Changed("webhook", before, after);
        if (db.ChangeTracker.HasChanges()) hook.Sign(access, clock.Now());
        await db.SaveChangesAsync();
        courier.Ring();
        return hook;
    }

    /// <summary>Removes a webhook with its deliveries. One that isn't there is gone already.</summary>
    public async Task RemoveAsync(AccessContext access, string id)
    {
        if (await db.Webhooks.Of(access).SingleOrDefaultAsync(h => h.Id == id) is not { } hook) return;
        access.Target($"webhook {hook.Url}");
        access.Changed("webhook", Describe(hook), null);
        db.Webhooks.Remove(hook);
        await db.SaveChangesAsync();
    }

    /// <summary>The signing secret, for a member who asks for it, of the address that they name.</summary>
    public async Task<Outcome<string>> RevealAsync(AccessContext access, string id, string? url)
    {
        if (await db.Webhooks.Of(access).SingleOrDefaultAsync(h => h.Id == id) is not { } hook) return s_unknown;
        return await AskAsync(access, hook, url) is { } asked ? asked : sealing.OpenText(Webhook.SecretPurpose, hook.SigningSecret);
    }

    /// <summary>Puts a new signing secret in the old one's place, for the address that is named.</summary>
    public async Task<Outcome<Webhook>> RotateAsync(AccessContext access, string id, string? url)
    {
        if (await db.Webhooks.Of(access).SingleOrDefaultAsync(h => h.Id == id) is not { } hook) return s_unknown;
        if (await AskAsync(access, hook, url) is { } asked) return asked;
        access.Target($"webhook {hook.Url}");
        access.ChangedSecret("signing secret");
        hook.SigningSecret = NewSecret();
        hook.Sign(access, clock.Now());
        await db.SaveChangesAsync();
        return hook;
    }

    /// <summary>Sends an event that says nothing but that it is a test.</summary>
    public async Task<Outcome<WebhookDelivery>> TestAsync(AccessContext access, string id)
    {
        if (!(await FindAsync(access, id)).Succeeded(out var hook, out var refusal)) return refusal;
        access.Target($"webhook {hook.Url}");
        if (!hook.Enabled) return Refusal.Conflict("disabled", "The webhook is switched off.");
        var delivery = outbox.Add(hook.Id, WebhookEvents.Test, new { App = hook.AppId });
        await db.SaveChangesAsync();
        return delivery;
    }

    /// <summary>Sends a delivery once more, with its own id, and from the first attempt on.</summary>
    public async Task<Outcome<WebhookDelivery>> RedeliverAsync(AccessContext access, string id, string delivery)
    {
        if (!(await FindAsync(access, id)).Succeeded(out var hook, out var refusal)) return refusal;
        access.Target($"webhook {hook.Url}");
        if (await db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == delivery && d.WebhookId == id) is not { } found) return Refusal.NotFound("There is no delivery of this id.");
        if (!hook.Enabled) return Refusal.Conflict("disabled", "The webhook is switched off.");
        (found.State, found.Attempts, found.NextAt) = (DeliveryState.Waiting, 0, clock.Now());
        await db.SaveChangesAsync();
        courier.Ring();
        return found;
    }

    private Task<Refusal?> AskAsync(AccessContext access, Webhook hook, string? url) => new SupportsRows(db, sealing).AskForThatAsync(access, hook, nameof(Webhook.Url), ("url", hook.Url), url);

    private Refusal? Check(WebhookChanges changes)
    {
        var errors = new List<FieldError>();
        WebhookInput.Check(changes, WebhookSender.AllowsPrivate(configuration), errors);
        return errors.Count > 0 ? Refusal.Invalid(errors) : null;
    }

    private void SetHeaders(AccessContext access, Webhook hook, IReadOnlyList<WebhookHeader> headers)
    {
        if (headers.Count == 0 && hook.Headers is null) return;
        hook.Headers = headers.Count == 0 ? null : sealing.Seal(Webhook.HeadersPurpose, JsonSerializer.SerializeToUtf8Bytes(headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase)));
        hook.HeaderNames = string.Join(' ', headers.Select(h => h.Name));
        access.ChangedSecret("values of the webhook's headers");
    }

    private byte[] NewSecret() => sealing.Seal(Webhook.SecretPurpose, WebhookSigning.CreateSecret());

    /// <summary>In the order in which they are shown.</summary>
    private static string Events(IReadOnlyList<string> events) => string.Join(' ', WebhookEvents.All.Select(e => e.Name).Where(events.Contains));

    private static string Describe(Webhook hook) =>
        $"{hook.Url}\nevents: {hook.Events}\nheaders: {(hook.HeaderNames.Length == 0 ? "none" : hook.HeaderNames)}\n{(hook.Enabled ? "on" : "off")}";
}
