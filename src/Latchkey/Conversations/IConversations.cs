using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// Conversations for people to read, newest first, by page. The rows are made of facts by the store's projector, in the
/// transaction of the entries; erased contents come back as null, and no search finds them any more.
/// <para>Marks of what somebody has seen are an ordinary table: no entry stands behind them.</para>
/// Whoever asks decides what the reader may see: nothing here does.
/// </summary>
public interface IConversations
{
    /// <summary>One conversation; null where there is none of that id.</summary>
    /// <param name="id">Which.</param>
    /// <param name="reader">Whose unread marks to count, by <see cref="Speaker.Key"/>; null for nobody's.</param>
    /// <param name="cancellation">Stops waiting.</param>
    Task<ConversationRecord?> FindAsync(ConversationId id, string? reader, CancellationToken cancellation);

    /// <summary>
    /// The conversations that fit, the one with the newest word first. As quick among 100,000 as among 100, unless words are
    /// searched for; of those the newest 2,000 finds are looked at.
    /// </summary>
    Task<IReadOnlyList<ConversationRecord>> ReadAsync(ConversationQuery query, CancellationToken cancellation);

    /// <summary>What is in a conversation before position <paramref name="before"/>, newest first.</summary>
    Task<IReadOnlyList<ConversationItem>> ReadItemsAsync(ConversationId id, long before, int limit, CancellationToken cancellation);

    /// <summary>What support proposed, newest first.</summary>
    Task<IReadOnlyList<ProposalRecord>> ReadProposalsAsync(ProposalQuery query, CancellationToken cancellation);

    /// <summary>What support asked to be shown in pictures, newest first.</summary>
    Task<IReadOnlyList<ScreenshotsRecord>> ReadScreenshotsAsync(ScreenshotsQuery query, CancellationToken cancellation);

    /// <summary>Who wrote or showed something in a conversation, asked in it for access or answered there, by <see cref="Speaker.Key"/>; the first 100 of them.</summary>
    Task<IReadOnlyList<string>> ReadSpeakersAsync(ConversationId id, CancellationToken cancellation);

    /// <summary>
    /// Notes that somebody has seen a conversation up to a position. A mark never goes back. Their notices of messages up to there
    /// are then seen too, and mails on these that wait are dropped.
    /// </summary>
    /// <returns>Whether notices became seen.</returns>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task<bool> MarkSeenAsync(ConversationId id, string reader, long position, CancellationToken cancellation);
}

/// <summary>Which conversations. Null means any.</summary>
/// <param name="Account">Of this account.</param>
/// <param name="Apps">About one of these apps; those about the account as a whole are then left out.</param>
/// <param name="App">About this app.</param>
/// <param name="State">In this state.</param>
/// <param name="OpenOnly">Not the solved ones.</param>
/// <param name="Assigned">Given to this agent.</param>
/// <param name="Words">Each word begins a word of one message or of the subject, in any case and with or without accents. At most 200 characters.</param>
/// <param name="Reader">Whose unread marks to count.</param>
/// <param name="Before">Those whose newest item lies before this position: the cursor of a page.</param>
/// <param name="Limit">At most so many, 1 to <see cref="IHistory.MaxPage"/>.</param>
public sealed record ConversationQuery(
    AccountId? Account = null,
    ImmutableArray<AppId>? Apps = null,
    AppId? App = null,
    ConversationState? State = null,
    bool OpenOnly = false,
    AgentId? Assigned = null,
    string? Words = null,
    string? Reader = null,
    long Before = long.MaxValue,
    int Limit = 50);

/// <summary>A conversation as lists show it.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Account">Whose.</param>
/// <param name="AccountTitle">How the account was called when it was opened.</param>
/// <param name="App">What it is about; null for the account as a whole.</param>
/// <param name="AppTitle">How the app was called when it was opened.</param>
/// <param name="Subject">The subject.</param>
/// <param name="OpenedBy">Who opened it.</param>
/// <param name="OpenedByName">Their name then.</param>
/// <param name="OpenedAt">When.</param>
/// <param name="State">Whose turn it is.</param>
/// <param name="StateSince">Since when.</param>
/// <param name="Assigned">The agent it is given to.</param>
/// <param name="AssignedName">Their name then.</param>
/// <param name="LastAt">When the newest item came.</param>
/// <param name="LastWords">How the newest message begins, up to 200 characters, or what was shared.</param>
/// <param name="LastBy">Who said that.</param>
/// <param name="Unread">How many messages and shares of others the reader has not seen; counted up to 100.</param>
/// <param name="Newest">The position of the newest item: the cursor of a page.</param>
public sealed record ConversationRecord(
    ConversationId Id,
    AccountId Account,
    string? AccountTitle,
    AppId? App,
    string? AppTitle,
    string? Subject,
    PersonId OpenedBy,
    string? OpenedByName,
    DateTimeOffset OpenedAt,
    ConversationState State,
    DateTimeOffset StateSince,
    AgentId? Assigned,
    string? AssignedName,
    DateTimeOffset LastAt,
    string? LastWords,
    string? LastBy,
    int Unread,
    long Newest);

/// <summary>Something in a conversation's stream. What an entry of another kind puts there is a further type of item.</summary>
/// <param name="Position">Its position in the store: the cursor of a page.</param>
/// <param name="Seq">Its entry's number in the account's ledger.</param>
/// <param name="At">When.</param>
/// <param name="Person">Who, of the customer; null where an agent did it.</param>
/// <param name="Agent">Which agent; null where somebody of the customer did it.</param>
/// <param name="Name">Their name then.</param>
public abstract record ConversationItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name);

/// <summary>The conversation was opened.</summary>
public sealed record OpenedItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, string? Subject)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>A message.</summary>
public sealed record MessageItem(
    long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, MessageId Message, string? Text, ImmutableArray<string> Attachments)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>Something was shown to support. Null title and parts: erased.</summary>
public sealed record ShareItem(
    long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, ShareId Id, ShareKind Kind, string? Title, ImmutableArray<SharePart>? Parts)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>Support asked for access. What became of it is the request's own story: <see cref="IHistory.ReadRequestsAsync"/>.</summary>
public sealed record RequestItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, RequestId Request)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>
/// A request for access was answered, taken back, or came to nothing: nobody's doing where the clock or something else ended it.
/// It is still pending where a second approver is wanted.
/// </summary>
public sealed record RequestAnsweredItem(
    long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, RequestId Request, RequestState Answer, string? Note)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>Support proposed a change. What it says, and what became of it, is the proposal's own story: <see cref="IConversations.ReadProposalsAsync"/>.</summary>
public sealed record ProposalItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, ProposalId Proposal)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>A proposal was applied, declined, taken back, replaced or undone.</summary>
public sealed record ProposalEndedItem(
    long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, ProposalId Proposal, ProposalState State, string? Note)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>Support asked for screenshots. What became of it: <see cref="IConversations.ReadScreenshotsAsync"/>.</summary>
public sealed record ScreenshotsItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, ScreenshotsId Screenshots)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>Screenshots were sent, or not, or are wanted no longer.</summary>
public sealed record ScreenshotsEndedItem(
    long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, ScreenshotsId Screenshots, ScreenshotsState State, string? Note,
    ImmutableArray<string> Attachments) : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>It was given to an agent, or to nobody.</summary>
public sealed record AssignedItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, AgentId? To, string? ToName)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);

/// <summary>It was called solved, or opened again without a message.</summary>
public sealed record StateItem(long Position, long Seq, DateTimeOffset At, PersonId? Person, AgentId? Agent, string? Name, bool Solved)
    : ConversationItem(Position, Seq, At, Person, Agent, Name);
