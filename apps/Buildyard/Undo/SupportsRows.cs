using System.Text.Json;
using Latchkey.AspNetCore;
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
            .Where(row => row.Entity != nameof(YamlVersion) && !IsSpent(row)).GroupBy(row => row.Row, StringComparer.Ordinal))
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

    /// <summary>
    /// Asks a member for which address a credential is that they make, give or take: where support set the address and nobody of the customer has
    /// accepted it, the call names it. Else it might go where they never looked.
    /// </summary>
    /// <param name="access">Who calls. Support itself knows.</param>
    /// <param name="row">What holds the address.</param>
    /// <param name="property">The address.</param>
    /// <param name="asked">What it is called in a call, and what it is now.</param>
    /// <param name="named">What the call names, if anything.</param>
    /// <returns>What is asked; null: nothing.</returns>
    public async Task<Refusal?> AskForWhichAsync(AccessContext access, IUndoable row, string property, (string Field, string Now) asked, string? named) =>
        named is null && access.Support is null && await IsSupportsAsync(row, property)
            ? Refusal.Invalid(new FieldError(asked.Field, $"Support set it to {asked.Now}, and nobody has decided on that. Say for which address this is.", "The address, in the same call."))
            : null;

    /// <summary>The same where the call sets no address: the one that it names is the one that it is.</summary>
    public async Task<Refusal?> AskForThatAsync(AccessContext access, IUndoable row, string property, (string Field, string Now) asked, string? named) =>
        named is not null && named != asked.Now
            ? Refusal.Conflict("changed_since", "The address is another one by now. Nothing is done: look again.")
            : await AskForWhichAsync(access, row, property, asked, named);

    /// <summary>Whether a value is support's, or its whole row is, and nobody of the customer has accepted it.</summary>
    public async Task<bool> IsSupportsAsync(IUndoable row, string property)
    {
        var (open, entry) = (await db.SupportChanges.AsNoTracking().Where(c => c.AppId == row.AppId && c.State == SupportChangeState.Open).ToListAsync(), db.Entry(row));
        return (await ListAsync(open)).Any(value => value.Row.Entity == entry.Metadata.ClrType.Name && value.Row.Key["Id"].GetString() == (string)entry.Property("Id").CurrentValue! && (value.Property ?? property) == property);
    }

    /// <summary>Whether a member has set anew all that support did.</summary>
    private static bool IsSpent(ChangedRow row) => row is { Before: not null, After: not null } && UndoRules.Given(row).All(property => row.Overtaken.Contains(property, StringComparer.Ordinal));

    private IEnumerable<SupportsValue> Added(ChangedRow row, EntityEntry now)
    {
        if (UndoRules.Absent(row.Entity) is not { } absent) return [new SupportsValue(row, null)];
        var without = db.Entry((object)absent);
        return now.Properties.Select(p => p.Metadata).Where(p => !p.IsPrimaryKey() && !p.IsForeignKey() && !UndoRules.IsSignature(p.Name))
            .Where(p => !RowLookup.Is(now, p.Name, RowLookup.Json(p, without.Property(p.Name).CurrentValue)))
            .Select(p => new SupportsValue(row, p.Name));
    }
}
