using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// Where the ledger lives. Two roles, specified here in prose and tested by one contract suite that every store passes.
/// <para><b>It appends.</b> All entries of one transaction become durable together, in order, or none does. A transaction
/// that was begun holds off every other writer until it is disposed. Positions are gapless over the whole store, and
/// <c>seq</c> is gapless per account; a transaction that would break either fails. What <see cref="ILedgerTransaction.CommitAsync"/>
/// acknowledged survives a killed process and a lost power supply.</para>
/// <para><b>It remembers.</b> Read tables (grants, requests, policies, sessions, acts, conversations) are written in the same transaction as the entries that
/// they follow from, by one projector; <see cref="RebuildAsync"/> makes the same rows again from the entries alone.
/// Credentials, names and contents are ordinary tables.</para>
/// A failure of the store is a <see cref="LedgerStoreException"/>, which says whether trying again can help. Whatever else it throws says that
/// what it was given can't be written. Either may have become durable all the same: the next transaction's
/// <see cref="ILedgerTransaction.Position"/> tells.
/// </summary>
public interface ILedgerStore : IHistory, IAsyncDisposable
{
    /// <summary>What people are told, kept beside the ledger. Usable once the store is open, and gone with it.</summary>
    INoticeStore Notices { get; }

    /// <summary>What customers and support said to each other.</summary>
    IConversations Conversations { get; }

    /// <summary>The files of conversations.</summary>
    IAttachments Attachments { get; }

    /// <summary>Opens the store where it is not open yet, migrating it where it is older, and reads what decisions need.</summary>
    /// <param name="closedSince">Sessions that closed at or after this instant are part of the state.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="LedgerStoreException">It can't be opened; the message says why and what to do.</exception>
    Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation);

    /// <summary>Begins the one write transaction.</summary>
    /// <param name="spendReserve">Whether the reserve of disk may be used: only to record ends.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation);

    /// <summary>Tries whether a batch could be made durable now, and restores the reserve of disk where it was spent.</summary>
    /// <exception cref="LedgerStoreException">It could not.</exception>
    Task CheckWritableAsync(CancellationToken cancellation);

    /// <summary>
    /// Erases one content of an entry for ever, its text and its salt. The entry stays, and every proof over it. Nothing to erase
    /// is no error.
    /// </summary>
    /// <param name="account">Whose ledger.</param>
    /// <param name="seq">The entry's number in it.</param>
    /// <param name="content">The content's id.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task EraseAsync(AccountId account, long seq, string content, CancellationToken cancellation);

    /// <summary>Empties the read tables and makes them again from the entries, in one transaction.</summary>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    Task RebuildAsync(CancellationToken cancellation);
}

/// <summary>One write transaction. Disposed without a commit, it leaves no trace.</summary>
public interface ILedgerTransaction : IAsyncDisposable
{
    /// <summary>The newest position in the store; -1 where it is empty.</summary>
    long Position { get; }

    /// <summary>The right edge of an account's tree; its size is the next seq. An account never seen has an empty one. The caller owns it.</summary>
    ValueTask<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation);

    /// <summary>Writes everything and makes it durable. Called at most once, and last.</summary>
    /// <exception cref="LedgerStoreException">Nothing, or in rare cases everything, became durable.</exception>
    Task CommitAsync(LedgerWrites writes, CancellationToken cancellation);
}

/// <summary>What one transaction writes.</summary>
public sealed class LedgerWrites
{
    /// <summary>New entries by position.</summary>
    public List<RecordedEntry> Entries { get; } = [];

    /// <summary>The trees after them, one for each account that got an entry.</summary>
    public Dictionary<AccountId, MerkleEdge> Edges { get; } = [];

    /// <summary>Credentials to keep, beside the session they stand for, also after it has closed.</summary>
    public List<Credential> NewCredentials { get; } = [];

    /// <summary>Credentials to forget, by key.</summary>
    public List<Hash> SpentCredentials { get; } = [];

    /// <summary>How apps are called, to keep in place of what was kept.</summary>
    public Dictionary<AppId, (AccountId Account, AppName Name)> Names { get; } = [];

    /// <summary>Whether the clock is held, to keep in place of what was kept; null leaves that.</summary>
    public ClockHold? ClockHold { get; private set; }

    /// <summary>Keeps whether the clock is held: since when, or null where it is not.</summary>
    public void KeepClockHold(DateTimeOffset? since) => ClockHold = new ClockHold(since);

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => Entries.Count == 0 && ClockHold is null && NewCredentials.Count == 0 && SpentCredentials.Count == 0 && Names.Count == 0;
}

/// <summary>Whether the clock is held: it jumped ahead, and nobody has accepted it.</summary>
/// <param name="Since">The last instant that was vouched for, to the tick; null where the clock is not held.</param>
public sealed record ClockHold(DateTimeOffset? Since);

/// <summary>An entry with its place, its bytes and what it says.</summary>
/// <param name="Position">The gapless number in the whole store. Never hashed.</param>
/// <param name="Account">Whose ledger.</param>
/// <param name="Seq">The gapless number in that ledger.</param>
/// <param name="Time">When, UTC, whole milliseconds.</param>
/// <param name="Bytes">The canonical bytes that are hashed.</param>
/// <param name="Leaf">Their leaf hash.</param>
/// <param name="Fact">What happened.</param>
public sealed record RecordedEntry(long Position, AccountId Account, long Seq, DateTimeOffset Time, byte[] Bytes, Hash Leaf, Fact Fact);

/// <summary>All that decisions need at start.</summary>
/// <param name="Position">The newest position; -1 where the store is empty.</param>
/// <param name="NewestTime">The newest entry's time; null where there is none.</param>
/// <param name="Grants">Every grant whose end is not recorded, in the order in which they began.</param>
/// <param name="Covers">The apps that these open, or were taken out of, as far as they are of whole accounts; in the order in which they came to it.</param>
/// <param name="Sessions">Every open session.</param>
/// <param name="Closed">Sessions closed since the asked instant, with their app.</param>
/// <param name="Requests">Every request that is pending or was decided since the asked instant, oldest first.</param>
/// <param name="Policies">What owners rule, by account.</param>
/// <param name="Names">Names of the apps of all these.</param>
/// <param name="Credentials">The credentials of these sessions, open and closed. A store may forget one a day after it expired.</param>
/// <param name="Vendor">The newest ruling of the vendor's leads, with what is left of its contents; null where they have ruled nothing.</param>
/// <param name="ClockHeldSince">The last instant that was vouched for before the clock jumped ahead; null where it is not held.</param>
public sealed record StoredState(
    long Position,
    DateTimeOffset? NewestTime,
    IReadOnlyList<StoredGrant> Grants,
    IReadOnlyList<StoredCover> Covers,
    IReadOnlyList<Session> Sessions,
    IReadOnlyList<(AppId App, ClosedSession Session)> Closed,
    IReadOnlyList<StoredRequest> Requests,
    IReadOnlyDictionary<AccountId, AccountPolicy> Policies,
    IReadOnlyDictionary<AppId, (AccountId Account, AppName Name)> Names,
    IReadOnlyList<Credential> Credentials,
    VendorPolicyChanged? Vendor = null,
    DateTimeOffset? ClockHeldSince = null);

/// <summary>A grant as a store keeps it: role and permissions by name, since the catalogue is the host's and may change.</summary>
public sealed record StoredGrant(
    GrantId Id,
    AccountId Account,
    AppId? App,
    string Role,
    IReadOnlyList<string> Also,
    DateTimeOffset From,
    DateTimeOffset Until,
    PersonId LentBy,
    IReadOnlyList<PersonId> MayEnd,
    RequestId? Request = null);

/// <summary>An app that a grant of its account opens, or was taken out of, with whoever could turn it off there when it was opened.</summary>
public sealed record StoredCover(GrantId Grant, AppId App, bool TakenOut, IReadOnlyList<PersonId> MayEnd);

/// <summary>A request as a store keeps it: the fact that it was made, with what is left of its contents, and what became of it.</summary>
/// <param name="Account">Whose ledger it is on.</param>
/// <param name="At">When it was made.</param>
/// <param name="Made">What was asked for.</param>
/// <param name="Approvals">Who approved it so far, oldest first.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Because">Why it was superseded.</param>
/// <param name="DecidedAt">When it was decided; null while pending.</param>
public sealed record StoredRequest(
    AccountId Account,
    DateTimeOffset At,
    RequestMade Made,
    IReadOnlyList<RequestApproved> Approvals,
    RequestState State,
    Supersession? Because,
    DateTimeOffset? DecidedAt)
{
    internal AccessRequest ToRequest(Catalogue catalogue) => Fold.RequestOf(Account, Made, At, catalogue) with
    {
        State = State,
        Because = Because,
        DecidedAt = DecidedAt,
        Grant = Approvals.Select(a => a.Grant).LastOrDefault(),
        Approvals = [.. Approvals.Select(a => Fold.ApprovalOf(a, catalogue))],
    };
}

/// <summary>The store could not do what was asked.</summary>
public sealed class LedgerStoreException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    /// <param name="message">For the operator: what, where, and what to do.</param>
    /// <param name="isTransient">Whether the same call can succeed later without anyone changing the set-up: a full disk is cleared, a lock goes away.</param>
    /// <param name="inner">What the store's own library said.</param>
    public LedgerStoreException(string message, bool isTransient, Exception? inner = null)
        : base(message, inner) => IsTransient = isTransient;

    /// <summary>Whether trying again can help.</summary>
    public bool IsTransient { get; }
}
