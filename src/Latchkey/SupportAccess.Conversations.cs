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
    public Task<Answer<OpenedConversation>> OpenConversationAsync(Topic topic, Speaker by, string? subject, Said said, CancellationToken cancellation = default) =>
        OpenConversationAsync(topic, by, subject, said, [], cancellation);

    /// <summary>
    /// The same with files, at most 20, that the first message takes along, each checked and cleaned as <see cref="AttachAsync"/>
    /// does. Where one is refused, nothing is opened.
    /// </summary>
    public async Task<Answer<OpenedConversation>> OpenConversationAsync(
        Topic topic, Speaker by, string? subject, Said said, IReadOnlyList<NewFile> files, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(by);
        ArgumentNullException.ThrowIfNull(said);
        ArgumentNullException.ThrowIfNull(files);
        if (Talking.CheckOpening(by, subject, said, files.Count) is { } refusal)
        {
            return refusal;
        }

        if (!_pace.HasLeft(Talking.OpeningsOf(topic.Account), Talking.OpenedPerDay, TimeSpan.FromDays(1), Now))
        {
            return Talking.EnoughOpened;
        }

        try
        {
            // The process counts from its start on; what was opened before, the store knows.
            var lately = await _store.Conversations.ReadAsync(new ConversationQuery(topic.Account, Limit: IHistory.MaxPage), cancellation);
            if (lately.Count(conversation => Now - conversation.OpenedAt < TimeSpan.FromDays(1)) >= Talking.OpenedPerDay)
            {
                return Talking.EnoughOpened;
            }
        }
        catch (LedgerStoreException)
        {
            return Refusal.LedgerUnavailable;
        }

        // Named before it is there: should it never be, its files are forgotten as those that are not sent are.
        var id = ConversationId.New(Now);
        var kept = new List<AttachmentRecord>();
        foreach (var file in files)
        {
            var answer = await TakeInAsync(topic.Account, id, by, file, answers: null, cancellation);
            if (answer.Value is not { } taken)
            {
                return answer.Refusal!;
            }

            kept.Add(taken);
        }

        return Saved(await _appender.AppendAsync(batch => Talking.Open(batch, _pace, id, topic, by, subject, said, kept), cancellation: cancellation));
    }

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
