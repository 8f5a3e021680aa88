using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API for a customer's members: see, turn on, turn off, and read what support did.</summary>
internal static class MemberEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var app = routes.MapGroup("/v1/apps/{app}").WithTags("Support access");
        app.MapGet("/access", GetAccess)
            .RequirePermissionOrMayEnd(Catalogue.SupportAccessRead)
            .WithSummary("The support access of an app: whether it is on, until when, and who of support is in it. Whoever has no part in the app any more and could end what is on when it began gets no more than state, until and can_end.")
            .Produces<AccessState>().ProducesProblem(404);
        app.MapPut("/access", PutAccess)
            .RequirePermission(Catalogue.SupportAccessTurnOn)
            .WithSummary("Turns support access on, or changes its window or role without dropping sessions. Default: 14 days, or the current end where that is later. Admins of the app only. Where the account wants two people, 202: what is lent is as before, and a request for more waits for a second person, already approved by the caller.")
            .Accepts<TurnOnBody>("application/json")
            .Produces<AccessState>().Produces<AccessState>(202)
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        app.MapDelete("/access", DeleteAccess)
            .RequirePermissionOrMayEnd(Catalogue.SupportAccessTurnOff)
            .WithSummary("Turns support access off. In force before this answers; answers how many acts begun before had not stopped. Also for whoever could end it when it began, whatever role, team or account they lost since.")
            .Produces<EndedState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        app.MapDelete("/sessions/{session}", DeleteSession)
            .RequirePermissionOrMayEnd(Catalogue.SupportAccessTurnOff)
            .WithSummary("Ends one session of support and leaves access on. For whoever may turn support access off.")
            .Produces<EndedState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        app.MapGet("/activity", GetActivity)
            .RequirePermission(Catalogue.SupportAccessActivity)
            .WithSummary("What support did, newest first. Filters: session, agent, permission, changes_only=true; pages by cursor and limit.")
            .Produces<Page<ActStory>>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        app.MapGet("/history", GetHistory)
            .RequirePermission(Catalogue.SupportAccessActivity)
            .WithSummary("Every time support access was on, newest first, past ones included; pages by cursor and limit.")
            .Produces<Page<GrantStory>>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        app.MapGet("/sessions", GetSessions)
            .RequirePermission(Catalogue.SupportAccessActivity)
            .WithSummary("Every session of support in the app, newest first; pages by cursor and limit.")
            .Produces<Page<SessionStory>>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }

    private static async Task<IResult> GetAccess(HttpContext context, AccessContext caller, AccessReader reader) => caller.Lent is { } lent
        ? Results.Json(reader.StateToEnd(caller.Member!, lent.Grants), Wire.Json)
        : Results.Json(await reader.ReadAsync(caller.Member!, caller.HostApp!, context.RequestAborted), Wire.Json);

    private static async Task<IResult> PutAccess(HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "duration", "until", "role", "also", "note");
        var terms = new Terms(body.Duration("duration"), body.Time("until"), body.Text("role"), body.Texts("also"), body.Text("note"));
        if (body.Refusal is not null)
        {
            return refuser.Result(body.Refusal);
        }

        var app = caller.HostApp!;
        var lender = await reader.LenderAsync(caller.Member!, app, context.RequestAborted);
        var answer = await access.TurnOnAsync(app.Ref, lender, terms, context.RequestAborted);
        return answer.Refusal is { } refusal
            ? refuser.Result(refusal)
            : Results.Json(
                await reader.ReadAsync(caller.Member!, app, context.RequestAborted), Wire.Json, statusCode: answer.Value!.Waits is null ? 200 : 202);
    }

    private static async Task<IResult> DeleteAccess(AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var (app, lender) = await reader.EnderAsync(caller);
        return Ended(await access.TurnOffAsync(app, lender), refuser);
    }

    private static async Task<IResult> DeleteSession(string session, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var (app, lender) = await reader.EnderAsync(caller);
        return IdText.IsId(session)
            ? Ended(await access.EndSessionAsync(app, new SessionId(session), lender), refuser)
            : refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));
    }

    private static async Task<IResult> GetActivity(
        HttpContext context,
        AccessContext caller,
        SupportAccess access,
        AccessReader reader,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit,
        [Description("Only what was done in this session.")] string? session,
        [Description("Only what this agent did.")] string? agent,
        [Description("Only what this permission was used for.")] string? permission,
        [FromQuery(Name = "changes_only"), Description("true: only what changed something.")] string? changesOnly)
    {
        var badSession = IdOf(session, "session", out session);
        var badAgent = IdOf(agent, "agent", out agent);
        if ((Cursor.Read(cursor, limit, out var before, out var most) ?? badSession ?? badAgent) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var acts = await access.History.ReadActsAsync(
            new ActQuery(
                caller.App!.Value,
                session is null ? null : new SessionId(session),
                agent is null ? null : new AgentId(agent),
                string.IsNullOrEmpty(permission) ? null : permission,
                changesOnly == "true",
                before,
                most),
            context.RequestAborted);
        return Results.Json(Cursor.Page(acts, most, a => a.Position, reader.StoryOf), Wire.Json);
    }

    private static async Task<IResult> GetHistory(
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

        var grants = await access.History.ReadGrantsAsync(new GrantQuery(caller.App!.Value, Before: before, Limit: most), context.RequestAborted);
        return Results.Json(Cursor.Page(grants, most, g => g.Position, AccessReader.StoryOf), Wire.Json);
    }

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

        var sessions = await access.History.ReadSessionsAsync(new SessionQuery(App: caller.App, Before: before, Limit: most), context.RequestAborted);
        return Results.Json(Cursor.Page(sessions, most, s => s.Position, AccessReader.StoryOf), Wire.Json);
    }

    public static IResult Ended(Answer<Ended> answer, Refuser refuser) =>
        answer.Refusal is { } refusal ? refuser.Result(refusal) : Results.Json(new EndedState(answer.Value!.StillRunning), Wire.Json);

    private static Refusal? IdOf(string? text, string field, out string? id)
    {
        id = string.IsNullOrEmpty(text) ? null : text;
        return id is null || IdText.IsId(id) ? null : new Refusal(RefusalReason.Invalid, $"'{field}' takes an id.", field);
    }
}
