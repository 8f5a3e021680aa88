using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Latchkey.AspNetCore;

/// <summary>Something that a stream says.</summary>
/// <param name="Name">What kind of event it is; null for a word that the stream still stands.</param>
/// <param name="Number">Which item of the feed it tells, or followed.</param>
/// <param name="Data">What goes with it, as JSON.</param>
internal readonly record struct StreamEvent(string? Name, long Number, string Data = "{}");

/// <summary>
/// What one stream has still to say. Whoever reads too slowly misses the oldest of it, and hears <c>refresh</c> before the next.
/// Any number may tell, one reads.
/// </summary>
internal sealed class EventReader
{
    private const int MostWaiting = 256;
    private readonly Channel<StreamEvent> _waiting;
    private volatile bool _isCut;
    private int _missed;

    public EventReader(AccessContext caller)
    {
        Caller = caller;
        _waiting = Channel.CreateBounded<StreamEvent>(
            new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Exchange(ref _missed, 1));
    }

    /// <summary>Whose stream it is.</summary>
    public AccessContext Caller { get; }

    public void Tell(StreamEvent said) => _waiting.Writer.TryWrite(said);

    /// <summary>Says one thing more, and ends.</summary>
    public void End(StreamEvent last)
    {
        Tell(last);
        _waiting.Writer.TryComplete();
    }

    /// <summary>Ends, and says nothing more, not even what waits; unless it has its last word already.</summary>
    public void Cut() => _isCut = _waiting.Writer.TryComplete() || _isCut;

    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var said in _waiting.Reader.ReadAllAsync(cancellation))
        {
            if (_isCut)
            {
                yield break;
            }

            if (Interlocked.Exchange(ref _missed, 0) == 1)
            {
                yield return new("refresh", said.Number);
            }

            yield return said;
        }
    }
}
