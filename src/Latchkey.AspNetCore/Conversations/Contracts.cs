namespace Latchkey.AspNetCore;

/// <summary>A conversation as lists show it.</summary>
internal sealed record ConversationStory(
    string Id, string? Subject, string Account, string? AccountTitle, string? AppId, string? AppTitle, string OpenedBy, string? OpenedByName, DateTimeOffset OpenedAt,
    string State, DateTimeOffset StateSince, string? Assigned, string? AssignedName, DateTimeOffset LastAt, string? LastWords, string? LastByName, int Unread);

/// <summary>Something in a conversation. What a kind has not is absent.</summary>
internal sealed record ItemStory(
    string Kind, string Cursor, long? Seq, DateTimeOffset At, string? By, string? ByAgent, string? ByName, string? Id = null, string? Text = null,
    IReadOnlyList<string>? Attachments = null, string? Shared = null, string? Title = null, IReadOnlyList<SharePart>? Parts = null, string? Agent = null, string? AgentName = null);

/// <summary>The body of opening a conversation. Without an app it is about the account.</summary>
internal sealed record OpenConversationBody(string Subject, string Text, string? App = null);

/// <summary>The body of a message.</summary>
internal sealed record MessageBody(string? Text = null, IReadOnlyList<string>? Attachments = null);

/// <summary>The body of marking what was seen; left out, everything until now.</summary>
internal sealed record SeenUpToBody(string? UpTo = null);

/// <summary>The body of assigning: <c>me</c>, <c>nobody</c>, or an agent's id.</summary>
internal sealed record AssignBody(string To);

/// <summary>The body of sharing: the app's settings as they are now, or one of what can be shared.</summary>
internal sealed record ShareThingBody(string Kind, string? Item = null);

/// <summary>A conversation that was opened.</summary>
internal sealed record OpenedState(string Id, string Message);

/// <summary>Something that was made in a conversation.</summary>
internal sealed record MadeState(string Id);

/// <summary>What of an app can be shared: its settings, and these.</summary>
internal sealed record ShareableStory(string Id, string Title, DateTimeOffset At, string? Detail);
