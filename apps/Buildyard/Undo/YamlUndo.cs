using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What undoing a version of <c>bitrise.yml</c> does, or why it can't be undone.</summary>
/// <param name="Does">A sentence.</param>
/// <param name="Problem">A sentence; null where it can be undone.</param>
/// <param name="Also">The changes that go with it.</param>
internal sealed record YamlBack(string Does, string? Problem, IReadOnlyList<ActId> Also);

/// <summary>
/// Goes back to the customer's own <c>bitrise.yml</c> before a version of support's. The undecided versions that support saved before and after
/// it, without a member's between them, go with it, and what was undone before is passed over: no text of support's is made the newest one. What
/// a member saved or kept since is not thrown away.
/// </summary>
internal sealed class YamlUndo(BuildyardDb db, Sealing sealing, YamlHistory history)
{
    private readonly AcceptedYaml _accepted = new(db, sealing);

    /// <summary>The number of the version that a row is.</summary>
    public static int NumberOf(ChangedRow row) => row.Key[nameof(YamlVersion.Number)].GetInt32();

    /// <summary>The text before a version, and its own.</summary>
    public static Task<List<string>> TextsAsync(BuildyardDb db, ChangedRow row, CancellationToken cancellation)
    {
        var (app, number) = (row.Key[nameof(YamlVersion.AppId)].GetString(), NumberOf(row));
        return db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && (v.Number == number || v.Number == number - 1)).OrderBy(v => v.Number).Select(v => v.Content).ToListAsync(cancellation);
    }

    public async Task<YamlBack> LookAsync(ChangedRow row, CancellationToken cancellation)
    {
        var run = await RunAsync(row, cancellation);
        var before = run.First - 1;
        var does = $"Saves version {before} of bitrise.yml again, as the newest one.";
        if (!run.IsNewest) return new YamlBack("", "bitrise.yml was saved again since. Restore an earlier version from its history instead.", []);
        return await _accepted.IsTheCustomersAsync(run.App, before)
            ? new YamlBack($"{does}{Others(run)}", null, [.. run.Acts.Where(act => act.Key != run.Number).Select(act => act.Value)])
            : new YamlBack("", $"What bitrise.yml was before, version {before}, holds earlier changes of support's that nobody has kept. Decide on those first, or restore an earlier version from its history.", []);
    }

    /// <summary>Adds, without saving, the version before support's as the newest.</summary>
    public async Task UndoAsync(ChangedRow row, Member by, CancellationToken cancellation)
    {
        var run = await RunAsync(row, cancellation);
        await history.AddUndoAsync(run.App, run.First, run.Last, by, cancellation);
    }

    /// <summary>The undecided versions of support's around one, without a gap between them but for what was undone or gone past before them.</summary>
    private async Task<Run> RunAsync(ChangedRow row, CancellationToken cancellation)
    {
        var (app, number) = (row.Key[nameof(YamlVersion.AppId)].GetString()!, NumberOf(row));
        // Those that did nothing else: nothing else is undone with them.
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == app && c.State == SupportChangeState.Open && c.Touches.Contains(nameof(YamlVersion))).ToListAsync(cancellation);
        var acts = open.FindAll(c => c.Touches == nameof(YamlVersion) + " ").SelectMany(change => sealing.OpenRows(change).Select(of => (Number: NumberOf(of), Act: new ActId(change.Act)))).ToDictionary(v => v.Number, v => v.Act);
        var newest = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app).MaxAsync(v => v.Number, cancellation);
        var (first, last) = (number, number);
        var settled = (await _accepted.ListNotKeptAsync(app)).Except(_accepted.Versions(open)).ToHashSet();
        while (acts.ContainsKey(first - 1) || settled.Contains(first - 1)) first--;
        while (acts.ContainsKey(last + 1)) last++;
        var texts = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && (v.Number == last || v.Number == newest)).Select(v => v.Content).ToListAsync(cancellation);
        return new Run(app, number, first, last, IsNewest: texts[0] == texts[^1], acts.Where(act => act.Key >= first && act.Key <= last).ToDictionary());
    }

    private static string Others(Run run)
    {
        var others = run.Acts.Keys.Where(version => version != run.Number).Order().ToList();
        return others.Count switch
        {
            0 => "",
            1 => $" Version {others[0]}, which support saved too, goes with it.",
            _ => $" Versions {string.Join(", ", others.SkipLast(1))} and {others[^1]}, which support saved too, go with it.",
        };
    }

    // It is the newest where bitrise.yml is what the last of them made it.
    private sealed record Run(string App, int Number, int First, int Last, bool IsNewest, IReadOnlyDictionary<int, ActId> Acts);
}
