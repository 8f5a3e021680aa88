using Microsoft.Extensions.Logging;

namespace Latchkey;

/// <content>What becomes of a batch, whatever is thrown while it is written.</content>
internal sealed partial class Appender
{
    /// <summary>Answers every command.</summary>
    private async Task CommitAsync(List<Command> commands)
    {
        try
        {
            await WriteAsync([.. commands]);
        }
        catch (Exception e)
        {
            _position = Unknown;
            PutOut(e, commands.Count);
            commands.ForEach(c => c.Complete(Saved.No));
        }
    }

    private async Task WriteAsync(List<Command> commands)
    {
        if (await TryWriteAsync(commands, spendReserve: false) is not { } failure)
        {
            return;
        }

        if (failure.IsOfStore)
        {
            PutOut(failure.Cause, commands.Count);
            await EndWithoutStoreAsync(commands.FindAll(c => c.IsEnd));
            commands.FindAll(c => !c.IsEnd).ForEach(c => c.Complete(Saved.No));
        }
        else if (commands.Count > 1)
        {
            // One of them can't be written. The others can.
            var half = commands.Count / 2;
            await WriteAsync(commands[..half]);
            await WriteAsync(commands[half..]);
        }
        else if (commands is [{ IsEnd: true } end])
        {
            Report(() => LogEndNotWritten(failure.Cause));
            HoldInMemory(end);
        }
        else if (commands is [var bad])
        {
            bad.Fail(failure.Cause);
        }
    }

    private async Task EndWithoutStoreAsync(List<Command> ends)
    {
        if (ends.Count > 0 && await TryWriteAsync(ends, spendReserve: true) is not null)
        {
            ends.ForEach(HoldInMemory);
        }
    }

    /// <summary>
    /// Writes the ends that wait to be saved, then these commands, and answers those. What it says failed has left no trace and is not answered,
    /// but for commands that threw: they are answered, and gone from the list.
    /// </summary>
    private async Task<WriteFailure?> TryWriteAsync(List<Command> commands, bool spendReserve)
    {
        if (_unsavedEnds.Count > 0 || _unknownEnds.Count > 0)
        {
            var failure = await TransactAsync(() => Decide(_unknownEnds, _unsavedEnds), spendReserve);
            if (failure is { IsOfStore: true })
            {
                return failure;
            }

            if (failure is null)
            {
                _unsavedEnds.Clear();
                _unknownEnds.Clear();
                _holdsEnds = false;
            }

            // Else they hold here all the same, keep nobody else from being written, and come first the next time too.
        }

        var failed = await TransactAsync(() => Decide(commands, []), spendReserve);
        if (failed is null)
        {
            commands.ForEach(c => c.Complete(Saved.Yes));
        }

        return failed;
    }

    /// <summary>One transaction: from the state as it is to the pictures of what was written.</summary>
    private async Task<WriteFailure?> TransactAsync(Func<Batch> decide, bool spendReserve)
    {
        Batch? batch = null;
        var isDurable = false;
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

            batch = decide();
            KeepHold(batch);
            await batch.SealAsync(transaction, CancellationToken.None);
            if (!batch.Writes.IsEmpty)
            {
                await transaction.CommitAsync(batch.Writes, CancellationToken.None);
            }

            isDurable = true;
        }
        catch (Exception e) when (!isDurable)
        {
            if (batch is null || e is LedgerStoreException || await FindWrittenAsync(batch) is not { } written)
            {
                return new(e, IsOfStore: true);
            }

            if (!written)
            {
                return new(e, IsOfStore: false);
            }
        }
        catch (Exception e)
        {
            // Only letting go of the transaction failed.
            Report(() => LogNotTold(e));
        }

        await PublishAsync(batch!);
        if (!spendReserve && !batch!.Writes.IsEmpty)
        {
            _fault = null;
        }

        return null;
    }

    /// <summary>Whether a store that threw has written a batch all the same; null where it can't be written or can't tell.</summary>
    private async Task<bool?> FindWrittenAsync(Batch batch)
    {
        try
        {
            await _store.CheckWritableAsync(CancellationToken.None);
            await using var transaction = await _store.BeginAsync(spendReserve: false, CancellationToken.None);
            return batch.Writes.Entries is [.., var last] && transaction.Position == last.Position;
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Takes these facts, then runs the commands in turn. One that throws is its caller's error: the others are decided without it.</summary>
    private Batch Decide(List<Command> commands, IReadOnlyList<Recordable> facts)
    {
        while (true)
        {
            var batch = NewBatch();
            foreach (var recordable in facts)
            {
                batch.Append(recordable.Account, recordable.Fact);
            }

            if (commands.Find(command => !command.TryRun(batch)) is not { } bad)
            {
                return batch;
            }

            commands.Remove(bad);
        }
    }

    private Batch NewBatch()
    {
        var (now, trusted) = _clock.ReadForBatch();
        return new Batch(_index, _catalogue, now, trusted);
    }

    /// <summary>What is durable holds here too, and those who listen are told.</summary>
    private async Task PublishAsync(Batch batch)
    {
        try
        {
            Publish(batch);
        }
        catch (Exception e)
        {
            Report(() => LogNotTold(e));
            await LoadAgainAsync();
            return;
        }

        TellPublished(batch);
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

        _index.Publish(batch);
    }

    private async Task LoadAgainAsync()
    {
        try
        {
            await OpenAsync();
        }
        catch (Exception e)
        {
            _position = Unknown;
            PutOut(e, 0);
        }
    }

    private void TellPublished(Batch batch)
    {
        if (batch.Facts.Count > 0 && !Tell(() => Published?.Invoke(batch)))
        {
            Tell(() => Loaded?.Invoke());
        }
    }

    private bool Tell(Action listeners)
    {
        try
        {
            listeners();
            return true;
        }
        catch (Exception e)
        {
            Report(() => LogNotTold(e));
            return false;
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

    /// <summary>An end that can't be saved: it holds here all the same, and comes first in the next transaction.</summary>
    private void HoldInMemory(Command end)
    {
        Batch batch;
        try
        {
            batch = NewBatch();
            if (!end.TryRun(batch))
            {
                return;
            }

            if (_opened)
            {
                _unsavedEnds.AddRange(batch.Facts);
                _index.Publish(batch);
            }
            else
            {
                // Support is out until the store opens, and this runs before anything else then.
                _unknownEnds.Add(end);
            }
        }
        catch (Exception e)
        {
            end.Fail(e);
            return;
        }

        TellPublished(batch);
        _holdsEnds = _unsavedEnds.Count > 0 || _unknownEnds.Count > 0;
        end.Complete(_holdsEnds ? Saved.EndedNotSaved : Saved.Yes);
    }

    private void PutOut(Exception cause, int commands)
    {
        _fault = cause is LedgerStoreException ? cause.Message : "The ledger can't be written.";
        Report(() => LogNotWritten(cause, commands));
    }

    // A log that throws is one more thing that can't stop the writer.
    private static void Report(Action log)
    {
        try
        {
            log();
        }
        catch (Exception)
        {
            // There is nowhere left to say it.
        }
    }

    [LoggerMessage(1001, LogLevel.Error, "The ledger could not be written; {Commands} commands were refused and support is out until it can be.")]
    private partial void LogNotWritten(Exception exception, int commands);

    [LoggerMessage(1002, LogLevel.Error, "An end could not be written although the ledger can be. It holds in this process and is tried again with every write.")]
    private partial void LogEndNotWritten(Exception exception);

    [LoggerMessage(1003, LogLevel.Error, "What was written holds, but a listener could not be told of it. All of them look at everything anew.")]
    private partial void LogNotTold(Exception exception);

    /// <summary>Why a batch was not written.</summary>
    /// <param name="Cause">What was thrown.</param>
    /// <param name="IsOfStore">Whether the store is what is broken; else a command is.</param>
    private sealed record WriteFailure(Exception Cause, bool IsOfStore);
}
