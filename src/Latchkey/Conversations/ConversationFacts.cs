using System.Collections.Immutable;

namespace Latchkey;

/// <summary>Who did something in a conversation: a person of the customer or an agent, with their name then.</summary>
/// <param name="Person">The customer's person; null where an agent did it.</param>
/// <param name="Agent">The agent; null where a person of the customer did it.</param>
/// <param name="Name">Their name then.</param>
public sealed record Author(PersonId? Person, AgentId? Agent, Content Name)
{
    /// <summary>The author as one key, in which no person and agent are alike.</summary>
    public string Key => KeyOf(Person, Agent);

    /// <summary>A person or an agent as one key.</summary>
    public static string KeyOf(PersonId? person, AgentId? agent) => agent is { } support ? $"agent:{support}" : $"person:{person}";
}

/// <summary>Something in a conversation.</summary>
/// <param name="Conversation">Which.</param>
/// <param name="App">The app that it is about; null where it is about the account.</param>
/// <param name="By">Who did it.</param>
public abstract record ConversationFact(ConversationId Conversation, AppId? App, Author By) : Fact
{
    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [By.Name];

    private protected override void Write(FactWriter fields) => fields
        .Id("conversation", Conversation.Value).Id("app", App?.Value)
        .Id("by", By.Person?.Value).Id("by_agent", By.Agent?.Value).Content("by_name", By.Name);

    private protected static (ConversationId Conversation, AppId? App, Author By) ReadCommon(FactFields f) => (
        new(f.Text("conversation")),
        f.TextOrNull("app") is { } app ? new AppId(app) : null,
        new Author(
            f.TextOrNull("by") is { } by ? new PersonId(by) : null,
            f.TextOrNull("by_agent") is { } agent ? new AgentId(agent) : null,
            f.Content("by_name")));
}

/// <summary>An administrator of the customer began a conversation. Its first message follows in the same transaction.</summary>
public sealed record ConversationOpened(
    ConversationId Conversation, AppId? App, Author By, Content Subject, Content AccountTitle, Content? AppTitle) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "conversation.opened";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => AppTitle is null ? [By.Name, Subject, AccountTitle] : [By.Name, Subject, AccountTitle, AppTitle];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Content("subject", Subject).Content("account_title", AccountTitle).Content("app_title", AppTitle);
    }

    internal static ConversationOpened Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(conversation, app, by, f.Content("subject"), f.Content("account_title"), f.ContentOrNull("app_title"));
    }
}

/// <summary>A message, of either side. The customer's opens a solved conversation again.</summary>
public sealed record MessageSent(
    MessageId Message, ConversationId Conversation, AppId? App, Author By, Content Text, ImmutableArray<string> Attachments) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "message.sent";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [By.Name, Text];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("message", Message.Value).Content("text", Text).Texts("attachments", Attachments);
    }

    internal static MessageSent Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(new(f.Text("message")), conversation, app, by, f.Content("text"), f.Texts("attachments"));
    }
}

/// <summary>Support gave the conversation to one of its agents, or to nobody.</summary>
public sealed record ConversationAssigned(
    ConversationId Conversation, AppId? App, Author By, AgentId? Agent, Content? AgentName) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "conversation.assigned";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => AgentName is null ? [By.Name] : [By.Name, AgentName];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("agent", Agent?.Value).Content("agent_name", AgentName);
    }

    internal static ConversationAssigned Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(conversation, app, by, f.TextOrNull("agent") is { } agent ? new AgentId(agent) : null, f.ContentOrNull("agent_name"));
    }
}

/// <summary>Somebody of either side called the conversation solved.</summary>
public sealed record ConversationSolved(ConversationId Conversation, AppId? App, Author By) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "conversation.solved";

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal static ConversationSolved Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(conversation, app, by);
    }
}

/// <summary>Somebody of either side opened a solved conversation again, without a message.</summary>
public sealed record ConversationReopened(ConversationId Conversation, AppId? App, Author By) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "conversation.reopened";

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal static ConversationReopened Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(conversation, app, by);
    }
}

/// <summary>A customer showed support something of the host's, as it was then.</summary>
public sealed record ConversationShared(
    ShareId Share, ConversationId Conversation, AppId? App, Author By, ShareKind Shared, Content Title, Content Body) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "conversation.shared";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [By.Name, Title, Body];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("share", Share.Value).Enum("shared", Shared).Content("title", Title).Content("body", Body);
    }

    internal static ConversationShared Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(new(f.Text("share")), conversation, app, by, f.Enum<ShareKind>("shared"), f.Content("title"), f.Content("body"));
    }
}
