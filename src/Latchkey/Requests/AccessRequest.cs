using System.Collections.Immutable;

namespace Latchkey;

/// <summary>Where a request stands.</summary>
public enum RequestState
{
    /// <summary>It waits for an answer, or for a second approver.</summary>
    Pending,

    /// <summary>A key was lent.</summary>
    Approved,

    /// <summary>An administrator said "not now".</summary>
    Denied,

    /// <summary>Whoever asked took it back.</summary>
    Withdrawn,

    /// <summary>Nobody answered in time.</summary>
    Expired,

    /// <summary>Something else made it pointless; <see cref="Supersession"/> says what.</summary>
    Superseded,
}

/// <summary>What made a request pointless.</summary>
public enum Supersession
{
    /// <summary>The customer turned support access on, lending at least what was asked for.</summary>
    TurnedOn,

    /// <summary>A request for the whole account was approved, lending at least what was asked for.</summary>
    AccountApproved,

    /// <summary>The host reported the app deleted.</summary>
    AppDeleted,

    /// <summary>The host reported the app transferred to another account.</summary>
    AppTransferred,

    /// <summary>The host reported the account closed.</summary>
    AccountClosed,

    /// <summary>The account's owner refused support access altogether.</summary>
    AccountRefuses,

    /// <summary>The agent who asked left the team or was suspended.</summary>
    AgentRemoved,
}

/// <summary>What an agent who asks by name takes the name for.</summary>
public enum NamedTarget
{
    /// <summary>An app, by its name in addresses or its id.</summary>
    App,

    /// <summary>Every app of an account, by the account's id.</summary>
    Account,
}

/// <summary>
/// A plea for a key, and what became of it: an agent's to the customer, or a customer's to a second person of theirs, where their account
/// wants two for the switch. Immutable; kept here while it is pending and for a day after.
/// </summary>
public sealed record AccessRequest
{
    /// <summary>The request.</summary>
    public required RequestId Id { get; init; }

    /// <summary>The account that is asked; the vendor's for the agent's side of one that was asked by name.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The app; null for every app of the account, and for the agent's side of one that was asked by name.</summary>
    public required AppId? App { get; init; }

    /// <summary>What was asked for, as it was called then; empty once erased.</summary>
    public required string TargetName { get; init; }

    /// <summary>The agent who asked; null where somebody of the customer did.</summary>
    public required AgentId? Agent { get; init; }

    /// <summary>Their name then; empty once erased, and where no agent asked.</summary>
    public required string AgentName { get; init; }

    /// <summary>The person of the customer who turned the switch and so asks a second one; null where an agent asked.</summary>
    public PersonId? Person { get; init; }

    /// <summary>Their name then; empty once erased, and where an agent asked.</summary>
    public string PersonName { get; init; } = "";

    /// <summary>The role asked for.</summary>
    public required Role Role { get; init; }

    /// <summary>Single permissions asked for beside the role.</summary>
    public required ImmutableArray<Permission> Also { get; init; }

    /// <summary>For how long, from the approval on. Whole seconds.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>And not beyond this instant, where a person named an exact end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Why; empty once erased, and where a person noted nothing.</summary>
    public required string Reason { get; init; }

    /// <summary>The ticket named; null where none was, or once erased.</summary>
    public string? Ticket { get; init; }

    /// <summary>The conversation it was asked in, where it was.</summary>
    public string? Conversation { get; init; }

    /// <summary>
    /// What it was taken for, where an agent asked by a name that they typed; otherwise null. Such a request is on the vendor's own ledger, with
    /// no <see cref="App"/>, and all that an agent reads of it is from there. Where somebody has that name, it is delivered: a request of the
    /// same id is on that account's ledger, for its people to answer.
    /// </summary>
    public NamedTarget? AskedByName { get; init; }

    /// <summary>Whether every app of an account is asked for.</summary>
    public bool WholeAccount => AskedByName is { } named ? named == NamedTarget.Account : App is null;

    /// <summary>Whether it is what a customer got of a request that was asked by name: nothing of it is told to support.</summary>
    internal bool IsDelivery => AskedByName is not null && Account != AccountId.Vendor;

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The first instant at which it can't be answered any more.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Where it stands on the ledger. What is pending there and past <see cref="Expires"/> has expired.</summary>
    public RequestState State { get; init; }

    /// <summary>Why it was superseded.</summary>
    public Supersession? Because { get; init; }

    /// <summary>When it was decided; null while pending.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Who approved it so far, and on which terms. An approval counts while whoever gave it may give it.</summary>
    public ImmutableArray<Approval> Approvals { get; init; } = [];

    /// <summary>The key that it became.</summary>
    public GrantId? Grant { get; init; }

    /// <summary>Answers whether it can be answered at <paramref name="now"/>.</summary>
    public bool IsPending(DateTimeOffset now) => State == RequestState.Pending && now < Expires;

    /// <summary>Answers whether a grant of <paramref name="role"/> and <paramref name="also"/> lends all that was asked for.</summary>
    internal bool IsMetBy(Role role, ImmutableArray<Permission> also) =>
        Role.Permissions.Concat(Also).All(permission => role.Contains(permission) || also.Contains(permission));
}

/// <summary>One approver's word.</summary>
/// <param name="By">Who.</param>
/// <param name="Role">The role they would lend.</param>
/// <param name="Also">Single permissions beside it.</param>
/// <param name="Duration">For how long from the last approval on.</param>
/// <param name="Until">And not beyond this instant, where they named one.</param>
public sealed record Approval(PersonId By, Role Role, ImmutableArray<Permission> Also, TimeSpan Duration, DateTimeOffset? Until);
