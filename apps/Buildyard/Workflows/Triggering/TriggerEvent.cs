namespace Buildyard;

/// <summary>Something that happened in the repository.</summary>
/// <param name="Kind">What happened.</param>
public sealed record TriggerEvent(TriggerKind Kind)
{
    /// <summary>The branch that was pushed to.</summary>
    public string? Branch { get; init; }
    public string? Tag { get; init; }

    /// <summary>The branch that a pull request comes from, and the one it goes into.</summary>
    public string? SourceBranch { get; init; }
    public string? TargetBranch { get; init; }

    /// <summary>What was pushed or is in the pull request, oldest first. Nothing known: no condition on messages or files holds.</summary>
    public IReadOnlyList<TriggerCommit> Commits { get; init; } = [];

    /// <summary>Of a pull request.</summary>
    public PullRequestState State { get; init; }
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The comment that this is about; null: it is about no comment.</summary>
    public string? Comment { get; init; }
}

/// <summary>A commit: its message, and the paths that it adds, changes or removes.</summary>
public sealed record TriggerCommit(string Message, IReadOnlyList<string> Files);

public enum PullRequestState
{
    Ready,
    Draft,

    /// <summary>It was a draft until now. Who builds drafts has built it.</summary>
    JustReady,
}

/// <summary>What came of comparing an event with the triggers of a file.</summary>
/// <param name="Targets">What it starts.</param>
/// <param name="Excess">The bound that comparing them would exceed, in a sentence; nothing is started then. Null: within all of them.</param>
public sealed record TriggerMatch(IReadOnlyList<TriggeredTarget> Targets, string? Excess = null);

/// <summary>What an event starts.</summary>
/// <param name="Kind"><c>workflow</c> or <c>pipeline</c>.</param>
/// <param name="Name">Its id.</param>
public sealed record TriggeredTarget(string Kind, string Name);
