namespace Latchkey;

/// <summary>One change that support proposed. Made by Latchkey: <c>prp_</c> and a version 7 UUID.</summary>
public readonly record struct ProposalId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public ProposalId(string value) => Value = IdText.Check(value, nameof(ProposalId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ProposalId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static ProposalId New(DateTimeOffset now) => new(IdText.New("prp_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
