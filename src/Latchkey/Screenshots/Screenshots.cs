using System.Collections.Immutable;

namespace Latchkey;

/// <summary>Where it stands that support asked for screenshots.</summary>
public enum ScreenshotsState
{
    /// <summary>It waits for the customer.</summary>
    Open,

    /// <summary>The customer sent pictures.</summary>
    Answered,

    /// <summary>The customer can't or won't send these.</summary>
    Declined,

    /// <summary>Support took it back.</summary>
    Withdrawn,
}

/// <summary>Which asks for screenshots. Null means any.</summary>
/// <param name="Conversation">Of this conversation.</param>
/// <param name="Screenshots">This one.</param>
/// <param name="OpenOnly">Only what waits for an answer.</param>
/// <param name="Before">Asked before this position: the cursor of a page.</param>
/// <param name="Limit">At most so many, 1 to <see cref="IHistory.MaxPage"/>.</param>
public sealed record ScreenshotsQuery(
    ConversationId? Conversation = null, ScreenshotsId? Screenshots = null, bool OpenOnly = false, long Before = long.MaxValue, int Limit = 50);

/// <summary>That support asked for screenshots, and what became of it.</summary>
/// <param name="Position">The position of its entry: the cursor of a page.</param>
/// <param name="Id">Which.</param>
/// <param name="Account">Whose conversation.</param>
/// <param name="Conversation">Where.</param>
/// <param name="Agent">Who asked.</param>
/// <param name="AgentName">Their name then; null once erased.</param>
/// <param name="Wanted">What should be seen, a line for each; empty once erased.</param>
/// <param name="At">When.</param>
/// <param name="State">Where it stands.</param>
/// <param name="EndedAt">When it came to that; null while open.</param>
/// <param name="EndedBy">The customer's person who answered or declined.</param>
/// <param name="EndedByName">The name of whoever brought it to that; null once erased.</param>
/// <param name="Note">What they said to it.</param>
/// <param name="Attachments">Ids of the files that answer it.</param>
public sealed record ScreenshotsRecord(
    long Position,
    ScreenshotsId Id,
    AccountId Account,
    ConversationId Conversation,
    AgentId Agent,
    string? AgentName,
    ImmutableArray<string> Wanted,
    DateTimeOffset At,
    ScreenshotsState State,
    DateTimeOffset? EndedAt,
    PersonId? EndedBy,
    string? EndedByName,
    string? Note,
    ImmutableArray<string> Attachments);
