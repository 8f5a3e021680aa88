using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A webhook, without its signing secret and the values of its headers.</summary>
internal sealed record WebhookInfo(string Id, string Url, IReadOnlyList<string> Events, IReadOnlyList<string> HeaderNames, bool Enabled, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static WebhookInfo Of(Webhook hook) => new(
        hook.Id, hook.Url, hook.Events.Split(' '), hook.HeaderNames.Split(' ', StringSplitOptions.RemoveEmptyEntries), hook.Enabled, hook.ChangedAt, hook.ChangedBy);
}

internal sealed record WebhookList(IReadOnlyList<WebhookInfo> Webhooks);

internal sealed record RevealedWebhookSecret(string SigningSecret);

/// <summary>For which address a signing secret is made or shown.</summary>
internal sealed record WebhookAddress
{
    /// <summary>The webhook's own; asked for where support set it and nobody has decided on that.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Url { get; init; }
}

/// <summary>A delivery and its last attempt. <c>state</c> is <c>waiting</c>, <c>delivered</c> or <c>failed</c>; <c>response</c> is the beginning of the answer, for whoever speaks for the customer.</summary>
internal sealed record WebhookDeliveryInfo(
    string Id, string Event, string State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset? LastAt, DateTimeOffset? NextAt, int? Status, int? TookMilliseconds, string? Problem, string? Response, string Payload)
{
    public static WebhookDeliveryInfo Of(WebhookDelivery d) => new(
        d.Id, d.Event, Words.Of(d.State), d.Attempts, d.CreatedAt, d.LastAt, d.State == DeliveryState.Waiting ? d.NextAt : null, d.Status, d.TookMilliseconds, d.Problem, d.Response, d.Payload);
}

internal sealed record WebhookDeliveryList(IReadOnlyList<WebhookDeliveryInfo> Deliveries);

internal static class WebhookApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/webhooks").WithTags("Webhooks");
        api.MapGet("", async (AccessContext access, WebhookBook book) => TypedResults.Ok(new WebhookList([.. (await book.ListAsync(access)).Select(WebhookInfo.Of)])))
            .RequirePermission("webhook.read").WithSummary("Lists the app's outgoing webhooks.").Produces<WebhookList>();
        api.MapPost("", async (WebhookChanges changes, AccessContext access, WebhookBook book) =>
                (await book.AddAsync(access, changes)).Succeeded(out var hook, out var refusal) ? TypedResults.Created((string?)null, WebhookInfo.Of(hook)) : refusal.Result())
            .RequirePermission("webhook.update").WithSummary("Adds a webhook. Its signing secret is made here and shown to members who ask for it.").Produces<WebhookInfo>(201).ProducesProblem(409).ProducesProblem(422);
        api.MapPatch("/{id}", async (string id, WebhookChanges changes, AccessContext access, WebhookBook book) => Answer(await book.UpdateAsync(access, id, changes)))
            .RequirePermission("webhook.update").WithSummary("Changes a webhook. Another `url` clears its headers and makes a new signing secret.").Produces<WebhookInfo>().ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/{id}", async (string id, AccessContext access, WebhookBook book) =>
            {
                await book.RemoveAsync(access, id);
                return TypedResults.NoContent();
            })
            .RequirePermission("webhook.delete").WithSummary("Removes a webhook; one that is not there is gone already.").Produces(204);
        api.MapPost("/{id}/secret/rotate", async (string id, WebhookAddress? named, AccessContext access, WebhookBook book) => Answer(await book.RotateAsync(access, id, named?.Url)))
            .RequirePermission("webhook.update").WithSummary("Makes a new signing secret; the old one is void at once. Where support set the `url` and nobody has decided on that, it is named.").Produces<WebhookInfo>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/{id}/secret/reveal", RevealAsync)
            .RequirePermission("webhook.secret.read").WithSummary("Gives a webhook's signing secret. Where support set the `url` and nobody has decided on that, it is named.").Produces<RevealedWebhookSecret>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/{id}/test", async (string id, AccessContext access, WebhookBook book) => Answer(await book.TestAsync(access, id)))
            .RequirePermission("webhook.deliver").WithSummary("Sends the event `webhook.test`.").Produces<WebhookDeliveryInfo>().ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/{id}/deliveries", async (string id, AccessContext access, WebhookBook book) =>
                TypedResults.Ok(new WebhookDeliveryList([.. (await book.DeliveriesAsync(access, id)).Select(WebhookDeliveryInfo.Of)])))
            .RequirePermission("webhook.read").WithSummary("Lists a webhook's newest 50 deliveries.").Produces<WebhookDeliveryList>();
        api.MapPost("/{id}/deliveries/{delivery}/redeliver", async (string id, string delivery, AccessContext access, WebhookBook book) => Answer(await book.RedeliverAsync(access, id, delivery)))
            .RequirePermission("webhook.deliver").WithSummary("Sends a delivery again, with its own id.").Produces<WebhookDeliveryInfo>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult Answer(Outcome<Webhook> outcome) => outcome.Succeeded(out var hook, out var refusal) ? TypedResults.Ok(WebhookInfo.Of(hook)) : refusal.Result();

    private static IResult Answer(Outcome<WebhookDelivery> outcome) => outcome.Succeeded(out var delivery, out var refusal) ? TypedResults.Ok(WebhookDeliveryInfo.Of(delivery) with { Response = null }) : refusal.Result();

    private static async Task<IResult> RevealAsync(string id, WebhookAddress? named, AccessContext access, WebhookBook book, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return (await book.RevealAsync(access, id, named?.Url)).Succeeded(out var secret, out var refusal) ? TypedResults.Ok(new RevealedWebhookSecret(secret)) : refusal.Result();
    }
}
