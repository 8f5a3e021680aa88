using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <content>The one transaction that writes.</content>
public sealed partial class SqliteStore
{
    private sealed class Transaction(SqliteStore store, Writer writer, long position) : ILedgerTransaction
    {
        private bool _committed;
        private bool _disposed;

        public long Position => position;

        public ValueTask<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation) =>
            ValueTask.FromResult(store.Guard(() => writer.ReadEdge(account)));

        public Task CommitAsync(LedgerWrites writes, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            Commit(() => writer.Write(writes, position));
            return Task.CompletedTask;
        }

        public void Rebuild() => Commit(writer.Rebuild);

        public void Erase(AccountId account, long seq, string content) => Commit(() => writer.Erase(account, seq, content));

        public void Erase(Func<SqliteConnection, (AccountId Account, long Seq, string Content)?> erase) => Commit(() =>
        {
            if (erase(writer.Connection) is { } content) writer.Erase(content.Account, content.Seq, content.Content);
        });

        public T Run<T>(Func<SqliteConnection, T> write)
        {
            T written = default!;
            Commit(() => written = write(writer.Connection));
            return written;
        }

        public ValueTask DisposeAsync()
        {
            if (!_disposed)
            {
                _disposed = true;
                if (!_committed)
                {
                    store.RollBack(writer);
                }

                store._writing.Release();
            }

            return ValueTask.CompletedTask;
        }

        private void Commit(Action write) => store.Guard(() =>
        {
            ObjectDisposedException.ThrowIf(_disposed || _committed, this);
            write();
            writer.Commit();
            _committed = true;
        });
    }
}
