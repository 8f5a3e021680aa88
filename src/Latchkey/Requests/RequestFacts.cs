using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// An agent asked for a key: to one app, or with no <paramref name="App"/> to every app of the account. With <paramref name="AskedByName"/> by a
/// name that they typed: on the vendor's ledger that they did, with neither app nor account, and on a customer's what was delivered. Or a
/// <paramref name="Person"/> of the customer turned the switch of an app whose account wants two people for that: then it is a second one who is asked.
/// </summary>
public sealed record RequestMade(
    RequestId Request,
    AppId? App,
    Content TargetName,
    AgentId? Agent,
    Content? AgentName,
    string Role,
    ImmutableArray<string> Also,
    int Seconds,
    DateTimeOffset Expires,
    Content? Reason,
    Content? Ticket,
    string? Conversation,
    NamedTarget? AskedByName = null,
    PersonId? Person = null,
    Content? PersonName = null,
    DateTimeOffset? Until = null) : Fact
{
    internal const string KindName = "request.made";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => new[] { TargetName, AgentName, PersonName, Reason, Ticket }.OfType<Content>();

    private protected override void Write(FactWriter fields)
    {
        fields.Id("request", Request.Value).Id("app", App?.Value).Content("target_name", TargetName)
            .Id("agent", Agent?.Value).Content("agent_name", AgentName)
            .Text("role", Role).Texts("also", Also).Number("seconds", Seconds).Time("expires", Expires)
            .Content("reason", Reason).Content("ticket", Ticket).Id("conversation", Conversation)
            .Id("person", Person?.Value).Content("person_name", PersonName);
        if (AskedByName is { } named)
        {
            fields.Enum("asked_by_name", named);
        }

        if (Until is { } until)
        {
            fields.Time("until", until);
        }
    }

    internal static RequestMade Read(FactFields f) => new(
        new(f.Text("request")), f.AppOrNull("app"), f.Content("target_name"), f.AgentOrNull("agent"), f.ContentOrNull("agent_name"),
        f.Text("role"), f.Texts("also"), f.Number("seconds"), f.Time("expires"),
        f.ContentOrNull("reason"), f.ContentOrNull("ticket"), f.TextOrNull("conversation"),
        f.TextOrNull("asked_by_name") is null ? null : f.Enum<NamedTarget>("asked_by_name"),
        f.PersonOrNull("person"), f.ContentOrNull("person_name"), f.TimeOrNull("until"));
}

/// <summary>
/// An administrator approved a request. With <paramref name="Grant"/> the key is lent by the same batch; without, the account wants a
/// second approver, and these terms are the most that one can lend. It counts while whoever gave it may give it.
/// </summary>
public sealed record RequestApproved(
    RequestId Request,
    AppId? App,
    PersonId By,
    Content ByName,
    string Role,
    ImmutableArray<string> Also,
    int Seconds,
    DateTimeOffset? Until,
    GrantId? Grant) : Fact
{
    internal const string KindName = "request.approved";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [ByName];

    private protected override void Write(FactWriter fields)
    {
        fields.Id("request", Request.Value).Id("app", App?.Value).Id("by", By.Value).Content("by_name", ByName)
            .Text("role", Role).Texts("also", Also).Number("seconds", Seconds).Id("grant", Grant?.Value);
        if (Until is { } until)
        {
            fields.Time("until", until);
        }
    }

    internal static RequestApproved Read(FactFields f) => new(
        new(f.Text("request")), f.AppOrNull("app"), new(f.Text("by")), f.Content("by_name"),
        f.Text("role"), f.Texts("also"), f.Number("seconds"), f.TimeOrNull("until"),
        f.TextOrNull("grant") is { } grant ? new GrantId(grant) : null);
}

/// <summary>A request ended without a key.</summary>
public sealed record RequestEnded(
    RequestId Request,
    AppId? App,
    DateTimeOffset At,
    RequestState State,
    Supersession? Because,
    PersonId? By,
    AgentId? ByAgent,
    Content? ByName,
    Content? Note) : Fact
{
    internal const string KindName = "request.ended";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => new[] { ByName, Note }.OfType<Content>();

    private protected override void Write(FactWriter fields)
    {
        fields.Id("request", Request.Value).Id("app", App?.Value).Time("at", At).Enum("state", State)
            .Id("by", By?.Value).Id("by_agent", ByAgent?.Value).Content("by_name", ByName).Content("note", Note);
        if (Because is { } because)
        {
            fields.Enum("because", because);
        }
    }

    internal static RequestEnded Read(FactFields f) => new(
        new(f.Text("request")), f.AppOrNull("app"), f.Time("at"), f.Enum<RequestState>("state"),
        f.TextOrNull("because") is null ? null : f.Enum<Supersession>("because"),
        f.PersonOrNull("by"), f.AgentOrNull("by_agent"), f.ContentOrNull("by_name"), f.ContentOrNull("note"));
}

/// <summary>
/// A key to the account's apps opens this one: from its start, since the app is new, or since its switch, after it was taken out, lends as much.
/// Whoever may turn it off here then can until it ends.
/// </summary>
public sealed record GrantCovers(GrantId Grant, AppId App, ImmutableArray<PersonId> MayEnd) : Fact
{
    internal const string KindName = "grant.covers";

    /// <inheritdoc/>
    public override string Kind => KindName;

    private protected override void Write(FactWriter fields) =>
        fields.Id("grant", Grant.Value).Id("app", App.Value).Texts("may_end", MayEnd.Select(p => p.Value));

    internal static GrantCovers Read(FactFields f) =>
        new(new(f.Text("grant")), new(f.Text("app")), [.. f.TextsOrNone("may_end").Select(p => new PersonId(p))]);
}

/// <summary>A key to the account's apps opens this one no longer.</summary>
public sealed record GrantUncovers(GrantId Grant, AppId App, GrantEnd Cause, PersonId? By, Content? ByName) : Fact
{
    internal const string KindName = "grant.uncovers";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => ByName is null ? [] : [ByName];

    private protected override void Write(FactWriter fields) => fields
        .Id("grant", Grant.Value).Id("app", App.Value).Enum("cause", Cause).Id("by", By?.Value).Content("by_name", ByName);

    internal static GrantUncovers Read(FactFields f) => new(
        new(f.Text("grant")), new(f.Text("app")), f.Enum<GrantEnd>("cause"), f.PersonOrNull("by"), f.ContentOrNull("by_name"));
}
