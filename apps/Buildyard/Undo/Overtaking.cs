using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Notes which open changes of support a member's save leaves nothing of: there is nothing to keep or undo in them any more.</summary>
internal sealed class Overtaking(BuildyardDb db, Sealing sealing)
{
    private readonly RowLookup _rows = new(db);

    /// <summary>Looks at what is about to be saved.</summary>
    /// <param name="app">The app.</param>
    /// <param name="saved">What the member changes.</param>
    /// <param name="by">The member's name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task NoteAsync(string app, IReadOnlyList<ChangedRow> saved, string by, CancellationToken cancellation)
    {
        var open = await db.SupportChanges.Where(c => c.AppId == app && c.State == SupportChangeState.Open).OrderBy(c => c.At).ThenBy(c => c.Act).ToListAsync(cancellation);
        // What is being undone in this save is settled already.
        open.RemoveAll(change => change.State != SupportChangeState.Open);
        var rows = open.ConvertAll(sealing.OpenRows);
        for (var i = 0; i < open.Count; i++)
        {
            if (!rows[i].Exists(row => saved.Any(s => IsSame(s, row) || TakesThePlaceOf(s, row)))) continue;
            if (!await IsOvertakenAsync(app, rows[i], cancellation) || rows.Skip(i + 1).SelectMany(later => later).Any(later => rows[i].Exists(row => AreOfOneValue(later, row)))) continue;
            (open[i].State, open[i].OvertakenBy) = (SupportChangeState.Overtaken, by);
        }
    }

    private static bool IsSame(ChangedRow one, ChangedRow other) =>
        one.Entity == other.Entity && (one.Entity == nameof(YamlVersion) || one.Key.All(k => k.Value.GetRawText() == other.Key[k.Key].GetRawText()));

    /// <summary>A newer change of support to the same value, still undecided, is undone into what the older one set: neither is a member's.</summary>
    private static bool AreOfOneValue(ChangedRow later, ChangedRow row) =>
        row.Entity != nameof(YamlVersion) && IsSame(later, row) && UndoRules.Given(later).Intersect(UndoRules.Given(row), StringComparer.Ordinal).Any();

    private static bool TakesThePlaceOf(ChangedRow saved, ChangedRow row) => saved is { Before: null } && row is { After: null } && saved.Entity == row.Entity;

    private async Task<bool> IsOvertakenAsync(string app, List<ChangedRow> rows, CancellationToken cancellation)
    {
        var counted = rows.FindAll(row => row.Before is null || row.After is null || UndoRules.Given(row).Count > 0);
        foreach (var row in counted)
            if (!await IsOvertakenAsync(app, row, cancellation) && !await IsForAnotherRepositoryAsync(row, rows, cancellation)) return false;
        return counted.Count > 0;
    }

    /// <summary>A key that went never comes back once a member has named another repository.</summary>
    private async Task<bool> IsForAnotherRepositoryAsync(ChangedRow row, List<ChangedRow> rows, CancellationToken cancellation) =>
        row is { Entity: nameof(SshKey), After: null }
        && rows.Find(r => r.Entity == nameof(App) && r.After!.ContainsKey(nameof(App.RepositoryUrl))) is { } of
        && await _rows.FindAsync(of, cancellation) is { } entry && !RowLookup.Is(entry, nameof(App.RepositoryUrl), of.After![nameof(App.RepositoryUrl)]);

    private async Task<bool> IsOvertakenAsync(string app, ChangedRow row, CancellationToken cancellation)
    {
        if (row.Entity == nameof(YamlVersion)) return await IsBackAsync(app, row, cancellation);
        if (row.After is null) return db.ChangeTracker.Entries().Any(e => e.State == EntityState.Added && RowLookup.Replaces(e, row));
        if (await _rows.FindAsync(row, cancellation) is not { } entry) return true;
        var given = UndoRules.Given(row);
        return given.Count > 0 && given.All(property => !RowLookup.Is(entry, property, row.After[property]));
    }

    /// <summary>Whether the member's file is again what a member's was before this version of support's.</summary>
    private async Task<bool> IsBackAsync(string app, ChangedRow row, CancellationToken cancellation)
    {
        var number = row.Key[nameof(YamlVersion.Number)].GetInt32();
        var now = db.ChangeTracker.Entries<YamlVersion>().Where(e => e.State == EntityState.Added).Select(e => e.Entity).MaxBy(v => v.Number);
        return now is not null && await db.YamlVersions.AnyAsync(v => v.AppId == app && v.Number < number && !v.BySupport && v.Content == now.Content, cancellation);
    }
}
