using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// Files of conversations. They are ordinary rows: each with its bytes and the salt of its commitment, kept from the upload on and
/// erasable at any time, whatever the ledger says of them. Which were sent, entries say.
/// </summary>
public interface IAttachments
{
    /// <summary>Keeps a file, unless its account would then have more than so many bytes of files. Answers whether it did.</summary>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task<bool> KeepAsync(AttachmentRecord file, ReadOnlyMemory<byte> salt, ReadOnlyMemory<byte> bytes, long mostOfAccount, CancellationToken cancellation);

    /// <summary>The files of these ids that there still are, in no order.</summary>
    /// <param name="ids">At most 1,000.</param>
    /// <param name="cancellation">Stops waiting.</param>
    Task<IReadOnlyList<AttachmentRecord>> FindAsync(IReadOnlyCollection<AttachmentId> ids, CancellationToken cancellation);

    /// <summary>What somebody uploaded to a conversation and has not sent, oldest first; the first 100.</summary>
    /// <param name="conversation">Where.</param>
    /// <param name="uploader">Who, by <see cref="Speaker.Key"/>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    Task<IReadOnlyList<AttachmentRecord>> ReadUnsentAsync(ConversationId conversation, string uploader, CancellationToken cancellation);

    /// <summary>A file's salt and bytes; null where there is none of that id, or it was erased.</summary>
    Task<AttachmentBytes?> ReadAsync(AttachmentId id, CancellationToken cancellation);

    /// <summary>Erases a file for ever: name, salt and bytes, here and in its entry. Nothing to erase is no error.</summary>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task EraseAsync(AttachmentId id, CancellationToken cancellation);

    /// <summary>Erases the files that were uploaded before an instant and never sent. Answers how many.</summary>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task<int> ForgetUnsentAsync(DateTimeOffset before, CancellationToken cancellation);
}

/// <summary>A file that was uploaded to a conversation.</summary>
/// <param name="Id">The file.</param>
/// <param name="Account">Whose conversation.</param>
/// <param name="Conversation">Which conversation.</param>
/// <param name="Uploader">Who uploaded it, by <see cref="Speaker.Key"/>.</param>
/// <param name="Type">What it is.</param>
/// <param name="Name">What it is called, with an ending that fits what it is.</param>
/// <param name="Size">Its bytes as kept.</param>
/// <param name="Width">A picture's width in pixels; 0 for others.</param>
/// <param name="Height">A picture's height in pixels; 0 for others.</param>
/// <param name="Removed">What was taken out of it before it was kept.</param>
/// <param name="Commitment">SHA-256(salt ‖ bytes).</param>
/// <param name="UploadedAt">When.</param>
/// <param name="Sent">Whether a message took it along. What was not sent is its uploader's alone, and forgotten after a day.</param>
public sealed record AttachmentRecord(
    AttachmentId Id,
    AccountId Account,
    ConversationId Conversation,
    string Uploader,
    AttachmentType Type,
    string Name,
    int Size,
    int Width,
    int Height,
    IReadOnlyList<RemovedPart> Removed,
    Hash Commitment,
    DateTimeOffset UploadedAt,
    bool Sent)
{
    /// <summary>The ask for screenshots that it was uploaded to answer; null where it is for a message.</summary>
    public ScreenshotsId? Answers { get; init; }
}

/// <summary>What a file's commitment is of.</summary>
/// <param name="Salt">32 random bytes.</param>
/// <param name="Bytes">The file as it is shown.</param>
public sealed record AttachmentBytes(byte[] Salt, byte[] Bytes);
