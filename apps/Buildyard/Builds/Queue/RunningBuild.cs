namespace Buildyard;

/// <summary>A build that has a place: how it is stopped, and when it is done.</summary>
internal sealed class RunningBuild(string id, string appId, int number, string accountId) : IDisposable
{
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private (BuildState State, string Reason)? _aborted;
    private (string Title, long? Start)[] _before = [];
    private BuildOutput? _output;

    public string Id => id;
    public string AppId => appId;
    public int Number => number;
    public string AccountId => accountId;

    /// <summary>What can be read of its log now; null while there is none.</summary>
    public LogMap? Log
    {
        get
        {
            lock (_gate)
            {
                return _output?.View is { } view ? new LogMap([.. _before, .. view.Steps.Select(s => (s.Title, s.LogStart))], view.Length) : null;
            }
        }
    }

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
            if (_aborted is not null || _done.Task.IsCompleted) return;
            _aborted = (state, reason);
            // What listens kills processes: not on the time of whoever asked.
            _ = _abort.CancelAsync();
        }
    }

    /// <summary>What is written now; the steps of the output before stay seen.</summary>
    public void Write(BuildOutput output)
    {
        lock (_gate)
        {
            if (_output is not null) _before = [.. _before, .. _output.View.Steps.Select(s => (s.Title, s.LogStart))];
            _output = output;
        }
    }

    /// <summary>Nothing of it runs any more, and its end is saved.</summary>
    public void Finish()
    {
        lock (_gate) _done.TrySetResult();
    }

    public void Dispose() => _abort.Dispose();
}
