using System.ComponentModel;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API of proposals: agents propose and take back, administrators apply, decline and undo.</summary>
internal static class ProposalApi
{
    // A text of 200 KiB of the longest kind, escaped, with room around it.
    private const int MaxBody = 2 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var inConversation = routes.MapGroup("/v1/conversations/{id}/proposals").WithTags("Proposals");
        inConversation.MapGet("", GetAll)
            .RequireSignedIn()
            .WithSummary("What support proposed in a conversation, newest first; pages by cursor and limit.")
            .Produces<Page<ProposalStory>>().ProducesProblem(404).ProducesProblem(422);
        inConversation.MapGet("/targets", GetTargets)
            .RequireAgent()
            .WithSummary("What an agent can propose to change: what was shown in this conversation, as it was shown.")
            .Produces<TargetList>().ProducesProblem(404).ProducesProblem(422);
        inConversation.MapPost("", Post)
            .Once()
            .RequireAgent()
            .WithMetadata(new FormSize(MaxBody))
            .WithSummary("Proposes a change to something that was shown. It replaces an open proposal to the same target. With an Idempotency-Key a replay gets the first answer.")
            .Accepts<ProposeBody>("application/json")
            .Produces<ProposalStory>(201).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);

        var one = routes.MapGroup("/v1/proposals/{proposal}").WithTags("Proposals");
        one.MapGet("", Get)
            .RequireSignedIn()
            .WithSummary("One proposal. A member is told what applying it would do now, an agent what was proposed.")
            .Produces<ProposalStory>().ProducesProblem(404);
        one.MapPost("/apply", (string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
                PostAsync(context, refuser, () => desk.ApplyAsync(caller, proposal)))
            .RequireMember()
            .WithSummary("Makes the proposed change under the member's own name. All of it or nothing: 409 changed_since where what it changes was changed since.")
            .Produces<ProposalStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        one.MapPost("/revert", (string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
                PostAsync(context, refuser, () => desk.RevertAsync(caller, proposal)))
            .RequireMember()
            .WithSummary("Undoes an applied proposal. All of it or nothing: 409 changed_since where what it changed was changed since.")
            .Produces<ProposalStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        one.MapPost("/decline", PostDecline)
            .RequireMember()
            .WithSummary("Declines a proposal.")
            .Accepts<DeclineBody>("application/json")
            .Produces<ProposalStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        one.MapPost("/withdraw", (string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
                PostAsync(context, refuser, () => desk.WithdrawAsync(caller, proposal)))
            .RequireAgent()
            .WithSummary("Takes a proposal back: whoever made it, or a lead.")
            .Produces<ProposalStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<IResult> GetAll(
        string id, HttpContext context, AccessContext caller, ConversationDesk conversations, SupportAccess access, Refuser refuser,
        [Description(Cursor.About)] string? cursor, [Description(Cursor.AboutLimit)] string? limit)
    {
        if (await conversations.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return ConversationApi.NotFound(refuser);
        }

        if (Cursor.Read(cursor, limit, out var before, out var most) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var page = await access.Conversations.ReadProposalsAsync(new ProposalQuery(found.Id, Before: before, Limit: most), context.RequestAborted);
        return Results.Json(Cursor.Page(page, most, p => p.Position, StoryOf), Wire.Json);
    }

    private static async Task<IResult> GetTargets(
        string id, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser,
        [Description("The id of something that was shown; left out, the newest settings.")] string? share)
    {
        var ground = await desk.GroundAsync(caller, id, share, context.RequestAborted);
        return ground.Value is { } found
            ? Results.Json(new TargetList(found.Share.Id.Value, [.. found.Targets.Select(t => new TargetStory(t.Id, t.Group, t.Title, t.Value, t.IsText))]), Wire.Json)
            : refuser.Result(ground.Refusal!);
    }

    private static async Task<IResult> Post(string id, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, MaxBody, "target", "after", "why", "share");
        var (target, after, why, share) = (body.Text("target"), body.Text("after"), body.Text("why"), body.Text("share"));
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        var ground = await desk.GroundAsync(caller, id, share, context.RequestAborted);
        if (ground.Value is not { } found)
        {
            return refuser.Result(ground.Refusal!);
        }

        var answer = await desk.ProposeAsync(caller.Agent!, found, target, after, why, context.RequestAborted);
        return answer.Value is { } made ? Results.Json(StoryOf(made), Wire.Json, statusCode: 201) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> Get(string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser)
    {
        if (await desk.FindAsync(caller, proposal, context.RequestAborted) is not { } found)
        {
            return ConversationApi.NotFound(refuser);
        }

        var view = await desk.ViewAsync(caller, found, context.RequestAborted);
        return Results.Json(
            StoryOf(found) with
            {
                CanAnswer = caller.Member is null ? null : view.MayAnswer,
                WhyNot = view.WhyNot,
                Problem = view.Problem,
                Now = view.Problem is not null ? view.Since : view.MayAnswer && found.State == ProposalState.Open ? view.Before : null,
                Then = view.Problem is null && view.MayAnswer && found.State == ProposalState.Open ? view.After : null,
                Effect = view.Effect,
            },
            Wire.Json);
    }

    private static async Task<IResult> PostDecline(string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "note");
        var note = body.Text("note");
        return body.Refusal is { } bad ? refuser.Result(bad) : Told(await desk.DeclineAsync(caller, proposal, note), refuser);
    }

    private static async Task<IResult> PostAsync(HttpContext context, Refuser refuser, Func<Task<Answer<ProposalRecord>>> act)
    {
        var body = await JsonBody.ReadAsync(context);
        return body.Refusal is { } bad ? refuser.Result(bad) : Told(await act(), refuser);
    }

    private static IResult Told(Answer<ProposalRecord> answer, Refuser refuser) =>
        answer.Value is { } proposal ? Results.Json(StoryOf(proposal), Wire.Json) : refuser.Result(answer.Refusal!);

    private static ProposalStory StoryOf(ProposalRecord p) => new(
        p.Id.Value, p.Conversation.Value, p.App.Value, AccessReader.Slug(p.State), p.Agent.Value, p.AgentName, p.Share.Value, p.Target, p.Title,
        p.Before, p.After, p.Why, p.At, p.EndedAt, p.EndedByName, p.Note);
}

/// <summary>The body of proposing a change. Without a share it is to the newest settings that were shown.</summary>
internal sealed record ProposeBody(string Target, string After, string Why, string? Share = null);

/// <summary>The body of declining.</summary>
internal sealed record DeclineBody(string? Note = null);

/// <summary>What can be proposed against a share.</summary>
internal sealed record TargetList(string Share, IReadOnlyList<TargetStory> Items);

/// <summary>Something that can be changed, as it was shown.</summary>
internal sealed record TargetStory(string Id, string Group, string Title, string Value, bool IsText);

/// <summary>A proposal. What was erased is absent; what only a member is told is absent for an agent.</summary>
internal sealed record ProposalStory(
    string Id, string Conversation, string App, string State, string Agent, string? AgentName, string Share, string? Target, string? Title,
    string? Before, string? After, string? Why, DateTimeOffset ProposedAt, DateTimeOffset? EndedAt, string? EndedByName, string? Note)
{
    /// <summary>Whether the member may answer it now, or undo it.</summary>
    public bool? CanAnswer { get; init; }

    /// <summary>Why they may not.</summary>
    public string? WhyNot { get; init; }

    /// <summary>Why it can't be applied or undone, whoever asks.</summary>
    public string? Problem { get; init; }

    /// <summary>How it is now, with secrets masked.</summary>
    public string? Now { get; init; }

    /// <summary>How it would be.</summary>
    public string? Then { get; init; }

    /// <summary>All that it would change, written out where it takes effect, where the text alone doesn't tell that.</summary>
    public KeptText? Effect { get; init; }
}
