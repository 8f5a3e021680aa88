using System.Collections.Immutable;

namespace Latchkey;

/// <summary>Whose turn it is.</summary>
public enum ConversationState
{
    /// <summary>The customer spoke last.</summary>
    WaitingOnSupport,

    /// <summary>Support spoke last.</summary>
    WaitingOnCustomer,

    /// <summary>Somebody called it solved. The customer's next word opens it again.</summary>
    Solved,
}

/// <summary>What a conversation is about: an app, or an account as a whole.</summary>
/// <param name="Account">Whose conversation it is, for good.</param>
/// <param name="AccountTitle">How the account is called now.</param>
/// <param name="App">The app of that account; null for the account as a whole.</param>
public sealed record Topic(AccountId Account, string AccountTitle, AppRef? App);

/// <summary>Who speaks in a conversation now: an administrator of the customer, as the host vouches, or an agent.</summary>
public sealed record Speaker
{
    private Speaker(PersonId? person, AgentId? agent, string name, Refusal? silenced) =>
        (Person, Agent, Name, Silenced) = (person, agent, name, silenced);

    /// <summary>The customer's person; null for an agent.</summary>
    public PersonId? Person { get; }

    /// <summary>The agent; null for a person of the customer.</summary>
    public AgentId? Agent { get; }

    /// <summary>Their name now.</summary>
    public string Name { get; }

    /// <summary>Why they may not speak; null where they may.</summary>
    public Refusal? Silenced { get; }

    /// <summary>The key of their unread marks.</summary>
    public string Key => Author.KeyOf(Person, Agent);

    /// <summary>A person of the customer. Only administrators speak for it, whom support did not raise; and support never does in a member's clothes.</summary>
    public static Speaker Of(Lender member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return new(member.Person, null, member.Name, member switch
        {
            { IsAgent: true } => new Refusal(
                RefusalReason.SupportInDisguise, "You are on the support team, so you can't write as a customer. Write from the support console."),
            { MayTurn: false } => new Refusal(
                RefusalReason.NotAllowed, "Only administrators of the app, or owners for the account, can speak with support."),
            { PromotedBySupport: true } => new Refusal(
                RefusalReason.PromotedBySupport, "Support gave you your role in this app. You can speak for the customer once another administrator has accepted it on the team page."),
            _ => null,
        });
    }

    /// <summary>An agent.</summary>
    public static Speaker Of(AgentRef agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new(null, agent.Id, agent.Name, null);
    }

    internal Author At(DateTimeOffset now) => new(Person, Agent, Content.New(Name, now));
}

/// <summary>What is said: a text, files that were uploaded to the conversation before, or both.</summary>
/// <param name="Text">1 to 10,000 characters; may be empty beside files. Line ends and tabs are kept.</param>
/// <param name="Attachments">Ids of uploaded files, at most 20; null for none.</param>
public sealed record Said(string? Text, IReadOnlyList<string>? Attachments = null);

/// <summary>A file on its way in.</summary>
/// <param name="Bytes">The file, read no further than its limit.</param>
/// <param name="Name">What the sender calls it; null for no name.</param>
public sealed record NewFile(Stream Bytes, string? Name);

/// <summary>What kind of thing was shown to support.</summary>
public enum ShareKind
{
    /// <summary>The app's settings.</summary>
    Snapshot,

    /// <summary>A build with its log, or whatever the host's work is called.</summary>
    Build,
}

/// <summary>Something of the host's that a customer shows to support: as it is at that moment, without secrets.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Parts">What it holds, in order; together at most 512 KiB.</param>
public sealed record Share(ShareKind Kind, string Title, ImmutableArray<SharePart> Parts);

/// <summary>A part of what is shown: fields, a text, or both.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Fields">Names with values, in order.</param>
/// <param name="Text">A text of many lines, such as a configuration file or a log; null for none.</param>
/// <param name="Version">The host's name for the state that the text is of, so that a change can be proposed against it; null for none.</param>
public sealed record SharePart(string Title, ImmutableArray<ShareField> Fields, string? Text = null, string? Version = null);

/// <summary>A field of what is shown.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">Its value, with secrets masked.</param>
public sealed record ShareField(string Name, string Value);

/// <summary>A conversation that was opened.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Message">Its first message.</param>
public sealed record OpenedConversation(ConversationId Id, MessageId Message);

/// <summary>A message that was sent.</summary>
/// <param name="Id">The message.</param>
public sealed record SentMessage(MessageId Id);

/// <summary>Something that was shared.</summary>
/// <param name="Id">The share.</param>
public sealed record SharedThing(ShareId Id);

/// <summary>A conversation whose state was asked for.</summary>
/// <param name="Id">The conversation.</param>
public sealed record ChangedConversation(ConversationId Id);
