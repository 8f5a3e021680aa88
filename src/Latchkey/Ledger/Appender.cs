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
/// publishes the new pictures, then answers the callers. A transaction that fails leaves no trace of any command. Where the store is what
/// is broken, support is out, and ends are tried once more with the store's reserve and hold in memory even if that fails too. Where it
/// is not, a command is: it is found, it fails for its own caller, and the others are written.
/// <para>Whatever a command, a fold, the store or a listener throws, and when: this goes on, every caller is answered, and memory says what the
/// store says.</para>
/// </summary>
internal sealed partial class Appender : IAsyncDisposable
{
    /// <summary>A position that no store has: the pictures may be behind it, and are read anew before anything is decided.</summary>
    private const long Unknown = -2;

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
    private volatile bool _holdsEnds;
    private volatile string? _fault;

    public Appender(ILedgerStore store, AccessIndex index, LedgerClock clock, Catalogue catalogue, ILogger logger)
    {
        _store = store;
        _index = index;
        _clock = clock;
        _catalogue = catalogue;
        _logger = logger;
    }

    /// <summary>Raised after facts hold, before their callers are answered. Must not block. A listener that throws hears <see cref="Loaded"/>.</summary>
    public event Action<Batch>? Published;

    /// <summary>Raised after all pictures were read from the store, or a listener missed what was published: anything may have changed. Must not block.</summary>
    public event Action? Loaded;

    /// <summary>Why the ledger can't be written; null while it can.</summary>
    public string? Fault => _fault;

    /// <summary>
    /// Whether the store knows all that holds here: every end, and whether the clock is held, so that a restart is no way to get a clock accepted.
    /// </summary>
    public bool IsSaved => _keepsHold == _clock.IsHeld && !_holdsEnds;

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
            PutOut(e, 0);
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
        catch (Exception)
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
        Tell(() => Loaded?.Invoke());
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
}
