namespace Latchkey;

/// <summary>Why something that was asked for did not happen.</summary>
public enum RefusalReason
{
    /// <summary>A value can't be accepted; <see cref="Refusal.Field"/> names it.</summary>
    Invalid,

    /// <summary>What was sent is of a kind that is not taken here; the sentence says what is.</summary>
    UnsupportedBody,

    /// <summary>The person may not do this here.</summary>
    NotAllowed,

    /// <summary>The person is of the support team, in whatever disguise: support never opens, extends or approves access.</summary>
    SupportInDisguise,

    /// <summary>Support raised the person to their role, and nobody of the customer has accepted it yet.</summary>
    PromotedBySupport,

    /// <summary>It was done too often in too short a time; the sentence says when it can be done again.</summary>
    TooMany,
    /// <summary>The owner of the account refuses support access altogether.</summary>
    AccountRefuses,

    /// <summary>The request was answered, taken back or has expired; <see cref="Refusal.At"/> says when.</summary>
    AlreadyDecided,

    /// <summary>A request for this is pending already.</summary>
    AlreadyPending,

    /// <summary>It was asked for, and declined, too short a time ago; <see cref="Refusal.At"/> says from when on it can be asked for again.</summary>
    TooSoon,

    /// <summary>What it would change is not as it was any more, so nothing was changed.</summary>
    ChangedSince,

    /// <summary>There is no such thing for the caller.</summary>
    NotFound,

    /// <summary>It has ended; <see cref="Refusal.At"/> says when.</summary>
    Ended,

    /// <summary>The code was used already, is older than a minute, or belongs to someone else's sign-in.</summary>
    CodeSpent,

    /// <summary>The ledger can't be written, so nothing happened.</summary>
    LedgerUnavailable,

    /// <summary>The end holds from now on, but could not be saved yet; it is saved before anything else is.</summary>
    EndedNotSaved,

    /// <summary>The clock can't be trusted, so nothing may begin.</summary>
    Clock,
}

/// <summary>A refusal: what stood in the way, in a word for programs and a sentence for people.</summary>
/// <param name="Reason">The word.</param>
/// <param name="Message">The sentence: what is wrong, and what would be accepted.</param>
/// <param name="Field">The field at fault, as the API calls it.</param>
/// <param name="At">When it ended, for <see cref="RefusalReason.Ended"/>.</param>
public sealed record Refusal(RefusalReason Reason, string Message, string? Field = null, DateTimeOffset? At = null)
{
    internal static Refusal LedgerUnavailable { get; } =
        new(RefusalReason.LedgerUnavailable, "Support access can't be changed now: its ledger can't be written. Nothing was changed.");

    internal static Refusal EndedNotSaved { get; } =
        new(RefusalReason.EndedNotSaved, "Access has ended and support is out, but this could not be saved yet. It is saved as soon as the ledger can be written.");

    internal static Refusal Clock { get; } =
        new(RefusalReason.Clock, "The server's clock can't be trusted now, so support access can't begin. Turning it off still works.");

    internal static Refusal ClockHoldsWords { get; } =
        new(RefusalReason.Clock, "The server's clock can't be trusted now, so nothing was kept. Try again in a while.");
}

/// <summary>Either a value or the refusal that stands in its place.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public readonly record struct Answer<T>
    where T : class
{
    private Answer(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>What was asked for; null where it was refused.</summary>
    public T? Value { get; }

    /// <summary>Why it was refused; null where it was not.</summary>
    public Refusal? Refusal { get; }

    /// <summary>An answer that gives what was asked for.</summary>
    public static implicit operator Answer<T>(T value) => new(value, null);

    /// <summary>An answer that refuses.</summary>
    public static implicit operator Answer<T>(Refusal refusal) => new(null, refusal);
}
