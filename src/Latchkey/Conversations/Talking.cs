using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// The rules of conversations. Run inside a batch: decide first, append second. What a conversation is about never changes, so
/// it may have been read before the batch; of its state, which may, facts decide in their own order: two that say the same
/// leave one state.
/// </summary>
internal static class Talking
{
    public const int MinSubject = 3;
    public const int MaxSubject = 120;
    public const int MaxText = 10_000;
    public const int MaxAttachments = 20;
    public const int MaxShareTitle = 200;
    public const int OpenedPerDay = 100;
    private const int MessagesPerMinute = 60;

    public static Refusal EnoughOpened { get; } = new(
        RefusalReason.TooMany,
        $"{OpenedPerDay} conversations were opened for this account within a day, which is the most there can be. Write in one of them, or open another tomorrow.");

    /// <summary>Under which name an account's conversations of a day are counted.</summary>
    public static string OpeningsOf(AccountId account) => $"open {account}";

    /// <summary>What can be refused before anything is stored: who asks, and what they typed.</summary>
    public static Refusal? CheckOpening(Speaker by, string? subject, Said said, int files) =>
        by.Silenced
        ?? TypedText.Check(subject, "subject", MinSubject, MaxSubject, out _)
        ?? (by.Person is null ? new Refusal(RefusalReason.NotAllowed, "Only administrators of the customer open conversations.") : null)
        ?? (said.Attachments is { Count: > 0 }
            ? new Refusal(RefusalReason.Invalid, "'attachments' are uploaded to a conversation that is there; a new one takes files themselves.", "attachments")
            : null)
        ?? (files > MaxAttachments ? new Refusal(RefusalReason.Invalid, $"'file' takes at most {MaxAttachments} files.", "file") : null)
        ?? TypedText.CheckLines(said.Text, "text", files == 0 ? 1 : 0, MaxText, out _);

    public static Answer<OpenedConversation> Open(
        Batch batch, Pace pace, ConversationId id, Topic topic, Speaker by, string? subject, Said said, IReadOnlyList<AttachmentRecord> files)
    {
        if ((CheckOpening(by, subject, said, files.Count) ?? MaySpeak(batch, by)) is { } refusal)
        {
            return refusal;
        }

        TypedText.Check(subject, "subject", MinSubject, MaxSubject, out subject);
        Check(said with { Attachments = [.. files.Select(f => f.Id.Value)] }, out said);
        if (!pace.TryTake(OpeningsOf(topic.Account), OpenedPerDay, TimeSpan.FromDays(1), batch.Now))
        {
            return EnoughOpened;
        }

        var author = by.At(batch.Now);
        batch.Append(topic.Account, new ConversationOpened(
            id, topic.App?.Id, author, Content.New(subject!, batch.Now), Content.New(topic.AccountTitle, batch.Now),
            topic.App is { } app ? Content.New(app.Name.Title, batch.Now) : null));
        return new OpenedConversation(id, Say(batch, topic.Account, id, topic.App?.Id, by, said, files));
    }

    public static Answer<SentMessage> Send(Batch batch, Pace pace, ConversationRecord conversation, Speaker by, Said said, IReadOnlyList<AttachmentRecord> files)
    {
        if ((MaySpeak(batch, by) ?? Check(said, out said) ?? Hurry(batch, pace, by)) is { } refusal)
        {
            return refusal;
        }

        return new SentMessage(Say(batch, conversation.Account, conversation.Id, conversation.App, by, said, files));
    }

    public static Answer<SharedThing> Show(Batch batch, Pace pace, ConversationRecord conversation, Speaker by, Share share)
    {
        string? title = null;
        if ((MaySpeak(batch, by) ?? TypedText.Check(share.Title, "title", 1, MaxShareTitle, out title) ?? Hurry(batch, pace, by)) is { } refusal)
        {
            return refusal;
        }

        if (by.Person is null)
        {
            return new Refusal(RefusalReason.NotAllowed, "Only the customer shares what is theirs.");
        }

        var body = ShareBody.Write(share.Parts);
        if (body.Length > Content.MaxLength)
        {
            return new Refusal(RefusalReason.Invalid, $"What is shared is longer than {Content.MaxLength / 1024} KiB; share less of it.", "share");
        }

        var id = ShareId.New(batch.Now);
        batch.Append(conversation.Account, new ConversationShared(
            id, conversation.Id, conversation.App, by.At(batch.Now), share.Kind, Content.New(title!, batch.Now), Content.New(body, batch.Now)));
        return new SharedThing(id);
    }

    public static Answer<ChangedConversation> Assign(Batch batch, ConversationRecord conversation, AgentRef by, AgentId? to, string? toName)
    {
        if (conversation.Assigned != to)
        {
            batch.Append(conversation.Account, new ConversationAssigned(
                conversation.Id, conversation.App, Speaker.Of(by).At(batch.Now), to, to is null ? null : Content.New(toName ?? to.Value.Value, batch.Now)));
        }

        return new ChangedConversation(conversation.Id);
    }

    public static Answer<ChangedConversation> Settle(Batch batch, ConversationRecord conversation, Speaker by, bool solved)
    {
        if (MaySpeak(batch, by) is { } refusal)
        {
            return refusal;
        }

        if (solved != (conversation.State == ConversationState.Solved))
        {
            var author = by.At(batch.Now);
            batch.Append(conversation.Account, solved
                ? new ConversationSolved(conversation.Id, conversation.App, author)
                : new ConversationReopened(conversation.Id, conversation.App, author));
        }

        return new ChangedConversation(conversation.Id);
    }

    private static MessageId Say(Batch batch, AccountId account, ConversationId conversation, AppId? app, Speaker by, Said said, IReadOnlyList<AttachmentRecord> files)
    {
        Attach(batch, account, conversation, app, by, files);
        var id = MessageId.New(batch.Now);
        batch.Append(account, new MessageSent(
            id, conversation, app, by.At(batch.Now), Content.New(said.Text ?? "", batch.Now), [.. said.Attachments ?? []]));
        return id;
    }

    /// <summary>Tells of files, before what takes them along.</summary>
    public static void Attach(Batch batch, AccountId account, ConversationId conversation, AppId? app, Speaker by, IReadOnlyList<AttachmentRecord> files)
    {
        foreach (var file in files)
        {
            batch.Append(account, new AttachmentAdded(
                file.Id, conversation, app, by.Person, by.Agent, file.Type, file.Size, Content.New(file.Name, batch.Now), file.Commitment));
        }
    }

    private static Refusal? MaySpeak(Batch batch, Speaker by) => by.Silenced ?? (batch.ClockTrusted ? null : Refusal.ClockHoldsWords);

    public static Refusal? Hurry(Batch batch, Pace pace, Speaker by) =>
        pace.TryTake($"say {by.Key}", MessagesPerMinute, TimeSpan.FromMinutes(1), batch.Now)
            ? null
            : new Refusal(RefusalReason.TooMany, $"You sent {MessagesPerMinute} messages within a minute, which is the most there can be. Try again in a minute.");

    private static Refusal? Check(Said said, out Said kept)
    {
        ImmutableArray<string> files = [.. (said.Attachments ?? []).Distinct(StringComparer.Ordinal)];
        kept = said;
        if (files.Length > MaxAttachments || !files.All(IdText.IsId))
        {
            return new Refusal(RefusalReason.Invalid, $"'attachments' takes at most {MaxAttachments} ids of uploaded files.", "attachments");
        }

        var refusal = TypedText.CheckLines(said.Text, "text", files.IsEmpty ? 1 : 0, MaxText, out var text);
        kept = new Said(text, files);
        return refusal;
    }
}
