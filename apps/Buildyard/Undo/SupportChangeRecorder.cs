using System.Text.Json;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Buildyard;

/// <summary>
/// Keeps, in the same save, what rows were before support changed them. Whatever an endpoint does through the change tracker
/// to an <see cref="IUndoable"/> row can be undone without a line of its own.
/// </summary>
internal sealed class SupportChangeRecorder(IHttpContextAccessor http, Sealing sealing, TimeProvider clock) : SaveChangesInterceptor
{
    /// <summary>Who changed a row last, and when: neither compared nor told, and set anew by whoever undoes.</summary>
    internal static readonly IReadOnlySet<string> Signature = new HashSet<string>(StringComparer.Ordinal)
    {
        nameof(Setting.ChangedAt), nameof(Setting.ChangedBy), nameof(Setting.BySupport),
        nameof(AppRole.PromotedBySupport), nameof(AppRole.PromotedAt),
    };

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is BuildyardDb db && http.HttpContext?.FindAccess() is { Support: not null, Act: { } act, App: { } app })
        {
            db.ChangeTracker.DetectChanges();
            var rows = db.ChangeTracker.Entries<IUndoable>().Where(e => e.Entity.AppId == app.Value).Select(Row).OfType<ChangedRow>().ToList();
            if (rows.Count > 0) await KeepAsync(db, act.Value, app.Value, rows, cancellationToken);
        }
        return result;
    }

    private async Task KeepAsync(BuildyardDb db, string act, string app, List<ChangedRow> rows, CancellationToken cancellation)
    {
        var change = await db.SupportChanges.FindAsync([act], cancellation);
        if (change is null)
        {
            change = new SupportChange { Act = act, AppId = app, At = clock.Now(), Touches = "", Rows = [], State = SupportChangeState.Open };
            db.SupportChanges.Add(change);
        }
        else
        {
            rows.InsertRange(0, sealing.OpenRows(change));
        }
        change.Touches = string.Concat(rows.SelectMany(Touched).Distinct(StringComparer.Ordinal).Select(t => t + " "));
        change.Rows = sealing.Seal(SupportChange.Purpose, JsonSerializer.SerializeToUtf8Bytes(rows));
    }

    private static IEnumerable<string> Touched(ChangedRow row) =>
        row is { Before: { } before, After: not null } ? before.Keys.Select(property => $"{row.Entity}.{property}") : [row.Entity];

    private static ChangedRow? Row(EntityEntry<IUndoable> entry)
    {
        var changed = entry.State switch
        {
            EntityState.Added or EntityState.Deleted => entry.Properties,
            EntityState.Modified => entry.Properties.Where(p => p.IsModified && !Equals(p.OriginalValue, p.CurrentValue)),
            _ => [],
        };
        var properties = changed.Where(p => !p.Metadata.IsPrimaryKey()).ToList();
        if (entry.State != EntityState.Added && entry.State != EntityState.Deleted && properties.TrueForAll(p => Signature.Contains(p.Metadata.Name))) return null;
        return new ChangedRow(
            entry.Metadata.ClrType.Name,
            entry.Entity.Called,
            entry.Metadata.FindPrimaryKey()!.Properties.ToDictionary(p => p.Name, p => Json(p, entry.Property(p.Name).CurrentValue), StringComparer.Ordinal),
            entry.State == EntityState.Added ? null : properties.ToDictionary(p => p.Metadata.Name, p => Json(p.Metadata, p.OriginalValue), StringComparer.Ordinal),
            entry.State == EntityState.Deleted ? null : properties.ToDictionary(p => p.Metadata.Name, p => Json(p.Metadata, p.CurrentValue), StringComparer.Ordinal));
    }

    internal static JsonElement Json(IProperty property, object? value) => JsonSerializer.SerializeToElement(value, property.ClrType);
}

internal static class SealedRows
{
    public static List<ChangedRow> OpenRows(this Sealing sealing, SupportChange change) =>
        JsonSerializer.Deserialize<List<ChangedRow>>(sealing.Open(SupportChange.Purpose, change.Rows))!;
}
