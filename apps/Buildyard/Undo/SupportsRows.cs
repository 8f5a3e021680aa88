using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Buildyard;

/// <summary>A value of an app's settings that support set and nobody of the customer has accepted.</summary>
/// <param name="Row">The row, as the first undecided change of support knows it.</param>
/// <param name="Property">The property; null: the row was added or removed.</param>
internal sealed record SupportsValue(ChangedRow Row, string? Property)
{
    /// <summary>The kind of thing that it is: <c>App.Title</c>, or <c>AppSecret</c> for a row that was added or removed.</summary>
    public string Kind => Property is null ? Row.Entity : $"{Row.Entity}.{Property}";
}

/// <summary>
/// Compares an app's settings with the customer's own: each value that an undecided change of support touched with the one before support's
/// first, as far as no member has set it since. Equal is equal, whoever made it so.
/// </summary>
internal sealed class SupportsRows(BuildyardDb db, Sealing sealing)
{
    private readonly RowLookup _rows = new(db);

    /// <summary>What differs now.</summary>
    /// <param name="open">The undecided changes of support to one app.</param>
    public async Task<IReadOnlyList<SupportsValue>> ListAsync(IEnumerable<SupportChange> open)
    {
        var differ = new List<SupportsValue>();
        foreach (var row in open.OrderBy(c => c.At).ThenBy(c => c.Act, StringComparer.Ordinal).SelectMany(sealing.OpenRows)
            .Where(row => row.Entity != nameof(YamlVersion)).GroupBy(row => row.Row, StringComparer.Ordinal))
        {
            var now = await _rows.FindAsync(row.First(), CancellationToken.None);
            var (first, existed) = (row.First(), row.First().Before is not null);
            if (!existed)
            {
                if (now is not null) differ.AddRange(Added(first, now));
                continue;
            }
            if (now is null)
            {
                // What a member removed, or put something else in the place of, is theirs.
                if (row.LastOrDefault(r => r.After is null) is { IsReplaced: false } removed) differ.Add(new SupportsValue(removed, null));
                continue;
            }
            var own = new Dictionary<string, (ChangedRow Row, JsonElement Value)>(StringComparer.Ordinal);
            foreach (var change in row)
                foreach (var property in change.After is null ? change.Before!.Keys.Where(p => !UndoRules.IsSignature(p)) : UndoRules.Given(change).Except(change.Overtaken, StringComparer.Ordinal))
                    own.TryAdd(property, (change, change.Before![property]));
            differ.AddRange(own.Where(value => !RowLookup.Is(now, value.Key, value.Value.Value)).Select(value => new SupportsValue(value.Value.Row, value.Key)));
        }
        return differ;
    }

    /// <summary>Whether a value is support's, or its whole row is, and nobody of the customer has accepted it: what they send along might go where they never looked.</summary>
    public async Task<bool> IsSupportsAsync(Setting setting, string property)
    {
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == setting.AppId && c.State == SupportChangeState.Open).ToListAsync();
        return (await ListAsync(open)).Any(value => value.Row.Entity == setting.GetType().Name && value.Row.Key[nameof(Setting.Id)].GetString() == setting.Id && (value.Property ?? property) == property);
    }

    private IEnumerable<SupportsValue> Added(ChangedRow row, EntityEntry now)
    {
        if (UndoRules.Absent(row.Entity) is not { } absent) return [new SupportsValue(row, null)];
        var without = db.Entry((object)absent);
        return now.Properties.Select(p => p.Metadata).Where(p => !p.IsPrimaryKey() && !p.IsForeignKey() && !UndoRules.IsSignature(p.Name))
            .Where(p => !RowLookup.Is(now, p.Name, RowLookup.Json(p, without.Property(p.Name).CurrentValue)))
            .Select(p => new SupportsValue(row, p.Name));
    }
}
