using Latchkey.Ledger;

namespace Latchkey.Tests;

/// <summary>What goes wrong with one commit.</summary>
internal enum CommitFault
{
    /// <summary>Nothing: it commits.</summary>
    None,

    /// <summary>Nothing becomes durable.</summary>
    Lost,

    /// <summary>Everything becomes durable, and the caller is told that it failed.</summary>
    SavedUnseen,
}

/// <summary>A place where a store can throw.</summary>
/// <param name="Call">What is asked of it.</param>
/// <param name="After">Whether it was done.</param>
internal readonly record struct StorePoint(string Call, bool After);

/// <summary>A real store whose failures a test decides on.</summary>
internal sealed class FaultyStore(ILedgerStore inner) : ILedgerStore
{
    private int _transactions;
    private int _tries;

    /// <summary>What becomes of the next commits, in turn.</summary>
    public Queue<CommitFault> Commits { get; } = [];

    /// <summary>Whether nothing can be begun or tried.</summary>
    public bool IsDown { get; set; }

    /// <summary>Where set, transactions wait for it.</summary>
    public Task? Gate { get; set; }

    /// <summary>Where set, is called before and after everything that is asked of the store for writing, and may throw.</summary>
    public Action<StorePoint>? At { get; set; }

    /// <summary>Where set, says what can't be written, though nothing is wrong with the store.</summary>
    public Func<LedgerWrites, bool>? Chokes { get; set; }

    /// <summary>Where set, changes what is read when it is opened.</summary>
    public Func<StoredState, StoredState>? Opened { get; set; }

    /// <summary>Whether it can't be opened for now.</summary>
    public bool IsShut { get; set; }

    /// <summary>How many transactions were asked for.</summary>
    public int Transactions => Volatile.Read(ref _transactions);

    /// <summary>How often it was tried whether it works.</summary>
    public int Tries => Volatile.Read(ref _tries);

    public IConversations Conversations => inner.Conversations;

    public IAttachments Attachments => inner.Attachments;

    public async Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _tries);
        At?.Invoke(new("open", After: false));
        var state = IsShut ? throw Broken("open") : await inner.OpenAsync(closedSince, cancellation);
        At?.Invoke(new("open", After: true));
        return Opened?.Invoke(state) ?? state;
    }

    public async Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _transactions);
        if (Gate is { } gate)
        {
            await gate;
        }

        At?.Invoke(new("begin", After: false));
        var transaction = IsDown ? throw Broken("begin") : await inner.BeginAsync(spendReserve, cancellation);
        try
        {
            At?.Invoke(new("begin", After: true));
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }

        return new Transaction(this, transaction);
    }

    public async Task CheckWritableAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _tries);
        At?.Invoke(new("check", After: false));
        await (IsDown || Commits.Count > 0 ? throw Broken("check") : inner.CheckWritableAsync(cancellation));
        At?.Invoke(new("check", After: true));
    }

    public Task EraseAsync(AccountId account, long seq, string content, CancellationToken cancellation) => inner.EraseAsync(account, seq, content, cancellation);

    public INoticeStore Notices => inner.Notices;

    public Task RebuildAsync(CancellationToken cancellation) => inner.RebuildAsync(cancellation);

    public Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(GrantQuery query, CancellationToken cancellation) =>
        inner.ReadGrantsAsync(query, cancellation);

    public Task<UseReport> ReadUseAsync(UseQuery query, CancellationToken cancellation) => inner.ReadUseAsync(query, cancellation);

    public Task<IReadOnlyList<VendorRecord>> ReadVendorAsync(VendorQuery query, CancellationToken cancellation) => inner.ReadVendorAsync(query, cancellation);

    public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(RequestQuery query, CancellationToken cancellation) =>
        inner.ReadRequestsAsync(query, cancellation);

    public Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation) =>
        inner.ReadSessionsAsync(query, cancellation);

    public Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation) => inner.ReadActsAsync(query, cancellation);

    public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation) =>
        inner.ReadEntriesAsync(account, from, limit, cancellation);

    public Task<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) => inner.ReadEdgeAsync(account, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static LedgerStoreException Broken(string what) => new($"The test lets '{what}' fail.", isTransient: true);

    private sealed class Transaction(FaultyStore store, ILedgerTransaction inner) : ILedgerTransaction
    {
        public long Position
        {
            get
            {
                store.At?.Invoke(new("position", After: false));
                return inner.Position;
            }
        }

        public async ValueTask<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation)
        {
            store.At?.Invoke(new("read edge", After: false));
            return await inner.ReadEdgeAsync(account, cancellation);
        }

        public async Task CommitAsync(LedgerWrites writes, CancellationToken cancellation)
        {
            store.At?.Invoke(new("commit", After: false));
            if (store.Chokes?.Invoke(writes) == true)
            {
                throw new InvalidOperationException("The test's store chokes on this.");
            }

            var fault = store.Commits.TryDequeue(out var next) ? next : CommitFault.None;
            if (fault != CommitFault.Lost)
            {
                await inner.CommitAsync(writes, cancellation);
            }

            if (fault != CommitFault.None)
            {
                throw Broken("commit");
            }

            store.At?.Invoke(new("commit", After: true));
        }

        public async ValueTask DisposeAsync()
        {
            // What doesn't let go of the store at all holds up everybody: no caller can mend that.
            await inner.DisposeAsync();
            store.At?.Invoke(new("dispose", After: true));
        }
    }
}
