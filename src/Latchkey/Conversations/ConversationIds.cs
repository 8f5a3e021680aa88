namespace Latchkey;

/// <summary>One conversation between a customer's administrators and the support team. Made by Latchkey: <c>cnv_</c> and a version 7 UUID.</summary>
public readonly record struct ConversationId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public ConversationId(string value) => Value = IdText.Check(value, nameof(ConversationId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ConversationId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static ConversationId New(DateTimeOffset now) => new(IdText.New("cnv_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One message of a conversation. Made by Latchkey: <c>msg_</c> and a version 7 UUID.</summary>
public readonly record struct MessageId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public MessageId(string value) => Value = IdText.Check(value, nameof(MessageId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(MessageId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static MessageId New(DateTimeOffset now) => new(IdText.New("msg_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Something that a customer showed to support in a conversation, as it was then. Made by Latchkey: <c>shr_</c> and a version 7 UUID.</summary>
public readonly record struct ShareId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public ShareId(string value) => Value = IdText.Check(value, nameof(ShareId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ShareId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static ShareId New(DateTimeOffset now) => new(IdText.New("shr_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
