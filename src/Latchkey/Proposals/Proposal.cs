namespace Latchkey;

/// <summary>Where a proposal stands.</summary>
public enum ProposalState
{
    /// <summary>It waits for an administrator of the customer.</summary>
    Open,

    /// <summary>An administrator made the change, under their own name.</summary>
    Applied,

    /// <summary>An administrator does not want it.</summary>
    Declined,

    /// <summary>Support took it back.</summary>
    Withdrawn,

    /// <summary>Support proposed something newer for the same thing, in the same conversation.</summary>
    Superseded,

    /// <summary>It was applied, and an administrator undid it.</summary>
    Reverted,
}

/// <summary>A change as an agent words it, to something that the customer showed them.</summary>
/// <param name="Share">What was shown.</param>
/// <param name="Target">The host's name for what is to be changed: 1 to 400 characters.</param>
/// <param name="Title">What it is, for people: 1 to 200 characters, cut where the host says more.</param>
/// <param name="Base">The host's name for the state that was shown; null where it has none.</param>
/// <param name="Before">How it was shown, with secrets masked.</param>
/// <param name="After">How it should be: up to 200 KiB. Line ends are kept as LF.</param>
/// <param name="Why">Why: 3 to 2,000 characters.</param>
public sealed record ProposalDraft(ShareId Share, string Target, string Title, string? Base, string Before, string? After, string? Why);

/// <summary>Which proposals. Null means any.</summary>
/// <param name="Conversation">Of this conversation.</param>
/// <param name="Proposal">This one.</param>
/// <param name="OpenOnly">Only those that wait for an answer.</param>
/// <param name="Before">Made before this position: the cursor of a page.</param>
/// <param name="Limit">At most so many, 1 to <see cref="IHistory.MaxPage"/>.</param>
public sealed record ProposalQuery(
    ConversationId? Conversation = null, ProposalId? Proposal = null, bool OpenOnly = false, long Before = long.MaxValue, int Limit = 50);

/// <summary>A proposal and what became of it. Texts that were erased are null.</summary>
/// <param name="Position">The position of its entry: the cursor of a page.</param>
/// <param name="Id">The proposal.</param>
/// <param name="Account">Whose app.</param>
/// <param name="Conversation">Where it was made.</param>
/// <param name="App">The app.</param>
/// <param name="Agent">Who proposed it.</param>
/// <param name="AgentName">Their name then.</param>
/// <param name="Share">What it was made against.</param>
/// <param name="Target">The host's name for what is to be changed.</param>
/// <param name="Title">What that is, for people.</param>
/// <param name="Base">The host's name for the state that was shown.</param>
/// <param name="Before">How it was shown.</param>
/// <param name="After">How it should be.</param>
/// <param name="Why">Why.</param>
/// <param name="At">When it was made.</param>
/// <param name="State">Where it stands.</param>
/// <param name="EndedAt">When it came to that; null while open.</param>
/// <param name="EndedByName">Who brought it to that, by their name then.</param>
/// <param name="Note">What they said to it.</param>
public sealed record ProposalRecord(
    long Position,
    ProposalId Id,
    AccountId Account,
    ConversationId Conversation,
    AppId App,
    AgentId Agent,
    string? AgentName,
    ShareId Share,
    string? Target,
    string? Title,
    string? Base,
    string? Before,
    string? After,
    string? Why,
    DateTimeOffset At,
    ProposalState State,
    DateTimeOffset? EndedAt,
    string? EndedByName,
    string? Note);
