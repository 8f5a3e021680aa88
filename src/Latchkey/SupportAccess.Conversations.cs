namespace Latchkey;

/// <content>
/// What customers and support say to each other. Whoever calls has made sure that the conversation is one that the speaker may
/// see. Conversations don't need support access: they go on while nothing is lent.
/// </content>
public sealed partial class SupportAccess
{
    private readonly Pace _pace = new();

    /// <summary>Conversations, for people to read.</summary>
    public IConversations Conversations => _store.Conversations;

    /// <summary>
    /// Opens a conversation with its first message. Subject: 3 to 120 characters. At most 100 a day for one account,
    /// else <see cref="RefusalReason.TooMany"/>. Only the customer's administrators open one.
    /// </summary>
    public async Task<Answer<OpenedConversation>> OpenConversationAsync(Topic topic, Speaker by, string? subject, Said said, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Talking.Open(batch, _pace, topic, by, subject, said), cancellation: cancellation));

    /// <summary>
    /// Sends a message, with the files that the speaker uploaded to the conversation before (<see cref="AttachAsync"/>). At most
    /// 60 a minute by one speaker, else <see cref="RefusalReason.TooMany"/>.
    /// </summary>
    public async Task<Answer<SentMessage>> SendAsync(ConversationRecord conversation, Speaker by, Said said, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(said);
        var uploads = await UploadsAsync(conversation, by, said, cancellation);
        return uploads.Value is { } files
            ? Saved(await _appender.AppendAsync(batch => Talking.Send(batch, _pace, conversation, by, said, files), cancellation: cancellation))
            : uploads.Refusal!;
    }

    /// <summary>Shows something of the host's to support. Counts as a message; only the customer shares.</summary>
    public async Task<Answer<SharedThing>> ShareAsync(ConversationRecord conversation, Speaker by, Share share, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Talking.Show(batch, _pace, conversation, by, share), cancellation: cancellation));

    /// <summary>Gives a conversation to an agent, or to nobody. Giving it to whom it is given to changes nothing.</summary>
    public async Task<Answer<ChangedConversation>> AssignAsync(
        ConversationRecord conversation, AgentRef by, AgentId? to, string? toName, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Talking.Assign(batch, conversation, by, to, toName), cancellation: cancellation));

    /// <summary>Calls a conversation solved. Solving it twice changes nothing.</summary>
    public async Task<Answer<ChangedConversation>> SolveAsync(ConversationRecord conversation, Speaker by, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Talking.Settle(batch, conversation, by, solved: true), cancellation: cancellation));

    /// <summary>Opens a solved conversation again, without a message. One that is open stays as it is.</summary>
    public async Task<Answer<ChangedConversation>> ReopenAsync(ConversationRecord conversation, Speaker by, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Talking.Settle(batch, conversation, by, solved: false), cancellation: cancellation));
}
