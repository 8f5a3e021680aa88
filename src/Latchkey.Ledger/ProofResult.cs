namespace Latchkey.Ledger;

/// <summary>What came of checking a proof.</summary>
public enum ProofReason
{
    /// <summary>Nothing was checked: the value of a default result, which is not a success.</summary>
    NotChecked,

    /// <summary>The proof holds.</summary>
    Verified,

    /// <summary>The tree is empty where it may not be, or the older tree is larger than the newer.</summary>
    SizeOutOfRange,

    /// <summary>There is no such leaf in a tree of that size.</summary>
    IndexOutOfRange,

    /// <summary>The proof has too few or too many hashes for these sizes.</summary>
    WrongLength,

    /// <summary>The hashes lead to another root.</summary>
    RootMismatch,
}

/// <summary>The outcome of checking an inclusion or consistency proof.</summary>
/// <param name="Reason">Why it is what it is.</param>
public readonly record struct ProofResult(ProofReason Reason)
{
    /// <summary>Whether the proof holds.</summary>
    public bool Ok => Reason == ProofReason.Verified;

    /// <summary>The result with this reason.</summary>
    /// <param name="reason">The reason.</param>
    public static implicit operator ProofResult(ProofReason reason) => new(reason);
}
