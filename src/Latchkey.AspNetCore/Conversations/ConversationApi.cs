using System.ComponentModel;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>The API of conversations: one set of addresses for members and agents; the caller decides what is seen.</summary>
internal static class ConversationApi
{
    private const int MaxBody = 128 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/v1/conversations").RequireSignedIn().WithTags("Conversations");
        all.MapGet("", GetAll)
            .WithSummary("The conversations that the caller may see, the one with the newest word first; pages by cursor and limit.")
            .Produces<Page<ConversationStory>>().ProducesProblem(422);
        all.MapPost("", Post)
            .Once()
            .WithMetadata(AttachmentApi.SizeOf(routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Access.Attachments))
            .WithSummary("Opens a conversation about an app that the member administers, or without one about the account, for those who may speak for it. As a form it also takes up to 20 files named 'file', which the first message takes along. At most 100 a day for one account. With an Idempotency-Key a replay gets the first answer.")
            .Accepts<OpenConversationBody>("application/json", "multipart/form-data")
            .Produces<OpenedState>(201).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);

        var one = all.MapGroup("/{id}");
        one.MapGet("", Get).WithSummary("One conversation.").Produces<ConversationStory>().ProducesProblem(404);
        one.MapGet("/items", GetItems)
            .WithSummary("What is in a conversation, newest first; pages by cursor and limit. An erased text is absent.")
            .Produces<Page<ItemStory>>().ProducesProblem(404).ProducesProblem(422);
        one.MapPost("/messages", PostMessage)
            .Once()
            .WithSummary("Sends a message, at most 60 a minute. A customer's opens a solved conversation again. With an Idempotency-Key a replay gets the first answer.")
            .Accepts<MessageBody>("application/json")
            .Produces<MadeState>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        one.MapPost("/seen", PostSeen)
            .WithSummary("Marks what the caller has seen: up to an item's cursor, or everything until now.")
            .Accepts<SeenUpToBody>("application/json")
            .Produces(204).ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
        one.MapPost("/solve", PostSolve)
            .WithSummary("Calls a conversation solved.")
            .Produces<ConversationStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        one.MapPost("/reopen", PostReopen)
            .WithSummary("Opens a solved conversation again.")
            .Produces<ConversationStory>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        routes.MapPost("/v1/conversations/{id}/assign", PostAssign)
            .RequireAgent().WithTags("Conversations")
            .WithSummary("Takes a conversation on ('me'), gives it to a colleague (an agent's id), or back to the team ('nobody'). Agents only.")
            .Accepts<AssignBody>("application/json")
            .Produces<ConversationStory>().ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    public static ConversationStory StoryOf(ConversationRecord c) => new(
        c.Id.Value, c.Subject, c.Account.Value, c.AccountTitle, c.App?.Value, c.AppTitle, c.OpenedBy.Value, c.OpenedByName, c.OpenedAt, AccessReader.Slug(c.State),
        c.StateSince, c.Assigned?.Value, c.AssignedName, c.LastAt, c.LastWords, c.LastBy, c.Unread);

    public static IResult NotFound(Refuser refuser) => refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));

    private static async Task<IResult> GetAll(
        HttpContext context,
        AccessContext caller,
        ConversationDesk desk,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit,
        [Description("any (the default), open, waiting_on_support, waiting_on_customer or solved.")] string? state,
        [Description("me: given to the calling agent.")] string? assigned,
        [Description("Only about this app, by id, or for a member by its name.")] string? app,
        [Description("Words that begin words of one message or of the subject. Up to 200 characters.")] string? q)
    {
        _ = (cursor, limit, state, assigned, app, q);
        if (ConversationFilter.Read(context, ConversationFilter.Any, out var filter) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var found = await desk.ReadAsync(caller, filter.Query(caller.Agent?.Id), filter.App, context.RequestAborted);
        return Results.Json(Cursor.Page(found, filter.Limit, c => c.Newest, StoryOf), Wire.Json);
    }

    private static async Task<IResult> Post(HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser)
    {
        if (caller.Member is not { } member)
        {
            return refuser.Result(new Refusal(RefusalReason.NotAllowed, "Only administrators of the customer open conversations."));
        }

        var read = await OpeningForm.ReadAsync(context, MaxBody);
        if (read.Value is not { } asked)
        {
            return refuser.Result(read.Refusal!);
        }

        var answer = await desk.OpenAsync(member, asked.App, asked.Subject, asked.Text, asked.Files, context.RequestAborted);
        return answer.Value is { } opened
            ? Results.Json(new OpenedState(opened.Id.Value, opened.Message.Value), Wire.Json, statusCode: 201)
            : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> Get(string id, HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser) =>
        await desk.FindAsync(caller, id, context.RequestAborted) is { } found ? Results.Json(StoryOf(found), Wire.Json) : NotFound(refuser);

    private static async Task<IResult> GetItems(
        string id,
        HttpContext context,
        AccessContext caller,
        ConversationDesk desk,
        SupportAccess access,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return NotFound(refuser);
        }

        if (Cursor.Read(cursor, limit, out var before, out var most) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var items = await access.Conversations.ReadItemsAsync(found.Id, before, most, context.RequestAborted);
        return Results.Json(Cursor.Page(items, most, i => i.Position, i => ItemStories.Of(i, forSupport: caller.Agent is not null)), Wire.Json);
    }

    private static async Task<IResult> PostMessage(
        string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return NotFound(refuser);
        }

        var body = await JsonBody.ReadAsync(context, MaxBody, "text", "attachments");
        var said = new Said(body.Text("text"), body.Texts("attachments"));
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        var answer = await access.SendAsync(found, by, said, context.RequestAborted);
        return answer.Value is { } sent ? Results.Json(new MadeState(sent.Id.Value), Wire.Json, statusCode: 201) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> PostSeen(string id, HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return NotFound(refuser);
        }

        var body = await JsonBody.ReadAsync(context, "up_to");
        var upTo = body.Text("up_to");
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        if (Cursor.Read(upTo, null, out var position, out _) is not null)
        {
            return refuser.Result(new Refusal(RefusalReason.Invalid, "'up_to' takes an item's 'cursor'.", "up_to"));
        }

        await desk.MarkSeenAsync(caller, found.Id, Math.Min(upTo is null ? found.Newest : position, found.Newest), context.RequestAborted);
        return Results.NoContent();
    }

    private static Task<IResult> PostSolve(string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser) =>
        SettleAsync(id, context, caller, desk, refuser, (found, by) => access.SolveAsync(found, by, context.RequestAborted));

    private static Task<IResult> PostReopen(string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser) =>
        SettleAsync(id, context, caller, desk, refuser, (found, by) => access.ReopenAsync(found, by, context.RequestAborted));

    private static async Task<IResult> PostAssign(
        string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Colleagues team, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "to");
        var to = body.Text("to");
        var chosen = body.Refusal is { } unreadable ? unreadable : await team.FindAsync(caller.Agent!, to, context.RequestAborted);
        return chosen.Value is { } agent
            ? await SettleAsync(id, context, caller, desk, refuser, (found, _) => access.AssignAsync(found, caller.Agent!.Ref, agent.Agent, agent.Name, context.RequestAborted))
            : refuser.Result(chosen.Refusal!);
    }

    private static async Task<IResult> SettleAsync(
        string id, HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser, Func<ConversationRecord, Speaker, Task<Answer<ChangedConversation>>> settle)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return NotFound(refuser);
        }

        var answer = await settle(found, await desk.SpeakerAsync(caller, found.App, context.RequestAborted));
        return answer.Refusal is { } refusal
            ? refuser.Result(refusal)
            : Results.Json(StoryOf((await desk.FindAsync(caller, id, context.RequestAborted))!), Wire.Json);
    }
}
