using Latchkey.Ledger;

namespace Latchkey.Storage.Contract;

/// <summary>Writes facts into a store as the appender does, and remembers each entry.</summary>
public sealed class Scribe(TimeProvider time)
{
    public List<RecordedEntry> Entries { get; } = [];

    public IEnumerable<Hash> LeavesOf(AccountId account) => Entries.Where(e => e.Account == account).Select(e => e.Leaf);

    /// <summary>Places facts after a transaction's position and tree, without writing them.</summary>
    public async Task<LedgerWrites> SealAsync(ILedgerTransaction transaction, params IReadOnlyList<(AccountId Account, Fact Fact)> facts)
    {
        var writes = new LedgerWrites();
        var position = transaction.Position;
        foreach (var (account, fact) in facts)
        {
            if (!writes.Edges.TryGetValue(account, out var edge))
            {
                edge = await transaction.ReadEdgeAsync(account, CancellationToken.None);
                writes.Edges.Add(account, edge);
            }

            writes.Entries.Add(Seal(++position, account, edge.Size, fact));
            edge.Append(writes.Entries[^1].Leaf);
        }

        return writes;
    }

    public RecordedEntry Seal(long position, AccountId account, long seq, Fact fact)
    {
        var at = LedgerEntry.WholeMilliseconds(time.GetUtcNow());
        var bytes = fact.EncodeFields().ToEntry(account.Value, seq, at, fact.Kind);
        return new RecordedEntry(position, account, seq, at, bytes, MerkleTree.HashLeaf(bytes), fact);
    }

    public async Task WriteAsync(ILedgerStore store, IReadOnlyList<(AccountId Account, Fact Fact)> facts, Action<LedgerWrites>? also = null)
    {
        await using var transaction = await store.BeginAsync(spendReserve: false, CancellationToken.None);
        var writes = await SealAsync(transaction, facts);
        also?.Invoke(writes);
        await transaction.CommitAsync(writes, CancellationToken.None);
        Entries.AddRange(writes.Entries);
    }
}
