namespace Buildyard;

/// <summary>
/// A sandbox made ready before it is asked for: it stands, with its fence and its network, and waits for a build's first command.
/// Nothing has run in it. It serves one build, and only one that asks for exactly what it was made for.
/// </summary>
internal sealed class SpareSandbox(LaunchThread launcher, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private Task<SandboxProcess?>? _spare;

    /// <summary>The spare, if it is as asked for; a new one otherwise.</summary>
    /// <exception cref="SandboxGoneException">It can't be made; the message says why.</exception>
    public async Task<SandboxProcess> TakeAsync(SandboxPlan plan, CancellationToken cancellation)
    {
        if (await HandOverAsync() is { } spare)
        {
            if (plan.IsServedBy(spare.Plan) && !spare.HasEnded) return spare;
            await EndAsync(spare);
        }
        return await SandboxProcess.PrepareAsync(plan, launcher, clock, cancellation);
    }

    /// <summary>Makes the next one ready, unless one is or is about to be.</summary>
    public void Refill(SandboxPlan plan)
    {
        if (!plan.Confinement.IsIsolated) return;
        lock (_gate)
        {
            if (_ended.IsCancellationRequested) return;
            _spare ??= Task.Run(() => MakeAsync(plan));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (await HandOverAsync() is { } spare) await EndAsync(spare);
        _ended.Dispose();
    }

    private async Task<SandboxProcess?> MakeAsync(SandboxPlan plan)
    {
        try
        {
            return await SandboxProcess.PrepareAsync(plan, launcher, clock, _ended.Token);
        }
        catch (Exception e) when (e is SandboxGoneException or OperationCanceledException)
        {
            // Whoever needs one makes it then, and is told what is in the way.
            return null;
        }
    }

    private async Task<SandboxProcess?> HandOverAsync()
    {
        Task<SandboxProcess?>? spare;
        lock (_gate) (spare, _spare) = (_spare, null);
        return spare is null ? null : await spare;
    }

    private static async Task EndAsync(SandboxProcess spare)
    {
        spare.Kill();
        await spare.DisposeAsync();
    }
}
