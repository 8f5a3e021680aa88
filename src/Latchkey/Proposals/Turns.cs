namespace Latchkey;

/// <summary>
/// Lets one at a time act in a conversation where the host has to act too, in this process: of two who answer at once, the second one
/// sees what the first one did. Conversations share a few turns, so that nothing has to be forgotten.
/// </summary>
internal sealed class Turns : IDisposable
{
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<Turn> TakeAsync(ConversationId conversation, CancellationToken cancellation)
    {
        var turn = _turns[(uint)StringComparer.Ordinal.GetHashCode(conversation.Value) % _turns.Length];
        await turn.WaitAsync(cancellation);
        return new Turn(turn);
    }

    public void Dispose()
    {
        foreach (var turn in _turns)
        {
            turn.Dispose();
        }
    }

    /// <summary>A turn, until it is disposed.</summary>
    internal readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
