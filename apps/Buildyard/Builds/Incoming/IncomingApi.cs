using System.Diagnostics.CodeAnalysis;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

public sealed record DeliveryInfo(string Id, string Event, DateTimeOffset ReceivedAt, string Outcome);

/// <summary>The incoming webhook. <c>url</c> is for members who may know it, and null for everybody else.</summary>
public sealed record IncomingInfo(bool Registered, string? Url, bool HasSecret, DateTimeOffset? RotatedAt, string? RotatedBy, IReadOnlyList<DeliveryInfo> Deliveries);

internal sealed record SecretChange
{
    /// <summary>Empty: unsigned reports are taken.</summary>
    [DisallowNull]
    public string? Secret { get; init; }
}

internal static class IncomingApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hooks/github/{app}/{token}", TakeAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(HookBodies.Largest));
        var api = routes.MapGroup("/api/apps/{app}/incoming-webhook").WithTags("Incoming webhook");
        api.MapGet("", async (AccessContext access, IncomingDesk desk) => TypedResults.Ok(await desk.InfoAsync(access)))
            .RequirePermission("hook.read").WithSummary("Tells about the address that the repository's host reports to.").Produces<IncomingInfo>();
        api.MapPost("/rotate", async (AccessContext access, IncomingHooks hooks, IncomingDesk desk) =>
            {
                await hooks.RotateAsync(access);
                return TypedResults.Ok(await desk.InfoAsync(access));
            })
            .RequirePermission("hook.rotate").WithSummary("Registers the incoming webhook, or gives it a new token.").Produces<IncomingInfo>();
        api.MapPut("/secret", async (SecretChange change, AccessContext access, IncomingHooks hooks, IncomingDesk desk) =>
                (await hooks.SetSecretAsync(access, change.Secret)).Refusal?.Result() ?? TypedResults.Ok(await desk.InfoAsync(access)))
            .RequirePermission("hook.update").NeverShows("secret").WithSummary("Sets what reports must be signed with.").Produces<IncomingInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapDelete("", async (AccessContext access, IncomingHooks hooks) =>
            {
                await hooks.RemoveAsync(access);
                return TypedResults.NoContent();
            })
            .RequirePermission("hook.delete").WithSummary("Removes the incoming webhook: nothing that is reported starts a build.").Produces(204);
    }

    private static async Task<IResult> TakeAsync(string app, string token, HttpRequest request, IncomingReports reports, HookBodies bodies)
    {
        var aborted = request.HttpContext.RequestAborted;
        // Without anything of this one request: an app that is there and one that isn't answer alike.
        if (!(await reports.FindAsync(app, token, aborted)).Succeeded(out var hook, out var nothing))
            return TypedResults.Text(nothing.Title, statusCode: nothing.Status);
        var kind = request.Headers["X-GitHub-Event"].ToString();
        if (!(await bodies.ReceiveAsync(hook.AppId, request)).Succeeded(out var body, out var unreceived))
            return Refused(request, await reports.NotStartedAsync(hook, kind, unreceived));
        await using (body)
        {
            var report = new HookReport(
                kind, request.Headers["X-GitHub-Delivery"], request.Headers["X-Hub-Signature-256"], body, request.HasFormContentType);
            return (await reports.TakeAsync(hook, report, aborted)).Succeeded(out var done, out var refusal) ? TypedResults.Ok(done) : Refused(request, refusal);
        }
    }

    private static IResult Refused(HttpRequest request, Refusal refusal)
    {
        if (refusal.Status == StatusCodes.Status429TooManyRequests) request.HttpContext.Response.Headers.RetryAfter = ComputeTurns.RetryAfter;
        return refusal.Result();
    }
}

/// <summary>The incoming webhook as one caller may know it.</summary>
internal sealed class IncomingDesk(BuildyardDb db, IncomingHooks hooks, PublicUrl url)
{
    public async Task<IncomingInfo> InfoAsync(AccessContext access)
    {
        if (await hooks.FindAsync(access) is not { } hook) return new IncomingInfo(false, null, false, null, null, []);
        var app = await db.Apps.SingleAsync(a => a.Id == hook.AppId);
        return new IncomingInfo(
            true,
            await access.MayAsync("hook.url.read") ? url.To(hooks.PathOf(app, hook)) : null,
            hook.Secret is not null,
            hook.RotatedAt,
            hook.RotatedBy,
            [.. (await hooks.DeliveriesAsync(hook)).Select(d => new DeliveryInfo(d.DeliveryId, d.Event, d.ReceivedAt, d.Outcome))]);
    }
}
