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
/// Goes back to the <c>bitrise.yml</c> before a version of support's. The undecided versions that support saved after it go with it: undoing
/// the newest goes one back, undoing the oldest goes back to before support. What a member saved or kept since is not thrown away.
/// </summary>
internal sealed class YamlUndo(BuildyardDb db, Sealing sealing, YamlHistory history)
{
    public async Task<YamlBack> LookAsync(ChangedRow row, CancellationToken cancellation)
    {
        var (app, number) = Version(row);
        var since = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && v.Number >= number).OrderBy(v => v.Number).ToListAsync(cancellation);
        var does = $"Saves version {number - 1} of bitrise.yml again, as the newest one.";
        if (since[^1].Content == since[0].Content) return new YamlBack(does, null, []);

        var later = await LaterAsync(app, number, cancellation);
        return since.Skip(1).All(v => later.ContainsKey(v.Number))
            ? new YamlBack($"{does} {Later(since)}", null, [.. later.Values])
            : new YamlBack("", "bitrise.yml was saved again since. Restore an earlier version from its history instead.", []);
    }

    /// <summary>Adds, without saving, the version before support's as the newest.</summary>
    public async Task UndoAsync(ChangedRow row, Member by, CancellationToken cancellation)
    {
        var (app, number) = Version(row);
        var others = (await LookAsync(row, cancellation)).Also.Count;
        await history.AddUndoAsync(app, number, number + others, by, cancellation);
    }

    private static string Later(List<YamlVersion> since) => since.Count == 2
        ? $"Version {since[1].Number}, which support saved after it, goes with it."
        : $"Versions {since[1].Number} to {since[^1].Number}, which support saved after it, go with it.";

    /// <summary>The undecided changes of support that saved a later version and did nothing else, by version.</summary>
    private async Task<Dictionary<int, ActId>> LaterAsync(string app, int number, CancellationToken cancellation)
    {
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == app && c.State == SupportChangeState.Open && c.Touches == nameof(YamlVersion) + " ").ToListAsync(cancellation);
        return open.SelectMany(change => sealing.OpenRows(change).Select(row => (Version(row).Number, Act: new ActId(change.Act))))
            .Where(v => v.Number > number).ToDictionary(v => v.Number, v => v.Act);
    }

    private static (string App, int Number) Version(ChangedRow row) =>
        (row.Key[nameof(YamlVersion.AppId)].GetString()!, row.Key[nameof(YamlVersion.Number)].GetInt32());
}
