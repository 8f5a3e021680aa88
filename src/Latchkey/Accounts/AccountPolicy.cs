using System.Collections.Immutable;

namespace Latchkey;

/// <summary>What a customer's owner rules for the whole account.</summary>
/// <param name="Refuses">Whether support access is refused altogether: nothing can be turned on, asked for or approved.</param>
/// <param name="Approvers">How many different people it takes to lend a key, by a request or by the switch: 1 or 2.</param>
/// <param name="Named">The only people who may lend one; empty for every administrator of what is asked for.</param>
public sealed record AccountPolicy(bool Refuses, int Approvers, ImmutableArray<PersonId> Named)
{
    /// <summary>What holds where the owner has said nothing: access can be lent, and one administrator approves.</summary>
    public static AccountPolicy Default { get; } = new(Refuses: false, Approvers: 1, Named: []);

    /// <summary>Whether a person may lend, as far as the policy goes.</summary>
    public bool LetsApprove(PersonId person) => Named.IsEmpty || Named.Contains(person);

    /// <inheritdoc/>
    public bool Equals(AccountPolicy? other) =>
        other is not null && Refuses == other.Refuses && Approvers == other.Approvers && Named.SequenceEqual(other.Named);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Refuses, Approvers, Named.Length);
}

/// <summary>The owner of an account changed its policy.</summary>
public sealed record PolicyChanged(AccountPolicy Policy, PersonId By, Content ByName) : Fact
{
    internal const string KindName = "policy.changed";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [ByName];

    private protected override void Write(FactWriter fields) => fields
        .Flag("refuses", Policy.Refuses).Number("approvers", Policy.Approvers).Texts("named", Policy.Named.Select(p => p.Value))
        .Id("by", By.Value).Content("by_name", ByName);

    internal static PolicyChanged Read(FactFields f) => new(
        new AccountPolicy(f.Flag("refuses"), f.Number("approvers"), [.. f.Texts("named").Select(p => new PersonId(p))]),
        new(f.Text("by")), f.Content("by_name"));
}
