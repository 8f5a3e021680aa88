using Microsoft.Extensions.Logging;

namespace Latchkey;

/// <summary>What became of a command.</summary>
internal enum Saved
{
    /// <summary>It ran, and what it wrote is durable.</summary>
    Yes,

    /// <summary>The ledger can't be written. Nothing happened.</summary>
    No,

    /// <summary>An end: it holds from now on in this process, but is not durable yet. It is written before anything else is.</summary>
    EndedNotSaved,
}

/// <summary>
/// The one way to write. Takes the commands that wait, opens one transaction, runs them in turn, makes all of it durable,
/// publishes the new pictures, then answers the callers. A transaction that fails leaves no trace of any command, except that
/// ends are tried once more with the store's reserve, and hold in memory even if that fails too.
/// </summary>
internal sealed partial class Appender : IAsyncDisposable
{
    private readonly CommandQueue _queue = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Recordable> _unsavedEnds = [];

    // Ends asked for before the store could be opened: what they end is not known yet.
    private readonly List<Command> _unknownEnds = [];
    private readonly ILedgerStore _store;
    private readonly AccessIndex _index;
    private readonly LedgerClock _clock;
    private readonly Catalogue _catalogue;
    private readonly ILogger _logger;
    private Task? _loop;
    private bool _opened;
    private long _position = -1;
    private DateTimeOffset? _keptHold;
    private volatile bool _keepsHold;
    private volatile string? _fault;

    public Appender(ILedgerStore store, AccessIndex index, LedgerClock clock, Catalogue catalogue, ILogger logger)
    {
        _store = store;
        _index = index;
        _clock = clock;
        _catalogue = catalogue;
        _logger = logger;
    }

    /// <summary>Raised after facts hold, before their callers are answered. Must not block or throw.</summary>
    public event Action<Batch>? Published;

    /// <summary>Raised after all pictures were read from the store. Must not block or throw.</summary>
    public event Action? Loaded;

    /// <summary>Why the ledger can't be written; null while it can.</summary>
    public string? Fault => _fault;

    /// <summary>Whether the store knows if the clock is held, so that a restart is no way to get a clock accepted.</summary>
    public bool HoldIsKept => _keepsHold == _clock.IsHeld;

    /// <summary>
    /// Opens the store and starts. A store that can't be opened now but may be later leaves support out until it can.
    /// </summary>
    /// <exception cref="LedgerStoreException">It can't be opened, and won't be without somebody changing the set-up.</exception>
    public async Task StartAsync()
    {
        try
        {
            await OpenAsync();
        }
        catch (LedgerStoreException e) when (e.IsTransient)
        {
            _fault = e.Message;
            LogNotWritten(e, 0);
        }

        _loop = Task.Run(RunAsync);
    }

    public async Task<(Saved Saved, T? Value)> AppendAsync<T>(Func<Batch, T> command, bool isEnd = false, CancellationToken cancellation = default)
    {
        var waiting = new Command<T>(command, isEnd);
        await _queue.AddAsync(waiting, cancellation);
        return await waiting.Completion;
    }

    /// <summary>Tries whether the ledger can be written again.</summary>
    public async Task ProbeAsync()
    {
        try
        {
            if (!_opened)
            {
                await AppendAsync(_ => true, isEnd: false, _stopping.Token);
                if (!_opened)
                {
                    return;
                }
            }

            await _store.CheckWritableAsync(_stopping.Token);
            var (saved, _) = await AppendAsync(_ => true, isEnd: true, _stopping.Token);
            if (saved == Saved.Yes)
            {
                _fault = null;
            }
        }
        catch (Exception e) when (e is LedgerStoreException or OperationCanceledException or ObjectDisposedException)
        {
            // Still down; the next probe tells.
        }
    }

    private async Task OpenAsync()
    {
        var now = _clock.Provider.GetUtcNow();
        var state = await _store.OpenAsync(now - Decider.EndedIsTold, CancellationToken.None);
        if (state.ClockHeldSince is { } vouched && vouched < now)
        {
            // By a clock that jumped ahead, what ended lately would seem long ago.
            state = await _store.OpenAsync(vouched - Decider.EndedIsTold, CancellationToken.None);
        }

        _index.Load(state, _catalogue);
        _position = state.Position;
        if (state.NewestTime is { } newest)
        {
            _clock.Recorded(newest);
        }

        Kept(state.ClockHeldSince);
        if (!_opened && state.ClockHeldSince is { } since)
        {
            _clock.Hold(since);
        }

        _opened = true;
        Loaded?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_queue.Close())
        {
            return;
        }

        await _stopping.CancelAsync();
        if (_loop is not null)
        {
            await _loop;
        }

        _stopping.Dispose();
        _queue.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Command>(CommandQueue.BatchLength);
        while (!_stopping.IsCancellationRequested)
        {
            _queue.Take(batch);
            if (batch.Count > 0)
            {
                await CommitAsync(batch);
                batch.Clear();
                continue;
            }

            try
            {
                await _queue.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        for (_queue.Take(batch); batch.Count > 0; _queue.Take(batch))
        {
            batch.ForEach(c => c.Complete(Saved.No));
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<Command> commands)
    {
        if (await TryCommitAsync(commands, spendReserve: false))
        {
            return;
        }

        var ends = commands.FindAll(c => c.IsEnd);
        if (ends.Count > 0 && !await TryCommitAsync(ends, spendReserve: true))
        {
            HoldInMemory(ends);
        }

        foreach (var command in commands)
        {
            if (!command.IsEnd)
            {
                command.Complete(Saved.No);
            }
        }
    }

    private async Task<bool> TryCommitAsync(List<Command> commands, bool spendReserve)
    {
        try
        {
            if (!_opened)
            {
                await OpenAsync();
            }

            await using var transaction = await _store.BeginAsync(spendReserve, CancellationToken.None);
            if (transaction.Position != _position)
            {
                // A commit that failed became durable all the same: what it wrote holds.
                await OpenAsync();
                _unsavedEnds.RemoveAll(end => !Ends(end.Fact));
            }

            var (now, trusted) = _clock.ReadForBatch();
            var batch = new Batch(_index, _catalogue, now, trusted);
            foreach (var end in _unsavedEnds)
            {
                batch.Append(end.Account, end.Fact);
            }

            foreach (var command in _unknownEnds.Concat(commands))
            {
                command.Run(batch);
            }

            KeepHold(batch);
            await batch.SealAsync(transaction, CancellationToken.None);
            if (!batch.Writes.IsEmpty)
            {
                await transaction.CommitAsync(batch.Writes, CancellationToken.None);
            }

            Publish(batch);
            _unsavedEnds.Clear();
            _unknownEnds.Clear();
            if (!spendReserve && !batch.Writes.IsEmpty)
            {
                _fault = null;
            }
        }
        catch (Exception e)
        {
            // Whatever broke, the answer is the same: nothing of this batch happened, and support is out until a write succeeds.
            _fault = e is LedgerStoreException ? e.Message : "The ledger can't be written.";
            LogNotWritten(e, commands.Count);
            return false;
        }

        commands.ForEach(c => c.Complete(Saved.Yes));
        return true;
    }

    private void Publish(Batch batch)
    {
        var writes = batch.Writes;
        if (writes.Entries.Count > 0)
        {
            _position = writes.Entries[^1].Position;
            _clock.Recorded(batch.Time);
        }

        if (writes.ClockHold is { } hold)
        {
            Kept(hold.Since);
        }

        if (_clock.IsHeld && AcceptsTheClock(batch))
        {
            _clock.Accept();
        }

        PublishPictures(batch);
    }

    private void KeepHold(Batch batch)
    {
        var hold = _clock.HeldSince is { } since && !AcceptsTheClock(batch) ? since : (DateTimeOffset?)null;
        if (hold != _keptHold)
        {
            batch.Writes.KeepClockHold(hold);
        }
    }

    private void Kept(DateTimeOffset? hold) => (_keptHold, _keepsHold) = (hold, hold is not null);

    private static bool AcceptsTheClock(Batch batch) => batch.Facts.Any(f => f.Fact is ClockAccepted);

    private void PublishPictures(Batch batch)
    {
        foreach (var view in batch.Views.Values)
        {
            _index.Publish(view);
        }

        foreach (var account in batch.Accounts.Values)
        {
            _index.Publish(account);
        }

        _index.Publish(batch.Vendor);
        foreach (var credential in batch.Writes.NewCredentials)
        {
            _index.Add(credential);
        }

        foreach (var key in batch.Writes.SpentCredentials)
        {
            _index.Remove(key);
        }

        if (batch.Facts.Count > 0)
        {
            Published?.Invoke(batch);
        }
    }

    /// <summary>Whether there is, in the pictures as they are, what this would end.</summary>
    private bool Ends(Fact fact) => fact switch
    {
        GrantEnded { App: { } app } f => _index.Find(app)?.Grants.Any(g => g.Id == f.Grant) == true,
        GrantEnded f => _index.Accounts.Any(a => a.Grants.Any(g => g.Id == f.Grant)),
        GrantUncovers f => _index.Find(f.App)?.Grants.Any(g => g.Id == f.Grant) == true,
        RequestEnded f => _index.Accounts.Any(a => a.Find(f.Request)?.State == RequestState.Pending),
        SessionClosed f => _index.Find(f.App)?.Sessions.Any(s => s.Id == f.Session) == true,
        _ => true,
    };

    /// <summary>The ends can't be saved: they hold here all the same, and come first in the next transaction.</summary>
    private void HoldInMemory(List<Command> ends)
    {
        if (!_opened)
        {
            // Support is out until the store opens, and these run before anything else then.
            ends.ForEach(end => end.Run(new Batch(_index, _catalogue, _clock.ReadForBatch().Now, clockTrusted: false)));
            _unknownEnds.AddRange(ends);
            ends.ForEach(end => end.Complete(Saved.EndedNotSaved));
            return;
        }

        var (now, trusted) = _clock.ReadForBatch();
        var batch = new Batch(_index, _catalogue, now, trusted);
        foreach (var end in ends)
        {
            end.Run(batch);
        }

        PublishPictures(batch);
        _unsavedEnds.AddRange(batch.Facts);
        var outcome = batch.Facts.Count > 0 || _unsavedEnds.Count > 0 ? Saved.EndedNotSaved : Saved.Yes;
        ends.ForEach(c => c.Complete(outcome));
    }

    [LoggerMessage(1001, LogLevel.Error, "The ledger could not be written; {Commands} commands were refused and support is out until it can be.")]
    private partial void LogNotWritten(Exception exception, int commands);
}
