using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Runs one build to its end: orders its workflows from the runner one after another, and keeps what can be seen of it in its rows.</summary>
internal sealed class BuildExecution(IServiceScopeFactory scopes, BuildRunner runner, BuildFeed feed, BuildFiles files, BuildCaches caches, StorageSweep sweep, TimeProvider clock)
{
    private const string Fault = "It could not be run because of a fault of Buildyard's, which has been logged.";
    private static readonly Dictionary<string, long> s_nothing = [];

    /// <summary>Removes what an earlier process left running.</summary>
    public void Clean()
    {
        runner.Clean();
        caches.Clean();
    }

    /// <summary>Runs the build and saves what came of it.</summary>
    public async Task RunAsync(RunningBuild running)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var filled = await scope.ServiceProvider.GetRequiredService<BuildOrders>().FillAsync(running.Id);
            if (filled.Succeeded(out var orders, out var refusal)) await RunAsync(running, orders);
            else await EndAsync(running, BuildState.Failed, refusal.Title, s_nothing);
        }
        catch
        {
            await EndAsync(running, BuildState.Failed, Fault, s_nothing);
            throw;
        }
    }

    private async Task RunAsync(RunningBuild running, BuildOrderSet orders)
    {
        var steps = new StepRows(scopes, running.Id);
        var artifacts = new Dictionary<string, long>(StringComparer.Ordinal);
        BuildResult? last = null;
        foreach (var order in orders.Orders)
        {
            last = await RunAsync(running, last is null ? order : After(last, order), orders.LogPath, steps);
            foreach (var artifact in last.Artifacts) artifacts[artifact.Name] = artifact.Size;
            if (last.Status != BuildStatus.Success) break;
        }
        var (state, reason) = (last!.Status, running.Aborted) switch
        {
            (BuildStatus.Success, _) => (BuildState.Success, null),
            (_, { } aborted) => (aborted.State, aborted.Reason),
            _ => (BuildState.Failed, last.Reason),
        };
        await EndAsync(running, state, reason, artifacts, last);
    }

    /// <summary>A further workflow of the same build: its source and its steps come at the commits at which they came before.</summary>
    private static BuildOrder After(BuildResult last, BuildOrder order) =>
        order with { Source = order.Source with { Commit = last.Commit?.Hash ?? order.Source.Commit }, StepCommits = last.StepCommits };

    private async Task<BuildResult> RunAsync(RunningBuild running, BuildOrder order, string log, StepRows steps)
    {
        using var output = new BuildOutput(log);
        running.Write(output);
        using var stopping = running.Stopping.Register(() => output.AbortReason = running.Aborted?.Reason);
        var watching = WatchAsync(running, output, steps);
        try
        {
            var result = await runner.RunAsync(order, output, running.Stopping);
            output.Complete();
            await watching;
            await steps.KeepAsync(result.Steps);
            return result;
        }
        finally
        {
            output.Complete();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Follows the output until it is complete.</summary>
    private async Task WatchAsync(RunningBuild running, BuildOutput output, StepRows steps)
    {
        var seen = output.View;
        while (!seen.IsComplete)
        {
            var view = await output.NextAsync(seen, CancellationToken.None);
            if (!ReferenceEquals(view.Steps, seen.Steps) && await steps.SaveAsync(view.Steps)) feed.Changed(running.AppId, running.Number);
            if (view.Length != seen.Length) feed.Grew(running.AppId, running.Number);
            seen = view;
        }
    }

    private async Task EndAsync(RunningBuild running, BuildState state, string? reason, IReadOnlyDictionary<string, long> artifacts, BuildResult? last = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        // The app may have been deleted meanwhile, and its builds with it.
        if (await db.Builds.Include(b => b.Steps).SingleOrDefaultAsync(b => b.Id == running.Id) is not { } build)
        {
            files.Remove(running.AppId);
            return;
        }
        build.End(state, reason, clock.Now());
        // An abbreviated one was asked for by whoever started it; another commit may answer to it later.
        build.CommitHash = last?.Commit?.Hash ?? build.CommitHash;
        build.StepCommits = last is null ? build.StepCommits : KnownSteps.Keep(last.StepCommits);
        foreach (var step in build.Steps.Where(s => s.Status == StepWords.Running)) step.Status = StepWords.Aborted;
        build.LogSize = files.LogLength(build);
        build.FilesNote = await scope.ServiceProvider.GetRequiredService<BuildStorage>().MakeRoomAsync(running.AccountId, build, artifacts.Values.Sum());
        if (build.FilesNote is null)
            foreach (var (name, size) in artifacts) build.Artifacts.Add(new KeptArtifact { BuildId = build.Id, Name = name, Size = size });
        await scope.ServiceProvider.GetRequiredService<BuildNews>().EndedAsync(build);
        await db.SaveChangesAsync();
        sweep.Ended(running.AccountId);
    }
}

/// <summary>Keeps the rows of a build's steps as the runner tells them, one workflow after another.</summary>
internal sealed class StepRows(IServiceScopeFactory scopes, string buildId)
{
    private readonly List<StepResult> _before = [];
    private IReadOnlyList<StepResult> _saved = [];

    /// <summary>Saves what differs in the workflow that runs; true when something did. The build counts as running once its steps are known.</summary>
    public async Task<bool> SaveAsync(IReadOnlyList<StepResult> current)
    {
        if (current.SequenceEqual(_saved)) return false;
        await SaveRowsAsync([.. _before, .. current]);
        _saved = current;
        return true;
    }

    /// <summary>Saves how a workflow's steps ended. What comes next are another one's.</summary>
    public async Task KeepAsync(IReadOnlyList<StepResult> ended)
    {
        await SaveAsync(ended);
        _before.AddRange(ended);
        _saved = [];
    }

    private async Task SaveRowsAsync(List<StepResult> steps)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        if (await db.Builds.Include(b => b.Steps).SingleOrDefaultAsync(b => b.Id == buildId) is not { } build) return;
        if (build.Status == BuildState.Starting && steps.Count > 0) build.Status = BuildState.Running;
        var rows = build.Steps.ToDictionary(s => s.Position);
        foreach (var (position, step) in steps.Index())
        {
            if (!rows.TryGetValue(position, out var row))
            {
                row = new BuildStep { BuildId = buildId, Position = position, Title = step.Title, Status = StepWords.Of(step.Status) };
                build.Steps.Add(row);
            }
            row.Status = StepWords.Of(step.Status);
            row.Reason = step.Reason;
            row.StartedAt = step.Started;
            row.Took = (long?)step.Took?.TotalMilliseconds;
            row.LogStart = step.LogStart;
            row.LogEnd = step.LogEnd;
        }
        await db.SaveChangesAsync();
    }
}

/// <summary>The words for steps in rows and answers.</summary>
internal static class StepWords
{
    public static readonly string Running = Of(StepStatus.Running);
    public static readonly string Waiting = Of(StepStatus.Waiting);
    public static readonly string Aborted = Of(StepStatus.Aborted);

    public static string Of(StepStatus status) => Words.Of(status);
}
