using Latchkey.AspNetCore;

namespace Buildyard;

internal static class WebhookPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/webhooks").ExcludeFromDescription();
        pages.MapGet("", (WebhookDesk desk, string? done) => desk.ListAsync(done: Said(done))).RequirePermission("webhook.read");
        pages.MapPost("", (FormBody form, WebhookDesk desk) => desk.AddAsync(form)).RequirePermission("webhook.update");
        pages.MapGet("/{id}", (string id, WebhookDesk desk, string? done) => desk.ShowAsync(id, done: Said(done))).RequirePermission("webhook.read");
        pages.MapPost("/{id}", (string id, FormBody form, WebhookDesk desk) => desk.UpdateAsync(id, form)).RequirePermission("webhook.update");
        pages.MapPost("/{id}/remove", (string id, WebhookDesk desk) => desk.RemoveAsync(id)).RequirePermission("webhook.delete");
        pages.MapPost("/{id}/rotate", (string id, FormBody form, WebhookDesk desk) => desk.RotateAsync(id, form["url"])).RequirePermission("webhook.update");
        pages.MapPost("/{id}/reveal", (string id, FormBody form, WebhookDesk desk) => desk.RevealAsync(id, form["url"])).RequirePermission("webhook.secret.read");
        pages.MapPost("/{id}/test", (string id, WebhookDesk desk) => desk.TestAsync(id)).RequirePermission("webhook.deliver");
        pages.MapPost("/{id}/redeliver", (string id, FormBody form, WebhookDesk desk) => desk.RedeliverAsync(id, form["delivery"] ?? "")).RequirePermission("webhook.deliver");
    }

    private static string? Said(string? done) => done switch
    {
        "saved" => "The webhook is saved.",
        "removed" => "The webhook is removed.",
        "rotated" => "The signing secret is new. The old one is void.",
        "sent" => "It is on its way. Load the page again to see what came of it.",
        _ => null,
    };
}

/// <summary>Shows the webhooks and one of them, as they are or after something was done.</summary>
internal sealed class WebhookDesk(WebhookBook book, AppSettings settings, IHttpContextAccessor http)
{
    private AccessContext Access => http.HttpContext!.GetAccess();

    public async Task<IResult> AddAsync(FormBody form)
    {
        if (!Read(form).Succeeded(out var changes, out var refusal)) return await ListAsync(refusal, form["url"]);
        return (await book.AddAsync(Access, changes)).Succeeded(out var hook, out refusal) ? await DoneAsync($"/{hook.Id}?done=saved") : await ListAsync(refusal, form["url"]);
    }

    public async Task<IResult> UpdateAsync(string id, FormBody form)
    {
        if (!Read(form).Succeeded(out var changes, out var refusal)) return await ShowAsync(id, refusal);
        var keep = string.IsNullOrWhiteSpace(form["headers"]) && form["clear_headers"] != "true";
        changes = changes with { Enabled = form["enabled"] == "true" };
        if (keep) changes = new WebhookChanges { Url = changes.Url!, Events = changes.Events!, Enabled = changes.Enabled };
        return (await book.UpdateAsync(Access, id, changes)).Refusal is { } refused ? await ShowAsync(id, refused) : await DoneAsync($"/{id}?done=saved");
    }

    public async Task<IResult> RemoveAsync(string id)
    {
        await book.RemoveAsync(Access, id);
        return await DoneAsync("?done=removed");
    }

    public async Task<IResult> RotateAsync(string id, string? url) => await SettleAsync(id, (await book.RotateAsync(Access, id, url)).Refusal, "rotated");

    public async Task<IResult> TestAsync(string id) => await SettleAsync(id, (await book.TestAsync(Access, id)).Refusal, "sent");

    public async Task<IResult> RedeliverAsync(string id, string delivery) => await SettleAsync(id, (await book.RedeliverAsync(Access, id, delivery)).Refusal, "sent");

    public async Task<IResult> RevealAsync(string id, string? url)
    {
        http.HttpContext!.Response.Headers.CacheControl = "no-store";
        return (await book.RevealAsync(Access, id, url)).Succeeded(out var secret, out var refusal) ? await ShowAsync(id, secret: secret) : await ListAsync(refusal);
    }

    public async Task<IResult> ListAsync(Refusal? refusal = null, string? given = null, string? done = null) => Page.Show<WebhooksPage>(
        new { View = await AppView.LoadAsync(Access, settings), Hooks = await book.ListAsync(Access), Refusal = refusal, Given = given, Done = done },
        refusal?.Status ?? StatusCodes.Status200OK);

    public async Task<IResult> ShowAsync(string id, Refusal? refusal = null, string? done = null, string? secret = null)
    {
        if (!(await book.FindAsync(Access, id)).Succeeded(out var hook, out var unknown)) return await ListAsync(unknown);
        Access.Target($"webhook {hook.Url}");
        return Page.Show<WebhookPage>(
            new { View = await AppView.LoadAsync(Access, settings), Hook = hook, Deliveries = await book.DeliveriesAsync(Access, id), Refusal = refusal, Done = done, Secret = secret },
            refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static Outcome<WebhookChanges> Read(FormBody form)
    {
        var headers = new List<WebhookHeader>();
        foreach (var line in (form["headers"] ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) return Refusal.Invalid(new FieldError("headers", "A line has no name before a colon.", "One header a line, such as X-Token: value."));
            headers.Add(new WebhookHeader(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
        return new WebhookChanges { Url = form["url"] ?? "", Events = [.. (form["events"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)], Headers = headers };
    }

    private async Task<IResult> SettleAsync(string id, Refusal? refusal, string done) => refusal is null ? await DoneAsync($"/{id}?done={done}") : await ShowAsync(id, refusal);

    private async Task<IResult> DoneAsync(string below) => TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(Access)).Slug}/settings/webhooks{below}");
}
