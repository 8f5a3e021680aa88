using System.ComponentModel;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>
/// Server-sent events of what the caller may see (WHATWG HTML, "Server-sent events"). They carry no content: a page that hears
/// one asks for what it shows. An agent's stream about an app ends when the agent's access does, and says so last. Any stream ends with the sign-in
/// that opened it, and a member's about an app with their part in it: that is asked before something is told, and while nothing is.
/// </summary>
internal sealed class EventsEndpoint(SupportAccess access, Audiences audiences, OpenStreams streams, EventIds ids, IHostApplicationLifetime lifetime)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/events", (
                HttpContext context, AccessContext caller, EventsEndpoint events, ISupportHost host, Refuser refuser,
                [Description("Only what concerns this app.")] string? app) => events.RunAsync(context, caller, host, refuser, app))
            .RequireSignedIn()
            .WithTags("Support access")
            .WithSummary("Server-sent events: access, session, activity, request, conversation of the app named by ?app=, or of all that the caller may see; inbox, when something came into the caller's own or was seen there; refresh when some were missed since the Last-Event-ID, or it is of another process; ended, last, when an agent's access is over; closed, last, when the same person has more than 20 streams open, or the same address more than 2,000, and this was the oldest: come back when somebody looks again. A sign-in that ended ends its streams.")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(404).ProducesProblem(429);

    private async Task RunAsync(HttpContext context, AccessContext caller, ISupportHost host, Refuser refuser, string? slug)
    {
        AppId? app = null;
        SessionId? session = null;
        if (!string.IsNullOrEmpty(slug))
        {
            app = caller switch
            {
                { Member: { } member } => await MemberAppAsync(host, member, slug, context.RequestAborted),
                { Agent: { } agent } => access.FindForAgent(agent.Id, slug)?.App,
                _ => null,
            };
            if (app is null)
            {
                await refuser.NotFoundAsync(context);
                return;
            }

            session = caller.Agent is { } a ? access.Find(app.Value)?.SessionOf(a.Id)?.Id : null;
        }

        using var place = streams.TryOpen(context);
        if (place is null)
        {
            await refuser.RefuseAsync(context, new Refusal(
                RefusalReason.TooMany, $"You opened {OpenStreams.MostInAMinute} streams within a minute, which is the most there can be. Try again in a minute."));
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await StreamAsync(context, caller, app, session, place);
        }
        catch (OperationCanceledException)
        {
            // The reader went away, or the server stops.
        }
    }

    private async Task StreamAsync(HttpContext context, AccessContext caller, AppId? app, SessionId? session, OpenStream place)
    {
        // A server that stops would wait for its streams to end by themselves.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var (audience, reader) = audiences.Join(context, caller, app, session);
        await using var displaced = place.Displaced.Register(() => reader.End(new("closed", Seen(caller), """{"reason":"too_many"}""")));
        try
        {
            var seen = Seen(caller);
            var missed = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && last != ids.Of(seen);
            await SendAsync(context, new(missed ? "refresh" : "ready", seen));
            if (audience.Ended(seen) is { } ended)
            {
                await SendAsync(context, ended);
                return;
            }

            await audiences.FanOutAsync(async () =>
            {
                await foreach (var said in reader.ReadAsync(over.Token))
                {
                    await SendAsync(context, said);
                }
            });
        }
        finally
        {
            await audience.LeaveAsync(reader);
        }
    }

    /// <summary>The newest thing that the caller could hear of.</summary>
    private long Seen(AccessContext caller) =>
        caller.Agent is { } agent ? access.Feed.NewestFor(agent.Id) : access.Feed.NewestOf(caller.Member!.Account, InboxReader.Of(caller)!.Value);

    private async Task SendAsync(HttpContext context, StreamEvent said)
    {
        await context.Response.WriteAsync(
            said.Name is null ? ": still here\n\n" : $"id: {ids.Of(said.Number)}\nevent: {said.Name}\ndata: {said.Data}\n\n", Encoding.UTF8, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task<AppId?> MemberAppAsync(ISupportHost host, Member member, string slug, CancellationToken cancellation) =>
        await host.FindAppAsync(member, slug, cancellation) is { } app
        && await host.AllowsAsync(member, app, Catalogue.SupportAccessRead, cancellation)
            ? app.Id
            : null;
}
