using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Notes what of support's open changes a member's save sets anew, and which of them it leaves nothing of: there is nothing to keep or undo
/// in those any more. What support did to a text and a member does again is open again.
/// </summary>
internal sealed class Overtaking(BuildyardDb db, Sealing sealing)
{
    private readonly RowLookup _rows = new(db);
    private readonly AcceptedYaml _yaml = new(db, sealing);

    /// <summary>Looks at what is about to be saved.</summary>
    /// <param name="app">The app.</param>
    /// <param name="saved">What the member changes.</param>
    /// <param name="by">The member's name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task NoteAsync(string app, IReadOnlyList<ChangedRow> saved, string by, CancellationToken cancellation)
    {
        var version = db.ChangeTracker.Entries<YamlVersion>().Where(e => e.State == EntityState.Added).Select(e => e.Entity).MaxBy(v => v.Number);
        // Whoever undoes goes towards what is the customer's own, and says nothing new.
        if (!db.ChangeTracker.Entries<SupportChange>().Any(c => c.State == EntityState.Modified))
        {
            if (version is not null) await ReopenAsync(app, version, cancellation);
            var open = await ListOpenAsync(app, cancellation);
            await SettleAsync(open.ConvertAll(change => (change, Marked(change, saved))), saved, version is null ? null : await _yaml.ReadAsync(app, version.Number, open, version), by, cancellation);
        }
        if (version is not null) version.IsTheCustomers = !(await ListOpenAsync(app, cancellation)).Exists(c => c.Touches.Contains(nameof(YamlVersion), StringComparison.Ordinal));
    }

    /// <summary>Notes what an undo sets back of what support set once more later: the customer has said what it is, and nothing of those counts any more.</summary>
    /// <param name="undone">The change.</param>
    /// <param name="setBack">What of it is set back.</param>
    /// <param name="by">The member's name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task GoPastAsync(SupportChange undone, IEnumerable<ChangedRow> setBack, string by, CancellationToken cancellation)
    {
        var rows = setBack.Where(row => row.Entity != nameof(YamlVersion)).ToList();
        // A key that goes because its repository does.
        rows.AddRange(db.ChangeTracker.Entries<IUndoable>().Where(e => e is { State: EntityState.Deleted, Entity: SshKey }).Select(e => SupportChangeRecorder.Row(e)!));
        var later = (await ListOpenAsync(undone.AppId, cancellation)).FindAll(c => c.At > undone.At);
        await SettleAsync(later.ConvertAll(change => (change, Marked(change, rows))), rows, yaml: null, by, cancellation);
    }

    /// <summary>The undecided changes, as they are about to be saved, in order.</summary>
    private async Task<List<SupportChange>> ListOpenAsync(string app, CancellationToken cancellation)
    {
        await db.SupportChanges.Where(c => c.AppId == app && c.State == SupportChangeState.Open).LoadAsync(cancellation);
        return [.. db.SupportChanges.Local.Where(c => c.AppId == app && c.State == SupportChangeState.Open).OrderBy(c => c.At).ThenBy(c => c.Act, StringComparer.Ordinal)];
    }

    private async Task SettleAsync(List<(SupportChange Change, List<ChangedRow> Rows)> open, IReadOnlyList<ChangedRow> saved, YamlBeside? yaml, string by, CancellationToken cancellation)
    {
        var (later, gone) = (new List<ChangedRow>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (change, rows) in Enumerable.Reverse(open))
        {
            // What support did to a row, before it took that away and a member put another in its place, went with it.
            gone.UnionWith(rows.Where(row => row.IsReplaced).Select(row => row.Row));
            if (rows.Exists(row => gone.Contains(row.Row) || saved.Any(s => IsSame(s, row) || TakesThePlaceOf(s, row)))
                && await IsOvertakenAsync(rows, yaml, cancellation) && !later.Exists(other => rows.Exists(row => AreOfOneValue(other, row))))
                (change.State, change.OvertakenBy) = (SupportChangeState.Overtaken, by);
            else
                later.AddRange(rows);
        }
    }

    /// <summary>The rows of a change, with what the save sets anew of them.</summary>
    private List<ChangedRow> Marked(SupportChange change, IReadOnlyList<ChangedRow> saved)
    {
        var (rows, changed) = (sealing.OpenRows(change), false);
        // A key is for the repository that it was set for: it never comes back once a member has named another one.
        var namesRepository = saved.Any(s => s is { Entity: nameof(App), Before: not null } && UndoRules.Given(s).Contains(nameof(App.RepositoryUrl)))
            && db.ChangeTracker.Entries<App>().Any(e => e.Property(a => a.RepositoryUrl).IsModified);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (row.Entity == nameof(YamlVersion)) continue;
            // A row that comes or goes is another one from there on.
            var anew = row.After is null ? [] : UndoRules.SetAnew(row, saved.Where(s => IsSame(s, row)).SelectMany(s => s is { Before: not null, After: not null } ? UndoRules.Given(s) : row.After.Keys)).Except(row.Overtaken, StringComparer.Ordinal).ToList();
            var replaced = row is { After: null, IsReplaced: false }
                && ((row.Entity == nameof(SshKey) && namesRepository) || saved.Any(s => s is { Before: null, Overtaken: [] } && IsSame(s, row)) || db.ChangeTracker.Entries().Any(e => e.State == EntityState.Added && RowLookup.Replaces(e, row)));
            if (anew.Count == 0 && !replaced) continue;
            (rows[i], changed) = (row with { Overtaken = [.. row.Overtaken, .. anew], IsReplaced = row.IsReplaced || replaced }, true);
        }
        if (changed) sealing.SealRows(change, rows);
        return rows;
    }

    /// <summary>Opens again what a member's text says once more although the customer had it undone, or had gone past it: to be kept, or undone.</summary>
    private async Task ReopenAsync(string app, YamlVersion version, CancellationToken cancellation)
    {
        var settled = await db.SupportChanges.Where(c => c.AppId == app && c.Touches == nameof(YamlVersion) + " " && (c.State == SupportChangeState.Undone || c.State == SupportChangeState.Overtaken)).ToListAsync(cancellation);
        if (settled.Count == 0) return;
        var (before, after) = (await ConfigAsync(app, version.Number - 1, cancellation), BitriseYaml.ReadSaved(version.Content));
        var parts = ConfigSections.Changed(before, after).ToHashSet();
        foreach (var change in settled)
        {
            foreach (var number in _yaml.Versions([change]))
            {
                var (was, became) = (await ConfigAsync(app, number - 1, cancellation), await ConfigAsync(app, number, cancellation));
                if (SaysAgain(parts, before, ConfigSections.Changed(was, became).ToList(), was)) (change.State, change.OvertakenBy, change.IsSaidAgain) = (SupportChangeState.Open, null, true);
            }
        }
    }

    /// <summary>Whether a member says what support said: of the same part the same, or something of it; or anywhere what nobody comes to say by chance.</summary>
    private static bool SaysAgain(HashSet<(ConfigPart Part, string? Now)> parts, BitriseConfig before, List<(ConfigPart Part, string? Now)> supports, BitriseConfig was)
    {
        if (parts.Overlaps(supports)) return true;
        var copies = supports.SelectMany(ConfigSections.Copies).Except(ConfigText.Copies(ConfigText.Of(was)), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (Says(parts, copies)) return true;
        var same = supports.FindAll(changed => parts.Any(part => part.Part == changed.Part));
        if (same.Count == 0) return false;
        var own = ConfigText.Pieces(ConfigText.Of(was)).ToHashSet(StringComparer.Ordinal);
        return same.Exists(changed => Says(parts.Where(part => part.Part == changed.Part), [.. ConfigSections.Pieces(changed).Where(piece => !own.Contains(piece))]));

        bool Says(IEnumerable<(ConfigPart, string?)> parts, HashSet<string> pieces)
        {
            var found = parts.SelectMany(part => ConfigSections.Find(part, pieces)).ToHashSet(StringComparer.Ordinal);
            return found.Count > 0 && found.Except(ConfigText.Find(ConfigText.Of(before), found), StringComparer.Ordinal).Any();
        }
    }

    private async Task<BitriseConfig> ConfigAsync(string app, int version, CancellationToken cancellation) =>
        BitriseYaml.ReadSaved(await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && v.Number == version).Select(v => v.Content).SingleAsync(cancellation));

    private static bool IsSame(ChangedRow one, ChangedRow other) =>
        one.Entity == nameof(YamlVersion) ? other.Entity == nameof(YamlVersion) : one.Row == other.Row;

    /// <summary>A newer change of support to the same value, or that took its row away, still undecided, is undone into what the older one set: neither is a member's.</summary>
    private static bool AreOfOneValue(ChangedRow later, ChangedRow row) =>
        row.Entity != nameof(YamlVersion) && later.Row == row.Row && (later is { After: null, IsReplaced: false } || UndoRules.Given(later).Intersect(UndoRules.Given(row), StringComparer.Ordinal).Any());

    private static bool TakesThePlaceOf(ChangedRow saved, ChangedRow row) => saved is { Before: null } && row is { After: null } && saved.Entity == row.Entity;

    private async Task<bool> IsOvertakenAsync(List<ChangedRow> rows, YamlBeside? yaml, CancellationToken cancellation)
    {
        var counted = rows.FindAll(row => row.Before is null || row.After is null || UndoRules.Given(row).Count > 0);
        foreach (var row in counted)
            if (!await IsOvertakenAsync(row, yaml, cancellation)) return false;
        return counted.Count > 0;
    }

    private async Task<bool> IsOvertakenAsync(ChangedRow row, YamlBeside? yaml, CancellationToken cancellation)
    {
        if (row.Entity == nameof(YamlVersion)) return yaml?.IsAccepted == true;
        if (row.After is null) return row.IsReplaced;
        if (await _rows.FindAsync(row, cancellation) is not { } entry) return true;
        // What support added is there because of support, whatever else a member sets of it.
        if (row.Before is null && !Harmless.IsHarmless(row.Entity)) return false;
        var given = UndoRules.Given(row);
        return given.Count > 0 && given.All(property => row.Overtaken.Contains(property, StringComparer.Ordinal) || !RowLookup.Is(entry, property, row.After[property]));
    }
}
