using System.Text.Json;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace Buildyard;

/// <summary>
/// Keeps, in the same save, what rows were before support changed them, and notes where a member sets anew what support had set. Whatever an
/// endpoint does through the change tracker to an <see cref="IUndoable"/> row can be undone without a line of its own.
/// </summary>
internal sealed class SupportChangeRecorder(IHttpContextAccessor http, Sealing sealing, TimeProvider clock) : SaveChangesInterceptor
{
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is BuildyardDb db && http.HttpContext?.FindAccess() is { App: { } app } access)
        {
            db.ChangeTracker.DetectChanges();
            var rows = db.ChangeTracker.Entries<IUndoable>().Where(e => e.Entity.AppId == app.Value).Select(Row).OfType<ChangedRow>().ToList();
            if (rows.Count == 0) return result;
            // What is looked at for the record is what the save meets, and the time noted is in the order of the saves: nobody else writes from here on.
            if (db.Database.CurrentTransaction is null) db.OfThisSave = await db.Database.BeginTransactionAsync(cancellationToken);
            if (access is { Support: not null, Act: { } act }) await KeepAsync(db, act.Value, app.Value, rows, cancellationToken);
            if (access.Member is { } member) await new Overtaking(db, sealing).NoteAsync(app.Value, rows, member.Name, cancellationToken);
        }
        return result;
    }

    public override async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is BuildyardDb { OfThisSave: { } transaction } db)
        {
            await transaction.CommitAsync(CancellationToken.None);
            await EndAsync(db, transaction);
        }
        return result;
    }

    public override async Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is BuildyardDb { OfThisSave: { } transaction } db) await EndAsync(db, transaction);
    }

    private static async Task EndAsync(BuildyardDb db, IDbContextTransaction transaction)
    {
        db.OfThisSave = null;
        await transaction.DisposeAsync();
    }

    private async Task KeepAsync(BuildyardDb db, string act, string app, List<ChangedRow> rows, CancellationToken cancellation)
    {
        // A key goes with the repository that it was set for; a row of its own doesn't say which that was.
        if (rows.Exists(r => r is { Entity: nameof(SshKey), Before: not null }) && !rows.Exists(r => r.Entity == nameof(App)))
            rows.Add(await RepositoryAsync(db, app, cancellation));
        var change = await db.SupportChanges.FindAsync([act], cancellation);
        if (change is null)
        {
            // What rests on another comes after it, also within one instant of the clock, and after each build that was queued without it.
            var newest = await db.SupportChanges.Where(c => c.AppId == app).MaxAsync(c => (DateTimeOffset?)c.At, cancellation) ?? default;
            var queued = await db.Builds.Where(b => b.AppId == app).MaxAsync(b => (DateTimeOffset?)b.QueuedAt, cancellation) ?? default;
            var at = new[] { clock.Now(), newest.AddMilliseconds(1), queued }.Max();
            change = new SupportChange { Act = act, AppId = app, At = at, Touches = "", Rows = [], State = SupportChangeState.Open };
            db.SupportChanges.Add(change);
        }
        else
        {
            rows.InsertRange(0, sealing.OpenRows(change));
        }
        change.Touches = string.Concat(rows.SelectMany(Touched).Distinct(StringComparer.Ordinal).Select(t => t + " "));
        sealing.SealRows(change, rows);
    }

    private static IEnumerable<string> Touched(ChangedRow row) =>
        row is { Before: not null, After: not null } ? UndoRules.Given(row).Select(property => $"{row.Entity}.{property}") : [row.Entity];

    private static async Task<ChangedRow> RepositoryAsync(BuildyardDb db, string app, CancellationToken cancellation)
    {
        var entry = db.Entry((await db.Apps.FindAsync([app], cancellation))!);
        var repository = Values([entry.Property(a => a.RepositoryUrl)], p => p.CurrentValue);
        return new ChangedRow(nameof(App), "the repository URL", Key(entry), repository, repository);
    }

    /// <summary>What a save changes of a row; null where that is nothing that counts.</summary>
    public static ChangedRow? Row(EntityEntry<IUndoable> entry)
    {
        var name = entry.Metadata.ClrType.Name;
        var properties = entry.Properties.Where(p => !p.Metadata.IsPrimaryKey()).ToList();
        if (entry.State == EntityState.Modified)
        {
            var changed = properties.Where(p => p.IsModified && !Equals(p.OriginalValue, p.CurrentValue)).Select(p => p.Metadata.Name).ToList();
            if (changed.TrueForAll(UndoRules.IsSignature)) return null;
            var told = changed.SelectMany(p => UndoRules.Together(name, p)).ToHashSet(StringComparer.Ordinal);
            properties.RemoveAll(p => !told.Contains(p.Metadata.Name));
        }
        return entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted
            ? new ChangedRow(
                name,
                entry.Entity.Called,
                Key(entry),
                entry.State == EntityState.Added ? null : Values(properties, p => p.OriginalValue),
                entry.State == EntityState.Deleted ? null : Values(properties, p => p.CurrentValue))
            : null;
    }

    private static Dictionary<string, JsonElement> Key(EntityEntry entry) =>
        Values(entry.Metadata.FindPrimaryKey()!.Properties.Select(p => entry.Property(p.Name)), p => p.CurrentValue);

    private static Dictionary<string, JsonElement> Values(IEnumerable<PropertyEntry> properties, Func<PropertyEntry, object?> value) =>
        properties.ToDictionary(p => p.Metadata.Name, p => RowLookup.Json(p.Metadata, value(p)), StringComparer.Ordinal);
}

internal static class SealedRows
{
    public static List<ChangedRow> OpenRows(this Sealing sealing, SupportChange change) =>
        JsonSerializer.Deserialize<List<ChangedRow>>(sealing.Open(SupportChange.Purpose, change.Rows))!;

    public static void SealRows(this Sealing sealing, SupportChange change, List<ChangedRow> rows) =>
        change.Rows = sealing.Seal(SupportChange.Purpose, JsonSerializer.SerializeToUtf8Bytes(rows));
}
