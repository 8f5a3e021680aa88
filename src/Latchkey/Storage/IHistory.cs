using System.Collections.Immutable;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>What happened, for people to read: newest first, by page. Erased contents come back as null.</summary>
public interface IHistory
{
    /// <summary>The most rows of one page.</summary>
    const int MaxPage = 200;

    /// <summary>The newest grants that fit, past ones included.</summary>
    Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(GrantQuery query, CancellationToken cancellation);

    /// <summary>The newest requests that fit, answered ones included.</summary>
    Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(RequestQuery query, CancellationToken cancellation);

    /// <summary>The newest sessions that fit.</summary>
    Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation);

    /// <summary>The newest acts that fit.</summary>
    Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation);

    /// <summary>How support access was used in a period. The work grows with what happened in the period, not with what was before.</summary>
    Task<UseReport> ReadUseAsync(UseQuery query, CancellationToken cancellation);

    /// <summary>The newest of what the vendor's own ledger tells of the vendor.</summary>
    Task<IReadOnlyList<VendorRecord>> ReadVendorAsync(VendorQuery query, CancellationToken cancellation);

    /// <summary>An account's entries from seq <paramref name="from"/> on, oldest first, with what is left of their contents.</summary>
    Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation);

    /// <summary>The right edge of an account's tree.</summary>
    Task<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation);
}

/// <summary>Which grants. Null means any; at least one of the first three is given.</summary>
/// <param name="App">Those that open, or opened, this app: its own, and those of its account.</param>
/// <param name="Account">Those to all apps of this account, and to none by itself.</param>
/// <param name="Grant">This one.</param>
/// <param name="Before">Begun before this position.</param>
/// <param name="Limit">At most so many.</param>
public sealed record GrantQuery(AppId? App = null, AccountId? Account = null, GrantId? Grant = null, long Before = long.MaxValue, int Limit = 50);

/// <summary>Which requests. Null means any.</summary>
/// <param name="Account">Those that this account was asked.</param>
/// <param name="App">Those for this app.</param>
/// <param name="Agent">Those that this agent made.</param>
/// <param name="Request">This one.</param>
/// <param name="Conversation">Those made in this conversation.</param>
/// <param name="ForSupport">
/// Those that the support team reads of: without what customers got of those that were asked by name, and what a customer asks among themselves.
/// </param>
/// <param name="Before">Made before this position.</param>
/// <param name="Limit">At most so many.</param>
public sealed record RequestQuery(
    AccountId? Account = null, AppId? App = null, AgentId? Agent = null, RequestId? Request = null, string? Conversation = null, bool ForSupport = false,
    long Before = long.MaxValue, int Limit = 50);

/// <summary>What the vendor's own ledger tells of one topic.</summary>
/// <param name="Topic">Of what.</param>
/// <param name="Before">Recorded before this position.</param>
/// <param name="Limit">At most so many.</param>
public sealed record VendorQuery(VendorTopic Topic, long Before = long.MaxValue, int Limit = 50);

/// <summary>Something of the vendor's own.</summary>
/// <param name="Position">Where it lies in the store: the cursor of a page.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Fact">What happened, with what is left of its contents.</param>
public sealed record VendorRecord(long Position, DateTimeOffset At, VendorFact Fact);

/// <summary>Which sessions. Null means any.</summary>
/// <param name="App">In this app.</param>
/// <param name="Agent">Of this agent.</param>
/// <param name="Session">This one.</param>
/// <param name="Of">Those that were open in an account while a window was.</param>
/// <param name="Before">Recorded before this position: the cursor of a page.</param>
/// <param name="Limit">At most so many, 1 to <see cref="IHistory.MaxPage"/>.</param>
public sealed record SessionQuery(
    AppId? App = null, AgentId? Agent = null, SessionId? Session = null, AccountWindow? Of = null, long Before = long.MaxValue, int Limit = 50);

/// <summary>A time in an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="From">Its first instant.</param>
/// <param name="Until">Its end: what began at that instant still counts, since an end and what it ended share their time.</param>
public sealed record AccountWindow(AccountId Account, DateTimeOffset From, DateTimeOffset Until);

/// <summary>Which acts. Null means any.</summary>
public sealed record ActQuery(
    AppId App, SessionId? Session = null, AgentId? Agent = null, string? Permission = null, bool ChangesOnly = false, long Before = long.MaxValue, int Limit = 50, ActId? Act = null);

/// <summary>A grant with its story.</summary>
/// <param name="Position">Where it begins in the store: the cursor of a page.</param>
/// <param name="Id">The grant.</param>
/// <param name="Account">The account that lent it.</param>
/// <param name="App">The app; null for every app of the account.</param>
/// <param name="Request">The request that it answers; null where the switch lent it.</param>
/// <param name="Role">The role's name.</param>
/// <param name="Also">Single permissions beside it.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ends or would have ended.</param>
/// <param name="LentBy">Who lent or last renewed it.</param>
/// <param name="LentByName">Their name then.</param>
/// <param name="MayEnd">Everyone who could end it when it began, or was renewed: they can until it ends.</param>
/// <param name="Note">What they noted.</param>
/// <param name="EndedAt">When it ended; null while it is not on the ledger as ended.</param>
/// <param name="Cause">Why it ended.</param>
/// <param name="EndedByName">Who ended it, where a person did.</param>
/// <param name="Sessions">How many sessions it saw.</param>
public sealed record GrantRecord(
    long Position,
    GrantId Id,
    AccountId Account,
    AppId? App,
    RequestId? Request,
    string Role,
    ImmutableArray<string> Also,
    DateTimeOffset From,
    DateTimeOffset Until,
    PersonId LentBy,
    string? LentByName,
    ImmutableArray<PersonId> MayEnd,
    string? Note,
    DateTimeOffset? EndedAt,
    GrantEnd? Cause,
    string? EndedByName,
    int Sessions);

/// <summary>A request with its story.</summary>
/// <param name="Position">Where it begins in the store: the cursor of a page.</param>
/// <param name="Id">The request.</param>
/// <param name="Account">The account that was asked; the vendor's for the agent's side of one that was asked by name.</param>
/// <param name="App">The app; null for every app of the account.</param>
/// <param name="TargetName">What was asked for, as it was called then.</param>
/// <param name="Agent">The agent who asked; null where a person of the customer did.</param>
/// <param name="AgentName">Their name then.</param>
/// <param name="Role">The role's name.</param>
/// <param name="Also">Single permissions beside it.</param>
/// <param name="Duration">For how long, from the approval on.</param>
/// <param name="Reason">Why.</param>
/// <param name="Ticket">The ticket named.</param>
/// <param name="Conversation">The conversation it was asked in.</param>
/// <param name="At">When.</param>
/// <param name="Expires">The first instant at which it can't be answered any more.</param>
/// <param name="State">Where it stands on the ledger; what is pending and past <paramref name="Expires"/> has expired.</param>
/// <param name="Because">Why it was superseded.</param>
/// <param name="DecidedAt">When it was decided; null while pending.</param>
/// <param name="DecidedByName">Who decided it, where a person did.</param>
/// <param name="Note">What they noted.</param>
/// <param name="Approvals">Who approved it so far, and on which terms.</param>
/// <param name="Grant">The key that it became.</param>
/// <param name="AskedByName">What it was taken for, where an agent asked by a name that they typed.</param>
/// <param name="Person">The person of the customer who asked a second one; null where an agent asked.</param>
/// <param name="PersonName">Their name then.</param>
public sealed record RequestRecord(
    long Position,
    RequestId Id,
    AccountId Account,
    AppId? App,
    string? TargetName,
    AgentId? Agent,
    string? AgentName,
    string Role,
    ImmutableArray<string> Also,
    TimeSpan Duration,
    string? Reason,
    string? Ticket,
    string? Conversation,
    DateTimeOffset At,
    DateTimeOffset Expires,
    RequestState State,
    Supersession? Because,
    DateTimeOffset? DecidedAt,
    string? DecidedByName,
    string? Note,
    ImmutableArray<ApprovalRecord> Approvals,
    GrantId? Grant,
    NamedTarget? AskedByName = null,
    PersonId? Person = null,
    string? PersonName = null)
{
    /// <summary>Whether every app of an account is asked for.</summary>
    public bool WholeAccount => AskedByName is { } named ? named == NamedTarget.Account : App is null;
}

/// <summary>One approver's word.</summary>
/// <param name="By">Who.</param>
/// <param name="ByName">Their name then.</param>
/// <param name="Role">The role they would lend.</param>
/// <param name="Duration">For how long from the last approval on.</param>
/// <param name="Until">And not beyond this instant, where they named one.</param>
public sealed record ApprovalRecord(PersonId By, string? ByName, string Role, TimeSpan Duration, DateTimeOffset? Until);

/// <summary>A session with its story.</summary>
/// <param name="Position">Where it begins in the store: the cursor of a page.</param>
/// <param name="Id">The session.</param>
/// <param name="Account">The account of the app.</param>
/// <param name="App">The app.</param>
/// <param name="AppTitle">How the app is called, as far as Latchkey was told.</param>
/// <param name="AppSlug">The app's name in addresses, as far as Latchkey was told.</param>
/// <param name="Agent">Who.</param>
/// <param name="AgentName">Their name then.</param>
/// <param name="Reason">Why.</param>
/// <param name="Ticket">The ticket they named.</param>
/// <param name="OpenedAt">From.</param>
/// <param name="ClosedAt">To; null while open.</param>
/// <param name="Cause">Why it closed.</param>
/// <param name="Acts">How many acts.</param>
/// <param name="Changes">How many of them were changes.</param>
/// <param name="LastActAt">When the last act was recorded.</param>
public sealed record SessionRecord(
    long Position,
    SessionId Id,
    AccountId Account,
    AppId App,
    string AppTitle,
    string AppSlug,
    AgentId Agent,
    string? AgentName,
    string? Reason,
    string? Ticket,
    DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt,
    SessionClose? Cause,
    int Acts,
    int Changes,
    DateTimeOffset? LastActAt);

/// <summary>An act with its outcome.</summary>
/// <param name="Position">Where it begins in the store: the cursor of a page.</param>
/// <param name="Seq">The number of its first entry in the account's ledger.</param>
/// <param name="Id">The act.</param>
/// <param name="Session">The session it belongs to.</param>
/// <param name="Agent">Who.</param>
/// <param name="Permission">What was used.</param>
/// <param name="IsRead">Whether it only looked (recorded at once, no outcome follows).</param>
/// <param name="At">When it was recorded, before it happened.</param>
/// <param name="EndedAt">When its outcome was recorded; null while under way or unknown.</param>
/// <param name="Outcome">How it came out; null while under way or unknown.</param>
/// <param name="Status">The HTTP status that the host answered, where there was one.</param>
/// <param name="Target">What was read or changed.</param>
/// <param name="Changes">Before and after.</param>
/// <param name="Settled">What the customer decided about what it changed; null where they have not, or nothing can be decided.</param>
/// <param name="SettledAt">When they decided.</param>
/// <param name="SettledByName">Who decided.</param>
public sealed record ActRecord(
    long Position,
    long Seq,
    ActId Id,
    SessionId Session,
    AgentId Agent,
    string Permission,
    bool IsRead,
    DateTimeOffset At,
    DateTimeOffset? EndedAt,
    ActOutcome? Outcome,
    int? Status,
    string? Target,
    ImmutableArray<ChangeRecord> Changes,
    Settlement? Settled,
    DateTimeOffset? SettledAt,
    string? SettledByName);

/// <summary>One change of an act.</summary>
/// <param name="What">What; null once erased.</param>
/// <param name="Before">Before; null for nothing, a secret, or once erased.</param>
/// <param name="After">After; null for nothing, a secret, or once erased.</param>
/// <param name="Secret">A secret: it changed, and that is all that is kept.</param>
public sealed record ChangeRecord(string? What, string? Before, string? After, bool Secret);

/// <summary>An entry as stored, with what is left of its contents.</summary>
/// <param name="Seq">Its number in the account's ledger.</param>
/// <param name="Bytes">The canonical bytes.</param>
/// <param name="Leaf">The leaf hash that the tree was built with.</param>
/// <param name="Contents">Contents that were not erased, by id.</param>
public sealed record StoredEntry(long Seq, byte[] Bytes, Hash Leaf, IReadOnlyDictionary<string, (byte[] Salt, string Text)> Contents);
