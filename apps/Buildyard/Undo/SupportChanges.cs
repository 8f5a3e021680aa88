using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Buildyard;

/// <summary>Lets the customer keep or undo what support changed.</summary>
internal sealed class SupportChanges(BuildyardDb db, Sealing sealing, YamlHistory yaml, SupportAccess supportAccess, TimeProvider clock) : IUndo
{
    private const int MostListed = 100;

    public async ValueTask<IReadOnlyList<ActId>> ListOpenAsync(HostApp app, CancellationToken cancellation)
    {
        var acts = await db.SupportChanges.Where(c => c.AppId == app.Id.Value && c.State == SupportChangeState.Open)
            .OrderByDescending(c => c.At).ThenByDescending(c => c.Act).Select(c => c.Act).Take(MostListed).ToListAsync(cancellation);
        return acts.ConvertAll(act => new ActId(act));
    }

    public async ValueTask<Undoing> LookAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        await FindAsync(app, act, cancellation) is { } change ? await LookAsync(change, cancellation) : Undoing.Nothing;

    public async ValueTask<Undoing> KeepAsync(HostApp app, ActId act, Member by, CancellationToken cancellation)
    {
        if (await FindAsync(app, act, cancellation) is not { } change) return Undoing.Nothing;
        if (change.State == SupportChangeState.Undone) return new Undoing(UndoState.Undone, [], "It was undone already.");
        if (change.State == SupportChangeState.Kept) return new Undoing(UndoState.Kept, []);

        foreach (var row in sealing.OpenRows(change))
        {
            // To keep a promotion is to accept it.
            if (row is { Entity: nameof(AppRole), After: not null } && await EntryAsync(row, cancellation) is { Entity: AppRole role })
                (role.PromotedBySupport, role.PromotedAt) = (null, null);
        }
        change.State = SupportChangeState.Kept;
        await db.SaveChangesAsync(cancellation);
        return new Undoing(UndoState.Kept, []);
    }

    public async ValueTask<Undoing> UndoAsync(HostApp app, ActId act, Member by, CancellationToken cancellation)
    {
        if (await FindAsync(app, act, cancellation) is not { } change) return Undoing.Nothing;
        if (change.State == SupportChangeState.Undone) return new Undoing(UndoState.Undone, []);
        var before = await LookAsync(change, cancellation);
        if (before.Problem is not null || before.State != UndoState.Open) return before with { Problem = before.Problem ?? "It was kept already." };

        foreach (var row in Enumerable.Reverse(sealing.OpenRows(change))) await UndoAsync(row, by, cancellation);
        change.State = SupportChangeState.Undone;
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return before with { Problem = "Something of the same name has been made since." };
        }
        var now = await db.Apps.AsNoTracking().Include(a => a.Account).SingleAsync(a => a.Id == change.AppId, cancellation);
        if (now.Title != app.Title) await supportAccess.AppChangedAsync(now.ToHostApp().Ref);
        return new Undoing(UndoState.Undone, []);
    }

    private Task<SupportChange?> FindAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        db.SupportChanges.SingleOrDefaultAsync(c => c.Act == act.Value && c.AppId == app.Id.Value, cancellation);

    private async Task<Undoing> LookAsync(SupportChange change, CancellationToken cancellation)
    {
        if (change.State != SupportChangeState.Open)
            return new Undoing(change.State == SupportChangeState.Kept ? UndoState.Kept : UndoState.Undone, []);
        var (does, problems) = (new List<string>(), new List<string>());
        foreach (var row in Enumerable.Reverse(sealing.OpenRows(change)))
        {
            var (entry, problem) = (await EntryAsync(row, cancellation), await ProblemAsync(row, cancellation));
            if (problem is not null) problems.Add(problem);
            else does.AddRange(UndoWords.Of(row, gone: entry is null && row.Before is null));
        }
        return new Undoing(UndoState.Open, does, problems.Count == 0 ? null : string.Join(' ', problems.Distinct(StringComparer.Ordinal)));
    }

    private async Task<string?> ProblemAsync(ChangedRow row, CancellationToken cancellation)
    {
        if (row.Entity == nameof(YamlVersion))
            return await NumberOf(row, cancellation) is var (number, newest) && number == newest
                ? null
                : "bitrise.yml was saved again since. Restore an earlier version from its history instead.";
        var entry = await EntryAsync(row, cancellation);
        return row switch
        {
            { Before: null } => entry is null || IsAs(entry, row.After!) ? null : $"{UndoWords.Sentence(row.Called)} was changed since; remove it on its own page.",
            { After: null } => entry is null ? null : $"{UndoWords.Sentence(row.Called)} is there again.",
            _ when entry is null => $"{UndoWords.Sentence(row.Called)} was removed since.",
            _ => IsAs(entry, row.After) ? null : $"{UndoWords.Sentence(row.Called)} was changed again since. Undo the newer change first, or set it by hand.",
        };
    }

    private async Task UndoAsync(ChangedRow row, Member by, CancellationToken cancellation)
    {
        if (row.Entity == nameof(YamlVersion))
        {
            var (number, _) = await NumberOf(row, cancellation);
            await yaml.AddUndoAsync(row.Key[nameof(YamlVersion.AppId)].GetString()!, number, by);
            return;
        }

        var entry = await EntryAsync(row, cancellation);
        if (row.Before is null)
        {
            if (entry is not null) db.Remove(entry.Entity);
            return;
        }

        if (entry is null)
        {
            // A row that was removed comes back with its own id: it is the same thing again.
            var entity = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(Type(row).ClrType);
            entry = db.Entry(entity);
            Write(entry, row.Key);
            Write(entry, row.Before);
            entry.State = EntityState.Added;
        }
        else
        {
            Write(entry, row.Before);
        }
        if (entry.Entity is Setting setting) (setting.ChangedAt, setting.ChangedBy, setting.BySupport) = (clock.Now(), by.Name, false);
        if (entry.Entity is App app) app.ChangedAt = clock.Now();
    }

    /// <summary>The row as it is now, tracked; null where there is none.</summary>
    private async Task<EntityEntry?> EntryAsync(ChangedRow row, CancellationToken cancellation)
    {
        var type = Type(row);
        var key = type.FindPrimaryKey()!.Properties.Select(p => System.Text.Json.JsonSerializer.Deserialize(row.Key[p.Name], p.ClrType)).ToArray();
        return await db.FindAsync(type.ClrType, key, cancellation) is { } entity ? db.Entry(entity) : null;
    }

    private Microsoft.EntityFrameworkCore.Metadata.IEntityType Type(ChangedRow row) =>
        db.Model.GetEntityTypes().Single(t => t.ClrType.Name == row.Entity);

    /// <summary>Whether the row still has the values that support gave it.</summary>
    private static bool IsAs(EntityEntry entry, IReadOnlyDictionary<string, System.Text.Json.JsonElement> values) =>
        values.All(v => SupportChangeRecorder.Signature.Contains(v.Key)
            || entry.Metadata.FindProperty(v.Key) is not { } property
            || System.Text.Json.JsonElement.DeepEquals(SupportChangeRecorder.Json(property, entry.Property(v.Key).CurrentValue), v.Value));

    private static void Write(EntityEntry entry, IReadOnlyDictionary<string, System.Text.Json.JsonElement> values)
    {
        foreach (var (name, value) in values)
            if (entry.Metadata.FindProperty(name) is { } property)
                entry.Property(name).CurrentValue = System.Text.Json.JsonSerializer.Deserialize(value, property.ClrType);
    }

    private async Task<(int Number, int Newest)> NumberOf(ChangedRow row, CancellationToken cancellation)
    {
        var app = row.Key[nameof(YamlVersion.AppId)].GetString();
        return (row.Key[nameof(YamlVersion.Number)].GetInt32(), await db.YamlVersions.Where(v => v.AppId == app).MaxAsync(v => v.Number, cancellation));
    }
}
