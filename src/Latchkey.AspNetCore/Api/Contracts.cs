namespace Latchkey.AspNetCore;

/// <summary>
/// An app's support access, as a member of the customer sees it. What is left behind is counted where the host can undo and the member
/// may read the activity; otherwise null. <c>approvers</c>: how many people it takes to turn it on, or to more; with two,
/// <c>second_person</c> says who can be the second.
/// </summary>
internal sealed record AccessState(
    string App,
    string AppId,
    string AppTitle,
    string Account,
    string State,
    bool CanChange,
    string? CannotChangeBecause,
    bool AccountRefuses,
    GrantState? Grant,
    IReadOnlyList<GrantState> Grants,
    IReadOnlyList<RequestStory> Requests,
    IReadOnlyList<SessionState> Sessions,
    LastUse? LastUsed,
    LastEndState? LastEnd,
    int? LeftBehind,
    int Approvers,
    string? SecondPerson);

/// <summary>What is on, for whoever has no part in it any more and could end it when it began: they may until then.</summary>
internal sealed record EndableState(string State, DateTimeOffset Until, bool CanEnd);

/// <summary>Who else could turn support access on now, by their names: the first few.</summary>
internal sealed record OthersState(IReadOnlyList<string> Names);

/// <summary>A live grant. <c>how</c>: toggle, or request with the request's id.</summary>
internal sealed record GrantState(
    string Id, string How, bool WholeAccount, string? Request, string Role, IReadOnlyList<string> Also, DateTimeOffset From, DateTimeOffset Until, string LentBy, string? LentByName, string? Note);

/// <summary>
/// A request for access. <c>state</c>: pending, approved, denied, withdrawn, expired, superseded. What an agent asked by name has neither account
/// nor app for them, whoever has that name. <c>agent</c> of support asked; or <c>person</c> of the customer turned the switch, and asks a second
/// one for it.
/// </summary>
internal sealed record RequestStory(
    string Id, string? Account, string? App, bool WholeAccount, string? TargetName, string State, string? Agent, string? AgentName, string Role, IReadOnlyList<string> Also,
    string Duration, string? Reason, string? Ticket, string? Conversation, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt, string? DecidedByName, string? Note, string? SupersededBecause, IReadOnlyList<ApprovalState> Approvals, string? Grant,
    string? Person = null, string? PersonName = null);

/// <summary>
/// One approver's word; with a second approver wanted, the most that the second one can lend. <c>counts</c>, while it is pending and for the
/// customer: false once they may not give it any more.
/// </summary>
internal sealed record ApprovalState(string By, string? ByName, string Role, string Duration, DateTimeOffset? Until, bool? Counts = null);

/// <summary>An agent who is in the app now.</summary>
internal sealed record SessionState(string Id, string Agent, string AgentName, string Reason, DateTimeOffset OpenedAt, DateTimeOffset LastSeenAt);

/// <summary>The last session and what was done in it.</summary>
internal sealed record LastUse(DateTimeOffset At, string? AgentName, int Actions, int Changes);

/// <summary>How access ended the last time.</summary>
internal sealed record LastEndState(string Grant, DateTimeOffset At, string Cause, string? ByName);

/// <summary>The body of turning access on.</summary>
internal sealed record TurnOnBody(
    string? Duration = null, DateTimeOffset? Until = null, string? Role = null, IReadOnlyList<string>? Also = null, string? Note = null);

/// <summary>The answer to an end.</summary>
internal sealed record EndedState(int StillRunning);

/// <summary>A page of a list.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>An app open to support.</summary>
internal sealed record OpenApp(
    string App, string AppId, string AppTitle, string AccountTitle, string Role, string Grant, bool WholeAccount, DateTimeOffset From, DateTimeOffset Until, string? Session);

/// <summary>The body of entering an app.</summary>
internal sealed record EnterBody(string App, string Reason, string? Ticket = null);

/// <summary>A session that was opened. The token and the code in the address are told this once.</summary>
internal sealed record EnteredState(string Session, string App, string Role, DateTimeOffset ExpiresAt, string EnterUrl, string Token);

/// <summary>A session of the past or present.</summary>
internal sealed record SessionStory(
    string Id, string App, string AppTitle, string Agent, string? AgentName, string? Reason, string? Ticket,
    DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, string? Cause, int Actions, int Changes, DateTimeOffset? LastActionAt);

/// <summary>A grant of the past or present.</summary>
internal sealed record GrantStory(
    string Id, string How, bool WholeAccount, string? Request, string Role, IReadOnlyList<string> Also, DateTimeOffset From, DateTimeOffset Until,
    string LentBy, string? LentByName, string? Note, DateTimeOffset? EndedAt, string? Cause, string? EndedByName, int Sessions);

/// <summary>Something that support did, and whether the customer kept or undid it.</summary>
internal sealed record ActStory(
    string Id, long Seq, string Session, string Agent, string Permission, string Title, string Kind, DateTimeOffset At, DateTimeOffset? EndedAt,
    string Outcome, int? Status, string? Target, IReadOnlyList<ChangeStory> Changes,
    string? Settled, DateTimeOffset? SettledAt, string? SettledByName);

/// <summary>A change, with its values before and after; a secret has neither.</summary>
internal sealed record ChangeStory(string? What, string? Before, string? After, bool Secret);
