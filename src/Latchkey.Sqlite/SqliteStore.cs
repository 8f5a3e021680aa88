using System.Collections.Concurrent;
using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// The embedded store: a SQLite database <c>latchkey.db</c>, and <c>files.db</c> for the bytes of files, in a directory that one process has to itself. A commit is on the
/// disk when it returns (write-ahead log, <c>synchronous=FULL</c>). One connection writes; readers have connections of their own
/// and never wait for it. Beside the database lies a reserve of 8 MiB that only ends may spend: once spent, nothing else is
/// written until <see cref="CheckWritableAsync"/> has restored it.
/// <para>Directory and database are made where they are missing, readable by the process's user alone. Nothing is touched
/// before <see cref="OpenAsync"/>; every other call needs it first. All calls block on the disk and may come from any thread.</para>
/// </summary>
public sealed partial class SqliteStore : ILedgerStore
{
    private const int IdleReaders = 8;

    private readonly string _directory;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Reserve _reserve;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly FileDatabase _files;
    private DirectoryLock? _lock;
    private Writer? _writer;
    private volatile bool _open;
    private int _disposed;

    /// <summary>Names the directory.</summary>
    /// <param name="directory">Where the database lies or is to lie; on a local disk. A relative path is taken from the current directory.</param>
    /// <param name="time">Tells since when the directory is held, for the message that a second process gets.</param>
    public SqliteStore(string directory, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(time);
        _directory = Path.GetFullPath(directory);
        _path = Path.Combine(_directory, "latchkey.db");
        _time = time;
        _reserve = new Reserve(_directory);
        _files = new FileDatabase(Path.Combine(_directory, "files.db"));
    }

    /// <summary>
    /// Opens the database at the first call, and reads the state at every call; a transaction that is open does not hold it up.
    /// Refused, without a second try being of use: a directory that can't be made or written, one that another process or
    /// another store of this process has open, a file that is no database of Latchkey's or is damaged, and a database that a
    /// newer version wrote. A disk that is full or read-only is refused as transient; a missing reserve is not refused here
    /// but at the next ordinary transaction.
    /// </summary>
    /// <inheritdoc/>
    public async Task<StoredState> OpenAsync(DateTimeOffset closedSince, CancellationToken cancellation)
    {
        await _opening.WaitAsync(cancellation);
        try
        {
            if (!_open)
            {
                Guard(OpenFiles);
                _open = true;
            }
        }
        finally
        {
            _opening.Release();
        }

        return Read(connection => StateQuery.Run(connection, closedSince));
    }

    /// <inheritdoc/>
    public async Task<ILedgerTransaction> BeginAsync(bool spendReserve, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            return Guard(() => Begin(spendReserve));
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task CheckWritableAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            Guard(() =>
            {
                var writer = OpenWriter();
                _reserve.Restore();
                _reserve.Probe();
                writer.Touch();
            });
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async Task EraseAsync(AccountId account, long seq, string content, CancellationToken cancellation)
    {
        await using var transaction = (Transaction)await BeginAsync(spendReserve: false, cancellation);
        transaction.Erase(account, seq, content);
    }

    /// <inheritdoc/>
    public async Task RebuildAsync(CancellationToken cancellation)
    {
        await using var transaction = (Transaction)await BeginAsync(spendReserve: false, cancellation);
        transaction.Rebuild();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<GrantRecord>> ReadGrantsAsync(GrantQuery query, CancellationToken cancellation) =>
        ReadPage(query.Limit, connection => HistoryQuery.Grants(connection, query), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RequestRecord>> ReadRequestsAsync(RequestQuery query, CancellationToken cancellation) =>
        ReadPage(query.Limit, connection => RequestQueries.Run(connection, query), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SessionRecord>> ReadSessionsAsync(SessionQuery query, CancellationToken cancellation) =>
        ReadPage(query.Limit, connection => HistoryQuery.Sessions(connection, query), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ActRecord>> ReadActsAsync(ActQuery query, CancellationToken cancellation) =>
        ReadPage(query.Limit, connection => HistoryQuery.Acts(connection, query), cancellation);

    /// <inheritdoc/>
    public Task<UseReport> ReadUseAsync(UseQuery query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Read(connection => UseQueries.Run(connection, query)));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<VendorRecord>> ReadVendorAsync(VendorQuery query, CancellationToken cancellation) =>
        ReadPage(query.Limit, connection => VendorQueries.Run(connection, query), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(AccountId account, long from, int limit, CancellationToken cancellation) =>
        ReadPage(limit, connection => EntryQuery.Run(connection, account, from, limit), cancellation);

    /// <inheritdoc/>
    public Task<MerkleEdge> ReadEdgeAsync(AccountId account, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Read(connection => EntryQuery.Edge(connection, account)));
    }

    /// <inheritdoc/>
    public INoticeStore Notices => new SqliteNoticeStore(this);

    /// <inheritdoc/>
    public IConversations Conversations => new SqliteConversations(this);

    /// <inheritdoc/>
    public IAttachments Attachments => new SqliteAttachments(this);

    /// <summary>Waits for an open transaction, closes every file and gives the directory free. The store can't be used again.</summary>
    public async ValueTask DisposeAsync()
    {
        // Both SupportAccess and a container that made the store dispose of it.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _opening.WaitAsync();
        await _writing.WaitAsync();
        _open = false;
        while (_readers.TryTake(out var reader))
        {
            await reader.DisposeAsync();
        }

        _files.Dispose();
        _writer?.Dispose();
        _writer = null;
        _lock?.Dispose();
        _lock = null;
        _writing.Dispose();
        _opening.Dispose();
    }

    /// <summary>Reads ordinary tables.</summary>
    internal Task<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _open ? Task.FromResult(Read(query)) : throw NotOpenYet();
    }

    /// <summary>Writes ordinary tables, in a transaction of its own.</summary>
    internal async Task<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellation)
    {
        if (!_open)
        {
            throw NotOpenYet();
        }

        await using var transaction = (Transaction)await BeginAsync(spendReserve: false, cancellation);
        return transaction.Run(write);
    }

    /// <summary>The bytes of files. Nothing on the ledger waits for what is done here.</summary>
    internal FileDatabase Files => _open ? _files : throw NotOpenYet();

    /// <summary>Erases a content of an entry together with rows of ordinary tables.</summary>
    internal async Task EraseAsync(Func<SqliteConnection, (AccountId Account, long Seq, string Content)?> erase, CancellationToken cancellation)
    {
        await using var transaction = (Transaction)await BeginAsync(spendReserve: false, cancellation);
        transaction.Erase(erase);
    }

    private void OpenFiles()
    {
        var held = DirectoryLock.Take(_directory, _time);
        try
        {
            _writer = new Writer(OpenDatabase());
            _files.TakeOver(_writer.Connection);
            _lock = held;
        }
        catch
        {
            held.Dispose();
            throw;
        }

        try
        {
            _reserve.Restore();
        }
        catch (IOException)
        {
            // A start on a full disk: state can be read and ends may still fit, so this is no reason to stay closed.
        }
    }

    private SqliteConnection OpenDatabase()
    {
        try
        {
            return Database.OpenWriter(_path);
        }
        catch (SqliteException e) when (Failure.Of(e, _path).IsTransient && _reserve.Spend())
        {
            // SQLite needs a little room to open. On a full disk no end could be recorded without it, so this is the reserve's to give.
            return Database.OpenWriter(_path);
        }
    }

    private Transaction Begin(bool spendReserve)
    {
        var writer = OpenWriter();
        if (spendReserve)
        {
            _reserve.Spend();

            // Each time: the log would eat the freed room before the database could grow into it.
            writer.TryCheckpoint();
        }
        else if (!_reserve.IsKept)
        {
            throw new LedgerStoreException(
                $"The reserve of disk in {_directory} was spent on ends and is not restored yet. Make at least {Reserve.Size >> 20} MiB of room.", isTransient: true);
        }

        try
        {
            return new Transaction(this, writer, writer.Begin());
        }
        catch
        {
            RollBack(writer);
            throw;
        }
    }

    private Writer OpenWriter() =>
        _open ? _writer ??= new Writer(Database.OpenWriter(_path)) : throw new InvalidOperationException("The store is not open; OpenAsync comes first.");

    private LedgerStoreException NotOpenYet() => new($"The store in {_directory} is not open yet.", isTransient: true);

    private void RollBack(Writer writer)
    {
        try
        {
            writer.RollBack();
        }
        catch (SqliteException)
        {
            // A connection that can't go back is of no more use; closing it drops what it had open, and the next transaction opens another.
            writer.Dispose();
            _writer = null;
        }
    }

    private Task<IReadOnlyList<T>> ReadPage<T>(int limit, Func<SqliteConnection, IReadOnlyList<T>> query, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, IHistory.MaxPage);
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Read(query));
    }

    private T Read<T>(Func<SqliteConnection, T> query)
    {
        if (!_open)
        {
            throw new InvalidOperationException("The store is not open; OpenAsync comes first.");
        }

        return Guard(() =>
        {
            var connection = _readers.TryTake(out var idle) ? idle : Database.OpenReader(_path);
            var ok = false;
            try
            {
                // One transaction, so that all statements of a query see the same state.
                using var transaction = connection.BeginTransaction(deferred: true);
                var result = query(connection);
                ok = true;
                return result;
            }
            finally
            {
                if (ok && _open && _readers.Count < IdleReaders)
                {
                    _readers.Add(connection);
                }
                else
                {
                    connection.Dispose();
                }
            }
        });
    }

    private void Guard(Action action) => Guard(() =>
    {
        action();
        return true;
    });

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException e) when (!Failure.IsOfWhatWasGiven(e))
        {
            throw Failure.Of(e, _path);
        }
        catch (IOException e)
        {
            throw Failure.Of(e, _directory);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Failure.Of(e, _directory);
        }
    }
}
