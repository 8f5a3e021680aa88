using System.ComponentModel;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API for requests: agents ask and take back, administrators approve and decline.</summary>
internal static class RequestEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/requests").WithTags("Requests");
        api.MapGet("", GetRequests)
            .RequireAgent()
            .WithSummary("The team's requests for access, newest first, answered ones included; pages by cursor and limit.")
            .Produces<Page<RequestStory>>().ProducesProblem(422);
        api.MapPost("", PostRequest)
            .Once()
            .RequireAgent()
            .WithSummary("Asks for access: to what a conversation is about, to an app that is open, or to an app by name or id, or every app of an account by its id. One pending request each. By name it is answered alike whether anybody has that name, at most 20 times a day, and names neither app nor account. Default: 7 days from the approval, admin.")
            .Accepts<AskBody>("application/json")
            .Produces<RequestStory>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        api.MapPost("/{request}/withdraw", PostWithdraw)
            .RequireSignedIn()
            .WithSummary("Takes a request back: whoever asked, or for support a lead.")
            .Produces<RequestStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        api.MapPost("/{request}/approve", PostApprove)
            .RequireMember()
            .WithSummary("Approves a request, as asked for or less. Access begins now, or with the second approval where the account wants two.")
            .Accepts<ApproveBody>("application/json")
            .Produces<RequestStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        api.MapPost("/{request}/deny", PostDeny)
            .RequireMember()
            .WithSummary("Declines a request: not now. Help goes on without access.")
            .Accepts<DenyBody>("application/json")
            .Produces<RequestStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        routes.MapGet("/v1/apps/{app}/requests", GetRequestsOfApp)
            .RequirePermission(Catalogue.SupportAccessActivity)
            .WithTags("Requests")
            .WithSummary("Every request for access to an app, newest first; pages by cursor and limit.")
            .Produces<Page<RequestStory>>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }

    private static Task<IResult> GetRequests(
        HttpContext context, SupportAccess access, Refuser refuser, [Description(Cursor.About)] string? cursor, [Description(Cursor.AboutLimit)] string? limit) =>
        ListAsync(context, access, refuser, new RequestQuery(ForSupport: true), cursor, limit);

    private static Task<IResult> GetRequestsOfApp(
        HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser,
        [Description(Cursor.About)] string? cursor, [Description(Cursor.AboutLimit)] string? limit) =>
        ListAsync(context, access, refuser, new RequestQuery(caller.HostApp!.Account, caller.HostApp.Id), cursor, limit);

    private static async Task<IResult> ListAsync(
        HttpContext context, SupportAccess access, Refuser refuser, RequestQuery query, string? cursor, string? limit)
    {
        if (Cursor.Read(cursor, limit, out var before, out var most) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var requests = await access.History.ReadRequestsAsync(query with { Before = before, Limit = most }, context.RequestAborted);
        return Results.Json(Cursor.Page(requests, most, r => r.Position, r => AccessReader.StoryOf(r, access.Now)), Wire.Json);
    }

    private static async Task<IResult> PostRequest(HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "app", "account", "conversation", "reason", "ticket", "role", "also", "duration");
        var (app, account, conversation) = (body.Text("app"), body.Text("account"), body.Text("conversation"));
        var plea = new Plea(body.Text("reason"), body.Text("ticket"), body.Text("role"), body.Texts("also"), body.Duration("duration"));
        var refusal = body.Refusal ?? (app is null && account is null && conversation is null
            ? new Refusal(RefusalReason.Invalid, "'app' is missing; it takes an app's name or id. Or 'account' takes an account's id, or 'conversation' that of the one to ask in.", "app")
            : app is not null && account is not null ? new Refusal(RefusalReason.Invalid, "'account' can't stand beside 'app'; ask for one of them.", "account")
            : null);
        return refusal is not null
            ? refuser.Result(refusal)
            : await AnswerAsync(await desk.AskAsync(caller.Agent!, conversation, app, account, plea, context.RequestAborted), caller, desk, refuser, 201);
    }

    private static async Task<IResult> PostWithdraw(string request, HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context);
        return body.Refusal is { } refusal
            ? refuser.Result(refusal)
            : await AnswerAsync(
                caller.Agent is { } agent ? await desk.WithdrawAsync(agent, request) : await desk.WithdrawAsync(caller.Member!, request), caller, desk, refuser);
    }

    private static async Task<IResult> PostApprove(string request, HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "duration", "until", "role", "also");
        var terms = new ApprovalTerms(body.Duration("duration"), body.Time("until"), body.Text("role"), body.Texts("also"));
        return body.Refusal is { } refusal
            ? refuser.Result(refusal)
            : await AnswerAsync(await desk.ApproveAsync(caller.Member!, request, terms, context.RequestAborted), caller, desk, refuser);
    }

    private static async Task<IResult> PostDeny(string request, HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "note");
        var note = body.Text("note");
        return body.Refusal is { } refusal
            ? refuser.Result(refusal)
            : await AnswerAsync(await desk.DenyAsync(caller.Member!, request, note, context.RequestAborted), caller, desk, refuser);
    }

    private static async Task<IResult> AnswerAsync(
        Answer<AccessRequest> answer, AccessContext caller, RequestDesk desk, Refuser refuser, int status = 200) =>
        answer.Value is { } request
            ? Results.Json(await desk.ReadAsync(request.Account, request.Id, caller.Agent is not null, CancellationToken.None), Wire.Json, statusCode: status)
            : refuser.Result(answer.Refusal!);
}

/// <summary>The body of asking for access.</summary>
internal sealed record AskBody(
    string Reason, string? App = null, string? Account = null, string? Conversation = null, string? Ticket = null, string? Role = null,
    IReadOnlyList<string>? Also = null, string? Duration = null);

/// <summary>The body of approving: all that was asked for where a field is left out.</summary>
internal sealed record ApproveBody(string? Duration = null, DateTimeOffset? Until = null, string? Role = null, IReadOnlyList<string>? Also = null);

/// <summary>The body of declining.</summary>
internal sealed record DenyBody(string? Note = null);
