using System.ComponentModel;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Latchkey.AspNetCore;

/// <summary>A file as its uploader is told of it.</summary>
internal sealed record AttachmentStory(
    string Id, string Type, string MediaType, string Name, int Size, int? Width, int? Height, DateTimeOffset UploadedAt, bool Sent, IReadOnlyList<RemovedStory> Removed);

/// <summary>What was taken out of a file.</summary>
internal sealed record RemovedStory(string Kind, string? Where, string? Name, int Count);

/// <summary>The API of files: uploaded to a conversation, sent with a message, shown to those in the conversation alone.</summary>
internal static class AttachmentApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var limits = routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Access.Attachments;
        var all = routes.MapGroup("/v1/conversations/{id}/attachments").RequireSignedIn().WithTags("Conversations");
        all.MapPost("", Post)
            .WithMetadata(SizeOf(limits))
            .WithSummary("Uploads a file, as the body or as the one file of a form: a PNG, JPEG, WebP or GIF picture, a HAR file, or text in UTF-8; what it is, its content says. It is cleaned and kept for a message of the same caller within a day; the answer lists what was removed.")
            .Accepts<byte[]>("*/*")
            .Produces<AttachmentStory>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        all.MapGet("/{attachment}", Get)
            .WithSummary("A file's bytes: one that was sent, or the caller's own upload. Never active content.")
            .Produces<byte[]>(200, "application/octet-stream").ProducesProblem(404);
        all.MapDelete("/{attachment}", Delete)
            .WithSummary("Erases a file of the caller's for ever. The ledger's entry stays, with nothing left to guess.")
            .Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }

    /// <summary>The most that a request with a file may have: the largest file, and a form around it.</summary>
    public static FormSize SizeOf(AttachmentLimits limits) => new(Math.Max(limits.HarBytes, Math.Max(limits.PictureBytes, limits.TextBytes)) + (64L * 1024));

    public static AttachmentStory StoryOf(AttachmentRecord file) => new(
        file.Id.Value, AccessReader.Slug(file.Type), CleanAttachment.MediaTypeOf(file.Type), file.Name, file.Size,
        file.Width == 0 ? null : file.Width, file.Height == 0 ? null : file.Height, file.UploadedAt, file.Sent,
        [.. file.Removed.Select(r => new RemovedStory(AccessReader.Slug(r.Kind), r.Where, r.Name, r.Count))]);

    /// <summary>Takes a request's file in, for the API and the form alike.</summary>
    public static async Task<Answer<AttachmentRecord>> TakeInAsync(HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, ConversationRecord found, ScreenshotsId? answers = null)
    {
        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        var limits = access.Options.Attachments;
        if (context.Request.ContentLength > SizeOf(limits).MaxRequestBodySize)
        {
            return new Refusal(RefusalReason.Invalid, $"'file' takes up to {limits.HarBytes / 1_000_000} MB; this one has more.", "file");
        }

        try
        {
            return await UploadedFile.FindAsync(context) is { } file
                ? await access.AttachAsync(found, by, file.Bytes, file.Name, answers, context.RequestAborted)
                : new Refusal(RefusalReason.Invalid, "'file' is missing; it takes one file.", "file");
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or IOException)
        {
            return new Refusal(RefusalReason.Invalid, "'file' did not come whole; send it again.", "file");
        }
    }

    private static async Task<IResult> Post(
        string id,
        HttpContext context,
        AccessContext caller,
        ConversationDesk desk,
        SupportAccess access,
        Refuser refuser,
        [Description("What the file is called, where it is the body.")] string? name,
        [Description("The ask for screenshots that it is to answer; left out, it is for a message.")] string? answers)
    {
        _ = name;
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found) return ConversationApi.NotFound(refuser);
        ScreenshotsRecord? asked = null;
        if (answers is not null && (!IdText.IsId(answers) || (asked = await access.FindScreenshotsAsync(new ScreenshotsId(answers), context.RequestAborted))?.Conversation != found.Id))
        {
            return refuser.Result(new Refusal(RefusalReason.Invalid, "'answers' takes the id of an ask for screenshots in this conversation.", "answers"));
        }

        var answer = await TakeInAsync(context, caller, desk, access, found, asked?.Id);
        return answer.Value is { } kept ? Results.Json(StoryOf(kept), Wire.Json, statusCode: 201) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> Get(string id, string attachment, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found
            || await access.FindAttachmentAsync(found, await desk.SpeakerAsync(caller, found.App, context.RequestAborted), attachment, context.RequestAborted) is not { } file
            || await access.Attachments.ReadAsync(file.Id, context.RequestAborted) is not { } kept)
        {
            return ConversationApi.NotFound(refuser);
        }

        // Whatever a browser makes of the bytes, it runs nothing and shows it to no other site.
        var disposition = new ContentDispositionHeaderValue(CleanAttachment.IsPicture(file.Type) ? "inline" : "attachment");
        disposition.SetHttpFileName(file.Name);
        var headers = context.Response.Headers;
        headers.ContentDisposition = disposition.ToString();
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.CacheControl = "private, no-store";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Results.Bytes(kept.Bytes, CleanAttachment.MediaTypeOf(file.Type));
    }

    private static async Task<IResult> Delete(string id, string attachment, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found) return ConversationApi.NotFound(refuser);
        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        return (await access.EraseAttachmentAsync(found, by, attachment, context.RequestAborted)).Refusal is { } refusal ? refuser.Result(refusal) : Results.NoContent();
    }
}
