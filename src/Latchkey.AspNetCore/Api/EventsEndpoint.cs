using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>
/// Server-sent events of what the caller may see (WHATWG HTML, "Server-sent events"). They carry no content: a page that hears
/// one asks for what it shows. An agent's stream about an app ends when the agent's access does, and says so last.
/// </summary>
internal sealed class EventsEndpoint(SupportAccess access, IServiceScopeFactory scopes, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    // Numbers start anew with the process: the prefix tells an old one from this one's.
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/events", (
                HttpContext context, AccessContext caller, EventsEndpoint events, ISupportHost host, Refuser refuser,
                [Description("Only what concerns this app.")] string? app) => events.RunAsync(context, caller, host, refuser, app))
            .RequireSignedIn()
            .WithTags("Support access")
            .WithSummary("Server-sent events: access, session, activity, request, conversation of the app named by ?app=, or of all that the caller may see; inbox, when something came into the caller's own or was seen there; refresh when some were missed; ended, last, when an agent's access is over.")
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
            var seen = caller.Agent is null ? access.Feed.Newest : access.Feed.NewestForSupport;
            var missed = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && last != $"{_process}-{seen}";
            await SendAsync(context, missed ? "refresh" : "ready", seen);
            var over = await SaidEndedAsync(context, caller, app, session, seen);
            while (!over && await IsNextAsync(context, next))
            {
                var item = items.Current;
                next = items.MoveNextAsync().AsTask();
                over = await TellAsync(context, caller, app, session, seen, item);
                seen = item.Number;
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
        caller.Agent is null ? access.Feed.ListenAsync(cancellation) : access.Feed.ListenForSupportAsync(cancellation);

    /// <summary>Waits for the next item, and says now and then that the stream still stands.</summary>
    private async Task<bool> IsNextAsync(HttpContext context, Task<bool> next)
    {
        while (true)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            if (await Task.WhenAny(next, Task.Delay(KeepAlive, time, quiet.Token)) == next)
            {
                await quiet.CancelAsync();
                return await next;
            }

            await context.Response.WriteAsync(": still here\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>Tells one item to those whom it concerns; true when it ended the agent's access, and with it the stream.</summary>
    private async Task<bool> TellAsync(HttpContext context, AccessContext caller, AppId? app, SessionId? session, long seen, FeedItem item)
    {
        if (item.Number > seen + 1)
        {
            await SendAsync(context, "refresh", item.Number);
        }

        if (item.Kind == FeedKind.Inbox)
        {
            if (item.Subject == InboxReader.Of(caller)?.Value)
            {
                await SendAsync(context, AccessReader.Slug(item.Kind), item.Number);
            }

            return false;
        }

        // What concerns the whole account concerns each app of it.
        if (item is { App: null, Kind: FeedKind.Access } && app is { } own && item.Account == (caller.Member?.Account ?? access.Find(own)?.Account))
        {
            item = item with { App = app };
        }

        if (app is not null && item.App != app)
        {
            return false;
        }

        if (await SaidEndedAsync(context, caller, app, session, item.Number))
        {
            return true;
        }

        if (await MaySeeAsync(caller, item))
        {
            await SendAsync(context, AccessReader.Slug(item.Kind), item.Number, item.Subject is null ? "{}" : $$"""{"id":"{{item.Subject}}"}""");
        }

        return false;
    }

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

    private async Task<bool> MaySeeAsync(AccessContext caller, FeedItem item)
    {
        if (caller.Agent is { } agent)
        {
            // Whoever asks support for help, whom support asks for access, and what is open no longer is the whole team's to know.
            return item.Kind == FeedKind.Conversation
                || (item is { Kind: FeedKind.Request, Subject: { } request } && access.Find(new RequestId(request)) is not { Agent: null })
                || (item.Kind == FeedKind.Access && item.App is not null)
                || item.App is { } app && access.Find(app) is { } view && (item.Kind != FeedKind.Activity || view.SessionOf(agent.Id) is not null);
        }

        if (caller.Member is not { } member || member.Account != item.Account)
        {
            return false;
        }

        // Asked in a scope of its own: the stream outlives what a request's scope was made for.
        await using var scope = scopes.CreateAsyncScope();
        if (item.App is not { } about || item.Kind == FeedKind.Conversation)
        {
            return await scope.ServiceProvider.GetRequiredService<ConversationDesk>().MaySeeAsync(caller, item.Account, item.App, CancellationToken.None);
        }

        var host = scope.ServiceProvider.GetRequiredService<ISupportHost>();
        return await host.GetAppAsync(about, CancellationToken.None) is { } hostApp
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
        await context.Response.WriteAsync($"id: {_process}-{number}\nevent: {name}\ndata: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
