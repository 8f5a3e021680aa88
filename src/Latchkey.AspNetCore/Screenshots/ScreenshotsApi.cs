using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API of asking for screenshots: agents ask and take back, members send or decline.</summary>
internal static class ScreenshotsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/conversations/{id}/screenshots", PostAsk)
            .Once()
            .RequireAgent().WithTags("Conversations")
            .WithSummary("Asks the customer for screenshots: 1 to 5 lines, each what should be seen. One ask is open at a time in a conversation.")
            .Accepts<AskForScreenshotsBody>("application/json")
            .Produces<ScreenshotsStory>(201).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        var one = routes.MapGroup("/v1/screenshots/{screenshots}").WithTags("Conversations");
        one.MapGet("", Get)
            .RequireSignedIn()
            .WithSummary("What support asked to be shown in pictures, and what became of it.")
            .Produces<ScreenshotsStory>().ProducesProblem(404);
        one.MapPost("/answer", PostAnswer)
            .RequireMember()
            .WithSummary("Sends the files that answer it, uploaded to the conversation before, with a word where one helps.")
            .Accepts<AnswerScreenshotsBody>("application/json")
            .Produces<ScreenshotsStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        one.MapPost("/decline", PostDecline)
            .RequireMember()
            .WithSummary("Says that these can't be sent.")
            .Accepts<DeclineBody>("application/json")
            .Produces<ScreenshotsStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        one.MapPost("/withdraw", PostWithdraw)
            .RequireAgent()
            .WithSummary("Takes it back: whoever asked, or a lead.")
            .Produces<ScreenshotsStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<IResult> PostAsk(string id, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "wanted");
        var wanted = body.Texts("wanted");
        return body.Refusal is { } bad
            ? refuser.Result(bad)
            : Told(await desk.AskAsync(caller, id, wanted ?? [], context.RequestAborted), refuser, 201);
    }

    private static async Task<IResult> Get(string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser) =>
        await desk.FindAsync(caller, screenshots, context.RequestAborted) is { } place
            ? Results.Json(StoryOf(place.Asked), Wire.Json)
            : ConversationApi.NotFound(refuser);

    private static async Task<IResult> PostAnswer(string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "attachments", "note");
        var (files, note) = (body.Texts("attachments"), body.Text("note"));
        return body.Refusal is { } bad
            ? refuser.Result(bad)
            : Told(await desk.AnswerAsync(caller, screenshots, files ?? [], note, context.RequestAborted), refuser);
    }

    private static async Task<IResult> PostDecline(string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "note");
        var note = body.Text("note");
        return body.Refusal is { } bad ? refuser.Result(bad) : Told(await desk.DeclineAsync(caller, screenshots, note), refuser);
    }

    private static async Task<IResult> PostWithdraw(string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context);
        return body.Refusal is { } bad ? refuser.Result(bad) : Told(await desk.WithdrawAsync(caller, screenshots), refuser);
    }

    private static IResult Told(Answer<ScreenshotsRecord> answer, Refuser refuser, int status = 200) =>
        answer.Value is { } asked ? Results.Json(StoryOf(asked), Wire.Json, statusCode: status) : refuser.Result(answer.Refusal!);

    private static ScreenshotsStory StoryOf(ScreenshotsRecord s) => new(
        s.Id.Value, s.Conversation.Value, AccessReader.Slug(s.State), s.Agent.Value, s.AgentName, s.Wanted, s.At, s.EndedAt, s.EndedByName, s.Note, s.Attachments);
}

/// <summary>The body of asking for screenshots.</summary>
internal sealed record AskForScreenshotsBody(IReadOnlyList<string> Wanted);

/// <summary>The body of answering with files.</summary>
internal sealed record AnswerScreenshotsBody(IReadOnlyList<string> Attachments, string? Note = null);

/// <summary>What was asked to be shown in pictures. What was erased is absent.</summary>
internal sealed record ScreenshotsStory(
    string Id, string Conversation, string State, string Agent, string? AgentName, IReadOnlyList<string> Wanted, DateTimeOffset AskedAt,
    DateTimeOffset? EndedAt, string? EndedByName, string? Note, IReadOnlyList<string> Attachments);
