using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Says which of support's undecided changes rest on which earlier ones: nobody accepts the one without the others. What it has read it
/// remembers: a list of many is told by one; whoever decides takes a new one.
/// </summary>
internal sealed class Standing(BuildyardDb db, Sealing sealing)
{
    private readonly Dictionary<int, HashSet<ConfigPart>> _parts = [];
    private List<(SupportChange Change, List<ChangedRow> Rows)>? _open;

    /// <summary>
    /// The earlier undecided changes that a change rests on: those that set the same value, made or removed the same row, or changed the same
    /// part of <c>bitrise.yml</c>; and what those rest on. Oldest first.
    /// </summary>
    public async Task<List<SupportChange>> RestsOnAsync(SupportChange change, CancellationToken cancellation)
    {
        var open = _open ??= (await db.SupportChanges.Where(c => c.AppId == change.AppId && c.State == SupportChangeState.Open).OrderBy(c => c.At).ThenBy(c => c.Act).ToListAsync(cancellation))
            .ConvertAll(c => (Change: c, Rows: sealing.OpenRows(c)));
        var at = open.FindIndex(c => c.Change.Act == change.Act);
        var taken = new List<(SupportChange Change, List<ChangedRow> Rows)>();
        var above = at < 0 ? [] : new List<ChangedRow>(open[at].Rows);
        for (var i = at - 1; i >= 0; i--)
        {
            if (!await TouchAsync(open[i].Rows, above)) continue;
            taken.Insert(0, open[i]);
            above.AddRange(open[i].Rows);
        }
        return taken.ConvertAll(c => c.Change);

        async Task<bool> TouchAsync(List<ChangedRow> earlier, List<ChangedRow> later)
        {
            foreach (var one in earlier)
                foreach (var other in later)
                    if (one.Entity == other.Entity && (one.Entity == nameof(YamlVersion) ? (await PartsAsync(one)).Overlaps(await PartsAsync(other)) : AreOfOneValue(one, other))) return true;
            return false;
        }

        async Task<HashSet<ConfigPart>> PartsAsync(ChangedRow row)
        {
            var number = YamlUndo.NumberOf(row);
            if (_parts.TryGetValue(number, out var known)) return known;
            var texts = await YamlUndo.TextsAsync(db, row, cancellation);
            return _parts[number] = [.. ConfigSections.Changed(BitriseYaml.ReadSaved(texts[0]), BitriseYaml.ReadSaved(texts[^1])).Select(c => c.Part)];
        }
    }

    /// <summary>The later undecided changes that are about a row and nothing else, but for what only had to be as it was.</summary>
    public async Task<List<SupportChange>> AboutAsync(SupportChange change, ChangedRow row, CancellationToken cancellation)
    {
        var open = await db.SupportChanges.Where(c => c.AppId == change.AppId && c.State == SupportChangeState.Open && c.At > change.At).ToListAsync(cancellation);
        return open.FindAll(c => sealing.OpenRows(c) is var rows && rows.Exists(other => other.Row == row.Row)
            && rows.TrueForAll(other => other.Row == row.Row || (other is { Before: not null, After: not null } && UndoRules.Given(other).Count == 0)));
    }

    private static bool AreOfOneValue(ChangedRow one, ChangedRow other) =>
        one.Row == other.Row
        && (one.Before is null || one.After is null || other.Before is null || other.After is null || UndoRules.Given(one).Intersect(UndoRules.Given(other), StringComparer.Ordinal).Any());
}
