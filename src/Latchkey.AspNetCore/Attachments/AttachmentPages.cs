using Latchkey.AspNetCore.Attachments;
using Latchkey.AspNetCore.Conversations;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>The forms for files on a conversation's page: what works without a script.</summary>
internal static class AttachmentPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var limits = routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Access.Attachments;
        var all = routes.MapGroup("/conversations/{id}/files").RequireSignedIn().ExcludeFromDescription();
        all.MapGet("", GetTray);
        all.MapPost("", PostFile).WithMetadata(AttachmentApi.SizeOf(limits));
        all.MapPost("/{attachment}/remove", PostRemove).WithMetadata(new FormSize(192 * 1024));
    }

    private static async Task<IResult> GetTray(string id, HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser) =>
        await desk.FindAsync(caller, id, context.RequestAborted) is not { } found ? ConversationApi.NotFound(refuser)
        : Refuser.WantsPage(context) ? new SeeOther($"{Paths.Of(context).Conversation(found.Id)}#lk-compose")
        : LatchkeyPage.Part<FileTray>(("Conversation", found));

    private static async Task<IResult> PostFile(string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found) return ConversationApi.NotFound(refuser);
        if ((await AttachmentApi.TakeInAsync(context, caller, desk, access, found)).Refusal is not { } refusal)
        {
            return new SeeOther($"{Paths.Of(context).Conversation(found.Id)}#lk-compose");
        }

        if (!Refuser.WantsPage(context)) return refuser.Result(refusal);
        context.Features.Set(new FileAttempt(refusal));
        return LatchkeyPage.Result<ConversationPage>(Refuser.StatusOf(refusal.Reason), ("Conversation", found));
    }

    private static async Task<IResult> PostRemove(string id, string attachment, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found) return ConversationApi.NotFound(refuser);
        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        var answer = await access.EraseAttachmentAsync(found, by, attachment, context.RequestAborted);
        return answer.Refusal is { } refusal ? refuser.Result(refusal) : new SeeOther($"{Paths.Of(context).Conversation(found.Id)}#lk-compose");
    }
}

/// <summary>Why a file was not taken, kept with the request so that the answer says it.</summary>
internal sealed record FileAttempt(Refusal Refusal);
