using Latchkey.AspNetCore.Conversations;
using Latchkey.AspNetCore.Pages;
using Latchkey.AspNetCore.Screenshots;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>The forms of the card that asks for screenshots: what works without a script.</summary>
internal static class ScreenshotsPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var limits = routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Access.Attachments;
        var agents = routes.MapGroup("/conversations/{id}/screenshots").RequireAgent().ExcludeFromDescription();
        agents.MapPost("", PostAsk).WithMetadata(FormSize.Small);
        agents.MapPost("/{screenshots}/withdraw", PostWithdraw).WithMetadata(FormSize.Small);
        var members = routes.MapGroup("/conversations/{id}/screenshots/{screenshots}").RequireMember().ExcludeFromDescription();
        members.MapPost("/answer", PostAnswer).WithMetadata(AttachmentApi.SizeOf(limits));
        members.MapPost("/decline", PostDecline).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> PostAsk(string id, HttpContext context, AccessContext caller, ConversationDesk conversations, ScreenshotsDesk desk, Refuser refuser)
    {
        var typed = (await context.Request.ReadFormAsync(context.RequestAborted))["wanted"].ToString();
        var lines = typed.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var answer = await desk.AskAsync(caller, id, lines, context.RequestAborted);
        return answer.Refusal is { } refusal
            ? await AgainAsync(id, context, caller, conversations, refuser, new ScreenshotsAttempt(typed, refusal))
            : new SeeOther($"{Paths.Of(context).Conversation(answer.Value!.Conversation)}#{ScreenshotsCard.IdOf(answer.Value.Id)}");
    }

    private static async Task<IResult> PostAnswer(
        string id, string screenshots, HttpContext context, AccessContext caller, ConversationDesk conversations, ScreenshotsDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, screenshots, context.RequestAborted) is not { } place)
        {
            return ConversationApi.NotFound(refuser);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var by = await conversations.SpeakerAsync(caller, place.Conversation.App, context.RequestAborted);
        foreach (var file in form.Files.Where(f => f.Length > 0))
        {
            await using var bytes = file.OpenReadStream();
            if ((await access.AttachAsync(place.Conversation, by, bytes, file.FileName, place.Asked.Id, context.RequestAborted)).Refusal is { } notTaken)
            {
                return await AgainAsync(id, context, caller, conversations, refuser, new ScreenshotsAttempt(form["note"].ToString(), notTaken));
            }
        }

        var files = (await access.Attachments.ReadUnsentAsync(place.Conversation.Id, by.Key, context.RequestAborted)).Where(f => f.Answers == place.Asked.Id);
        var answer = await desk.AnswerAsync(caller, screenshots, [.. files.Select(f => f.Id.Value)], form["note"], context.RequestAborted);
        return answer.Refusal is { Reason: not RefusalReason.AlreadyDecided } refusal
            ? await AgainAsync(id, context, caller, conversations, refuser, new ScreenshotsAttempt(form["note"].ToString(), refusal))
            : Back(context, place.Conversation.Id, place.Asked.Id);
    }

    private static async Task<IResult> PostDecline(string id, string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(CancellationToken.None);
        return Ended(id, screenshots, context, refuser, await desk.DeclineAsync(caller, screenshots, form["note"]));
    }

    private static async Task<IResult> PostWithdraw(string id, string screenshots, HttpContext context, AccessContext caller, ScreenshotsDesk desk, Refuser refuser) =>
        Ended(id, screenshots, context, refuser, await desk.WithdrawAsync(caller, screenshots));

    // One that was answered a moment before needs no word: the card shows how it came out.
    private static IResult Ended(string id, string screenshots, HttpContext context, Refuser refuser, Answer<ScreenshotsRecord> answer) =>
        answer.Refusal is { Reason: not RefusalReason.AlreadyDecided } refusal ? refuser.Result(refusal)
        : IdText.IsId(id) && IdText.IsId(screenshots) ? Back(context, new ConversationId(id), new ScreenshotsId(screenshots))
        : ConversationApi.NotFound(refuser);

    private static SeeOther Back(HttpContext context, ConversationId conversation, ScreenshotsId screenshots) =>
        new($"{Paths.Of(context).Conversation(conversation)}#{ScreenshotsCard.IdOf(screenshots)}");

    private static async Task<IResult> AgainAsync(
        string id, HttpContext context, AccessContext caller, ConversationDesk conversations, Refuser refuser, ScreenshotsAttempt attempt)
    {
        if (attempt.Refusal.Field is null || await conversations.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return refuser.Result(attempt.Refusal);
        }

        context.Features.Set(attempt);
        return LatchkeyPage.Result<ConversationPage>(Refuser.StatusOf(attempt.Refusal.Reason), ("Conversation", found));
    }
}

/// <summary>What somebody typed, kept with the request so that the answer shows it again with why it was refused.</summary>
internal sealed record ScreenshotsAttempt(string Typed, Refusal Refusal);
