namespace Buildyard;

/// <summary>What can be seen of a build at one moment. Never changed once made: whoever holds one may compare it with a later one.</summary>
/// <param name="Length">Bytes of the log file that may be read.</param>
/// <param name="Steps">Every step of the plan; empty until the plan is known.</param>
/// <param name="IsComplete">Whether nothing will be added any more.</param>
public sealed record BuildView(long Length, IReadOnlyList<StepResult> Steps, bool IsComplete);

/// <summary>
/// Where a build is written while it runs, and watched: a log file that only grows, already redacted, and the state of the steps.
/// One writer (the engine), any number of readers: they read the file themselves up to <see cref="BuildView.Length"/>
/// and are told here when there is more.
/// </summary>
public sealed class BuildOutput : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private BuildView _view;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens the log at <paramref name="path"/>, after what is already in it.</summary>
    /// <exception cref="IOException">The file can't be made or is being written by another.</exception>
    public BuildOutput(string path)
    {
        Path = path;
        // Unbuffered: what a reader is told of is in the file.
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _view = new BuildView(_file.Length, [], IsComplete: false);
    }

    /// <summary>The log file.</summary>
    public string Path { get; }

    /// <summary>Why whoever aborts this build does so, in one sentence; set before the abort, said in the log's last line.</summary>
    public string? AbortReason { get; set; }

    /// <summary>What can be seen now.</summary>
    public BuildView View
    {
        get
        {
            lock (_gate) return _view;
        }
    }

    /// <summary>What can be seen as soon as it differs from <paramref name="seen"/>; at once when it already does, or when nothing more will come.</summary>
    public async ValueTask<BuildView> NextAsync(BuildView seen, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_view.IsComplete || !ReferenceEquals(_view, seen)) return _view;
                next = _next.Task;
            }
            await next.WaitAsync(cancellation);
        }
    }

    /// <summary>Adds bytes to the log. They are in the file when this returns.</summary>
    /// <exception cref="IOException">The disk takes nothing.</exception>
    public void Append(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return;
        _file.Write(text);
        var added = text.Length;
        Change(view => view with { Length = view.Length + added });
    }

    /// <summary>Replaces what is known of the steps.</summary>
    public void Report(IReadOnlyList<StepResult> steps) => Change(view => view with { Steps = steps });

    /// <summary>Ends the log: readers that have all of it stop waiting. Calling it again changes nothing.</summary>
    public void Complete() => Change(view => view with { IsComplete = true });

    /// <summary>Completes and closes the file.</summary>
    public void Dispose()
    {
        Complete();
        _file.Dispose();
    }

    private void Change(Func<BuildView, BuildView> change)
    {
        TaskCompletionSource reached;
        lock (_gate)
        {
            if (_view.IsComplete) return;
            _view = change(_view);
            reached = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        reached.SetResult();
    }
}
