namespace Latchkey.AspNetCore;

/// <summary>Where support asks for screenshots and the customer sends them, for the API and the pages alike.</summary>
internal sealed class ScreenshotsDesk(SupportAccess access, ConversationDesk conversations)
{
    private static readonly Refusal s_nothing = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    public async Task<Answer<ScreenshotsRecord>> AskAsync(AccessContext caller, string conversation, IReadOnlyList<string> wanted, CancellationToken cancellation) =>
        await conversations.FindAsync(caller, conversation, cancellation) is { } found
            ? await access.AskForScreenshotsAsync(found, caller.Agent!.Ref, wanted, cancellation)
            : s_nothing;

    /// <summary>What was asked for, with its conversation; null where there is nothing that the caller may see.</summary>
    public async Task<ScreenshotsPlace?> FindAsync(AccessContext caller, string id, CancellationToken cancellation) =>
        IdText.IsId(id)
        && await access.FindScreenshotsAsync(new ScreenshotsId(id), cancellation) is { } asked
        && await conversations.FindAsync(caller, asked.Conversation.Value, cancellation) is { } found
            ? new ScreenshotsPlace(asked, found)
            : null;

    /// <summary>Answers with the files that were uploaded for it.</summary>
    public async Task<Answer<ScreenshotsRecord>> AnswerAsync(AccessContext caller, string id, IReadOnlyList<string> files, string? note, CancellationToken cancellation) =>
        await FindAsync(caller, id, cancellation) is { } place
            ? await access.AnswerScreenshotsAsync(
                place.Conversation, place.Asked.Id, await conversations.SpeakerAsync(caller, place.Conversation.App, cancellation), new Said(note, files), cancellation)
            : s_nothing;

    public async Task<Answer<ScreenshotsRecord>> DeclineAsync(AccessContext caller, string id, string? note) =>
        await FindAsync(caller, id, CancellationToken.None) is { } place
            ? await access.DeclineScreenshotsAsync(
                place.Conversation, place.Asked.Id, await conversations.SpeakerAsync(caller, place.Conversation.App, CancellationToken.None), note)
            : s_nothing;

    public async Task<Answer<ScreenshotsRecord>> WithdrawAsync(AccessContext caller, string id) =>
        await FindAsync(caller, id, CancellationToken.None) is { } place
            ? await access.WithdrawScreenshotsAsync(place.Conversation, place.Asked.Id, caller.Agent!.Ref, caller.Agent.Lead)
            : s_nothing;
}

/// <summary>What was asked for, and where.</summary>
internal sealed record ScreenshotsPlace(ScreenshotsRecord Asked, ConversationRecord Conversation);
