using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// What an entry says happened. The state is a fold of facts and of nothing else;
/// docs/ledger.md lists each kind with its fields.
/// </summary>
public abstract record Fact
{
    // Facts are written by the hundred: each thread keeps its room for the next one.
    private static readonly ThreadLocal<FieldsWriter> s_fields = new(() => new FieldsWriter());

    private protected Fact()
    {
    }

    /// <summary>The entry's kind, <c>noun.verb</c> in the past tense: <c>grant.started</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The erasable contents that the entry commits to.</summary>
    public virtual IEnumerable<Content> Contents => [];

    /// <summary>The fields of the hashed part, beside account, seq, time and kind, as the bytes they take in an entry.</summary>
    public EncodedFields EncodeFields()
    {
        var fields = s_fields.Value!;
        fields.Clear();
        Write(new FactWriter(fields));
        return fields.ToFields();
    }

    /// <summary>Reads a fact back from an entry.</summary>
    /// <exception cref="FormatException">The kind is unknown or a field is missing or wrong; the message names it.</exception>
    public static Fact Read(string kind, JsonObject fields)
    {
        var f = new FactFields(fields);
        return kind switch
        {
            GrantStarted.KindName => GrantStarted.Read(f),
            GrantChanged.KindName => GrantChanged.Read(f),
            GrantEnded.KindName => GrantEnded.Read(f),
            GrantCovers.KindName => GrantCovers.Read(f),
            GrantUncovers.KindName => GrantUncovers.Read(f),
            RequestMade.KindName => RequestMade.Read(f),
            RequestApproved.KindName => RequestApproved.Read(f),
            RequestEnded.KindName => RequestEnded.Read(f),
            PolicyChanged.KindName => PolicyChanged.Read(f),
            SessionOpened.KindName => SessionOpened.Read(f),
            SessionClosed.KindName => SessionClosed.Read(f),
            ActRead.KindName => ActRead.Read(f),
            ActBegun.KindName => ActBegun.Read(f),
            ActEnded.KindName => ActEnded.Read(f),
            ChangeSettled.KindName => ChangeSettled.Read(f),
            ConversationOpened.KindName => ConversationOpened.Read(f),
            MessageSent.KindName => MessageSent.Read(f),
            ConversationAssigned.KindName => ConversationAssigned.Read(f),
            ConversationSolved.KindName => ConversationSolved.Read(f),
            ConversationReopened.KindName => ConversationReopened.Read(f),
            ConversationShared.KindName => ConversationShared.Read(f),
            ProposalMade.KindName => ProposalMade.Read(f),
            ProposalEnded.KindName => ProposalEnded.Read(f),
            ScreenshotsAsked.KindName => ScreenshotsAsked.Read(f),
            ScreenshotsEnded.KindName => ScreenshotsEnded.Read(f),
            AttachmentAdded.KindName => AttachmentAdded.Read(f),
            Refused.KindName => Refused.Read(f),
            ClockAccepted.KindName => ClockAccepted.Read(f),
            VendorPolicyChanged.KindName => VendorPolicyChanged.Read(f),
            _ when TeamChanged.ChangeOf(kind) is { } change => TeamChanged.Read(change, f),
            _ => throw new FormatException($"An entry of kind '{kind}' is not known to this version."),
        };
    }

    private protected abstract void Write(FactWriter fields);
}

/// <summary>A customer lent a key: to one app, or with no <paramref name="App"/> to those of the account that <see cref="GrantCovers"/> names.</summary>
public sealed record GrantStarted(
    GrantId Grant,
    AppId? App,
    string Role,
    ImmutableArray<string> Also,
    DateTimeOffset Until,
    PersonId By,
    Content ByName,
    ImmutableArray<PersonId> MayEnd,
    Content? Note,
    RequestId? Request = null) : Fact
{
    internal const string KindName = "grant.started";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Note is null ? [ByName] : [ByName, Note];

    private protected override void Write(FactWriter fields) => fields
        .Id("grant", Grant.Value).Id("app", App?.Value).Text("how", Request is null ? "toggle" : "request").Id("request", Request?.Value)
        .Text("role", Role).Texts("also", Also).Time("until", Until)
        .Id("by", By.Value).Content("by_name", ByName)
        .Texts("may_end", MayEnd.Select(p => p.Value)).Content("note", Note);

    internal static GrantStarted Read(FactFields f) => new(
        new(f.Text("grant")), f.AppOrNull("app"), f.Text("role"), f.Texts("also"), f.Time("until"),
        new(f.Text("by")), f.Content("by_name"), [.. f.Texts("may_end").Select(p => new PersonId(p))], f.ContentOrNull("note"),
        f.TextOrNull("request") is { } request ? new RequestId(request) : null);
}

/// <summary>A customer renewed a live key, or changed its window or role.</summary>
public sealed record GrantChanged(
    GrantId Grant,
    AppId App,
    string Role,
    ImmutableArray<string> Also,
    DateTimeOffset Until,
    PersonId By,
    Content ByName,
    ImmutableArray<PersonId> MayEnd,
    Content? Note) : Fact
{
    internal const string KindName = "grant.changed";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Note is null ? [ByName] : [ByName, Note];

    private protected override void Write(FactWriter fields) => fields
        .Id("grant", Grant.Value).Id("app", App.Value)
        .Text("role", Role).Texts("also", Also).Time("until", Until)
        .Id("by", By.Value).Content("by_name", ByName)
        .Texts("may_end", MayEnd.Select(p => p.Value)).Content("note", Note);

    internal static GrantChanged Read(FactFields f) => new(
        new(f.Text("grant")), new(f.Text("app")), f.Text("role"), f.Texts("also"), f.Time("until"),
        new(f.Text("by")), f.Content("by_name"), [.. f.Texts("may_end").Select(p => new PersonId(p))], f.ContentOrNull("note"));
}

/// <summary>A key ended: by its window, by the customer, by support, or with its app.</summary>
public sealed record GrantEnded(
    GrantId Grant,
    AppId? App,
    DateTimeOffset At,
    GrantEnd Cause,
    PersonId? By,
    AgentId? ByAgent,
    Content? ByName) : Fact
{
    internal const string KindName = "grant.ended";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => ByName is null ? [] : [ByName];

    private protected override void Write(FactWriter fields) => fields
        .Id("grant", Grant.Value).Id("app", App?.Value).Time("at", At).Enum("cause", Cause)
        .Id("by", By?.Value).Id("by_agent", ByAgent?.Value).Content("by_name", ByName);

    internal static GrantEnded Read(FactFields f) => new(
        new(f.Text("grant")), f.AppOrNull("app"), f.Time("at"), f.Enum<GrantEnd>("cause"), f.PersonOrNull("by"), f.AgentOrNull("by_agent"),
        f.ContentOrNull("by_name"));
}

/// <summary>An agent entered an app, for a reason.</summary>
public sealed record SessionOpened(
    SessionId Session,
    AppId App,
    AgentId Agent,
    GrantId Grant,
    Content AgentName,
    Content Reason,
    Content? Ticket) : Fact
{
    internal const string KindName = "session.opened";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Ticket is null ? [AgentName, Reason] : [AgentName, Reason, Ticket];

    private protected override void Write(FactWriter fields) => fields
        .Id("session", Session.Value).Id("app", App.Value).Id("agent", Agent.Value).Id("grant", Grant.Value)
        .Content("agent_name", AgentName).Content("reason", Reason).Content("ticket", Ticket);

    internal static SessionOpened Read(FactFields f) => new(
        new(f.Text("session")), new(f.Text("app")), new(f.Text("agent")), new(f.Text("grant")),
        f.Content("agent_name"), f.Content("reason"), f.ContentOrNull("ticket"));
}

/// <summary>A session ended.</summary>
public sealed record SessionClosed(
    SessionId Session,
    AppId App,
    AgentId Agent,
    DateTimeOffset At,
    SessionClose Cause,
    PersonId? By) : Fact
{
    internal const string KindName = "session.closed";

    /// <inheritdoc/>
    public override string Kind => KindName;

    private protected override void Write(FactWriter fields) => fields
        .Id("session", Session.Value).Id("app", App.Value).Id("agent", Agent.Value)
        .Time("at", At).Enum("cause", Cause).Id("by", By?.Value);

    internal static SessionClosed Read(FactFields f) => new(
        new(f.Text("session")), new(f.Text("app")), new(f.Text("agent")), f.Time("at"), f.Enum<SessionClose>("cause"),
        f.PersonOrNull("by"));
}

/// <summary>The clock jumped ahead, and a lead of support took its new time as right.</summary>
public sealed record ClockAccepted(AgentId By, DateTimeOffset Expected, DateTimeOffset Accepted) : Fact
{
    internal const string KindName = "clock.accepted";

    /// <inheritdoc/>
    public override string Kind => KindName;

    private protected override void Write(FactWriter fields) => fields
        .Id("by", By.Value).Time("expected", Expected).Time("accepted", Accepted);

    internal static ClockAccepted Read(FactFields f) => new(new(f.Text("by")), f.Time("expected"), f.Time("accepted"));
}
