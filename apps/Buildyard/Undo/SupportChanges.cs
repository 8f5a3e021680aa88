using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage;

namespace Buildyard;

/// <summary>Lets the customer keep or undo what support changed.</summary>
internal sealed class SupportChanges(BuildyardDb db, Sealing sealing, YamlHistory yaml, RoleChanges roles, SupportAccess supportAccess, IHttpContextAccessor http, TimeProvider clock) : IUndo
{
    private readonly RowLookup _rows = new(db);
    private readonly YamlUndo _yaml = new(db, sealing, yaml);
    private readonly Standing _standing = new(db, sealing);
    private readonly Keepable _keepable = new(db, sealing, http);

    public async ValueTask<IReadOnlyList<ActId>> ListOpenAsync(HostApp app, CancellationToken cancellation)
    {
        var acts = await db.SupportChanges.Where(c => c.AppId == app.Id.Value && c.State == SupportChangeState.Open)
            .OrderByDescending(c => c.At).ThenByDescending(c => c.Act).Select(c => c.Act).ToListAsync(cancellation);
        return acts.ConvertAll(act => new ActId(act));
    }

    public async ValueTask<IReadOnlyDictionary<ActId, string>> ListOvertakenAsync(HostApp app, CancellationToken cancellation) =>
        await db.SupportChanges.Where(c => c.AppId == app.Id.Value && c.State == SupportChangeState.Overtaken)
            .ToDictionaryAsync(c => new ActId(c.Act), c => c.OvertakenBy!, cancellation);

    public async ValueTask<Undoing> LookAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        await FindAsync(app, act, cancellation) is { } change ? await LookAsync(change, cancellation) : Undoing.Nothing;

    public async ValueTask<Keeping> ShowAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        await FindAsync(app, act, cancellation) is { } change ? await _keepable.ShowAsync([.. await _standing.RestsOnAsync(change, cancellation), change], cancellation) : Keeping.Told;

    public async ValueTask<Undoing> KeepAsync(HostApp app, ActId act, IReadOnlyCollection<ActId> along, Member by, CancellationToken cancellation)
    {
        await using var transaction = await BeginAsync(cancellation);
        if (await FindAsync(app, act, cancellation) is not { } change) return Undoing.Nothing;
        if (change.State == SupportChangeState.Undone) return new Undoing(UndoState.Undone, [], "It was undone already.");
        if (change.State != SupportChangeState.Open) return Settled(change);
        var below = await new Standing(db, sealing).RestsOnAsync(change, cancellation);
        if ((await _keepable.ShowAsync([.. below, change], cancellation)).NotShown.Count > 0) return new Undoing(UndoState.Open, []) { RestsOn = Acts(below) };
        if (below.Exists(other => !along.Contains(new ActId(other.Act)))) return new Undoing(UndoState.Open, []) { RestsOn = Acts(below) };

        foreach (var row in sealing.OpenRows(change))
        {
            // To keep the last that support did to a role is to accept it, as far as it is still that role.
            if (row is { Entity: nameof(AppRole), After: { } after } && await _rows.FindAsync(row, cancellation) is { Entity: AppRole role } entry && RowLookup.IsAs(entry, after)
                && (await roles.ListOpenAsync(role))[^1].Act == change.Act)
                await roles.AcceptAsync(role);
        }
        foreach (var kept in below.Append(change)) kept.State = SupportChangeState.Kept;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new Undoing(UndoState.Kept, []) { Also = Acts(below) };
    }

    public async ValueTask<Undoing> UndoAsync(HostApp app, ActId act, Member by, CancellationToken cancellation)
    {
        await using var transaction = await BeginAsync(cancellation);
        if (await FindAsync(app, act, cancellation) is not { } change) return Undoing.Nothing;
        if (change.State == SupportChangeState.Undone) return new Undoing(UndoState.Undone, []);
        var before = await LookAsync(change, cancellation);
        if (before.Problem is not null || before.State != UndoState.Open) return before with { Problem = before.Problem ?? "It was kept already." };

        var rows = UndoRules.Left(sealing.OpenRows(change)).ToList();
        if (await FindKeyOfAnotherAsync(change.AppId, rows, cancellation) is { } key) db.Remove(key);
        foreach (var row in Enumerable.Reverse(rows)) await UndoAsync(row, by, cancellation);
        change.State = SupportChangeState.Undone;
        foreach (var also in before.Also) (await FindAsync(app, also, cancellation))!.State = SupportChangeState.Undone;
        await new Overtaking(db, sealing).GoPastAsync(change, rows, by.Name, cancellation);
        foreach (var row in rows) await AcceptWhatIsLeftAsync(row, cancellation);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return before with { Problem = "Something of the same name has been made since.", Also = [] };
        }
        await transaction.CommitAsync(cancellation);
        var now = await db.Apps.AsNoTracking().Include(a => a.Account).SingleAsync(a => a.Id == change.AppId, cancellation);
        if (now.Title != app.Title) await supportAccess.AppChangedAsync(now.ToHostApp().Ref);
        return new Undoing(UndoState.Undone, []) { Also = before.Also };
    }

    /// <summary>The SSH key that is there now, where the address goes back to another one: a key is for the repository that it was set for.</summary>
    private async Task<SshKey?> FindKeyOfAnotherAsync(string app, List<ChangedRow> rows, CancellationToken cancellation) =>
        rows.Find(row => row.Entity == nameof(App) && UndoRules.Given(row).Contains(nameof(App.RepositoryUrl))) is { } address
            && await _rows.FindAsync(address, cancellation) is { } now && !RowLookup.Is(now, nameof(App.RepositoryUrl), address.Before![nameof(App.RepositoryUrl)])
            ? await db.SshKeys.SingleOrDefaultAsync(key => key.AppId == app, cancellation)
            : null;

    /// <summary>A role that is back at what the customer decided on already is their word: there is nothing left to accept it by.</summary>
    private async Task AcceptWhatIsLeftAsync(ChangedRow row, CancellationToken cancellation)
    {
        if (row.Entity == nameof(AppRole) && await _rows.FindAsync(row, cancellation) is { Entity: AppRole role } && (await roles.ListOpenAsync(role)).TrueForAll(c => c.State != SupportChangeState.Open))
            role.AcceptedRole = role.Role;
    }

    /// <summary>From here on nobody else writes, and what was read before is read anew: what is looked at is what is changed.</summary>
    private async Task<IDbContextTransaction> BeginAsync(CancellationToken cancellation)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.ChangeTracker.Clear();
        return transaction;
    }

    private Task<SupportChange?> FindAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        db.SupportChanges.SingleOrDefaultAsync(c => c.Act == act.Value && c.AppId == app.Id.Value, cancellation);

    private static List<ActId> Acts(List<SupportChange> changes) => changes.ConvertAll(change => new ActId(change.Act));

    private static Undoing Settled(SupportChange change) => change.State switch
    {
        SupportChangeState.Kept => new Undoing(UndoState.Kept, []),
        SupportChangeState.Undone => new Undoing(UndoState.Undone, []),
        _ => new Undoing(UndoState.Overtaken, [], $"{change.OvertakenBy} has changed it since, so there is nothing left to decide."),
    };

    private async Task<Undoing> LookAsync(SupportChange change, CancellationToken cancellation)
    {
        if (change.State != SupportChangeState.Open) return Settled(change);
        var (does, problems, also) = (new List<string>(), new List<string>(), new List<ActId>());
        var (rows, below) = (UndoRules.Left(sealing.OpenRows(change)).ToList(), await _standing.RestsOnAsync(change, cancellation));
        if (await FindKeyOfAnotherAsync(change.AppId, rows, cancellation) is { } key) does.Add($"Removes {((IUndoable)key).Called}, which was set for the repository that support named.");
        foreach (var row in Enumerable.Reverse(rows))
        {
            if (row.Entity == nameof(YamlVersion))
            {
                var back = await _yaml.LookAsync(row, cancellation);
                if (back.Problem is not null) problems.Add(back.Problem);
                else does.Add(back.Does);
                also.AddRange(back.Also);
                continue;
            }
            var (entry, problem) = (await _rows.FindAsync(row, cancellation), await ProblemAsync(row, below, cancellation));
            if (row.Before is null)
            {
                // What support did later to what it added, such as taking it away again, is nothing that could come back; but for what a member has given it since.
                var later = await _standing.AboutAsync(change, row, cancellation);
                if (row.Overtaken.Count == 0) also.AddRange(Acts(later));
                else if (entry is null && later.Count > 0) problem = $"{UndoWords.Sentence(row.Called)} was removed since. Undo that first.";
            }
            if (problem is not null) problems.Add(problem);
            else does.AddRange(UndoWords.Of(row, gone: entry is null && row.Before is null));
        }
        return problems.Count == 0
            ? new Undoing(UndoState.Open, does) { Also = also, RestsOn = Acts(below) }
            : new Undoing(UndoState.Open, does, string.Join(' ', problems.Distinct(StringComparer.Ordinal))) { RestsOn = Acts(below) };
    }

    private async Task<string?> ProblemAsync(ChangedRow row, List<SupportChange> below, CancellationToken cancellation)
    {
        var entry = await _rows.FindAsync(row, cancellation);
        var called = UndoWords.Sentence(row.Called);
        return row switch
        {
            { Before: null } => entry is null || (row.Overtaken.Count == 0 && RowLookup.IsAs(entry, row.After!)) ? null : $"{called} was changed since; remove it on its own page.",
            _ when await _rows.IsOrphanAsync(row, cancellation) => $"What {row.Called} was before is there no more.",
            { After: null } => entry is null ? null : $"{called} is there again.",
            _ when entry is null => $"{called} was removed since.",
            _ when IsTheCustomers(entry, row, below) => $"Support has put back what was there before. Undo its first change to {row.Called}, or keep this one with it.",
            _ => row.Overtaken.Count == 0 && (RowLookup.IsAs(entry, row.After) || RowLookup.IsAs(entry, row.Before)) ? null : $"{called} was changed again since. Undo the newer change first, or set it by hand.",
        };
    }

    /// <summary>Whether support has put back what was there before its first change: to undo that alone would bring what support had set.</summary>
    private bool IsTheCustomers(EntityEntry entry, ChangedRow row, List<SupportChange> below) =>
        UndoRules.Given(row) is { Count: > 0 } given && given.All(property =>
            below.SelectMany(sealing.OpenRows).FirstOrDefault(r => r.Row == row.Row && r is { Before: not null, After: not null } && UndoRules.Given(r).Except(r.Overtaken, StringComparer.Ordinal).Contains(property))
                is { } first && RowLookup.Is(entry, property, first.Before![property]));

    private async Task UndoAsync(ChangedRow row, Member by, CancellationToken cancellation)
    {
        if (row.Entity == nameof(YamlVersion))
        {
            await _yaml.UndoAsync(row, by, cancellation);
            return;
        }

        var entry = await _rows.FindAsync(row, cancellation);
        if (row.Before is null)
        {
            if (entry is not null) db.Remove(entry.Entity);
            return;
        }
        entry = _rows.SetBack(row, entry);
        if (entry.Entity is Setting setting) (setting.ChangedAt, setting.ChangedBy, setting.BySupport) = (clock.Now(), by.Name, false);
        if (entry.Entity is App app) app.ChangedAt = clock.Now();
        // Whoever takes a role back takes back that it was accepted: support gives it no second time.
        if (entry.Entity is AppRole role && role.Role < role.AcceptedRole) role.AcceptedRole = role.Role;
    }
}
