using System.Buffers.Binary;
using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>
/// Server-sent events of what the caller may see (WHATWG HTML, "Server-sent events"). They carry no content: a page that hears
/// one asks for what it shows. An agent's stream about an app ends when the agent's access does, and says so last. Any stream ends with the sign-in
/// that opened it, and a member's about an app with their part in it: each is asked before something is told, and while nothing is.
/// </summary>
internal sealed class EventsEndpoint(SupportAccess access, IServiceScopeFactory scopes, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    // Items are numbered anew by each process: from here on, so that no id of another one is any of this one's.
    private readonly long _first = BinaryPrimitives.ReadInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(long))) & (long.MaxValue >> 1);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/events", (
                HttpContext context, AccessContext caller, EventsEndpoint events, ISupportHost host, Refuser refuser,
                [Description("Only what concerns this app.")] string? app) => events.RunAsync(context, caller, host, refuser, app))
            .RequireSignedIn()
            .WithTags("Support access")
            .WithSummary("Server-sent events: access, session, activity, request, conversation of the app named by ?app=, or of all that the caller may see; inbox, when something came into the caller's own or was seen there; refresh when some were missed since the Last-Event-ID, or it is of another process; ended, last, when an agent's access is over. A sign-in that ended ends its streams.")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(404);

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

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await StreamAsync(context, caller, app, session);
        }
        catch (OperationCanceledException)
        {
            // The reader went away, or the server stops.
        }
    }

    private async Task StreamAsync(HttpContext context, AccessContext caller, AppId? app, SessionId? session)
    {
        // A server that stops would wait for its streams to end by themselves.
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        await using var items = Listen(caller, listening.Token).GetAsyncEnumerator(listening.Token);
        var next = items.MoveNextAsync().AsTask();
        try
        {
            var seen = caller.Agent is { } agent ? access.Feed.NewestFor(agent.Id) : access.Feed.NewestOf(caller.Member!.Account, InboxReader.Of(caller)!.Value);
            var missed = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && last != IdOf(seen);
            await SendAsync(context, missed ? "refresh" : "ready", seen);
            var over = await SaidEndedAsync(context, caller, app, session, seen);
            while (!over && await IsNextAsync(context, caller, app, next))
            {
                var item = items.Current;
                next = items.MoveNextAsync().AsTask();
                over = await TellAsync(context, caller, app, session, item);
            }
        }
        finally
        {
            // A listener can't be let go of while it waits for its next item.
            await listening.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IAsyncEnumerable<FeedItem> Listen(AccessContext caller, CancellationToken cancellation) =>
        caller.Agent is { } agent ? access.Feed.ListenAsync(agent.Id, cancellation) : access.Feed.ListenAsync(caller.Member!.Account, cancellation);

    /// <summary>Waits for the next item, and says now and then that the stream still stands, until it doesn't.</summary>
    private async Task<bool> IsNextAsync(HttpContext context, AccessContext caller, AppId? app, Task<bool> next)
    {
        while (true)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            if (await Task.WhenAny(next, Task.Delay(KeepAlive, time, quiet.Token)) == next)
            {
                await quiet.CancelAsync();
                return await next;
            }

            if (!await MayGoOnAsync(caller, app))
            {
                return false;
            }

            await context.Response.WriteAsync(": still here\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>Tells one item to those whom it concerns; true when the stream is over.</summary>
    private async Task<bool> TellAsync(HttpContext context, AccessContext caller, AppId? app, SessionId? session, FeedItem item)
    {
        // What concerns a customer's whole account concerns each app of it.
        if (item is { App: null, Kind: FeedKind.Access } && caller.Member is not null)
        {
            item = item with { App = app };
        }

        var concerns = item.Kind switch
        {
            FeedKind.Agent => false,
            FeedKind.Inbox => item.Subject == InboxReader.Of(caller)?.Value,
            _ => app is null || item.App == app,
        };
        if (!concerns && !item.AfterGap && item.Kind != FeedKind.Agent)
        {
            return false;
        }

        if (await SaidEndedAsync(context, caller, app, session, item.Number) || !await MayGoOnAsync(caller, app))
        {
            return true;
        }

        if (item.AfterGap)
        {
            await SendAsync(context, "refresh", item.Number);
        }

        if (concerns && (caller.Member is null || item.Kind == FeedKind.Inbox || await MaySeeAsync(caller, caller.Member, item)))
        {
            await SendAsync(context, AccessReader.Slug(item.Kind), item.Number, item.Subject is null || item.Kind == FeedKind.Inbox ? "{}" : $$"""{"id":"{{item.Subject}}"}""");
        }

        return false;
    }

    /// <summary>Whether the caller is signed in as they were and, where a member listens to one app, still has their part in it.</summary>
    private async Task<bool> MayGoOnAsync(AccessContext caller, AppId? app) =>
        await caller.MayGoOnAsync() && (caller.Member is not { } member || app is not { } about || await MayReadAsync(member, about));

    /// <summary>An agent who was in the app when the stream opened is told the end, and hears nothing after it.</summary>
    private async Task<bool> SaidEndedAsync(HttpContext context, AccessContext caller, AppId? app, SessionId? session, long seen)
    {
        if (caller.Agent is not { } agent || app is not { } inApp || session is null)
        {
            return false;
        }

        var decision = access.Decide(agent.Id, inApp, session, permission: null);
        if (decision.Reason is DecisionReason.UnknownPermission or DecisionReason.LedgerUnavailable or DecisionReason.Clock)
        {
            return false;
        }

        var at = decision.EndedAt ?? access.Now;
        await SendAsync(context, "ended", seen, $$"""{"reason":"{{Decision.Slug(decision.Reason)}}","ended_at":"{{Wire.Text(at)}}"}""");
        return true;
    }

    private async Task<bool> MaySeeAsync(AccessContext caller, Member member, FeedItem item)
    {
        if (item.App is { } about && item.Kind != FeedKind.Conversation)
        {
            return await MayReadAsync(member, about);
        }

        // Asked in a scope of its own: the stream outlives what a request's scope was made for.
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ConversationDesk>().MaySeeAsync(caller, member.Account, item.App, CancellationToken.None);
    }

    private async Task<bool> MayReadAsync(Member member, AppId app)
    {
        await using var scope = scopes.CreateAsyncScope();
        var host = scope.ServiceProvider.GetRequiredService<ISupportHost>();
        return await host.GetAppAsync(app, CancellationToken.None) is { } hostApp
            && hostApp.Account == member.Account
            && await host.AllowsAsync(member, hostApp, Catalogue.SupportAccessRead, CancellationToken.None);
    }

    private static async Task<AppId?> MemberAppAsync(ISupportHost host, Member member, string slug, CancellationToken cancellation) =>
        await host.FindAppAsync(member, slug, cancellation) is { } app
        && await host.AllowsAsync(member, app, Catalogue.SupportAccessRead, cancellation)
            ? app.Id
            : null;

    private async Task SendAsync(HttpContext context, string name, long number, string data = "{}")
    {
        await context.Response.WriteAsync($"id: {IdOf(number)}\nevent: {name}\ndata: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Says which item it is and nothing of how many came before: numbers count what others are told too.</summary>
    private string IdOf(long number) => Cursor.Encode(_first + number);
}
