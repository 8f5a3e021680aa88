namespace Buildyard;

/// <summary>A build that has a place: how it is stopped, and when it is done.</summary>
internal sealed class RunningBuild(string id, string appId, int number, string accountId)
{
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private (BuildState State, string Reason)? _aborted;

    public string Id => id;
    public string AppId => appId;
    public int Number => number;
    public string AccountId => accountId;

    /// <summary>Cancelled when it is to stop.</summary>
    public CancellationToken Stopping => _abort.Token;

    /// <summary>Completes when nothing of it runs any more and its end is saved.</summary>
    public Task Done => _done.Task;

    /// <summary>As what and why it was stopped; null while nobody did.</summary>
    public (BuildState State, string Reason)? Aborted
    {
        get
        {
            lock (_gate) return _aborted;
        }
    }

    /// <summary>Stops it. The first reason counts.</summary>
    public void Abort(BuildState state, string reason)
    {
        lock (_gate)
        {
            if (_aborted is not null) return;
            _aborted = (state, reason);
        }
        // What listens kills processes: not on the time of whoever asked.
        _ = Task.Run(_abort.Cancel);
    }

    public void Finish() => _done.TrySetResult();
}
