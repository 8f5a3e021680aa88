using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Buildyard;

/// <summary>Finds what a changed row is now, and sets it back.</summary>
internal sealed class RowLookup(BuildyardDb db)
{
    /// <summary>The row as it is now, tracked; null where there is none.</summary>
    public async Task<EntityEntry?> FindAsync(ChangedRow row, CancellationToken cancellation)
    {
        var type = Type(row);
        var key = type.FindPrimaryKey()!.Properties.Select(p => row.Key[p.Name].Deserialize(p.ClrType)).ToArray();
        return await db.FindAsync(type.ClrType, key, cancellation) is { } entity && db.Entry(entity) is { State: not EntityState.Deleted } entry ? entry : null;
    }

    /// <summary>Whether a row still has the values that support gave it.</summary>
    public static bool IsAs(EntityEntry entry, IReadOnlyDictionary<string, JsonElement> values) =>
        values.All(v => UndoRules.IsSignature(v.Key) || Is(entry, v.Key, v.Value));

    /// <summary>Whether a row has this value. A property that the model has no longer counts as unchanged.</summary>
    public static bool Is(EntityEntry entry, string property, JsonElement value) =>
        entry.Metadata.FindProperty(property) is not { } found || JsonElement.DeepEquals(Json(found, entry.Property(property).CurrentValue), value);

    /// <summary>Whether <paramref name="added"/> takes the one place that a removed row had: the same name, or the only row of its kind.</summary>
    public static bool Replaces(EntityEntry added, ChangedRow row) =>
        added.Metadata.ClrType.Name == row.Entity && row.Before is { } before
        && added.Metadata.GetIndexes().Any(i => i.IsUnique && i.Properties.All(p => before.TryGetValue(p.Name, out var value) && Is(added, p.Name, value)));

    /// <summary>Whether something is gone that the row's earlier values name.</summary>
    public async Task<bool> IsOrphanAsync(ChangedRow row, CancellationToken cancellation)
    {
        foreach (var foreign in Type(row).GetForeignKeys())
        {
            if (!foreign.Properties.All(p => row.Before!.ContainsKey(p.Name))) continue;
            var key = foreign.Properties.Select(p => row.Before![p.Name].Deserialize(p.ClrType)).ToArray();
            if (Array.TrueForAll(key, part => part is not null) && await db.FindAsync(foreign.PrincipalEntityType.ClrType, key, cancellation) is null) return true;
        }
        return false;
    }

    /// <summary>Sets the row's earlier values, or makes it anew. A row that was removed comes back with its own id: it is the same thing again.</summary>
    public EntityEntry SetBack(ChangedRow row, EntityEntry? entry)
    {
        if (entry is null)
        {
            entry = db.Entry(System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(Type(row).ClrType));
            Write(entry, row.Key);
            Write(entry, row.Before!);
            entry.State = EntityState.Added;
        }
        else
        {
            Write(entry, row.Before!);
        }
        return entry;
    }

    public static JsonElement Json(IProperty property, object? value) => JsonSerializer.SerializeToElement(value, property.ClrType);

    private IEntityType Type(ChangedRow row) => db.Model.GetEntityTypes().Single(t => t.ClrType.Name == row.Entity);

    private static void Write(EntityEntry entry, IReadOnlyDictionary<string, JsonElement> values)
    {
        foreach (var (name, value) in values)
            if (entry.Metadata.FindProperty(name) is { } property)
                entry.Property(name).CurrentValue = value.Deserialize(property.ClrType);
    }
}
