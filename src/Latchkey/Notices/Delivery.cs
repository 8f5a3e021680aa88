namespace Latchkey;

/// <summary>How something is brought to somebody outside the product.</summary>
public enum NoticeChannel
{
    /// <summary>A mail to a person.</summary>
    Email,

    /// <summary>A call of an account's webhook.</summary>
    Webhook,
}

/// <summary>What became of a delivery.</summary>
public enum DeliveryState
{
    /// <summary>To be tried at <see cref="NoticeDelivery.NextAt"/>.</summary>
    Waiting,

    /// <summary>Taken by the other side.</summary>
    Sent,

    /// <summary>No longer to be told: whoever it was for lost the role, or has read it.</summary>
    Dropped,

    /// <summary>Not delivered, and not tried any more.</summary>
    GivenUp,
}

/// <summary>One notice on its way to one person by one channel.</summary>
/// <param name="Id">Drawn at random, stable over attempts: a mail's Message-ID and a webhook's id are made of it, and whoever reads several learns nothing of how many others there are.</param>
/// <param name="Notice">What is told.</param>
/// <param name="Reader">To whom.</param>
/// <param name="Channel">How.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="CreatedAt">Since when it waits.</param>
/// <param name="NextAt">When it is tried next.</param>
public sealed record NoticeDelivery(
    string Id, Notice Notice, ReaderId Reader, NoticeChannel Channel, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset NextAt);

/// <summary>What came of deliveries, to be kept.</summary>
/// <param name="Ids">Which.</param>
/// <param name="State">How they stand now.</param>
/// <param name="At">When it was tried.</param>
/// <param name="NextAt">When to try again, for those that wait.</param>
/// <param name="Attempted">Whether this counts as an attempt.</param>
/// <param name="Problem">Why it was not taken; null where it was.</param>
public sealed record DeliveryOutcome(
    IReadOnlyList<string> Ids, DeliveryState State, DateTimeOffset At, DateTimeOffset NextAt, bool Attempted, string? Problem);

/// <summary>A line of an inbox.</summary>
/// <param name="Number">Its place: the cursor of a page. Newer ones are larger.</param>
/// <param name="Source">What it says.</param>
/// <param name="Seen">Whether its reader has seen it.</param>
public sealed record InboxLine(long Number, NoticeSource Source, bool Seen);

/// <summary>An account's webhook for notices.</summary>
/// <param name="Url">Where.</param>
/// <param name="Secret">What signs, protected by the host: no store can read it.</param>
public sealed record NoticeHook(string Url, byte[] Secret);

/// <summary>A delivery that was given up.</summary>
/// <param name="Reader">Whom it did not reach.</param>
/// <param name="Channel">How it was tried.</param>
/// <param name="At">When it was tried last.</param>
/// <param name="Problem">What stood in the way.</param>
public sealed record LostDelivery(ReaderId Reader, NoticeChannel Channel, DateTimeOffset At, string Problem);
