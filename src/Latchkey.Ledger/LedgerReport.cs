using System.Globalization;

namespace Latchkey.Ledger;

/// <summary>What a verifier can find wrong.</summary>
public enum FindingKind
{
    /// <summary>A line of the export can't be read.</summary>
    Malformed,

    /// <summary>An entry's bytes are not those its leaf or its line speaks of, or not an entry.</summary>
    Changed,

    /// <summary>A content is not what its entry committed to.</summary>
    ContentChanged,

    /// <summary>A number is there twice.</summary>
    Inserted,

    /// <summary>One or more numbers are missing.</summary>
    Dropped,

    /// <summary>An entry comes after one with a higher number.</summary>
    Swapped,

    /// <summary>The export ends before a checkpoint does.</summary>
    Truncated,

    /// <summary>The entries give another root than a checkpoint: some were changed together with their leaves or numbers.</summary>
    RootMismatch,

    /// <summary>Two signed checkpoints can't both belong to one history.</summary>
    SplitView,

    /// <summary>An entry belongs to another account's ledger.</summary>
    WrongAccount,

    /// <summary>An entry is older than the one before it.</summary>
    TimeBackwards,

    /// <summary>A checkpoint can't be read.</summary>
    BadCheckpoint,

    /// <summary>A checkpoint's signature by a known key is wrong.</summary>
    BadSignature,

    /// <summary>A checkpoint is not signed by a known key.</summary>
    UnknownKey,

    /// <summary>A checkpoint is of another log.</summary>
    OtherOrigin,

    /// <summary>There was no checkpoint to compare with, so nothing is shown but that the export fits together.</summary>
    NoCheckpoint,

    /// <summary>There is more to find: the verifier stopped.</summary>
    TooMany,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What sort of thing.</param>
/// <param name="Seq">The number of the entry it concerns, the first of several; null where it is not about an entry.</param>
/// <param name="Message">A sentence for people that names the entry, line or checkpoint.</param>
public sealed record Finding(FindingKind Kind, long? Seq, string Message)
{
    private const int MaxMessage = 1000;

    /// <summary>A finding whose message may quote what was read: it is cut, and can't command the terminal it is printed to.</summary>
    internal static Finding Quoting(FindingKind kind, long? seq, string message)
    {
        var shown = message.Length <= MaxMessage ? message : string.Concat(message.AsSpan(0, MaxMessage), "…");
        return new Finding(kind, seq, string.Concat(shown.Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format ? '\uFFFD' : c)));
    }
}

/// <summary>What a verifier found.</summary>
/// <param name="Size">The count of entries read in unbroken order from 0.</param>
/// <param name="Root">The root over those entries' bytes.</param>
/// <param name="Covered">The size of the largest checkpoint that agrees: entries from there on are held by nothing yet. Null if none agrees.</param>
/// <param name="Findings">All that is wrong, at most <see cref="LedgerVerifier.MaxFindings"/> and one that says so.</param>
public sealed record LedgerReport(long Size, Hash Root, long? Covered, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether nothing is wrong: at least one trusted checkpoint was compared, and all agree.</summary>
    public bool Ok => Findings.Count == 0 && Covered is not null;
}
