using System.Collections.Immutable;

namespace Latchkey;

/// <summary>How an act of support came out.</summary>
public enum ActOutcome
{
    /// <summary>The host did it.</summary>
    Done,

    /// <summary>The host refused it or failed; nothing is said to have changed.</summary>
    Failed,

    /// <summary>It was still under way when access ended, and was told to stop. What it had changed by then is listed.</summary>
    Cancelled,
}

/// <summary>One thing that an act changed. A secret's values are never kept: <see cref="Secret"/> says that it changed.</summary>
/// <param name="What">What was changed: "title".</param>
/// <param name="Before">Its value before; null where there was none, or for a secret.</param>
/// <param name="After">Its value after; null where there is none, or for a secret.</param>
/// <param name="Secret">Whether it holds a secret.</param>
public sealed record ActChange(Content What, Content? Before, Content? After, bool Secret);

// Acts are what a ledger has most of: their fields are written in the order in which they stand there, so that none has to be moved.

/// <summary>Support looked at something.</summary>
public sealed record ActRead(
    ActId Act,
    SessionId Session,
    AppId App,
    GrantId Grant,
    string Permission,
    Content? Target) : Fact
{
    internal const string KindName = "activity.read";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Target is null ? [] : [Target];

    private protected override void Write(FactWriter fields) => fields
        .Id("act", Act.Value).Id("app", App.Value).Id("grant", Grant.Value)
        .Text("permission", Permission).Id("session", Session.Value).Content("target", Target);

    internal static ActRead Read(FactFields f) => new(
        new(f.Text("act")), new(f.Text("session")), new(f.Text("app")), new(f.Text("grant")),
        f.Text("permission"), f.ContentOrNull("target"));
}

/// <summary>Support is about to change something, or to follow a stream. On the ledger before it happens.</summary>
public sealed record ActBegun(
    ActId Act,
    SessionId Session,
    AppId App,
    GrantId Grant,
    string Permission,
    Content? Target,
    bool Stream) : Fact
{
    internal const string KindName = "activity.begun";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Target is null ? [] : [Target];

    private protected override void Write(FactWriter fields) => fields
        .Id("act", Act.Value).Id("app", App.Value).Id("grant", Grant.Value)
        .Text("permission", Permission).Id("session", Session.Value).Flag("stream", Stream).Content("target", Target);

    internal static ActBegun Read(FactFields f) => new(
        new(f.Text("act")), new(f.Text("session")), new(f.Text("app")), new(f.Text("grant")),
        f.Text("permission"), f.ContentOrNull("target"), f.Flag("stream"));
}

/// <summary>How what support began came out. Where it is missing, the outcome is unknown.</summary>
public sealed record ActEnded(
    ActId Act,
    SessionId Session,
    AppId App,
    ActOutcome Outcome,
    int? Status,
    Content? Target,
    ImmutableArray<ActChange> Changes) : Fact
{
    internal const string KindName = "activity.ended";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents
    {
        get
        {
            if (Target is not null)
            {
                yield return Target;
            }

            foreach (var change in Changes)
            {
                yield return change.What;
                if (change.Before is not null)
                {
                    yield return change.Before;
                }

                if (change.After is not null)
                {
                    yield return change.After;
                }
            }
        }
    }

    private protected override void Write(FactWriter fields) => fields
        .Id("act", Act.Value).Id("app", App.Value)
        .Objects("changes", Changes, static (f, change) => f
            .Content("after", change.After).Content("before", change.Before).Flag("secret", change.Secret).Content("what", change.What))
        .Enum("outcome", Outcome).Id("session", Session.Value).Number("status", Status).Content("target", Target);

    internal static ActEnded Read(FactFields f) => new(
        new(f.Text("act")), new(f.Text("session")), new(f.Text("app")),
        f.Enum<ActOutcome>("outcome"), f.NumberOrNull("status"), f.ContentOrNull("target"),
        [.. f.Objects("changes").Select(c => new ActChange(c.Content("what"), c.ContentOrNull("before"), c.ContentOrNull("after"), c.Flag("secret")))]);
}

/// <summary>What the customer decided about something that support changed.</summary>
public enum Settlement
{
    /// <summary>It stays as support left it, and is the customer's own from now on.</summary>
    Kept,

    /// <summary>It is as it was before.</summary>
    Undone,
}

/// <summary>A customer settled a change of support: kept or undid it.</summary>
public sealed record ChangeSettled(ActId Act, AppId App, Settlement Decision, PersonId By, Content ByName) : Fact
{
    internal const string KindName = "change.settled";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [ByName];

    private protected override void Write(FactWriter fields) => fields
        .Id("act", Act.Value).Id("app", App.Value).Enum("decision", Decision).Id("by", By.Value).Content("by_name", ByName);

    internal static ChangeSettled Read(FactFields f) => new(
        new(f.Text("act")), new(f.Text("app")), f.Enum<Settlement>("decision"), new(f.Text("by")), f.Content("by_name"));
}

/// <summary>
/// An agent asked for what they may not have. Kept on the vendor's own ledger, after the answer,
/// in one form for an app that is not lent and for one that does not exist.
/// </summary>
public sealed record Refused(AgentId Agent, DecisionReason Reason, string Permission, Content Asked, int Times) : Fact
{
    internal const string KindName = "agent.refused";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [Asked];

    private protected override void Write(FactWriter fields) => fields
        .Id("agent", Agent.Value).Enum("reason", Reason).Text("permission", Permission)
        .Content("asked", Asked).Number("times", Times);

    internal static Refused Read(FactFields f) => new(
        new(f.Text("agent")), f.Enum<DecisionReason>("reason"), f.Text("permission"), f.Content("asked"),
        f.NumberOrNull("times") ?? 1);
}
