using Latchkey.Ledger;

namespace Latchkey;

/// <summary>One file of a conversation. Made by Latchkey: <c>att_</c> and a version 7 UUID.</summary>
public readonly record struct AttachmentId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public AttachmentId(string value) => Value = IdText.Check(value, nameof(AttachmentId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(AttachmentId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static AttachmentId New(DateTimeOffset now) => new(IdText.New("att_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>
/// A file went along with a message, whose entry follows. The ledger keeps its kind, its size and a commitment to its bytes; the
/// bytes with their salt lie in an ordinary table and can be erased.
/// </summary>
/// <param name="Attachment">The file.</param>
/// <param name="Conversation">The conversation that it is in.</param>
/// <param name="App">The app that the conversation is about; null where it is about the account.</param>
/// <param name="Person">The customer's person who sent it; null where an agent did.</param>
/// <param name="Agent">The agent who sent it; null where a person of the customer did.</param>
/// <param name="Type">What it is.</param>
/// <param name="Size">Its bytes as kept, cleaned.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Commitment">SHA-256(salt ‖ bytes).</param>
public sealed record AttachmentAdded(
    AttachmentId Attachment, ConversationId Conversation, AppId? App, PersonId? Person, AgentId? Agent, AttachmentType Type, int Size, Content Name, Hash Commitment) : Fact
{
    internal const string KindName = "attachment.added";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [Name];

    private protected override void Write(FactWriter fields) => fields
        .Id("attachment", Attachment.Value).Id("conversation", Conversation.Value).Id("app", App?.Value)
        .Id("by", Person?.Value).Id("by_agent", Agent?.Value)
        .Enum("type", Type).Number("size", Size).Content("name", Name).Content("file", Content.Named(Attachment.Value, Commitment));

    internal static AttachmentAdded Read(FactFields f) => new(
        new(f.Text("attachment")), new(f.Text("conversation")),
        f.TextOrNull("app") is { } app ? new AppId(app) : null,
        f.TextOrNull("by") is { } by ? new PersonId(by) : null,
        f.TextOrNull("by_agent") is { } agent ? new AgentId(agent) : null,
        f.Enum<AttachmentType>("type"), f.NumberOrNull("size") ?? throw new FormatException("'size' is missing; it takes a whole number."),
        f.Content("name"), f.Content("file").Commitment);
}
