using System.ComponentModel;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API for agents: what is open to them, entering, leaving, giving back.</summary>
internal static class AgentEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var agent = routes.MapGroup("/v1").WithTags("Support agents");
        agent.MapGet("/agent/apps", GetApps)
            .RequireAgent()
            .WithSummary("The apps open to support now, soonest end first, and nothing else.")
            .Produces<Page<OpenApp>>();
        agent.MapGet("/agent/sessions", GetSessions)
            .RequireAgent()
            .WithSummary("My sessions, newest first; pages by cursor and limit.")
            .Produces<Page<SessionStory>>().ProducesProblem(422);
        agent.MapPost("/sessions", PostSession)
            .Once(isToldAgain: false)
            .RequireAgent()
            .WithSummary("Enters an app that is open to support, for a reason. Answers a one-button address for a browser and a token for API calls on that app. With an Idempotency-Key a replay answers 409.")
            .Accepts<EnterBody>("application/json")
            .Produces<EnteredState>(201).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        agent.MapDelete("/sessions/{session}", DeleteSession)
            .RequireAgent()
            .WithSummary("Leaves an app. In force before this answers.")
            .Produces<EndedState>().ProducesProblem(404).ProducesProblem(503);
        agent.MapPost("/grants/{grant}/forfeit", PostForfeit)
            .RequireAgent()
            .WithSummary("Gives a key back early, for the whole team.")
            .Produces<EndedState>().ProducesProblem(404).ProducesProblem(503);
        agent.MapPost("/clock/accept", PostClockAccept)
            .RequireAgent(lead: true)
            .WithSummary("Accepts the server's clock as it is now, after it jumped ahead and support was held out. Leads only.")
            .Produces<EndedState>().ProducesProblem(422).ProducesProblem(503);
    }

    public static IReadOnlyList<OpenApp> OpenTo(AgentId agent, SupportAccess access) =>
    [
        .. access.OpenApps()
            .Select(v => (View: v, Grant: v.Widest(access.Now)))
            .Where(open => open.Grant is not null)
            .Select(open => new OpenApp(
                access.AddressOf(open.View), open.View.App.Value, open.View.Name.Title, open.View.Name.AccountTitle, open.Grant!.Role.Name, open.Grant.Id.Value,
                open.Grant.App is null, open.Grant.From, open.View.OpenUntil(access.Now) ?? open.Grant.Until, open.View.SessionOf(agent)?.Id.Value))
            .OrderBy(app => app.Until).ThenBy(app => app.App, StringComparer.Ordinal),
    ];

    private static IResult GetApps(AccessContext caller, SupportAccess access) =>
        Results.Json(new Page<OpenApp>(OpenTo(caller.Agent!.Id, access), null), Wire.Json);

    private static async Task<IResult> GetSessions(
        HttpContext context,
        AccessContext caller,
        SupportAccess access,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit)
    {
        if (Cursor.Read(cursor, limit, out var before, out var most) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var sessions = await access.History.ReadSessionsAsync(new SessionQuery(Agent: caller.Agent!.Id, Before: before, Limit: most), context.RequestAborted);
        return Results.Json(Cursor.Page(sessions, most, s => s.Position, AccessReader.StoryOf), Wire.Json);
    }

    private static async Task<IResult> PostSession(
        HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "app", "reason", "ticket");
        var (slug, reason, ticket) = (body.Text("app"), body.Text("reason"), body.Text("ticket"));
        var refusal = body.Refusal ?? (slug is null ? new Refusal(RefusalReason.Invalid, "'app' is missing; it takes the name of an app open to support.", "app") : null);
        if (refusal is not null)
        {
            return refuser.Result(refusal);
        }

        // What is not open is unknown before anything else is looked at: a bad reason must not tell one from the other.
        var view = access.FindForAgent(caller.Agent!.Id, slug!);
        var answer = view is null || !view.IsOpen(access.Now)
            ? new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail)
            : await access.EnterAsync(view.App, caller.Agent.Ref, reason, ticket, context.RequestAborted);
        if (answer.Value is not { } entered)
        {
            return refuser.Result(answer.Refusal!);
        }

        // As the agent called the site: their sign-in, to which the code is bound, is there.
        var url = $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}{Paths.Of(context).Redeem(entered.Code)}";
        return Results.Json(
            new EnteredState(entered.Session.Id.Value, access.AddressOf(entered.View), entered.View.Widest(access.Now)?.Role.Name ?? "", entered.Session.ExpiresAt, url, entered.Token),
            Wire.Json,
            statusCode: 201);
    }

    private static async Task<IResult> DeleteSession(string session, AccessContext caller, SupportAccess access, Refuser refuser) =>
        IdText.IsId(session)
            ? MemberEndpoints.Ended(await access.LeaveAsync(new SessionId(session), caller.Agent!.Id), refuser)
            : refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));

    private static async Task<IResult> PostForfeit(string grant, AccessContext caller, SupportAccess access, Refuser refuser) =>
        IdText.IsId(grant)
            ? MemberEndpoints.Ended(await access.ForfeitAsync(new GrantId(grant), caller.Agent!.Ref), refuser)
            : refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));

    private static async Task<IResult> PostClockAccept(AccessContext caller, SupportAccess access, Refuser refuser) =>
        MemberEndpoints.Ended(await access.AcceptClockAsync(caller.Agent!.Ref), refuser);
}
