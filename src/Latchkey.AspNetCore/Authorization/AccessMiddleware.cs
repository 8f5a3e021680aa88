using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// The one place where requests are let through. Nothing said means no: an endpoint without a requirement, or with several, answers nobody,
/// a caller whom no line here lets through is refused. Support passes only on a live grant, through a session, on the record.
/// </summary>
internal sealed class AccessMiddleware(
    RequestDelegate next, SupportAccess access, IAntiforgery antiforgery, Refuser refuser, BorderLog border, IOptions<LatchkeyOptions> options)
{
    public async Task InvokeAsync(HttpContext context, ISupportHost host)
    {
        try
        {
            await LetThroughAsync(context, host);
        }
        catch (HostAnswerException e)
        {
            border.Refused(e);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            // What the host says of every answer, such as its security headers, holds for this one too.
            context.Response.ContentLength = null;
            await refuser.ProblemAsync(context, 500, "host_answer", "This can't be answered: something that the app says of it can't be used. Its log says what.");
        }
    }

    private async Task LetThroughAsync(HttpContext context, ISupportHost host)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            await next(context);
            return;
        }

        if (endpoint is not RouteEndpoint && BodyTypes.StandIn(context, refuser) is { } meant)
        {
            context.SetEndpoint(endpoint = meant);
        }

        var said = endpoint.Metadata.GetOrderedMetadata<AccessRequirement>();
        var requirement = said is [var only] ? only : null;
        var anonymous = said.Count == 0 && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (requirement is null && !anonymous)
        {
            await refuser.NotFoundAsync(context);
            return;
        }

        var credentials = RequestCredentials.Read(context, options.Value);
        if (credentials.IsMixed)
        {
            await refuser.ProblemAsync(context, 400, "cookie_and_bearer", "Send a cookie or a bearer token, not both.");
            return;
        }

        // An endpoint that asks nobody who they are has nothing that another site could borrow, where its host says so.
        var isForOtherSites = anonymous && endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: false };
        if (!isForOtherSites && credentials.NeedsAntiforgery(context) && !await IsFromOurPageAsync(context))
        {
            await refuser.ProblemAsync(context, 400, "antiforgery", "This request did not come from a page of this site, or the page is too old. Load the page again and repeat it.");
            return;
        }

        if (anonymous)
        {
            await next(context);
        }
        else if (credentials.SessionToken is { } token)
        {
            await ByTokenAsync(context, host, requirement!, token);
        }
        else
        {
            await ByCallerAsync(context, host, requirement!);
        }
    }

    private Task ByTokenAsync(HttpContext context, ISupportHost host, AccessRequirement requirement, string token)
    {
        if (access.Recognise(token, CredentialKind.Bearer) is not { } credential)
        {
            return refuser.UnauthorizedAsync(context);
        }

        if (requirement is not RequirePermissionAttribute permission
            || AppOf(context, permission) is not { } slug
            || access.FindForAgent(credential.Agent, slug, inside: credential.App) is not { } view)
        {
            access.NoteRefused(credential.Agent, DecisionReason.NoGrant, (requirement as RequirePermissionAttribute)?.Permission ?? "", Asked(context));
            return refuser.NotFoundAsync(context);
        }

        return AsSupportAsync(context, host, permission, credential.Agent, view, credential.Session, caller: null);
    }

    private async Task ByCallerAsync(HttpContext context, ISupportHost host, AccessRequirement requirement)
    {
        var caller = await host.GetCallerAsync(context);
        switch (caller, requirement)
        {
            case (null, _):
                await refuser.SignInAsync(context);
                return;

            case (Member member, RequirePermissionAttribute permission):
                await AsMemberAsync(context, host, permission, member);
                return;

            case (Agent agent, RequirePermissionAttribute permission):
                await AsAgentAsync(context, host, permission, agent);
                return;

            case (Member, RequireMemberAttribute):
            case (Agent, RequireAgentAttribute { Lead: false }):
            case (Agent { Lead: true }, RequireAgentAttribute):
            case (not null, RequireSignedInAttribute):
                await RunAsync(context, new AccessContext(access, host, caller, app: null, context.RequestAborted)
                {
                    Again = () => IsSignedInAsync(context, caller),
                });
                return;

            default:
                await refuser.NotFoundAsync(context);
                return;
        }
    }

    private async Task AsMemberAsync(HttpContext context, ISupportHost host, RequirePermissionAttribute requirement, Member member)
    {
        var slug = AppOf(context, requirement);
        var (acting, refusal) = ((AccessContext?)null, (Refusal?)null);
        try
        {
            (acting, refusal) = await JudgeAsync(context, host, requirement, member);
        }
        catch (HostAnswerException e) when (requirement.OrMayEnd && FindToEnd(context, member, slug, app: null).MayEnd)
        {
            // No answer of the host's stands in the way of an end.
            border.Refused(e);
        }

        var app = acting?.HostApp;
        if (acting is not null && refusal is null)
        {
            await RunAsync(context, acting);
        }
        else if (requirement.OrMayEnd && FindToEnd(context, member, slug, app) is var (mayEnd, lent) && mayEnd)
        {
            // Who still sees the app sees more of it than who only may end what they lent.
            var sees = app is not null && await host.AllowsAsync(member, app, Catalogue.SupportAccessRead, context.RequestAborted);
            await RunAsync(context, new AccessContext(access, host, member, sees ? app : null, context.RequestAborted) { Lent = sees ? null : lent });
        }
        else if (refusal is not null)
        {
            await refuser.RefuseAsync(context, refusal);
        }
        else
        {
            await refuser.NotFoundAsync(context);
        }
    }

    /// <summary>Who a member is on what the address names, and why they may not use the permission there; nobody where it is not there for them.</summary>
    private async Task<(AccessContext? Acting, Refusal? Refusal)> JudgeAsync(
        HttpContext context, ISupportHost host, RequirePermissionAttribute requirement, Member member)
    {
        var slug = AppOf(context, requirement);
        var app = slug is null ? null : await host.FindAppAsync(member, slug, context.RequestAborted);
        if (slug is not null && app is null)
        {
            return (null, null);
        }

        var acting = new AccessContext(access, host, member, app, context.RequestAborted) { Again = () => MayGoOnAsync(context, requirement, member, app) };
        return (acting, await acting.WhyNotAsync(requirement.Permission));
    }

    /// <summary>Whether a request that goes on is still by whom it was: the same person of the same account, or the same agent in the same sign-in.</summary>
    private static async Task<bool> IsSignedInAsync(HttpContext context, Caller caller)
    {
        await using var again = await RequestAgain.ReadAsync(context);
        return await FindAgainAsync(again, caller) is not null;
    }

    private async Task<bool> MayGoOnAsync(HttpContext context, RequirePermissionAttribute requirement, Member member, HostApp? app)
    {
        await using var again = await RequestAgain.ReadAsync(context);
        return await FindAgainAsync(again, member) is Member now
            && await JudgeAsync(again.Context, again.Host, requirement, now) is ({ } acting, null)
            && acting.App == app?.Id;
    }

    private static async Task<Caller?> FindAgainAsync(RequestAgain again, Caller caller) => (caller, await again.Host.GetCallerAsync(again.Context)) switch
    {
        (Member was, Member now) when now.Person == was.Person && now.Account == was.Account => now,
        (Agent was, Agent now) when now.Id == was.Id && now.SignIn == was.SignIn && (now.Lead || !was.Lead) => now,
        _ => null,
    };

    /// <summary>Whether a member could end what is lent on what the address names when it began; and the app, where it names one.</summary>
    private (bool MayEnd, AppView? Lent) FindToEnd(HttpContext context, Member member, string? slug, HostApp? app)
    {
        if (slug is not null)
        {
            var lent = access.FindToEnd(member.Person, app?.Id.Value ?? slug);
            return (lent is not null, lent);
        }

        return (AccountEndpoints.MayEnd(context.GetRouteValue("account")?.ToString(), member, access), null);
    }

    private Task AsAgentAsync(HttpContext context, ISupportHost host, RequirePermissionAttribute requirement, Agent agent)
    {
        // The app is looked up among those open to this agent; the host is not asked, so what is not lent can't be told from what is not there.
        if (AppOf(context, requirement) is not { } slug || access.FindForAgent(agent.Id, slug) is not { } view)
        {
            access.NoteRefused(agent.Id, DecisionReason.NoGrant, requirement.Permission, Asked(context));
            return refuser.NotFoundAsync(context);
        }

        var session = SessionCookie.Read(context, view.App) is { } secret
            && access.Recognise(secret, CredentialKind.Cookie) is { } credential
            && credential.Agent == agent.Id
            && credential.SignIn == agent.SignIn
            && credential.App == view.App
                ? credential.Session
                : (SessionId?)null;
        return AsSupportAsync(context, host, requirement, agent.Id, view, session, agent);
    }

    private async Task AsSupportAsync(
        HttpContext context, ISupportHost host, RequirePermissionAttribute requirement, AgentId agent, AppView view, SessionId? session, Agent? caller)
    {
        var permission = access.Catalogue.Find(requirement.Permission);
        var (decision, act) = await access.BeginAsync(agent, view.App, session, permission, TargetOf(context, requirement), context.RequestAborted);
        if (act is null)
        {
            access.NoteRefused(agent, decision.Reason, requirement.Permission, Asked(context));
            await refuser.RefuseAsync(context, decision, view);
            return;
        }

        using (act)
        {
            var (role, until) = ((view.Widest(access.Now) ?? decision.Grant!).Role, view.OpenUntil(access.Now) ?? decision.Grant!.Until);
            var support = new SupportUser(
                agent, decision.Session!.AgentName, decision.Session.Id, view.Name, role.Title, decision.Session.Reason,
                decision.Session.ExpiresAt < until ? decision.Session.ExpiresAt : until, until);
            var acting = new AccessContext(access, host, act, support, view.App, context.RequestAborted)
            {
                // A token is good as long as its session; a cookie beside the agent's own sign-in alone.
                Again = async () => access.Decide(agent, view.App, session, permission).IsAllowed && (caller is null || await IsSignedInAsync(context, caller)),
            };
            await RunActAsync(context, act, acting, view);
        }
    }

    private async Task RunActAsync(HttpContext context, Act act, AccessContext accessContext, AppView view)
    {
        var aborted = context.RequestAborted;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, act.Stopping);
        context.RequestAborted = either.Token;

        // A handler that does not listen has its connection cut: nothing more of the customer's reaches the agent.
        await using var cut = act.Stopping.Register(() => _ = CutAsync(context, act));
        // Until the handler has returned, what will be answered is an error.
        var (outcome, status) = (ActOutcome.Failed, StatusCodes.Status500InternalServerError);
        try
        {
            await RunAsync(context, accessContext);
            status = context.Response.StatusCode;
            outcome = accessContext.IsOver ? ActOutcome.Cancelled : status < 400 ? ActOutcome.Done : ActOutcome.Failed;
        }
        catch (OperationCanceledException) when (act.Stopping.IsCancellationRequested)
        {
            (outcome, status) = (ActOutcome.Cancelled, StatusCodes.Status410Gone);
        }
        finally
        {
            context.RequestAborted = aborted;
            await act.EndAsync(outcome, status);
        }

        if (outcome == ActOutcome.Cancelled)
        {
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                context.Response.Clear();
                await refuser.RefuseAsync(context, access.Decide(act.Agent, act.App, act.Session, act.Permission), view);
            }
        }
    }

    private async Task CutAsync(HttpContext context, Act act)
    {
        try
        {
            await act.Done.WaitAsync(access.Options.StopWait);
        }
        catch (TimeoutException)
        {
            context.Abort();
        }
    }

    private Task RunAsync(HttpContext context, AccessContext accessContext)
    {
        context.Features.Set(accessContext);
        // What is shown to one person under one grant is for no cache: back and forward must ask again.
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    }

    private async Task<bool> IsFromOurPageAsync(HttpContext context)
    {
        try
        {
            await antiforgery.ValidateRequestAsync(context);
            return true;
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or IOException)
        {
            return false;
        }
    }

    private static string? AppOf(HttpContext context, RequirePermissionAttribute requirement) =>
        context.GetRouteValue(requirement.AppRoute)?.ToString();

    /// <summary>What the address names beyond the app: the part of the route that tells one page from another.</summary>
    private static string? TargetOf(HttpContext context, RequirePermissionAttribute requirement)
    {
        var values = context.Request.RouteValues
            .Where(v => v.Key != requirement.AppRoute && v.Value is not null)
            .OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key} {v.Value}");
        var target = string.Join(", ", values);
        return target.Length == 0 ? null : target.Length <= 200 ? target : target[..200];
    }

    private static string Asked(HttpContext context) => $"{context.Request.Method} {context.Request.Path}";
}
