using System.Collections.Immutable;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>What can be lent, whoever asks for it: each fault names its field and what would be accepted.</summary>
internal static class TermsCheck
{
    private const int MaxAlso = 32;

    /// <summary>Finds a role and single permissions of the catalogue, or says which there are.</summary>
    public static Answer<Lent> Find(Catalogue catalogue, string role, IReadOnlyList<string> also)
    {
        if (catalogue.FindRole(role) is not { } found)
        {
            return Invalid("role", $"'role' is '{Shown(role)}'; it takes {string.Join(", ", catalogue.Roles.Select(r => $"'{r.Name}'"))}.");
        }

        if (also.Count > MaxAlso)
        {
            return Invalid("also", $"'also' names {also.Count} permissions; it takes at most {MaxAlso}.");
        }

        return also.FirstOrDefault(n => catalogue.Find(n) is not { OffLimits: false }) is { } unknown
            ? Invalid("also", $"'also' names '{Shown(unknown)}', which is not a permission that can be lent.")
            : new Lent(found, [.. also.Distinct().Select(n => catalogue.Find(n)!).OrderBy(p => p.Index)]);
    }

    /// <summary>Whether a length or an end can be lent: not both, at least a minute, in the future, within the longest window.</summary>
    public static Refusal? Window(Batch batch, TimeSpan? length, DateTimeOffset? until, TimeSpan max)
    {
        if (length is not null && until is not null)
        {
            return Invalid("until", "Give 'duration' or 'until', not both.");
        }

        if (length is { } duration && (duration < SupportAccessOptions.MinWindow || duration > max))
        {
            return Invalid("duration", $"'duration' takes 1 minute to {Days(max)} (PT1M to {System.Xml.XmlConvert.ToString(max)}).");
        }

        if (until is not { } end)
        {
            return null;
        }

        if (LedgerEntry.WholeMilliseconds(end.ToUniversalTime()) <= batch.Now)
        {
            return Invalid("until", "'until' is not in the future.");
        }

        return end - batch.Now > max
            ? Invalid("until", $"'until' is further than {Days(max)} away, the longest window there is.")
            : null;
    }

    public static string Days(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays:0.##} days" : $"{span.TotalMinutes:0} minutes";

    private static string Shown(string value) => value.Length <= 64 ? value : value[..64] + "…";

    public static Refusal Invalid(string field, string message) => new(RefusalReason.Invalid, message, field);
}

/// <summary>What a key opens: a role, and single permissions beside it.</summary>
internal sealed record Lent(Role Role, ImmutableArray<Permission> Also)
{
    public ImmutableArray<string> AlsoNames => [.. Also.Select(p => p.Name)];
}
