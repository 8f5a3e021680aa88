using System.Globalization;
using Latchkey.Ledger;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Latchkey.Sqlite;

/// <summary>The one connection that writes, with its statements. Used by one transaction at a time.</summary>
internal sealed class Writer : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Projector _projector;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollBack;
    private readonly Statement _position;
    private readonly Statement _insertEntry;
    private readonly Statement _findEntry;
    private readonly Statement _readBytes;
    private readonly Statement _readContents;
    private readonly Statement _writeContents;
    private readonly Statement _readEdge;
    private readonly Statement _writeEdge;
    private readonly Statement _keepCredential;
    private readonly Statement _spendCredential;
    private readonly Statement _forgetCredentials;
    private readonly Statement _writeName;

    /// <summary>Takes over an open connection.</summary>
    public Writer(SqliteConnection connection)
    {
        _connection = connection;
        _projector = new Projector(connection);
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _rollBack = new(connection, "ROLLBACK");
        _position = new(connection, "SELECT max(position) FROM entry");
        _insertEntry = new(
            connection, "INSERT INTO entry (position, account, seq, time, kind, bytes, leaf, contents) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _findEntry = new(connection, "SELECT position FROM entry WHERE account = ?1 AND seq = ?2");
        _readBytes = new(connection, "SELECT bytes FROM entry WHERE position = ?1");
        _readContents = new(connection, "SELECT contents FROM entry WHERE position = ?1");
        _writeContents = new(connection, "UPDATE entry SET contents = ?2 WHERE position = ?1");
        _readEdge = new(connection, "SELECT edge FROM tree WHERE account = ?1");
        _writeEdge = new(connection, "INSERT INTO tree (account, edge) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET edge = excluded.edge");
        _keepCredential = new(
            connection, "INSERT INTO credential (key, kind, session, app, agent, sign_in, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _spendCredential = new(connection, "DELETE FROM credential WHERE key = ?1");
        _forgetCredentials = new(connection, "DELETE FROM credential WHERE expires < ?1");
        _writeName = new(
            connection,
            """
            INSERT INTO app_name (app, account, slug, title, account_title) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (app) DO UPDATE SET account = excluded.account, slug = excluded.slug, title = excluded.title, account_title = excluded.account_title
            """);
    }

    /// <summary>For statements of an open transaction that run now and then.</summary>
    public SqliteConnection Connection => _connection;

    /// <summary>Begins a transaction that holds off every other writer. Answers the newest position; -1 where there is none.</summary>
    public long Begin()
    {
        _begin.Run();
        return _position.Value() is long position ? position : -1;
    }

    public MerkleEdge ReadEdge(AccountId account) =>
        _readEdge.Value(account.Value) is byte[] edge ? MerkleEdge.Parse(edge) : new MerkleEdge();

    public void Commit() => _commit.Run();

    /// <summary>Gives up the open transaction, if one is open: some errors end it by themselves.</summary>
    public void RollBack()
    {
        _projector.Forget();
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _rollBack.Run();
        }
    }

    /// <summary>Copies the log back into the database as far as there is room, so that the log's own room can be used again.</summary>
    public void TryCheckpoint()
    {
        try
        {
            _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
            // No room for that: the log may still have some of its own, and the next commit tells.
        }
    }

    /// <summary>Writes a page and makes it durable, changing nothing.</summary>
    public void Touch()
    {
        _begin.Run();
        try
        {
            _connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Migrations.Newest}"));
            _commit.Run();
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Writes all of it into the open transaction.</summary>
    /// <param name="writes">What to write.</param>
    /// <param name="position">The newest position before it.</param>
    /// <exception cref="LedgerStoreException">A position or seq is not the next one, or a tree does not fit its entries.</exception>
    public void Write(LedgerWrites writes, long position)
    {
        WriteEntries(writes, position);
        foreach (var (account, edge) in writes.Edges)
        {
            _writeEdge.Run(account.Value, edge.ToBytes());
        }

        foreach (var (app, (account, name)) in writes.Names)
        {
            _writeName.Run(app.Value, account.Value, name.Slug, name.Title, name.AccountTitle);
        }

        WriteCredentials(writes);
        if (writes.ClockHold is { } hold)
        {
            _connection.Execute("DELETE FROM clock_hold");
            if (hold.Since is { } since)
            {
                _connection.Run("INSERT INTO clock_hold (since) VALUES ($since)", ("$since", since.UtcTicks));
            }
        }
    }

    /// <summary>Erases one content of an entry, in the open transaction: its text and its salt.</summary>
    public void Erase(AccountId account, long seq, string content)
    {
        if (_findEntry.Value(account.Value, seq) is not long position || _readBytes.Value(position) is not byte[] bytes || _readContents.Value(position) is not byte[] packed)
        {
            return;
        }

        var entry = ToldEntry.Read(bytes, packed);
        var place = entry.Fact?.Contents.ToList().FindIndex(c => c.Id == content) ?? -1;
        if (place >= 0)
        {
            _projector.Conversations.Erase(position, account, entry, content);
            _writeContents.Run(position, PackedContents.Without(packed, place));
        }
    }

    /// <summary>Makes the read tables anew from all entries, in the open transaction.</summary>
    public void Rebuild()
    {
        _projector.Clear();
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT position, bytes FROM entry ORDER BY position";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var position = reader.GetInt64(0);
            try
            {
                var entry = LedgerEntry.Parse(reader.GetFieldValue<byte[]>(1));
                _projector.Project(position, new AccountId(entry.Account), entry.Seq, entry.Time, Fact.Read(entry.Kind, entry.Fields));
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw new LedgerStoreException(
                    string.Create(CultureInfo.InvariantCulture, $"The entry at position {position} can't be read: {e.Message}"), isTransient: false, e);
            }
        }

        _projector.Finish();
        _projector.Conversations.IndexAgain();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)
            [_begin, _commit, _rollBack, _position, _insertEntry, _findEntry, _readBytes, _readContents, _writeContents, _readEdge, _writeEdge, _keepCredential, _spendCredential, _forgetCredentials, _writeName])
        {
            statement.Dispose();
        }

        _projector.Dispose();
        _connection.Dispose();
    }

    private void WriteEntries(LedgerWrites writes, long position)
    {
        var sizes = new Dictionary<AccountId, long>(writes.Edges.Count);
        foreach (var entry in writes.Entries)
        {
            if (!sizes.TryGetValue(entry.Account, out var next))
            {
                next = ReadEdge(entry.Account).Size;
            }

            if (entry.Position != ++position || entry.Seq != next)
            {
                throw new LedgerStoreException(
                    string.Create(CultureInfo.InvariantCulture, $"An entry of {entry.Account} came with position {entry.Position} and seq {entry.Seq}; the next ones are {position} and {next}."),
                    isTransient: false);
            }

            sizes[entry.Account] = next + 1;
            Write(entry);
        }

        _projector.Finish();

        foreach (var (account, size) in sizes)
        {
            if (!writes.Edges.TryGetValue(account, out var edge) || edge.Size != size)
            {
                throw new LedgerStoreException($"The tree that came with new entries of {account} is not the tree after them.", isTransient: false);
            }
        }
    }

    private void Write(RecordedEntry entry)
    {
        _insertEntry.Run(
            entry.Position, entry.Account.Value, entry.Seq, entry.Time.ToUnixTimeMilliseconds(), entry.Fact.Kind, entry.Bytes, entry.Leaf.ToArray(),
            PackedContents.Pack(entry.Fact));
        _projector.Project(entry.Position, entry.Account, entry.Seq, entry.Time, entry.Fact);
    }

    private void WriteCredentials(LedgerWrites writes)
    {
        foreach (var c in writes.NewCredentials)
        {
            _keepCredential.Run(c.Key.ToArray(), c.Kind.ToString(), c.Session.Value, c.App.Value, c.Agent.Value, c.SignIn, c.Expires.UtcTicks);
        }

        foreach (var key in writes.SpentCredentials)
        {
            _spendCredential.Run(key.ToArray());
        }

        // Past its time and a day more, nobody is told anything by it.
        if (writes.NewCredentials.Count > 0 && writes.Entries is [.., var newest])
        {
            _forgetCredentials.Run((newest.Time - Decider.EndedIsTold).UtcTicks);
        }
    }
}
