using System.Threading.Channels;

namespace Latchkey;

/// <summary>
/// The commands that wait to be written, taken a batch at a time under one lock. Ends overtake everything and never wait for room:
/// a crowd of acts can't keep one waiting.
/// </summary>
internal sealed class CommandQueue : IDisposable
{
    /// <summary>How many commands may wait beside ends; further callers wait for room.</summary>
    public const int Length = 4096;

    /// <summary>How many commands share one transaction.</summary>
    public const int BatchLength = 256;

    private readonly Lock _gate = new();
    private readonly Queue<Command> _commands = new();
    private readonly Queue<Command> _ends = new();
    private readonly SemaphoreSlim _room = new(Length);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private bool _closed;

    /// <exception cref="ObjectDisposedException">It takes no more.</exception>
    public async ValueTask AddAsync(Command command, CancellationToken cancellation)
    {
        if (!command.IsEnd)
        {
            await _room.WaitAsync(cancellation);
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            (command.IsEnd ? _ends : _commands).Enqueue(command);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Takes what waits, ends first, up to a batch.</summary>
    public void Take(List<Command> batch)
    {
        var ordinary = 0;
        lock (_gate)
        {
            while (batch.Count < BatchLength && _ends.TryDequeue(out var end))
            {
                batch.Add(end);
            }

            while (batch.Count < BatchLength && _commands.TryDequeue(out var command))
            {
                batch.Add(command);
                ordinary++;
            }
        }

        if (ordinary > 0)
        {
            _room.Release(ordinary);
        }
    }

    /// <summary>Waits until something was added since the last time.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await _wake.Reader.ReadAsync(cancellation);

    /// <summary>Takes no more from now on; what waits can still be taken. False where that was so already.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            return !_closed && (_closed = true);
        }
    }

    public void Dispose() => _room.Dispose();
}

/// <summary>Something to decide and write, with whoever waits for what comes of it. It may run several times, in one batch after another; the last counts.</summary>
internal abstract class Command(bool isEnd)
{
    public bool IsEnd { get; } = isEnd;

    /// <summary>Decides and appends. False where it throws: then its caller is told that, and what it appended must not be written.</summary>
    public abstract bool TryRun(Batch batch);

    public abstract void Complete(Saved saved);

    public abstract void Fail(Exception cause);
}

/// <inheritdoc cref="Command"/>
internal sealed class Command<T>(Func<Batch, T> run, bool isEnd) : Command(isEnd)
{
    private readonly TaskCompletionSource<(Saved, T?)> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _value;

    public Task<(Saved Saved, T? Value)> Completion => _completion.Task;

    public override bool TryRun(Batch batch)
    {
        try
        {
            _value = run(batch);
            return true;
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }
    }

    public override void Complete(Saved saved) => _completion.TrySetResult((saved, saved == Saved.No ? default : _value));

    public override void Fail(Exception cause) => _completion.TrySetException(cause);
}
