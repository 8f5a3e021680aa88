using System.Collections.Immutable;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>What happened, for people to read: newest first, by page. Erased contents come back as null.</summary>
public interface IHistory
{
    /// <summary>The most rows of one page.</summary>
    const int MaxPage = 200;

    /// <summary>The newest grants of an app, past ones included, begun before position <paramref name="before"/>.</summary>
    Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(AppId app, long before, int limit, CancellationToken cancellation);

    /// <summary>The newest sessions that fit.</summary>
    Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation);

    /// <summary>The newest acts that fit.</summary>
    Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation);

    /// <summary>An account's entries from seq <paramref name="from"/> on, oldest first, with what is left of their contents.</summary>
    Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation);

    /// <summary>The right edge of an account's tree.</summary>
    Task<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation);
}

/// <summary>Which sessions. Null means any.</summary>
public sealed record SessionQuery(AppId? App = null, AgentId? Agent = null, SessionId? Session = null, long Before = long.MaxValue, int Limit = 50);

/// <summary>Which acts. Null means any.</summary>
public sealed record ActQuery(
    AppId App, SessionId? Session = null, AgentId? Agent = null, string? Permission = null, bool ChangesOnly = false, long Before = long.MaxValue, int Limit = 50, ActId? Act = null);

/// <summary>A grant with its story.</summary>
/// <param name="Position">Where it begins in the store: the cursor of a page.</param>
/// <param name="Id">The grant.</param>
/// <param name="App">The app.</param>
/// <param name="Role">The role's name.</param>
/// <param name="Also">Single permissions beside it.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ends or would have ended.</param>
/// <param name="LentBy">Who lent or last renewed it.</param>
/// <param name="LentByName">Their name then.</param>
/// <param name="Note">What they noted.</param>
/// <param name="EndedAt">When it ended; null while it is not on the ledger as ended.</param>
/// <param name="Cause">Why it ended.</param>
/// <param name="EndedByName">Who ended it, where a person did.</param>
/// <param name="Sessions">How many sessions it saw.</param>
public sealed record GrantRecord(
    long Position,
    GrantId Id,
    AppId App,
    string Role,
    ImmutableArray<string> Also,
    DateTimeOffset From,
    DateTimeOffset Until,
    PersonId LentBy,
    string? LentByName,
    string? Note,
    DateTimeOffset? EndedAt,
    GrantEnd? Cause,
    string? EndedByName,
    int Sessions);

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
