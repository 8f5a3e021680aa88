using Latchkey.Ledger;

namespace Latchkey;

/// <content>
/// Files of conversations. Whoever calls has made sure that the conversation is one that the speaker may see.
/// </content>
public sealed partial class SupportAccess
{
    private const int UploadsPerMinute = 60;
    private static readonly TimeSpan s_unsentIsKept = TimeSpan.FromDays(1);

    // Whoever sends slowly keeps places of their own alone; and cleaning, which takes many times a file's memory, begins with what has all arrived.
    private readonly Gates _arriving = new(4);
    private readonly Gates _cleaningOfAccount = new(1);
    private readonly SemaphoreSlim _cleaning = new(2, 2);

    /// <summary>Files of conversations.</summary>
    public IAttachments Attachments => _store.Attachments;

    /// <summary>
    /// Checks and cleans a file, and keeps it for a message to take along: of the same speaker, in the same conversation, within a
    /// day. Nothing is recorded before. What it is, its content says (<see cref="AttachmentCheck"/>). At most 60 a minute and 4 at once by one
    /// speaker, else <see cref="RefusalReason.TooMany"/>; one at a time of an account is cleaned.
    /// </summary>
    /// <param name="conversation">Where it is to be sent.</param>
    /// <param name="by">Who sends it.</param>
    /// <param name="file">The file, read no further than its limit.</param>
    /// <param name="name">What the sender calls it; null for no name.</param>
    /// <param name="answers">The ask for screenshots that it is to answer; null for a message.</param>
    /// <param name="cancellation">Stops reading.</param>
    public Task<Answer<AttachmentRecord>> AttachAsync(
        ConversationRecord conversation, Speaker by, Stream file, string? name, ScreenshotsId? answers = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(by);
        return TakeInAsync(conversation.Account, conversation.Id, by, new NewFile(file, name), answers, cancellation);
    }

    /// <summary>A file that somebody may see: sent in this conversation, or uploaded to it by themselves. Else null, whatever there is.</summary>
    public async Task<AttachmentRecord?> FindAttachmentAsync(ConversationRecord conversation, Speaker by, string id, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(by);
        if (!IdText.IsId(id)) return null;
        var found = await _store.Attachments.FindAsync([new(id)], cancellation);
        return found.FirstOrDefault(f => f.Conversation == conversation.Id && (f.Sent || f.Uploader == by.Key));
    }

    /// <summary>Erases a file for ever. Only who sent it can; the entry that tells of it stays, and every proof.</summary>
    /// <returns>The file that was; or why nothing was erased.</returns>
    public async Task<Answer<AttachmentRecord>> EraseAttachmentAsync(ConversationRecord conversation, Speaker by, string id, CancellationToken cancellation = default)
    {
        if (await FindAttachmentAsync(conversation, by, id, cancellation) is not { } file) return new Refusal(RefusalReason.NotFound, "There is no such file.");
        if (file.Uploader != by.Key) return new Refusal(RefusalReason.NotAllowed, "Only who sent a file can remove it.");
        await _store.Attachments.EraseAsync(file.Id, CancellationToken.None);
        return file;
    }

    private async Task<Answer<AttachmentRecord>> TakeInAsync(AccountId account, ConversationId conversation, Speaker by, NewFile file, ScreenshotsId? answers, CancellationToken cancellation)
    {
        var now = Now;
        if (by.Silenced is { } silenced) return silenced;
        if (!_pace.TryTake($"attach {by.Key}", UploadsPerMinute, TimeSpan.FromMinutes(1), now))
        {
            return new Refusal(RefusalReason.TooMany, $"You uploaded {UploadsPerMinute} files within a minute, which is the most there can be. Try again in a minute.");
        }

        using var place = _arriving.TryEnter(by.Key);
        if (place is null)
        {
            return new Refusal(RefusalReason.TooMany, "You are uploading 4 files already, which is the most there can be at once. Send the next one when one of them has arrived.");
        }

        var arrived = await SpooledFile.ReadAsync(file.Bytes, _options.Attachments, cancellation);
        if (arrived.Value is not { } spooled) return arrived.Refusal!;
        await using var content = spooled;
        using var turn = await _cleaningOfAccount.EnterAsync(account.Value, cancellation);
        await _cleaning.WaitAsync(cancellation);
        try
        {
            var answer = await AttachmentCheck.CleanAsync(content.Bytes, _options.Attachments, cancellation);
            if (answer.Value is not { } clean) return answer.Refusal!;
            var salt = new byte[Commitment.SaltSize];
            FreshBytes.Fill(salt);
            var kept = new AttachmentRecord(
                AttachmentId.New(now), account, conversation, by.Key, clean.Type, FileName.Of(file.Name, clean.Type), clean.Bytes.Length,
                clean.Width, clean.Height, clean.Removed, Commitment.Of(salt, clean.Bytes.Span), now, Sent: false)
            {
                Answers = answers,
            };
            return await _store.Attachments.KeepAsync(kept, salt, clean.Bytes, _options.AttachmentBytesOfAccount, CancellationToken.None)
                ? kept
                : FileRefusal.TooLarge("All files of an account together", _options.AttachmentBytesOfAccount);
        }
        finally
        {
            _cleaning.Release();
        }
    }

    /// <summary>The uploads that a message takes along; a refusal where one is not there for it.</summary>
    private async Task<Answer<IReadOnlyList<AttachmentRecord>>> UploadsAsync(ConversationRecord conversation, Speaker by, Said said, CancellationToken cancellation)
    {
        AttachmentId[] ids = [.. (said.Attachments ?? []).Where(IdText.IsId).Distinct(StringComparer.Ordinal).Take(Talking.MaxAttachments).Select(id => new AttachmentId(id))];
        if (ids.Length == 0) return Array.Empty<AttachmentRecord>();
        var found = (await _store.Attachments.FindAsync(ids, cancellation)).ToDictionary(f => f.Id);
        foreach (var id in ids)
        {
            if (!found.TryGetValue(id, out var file) || file.Conversation != conversation.Id || file.Uploader != by.Key)
            {
                return new Refusal(RefusalReason.Invalid, $"'attachments' names {id}, which you have not uploaded to this conversation within the last day.", "attachments");
            }

            if (file.Sent) return new Refusal(RefusalReason.Invalid, $"'attachments' names {id}, which was sent already.", "attachments");
        }

        return ids.Select(id => found[id]).ToArray();
    }

    private async Task ForgetUploadsAsync()
    {
        try
        {
            await _store.Attachments.ForgetUnsentAsync(Now - s_unsentIsKept, CancellationToken.None);
        }
        catch (LedgerStoreException)
        {
            // The next hour tries again.
        }
    }
}
