namespace Buildyard;

/// <summary>A condition of a trigger: a pattern with <c>*</c>, or a regular expression.</summary>
public sealed record TriggerCondition(string Text, bool IsRegex, Place At)
{
    /// <summary>For commit messages and changed files of a push: whether only the newest commit counts. Null: not said, so all do.</summary>
    public bool? LastCommit { get; init; }

    /// <summary>Whether a pattern is written as a map with <c>pattern</c>. It means the same as text.</summary>
    public bool IsMap { get; init; }

    /// <summary>The condition as it is written: only two that are written alike count as duplicates.</summary>
    internal string Written => $"{(IsRegex ? "regex" : IsMap ? "pattern" : "text")}:{Text}:{LastCommit}";
}

/// <summary>One item of <c>trigger_map</c>. Conditions that are given must all hold.</summary>
public sealed record TriggerMapItem
{
    /// <summary><c>push</c>, <c>pull_request</c> or <c>tag</c>; null: what its conditions make it.</summary>
    public string? Type { get; init; }
    public bool? Enabled { get; init; }
    public string? Workflow { get; init; }
    public string? Pipeline { get; init; }
    public TriggerCondition? PushBranch { get; init; }
    public TriggerCondition? CommitMessage { get; init; }
    public TriggerCondition? ChangedFiles { get; init; }
    public TriggerCondition? Tag { get; init; }
    public TriggerCondition? SourceBranch { get; init; }
    public TriggerCondition? TargetBranch { get; init; }
    public TriggerCondition? Label { get; init; }
    public TriggerCondition? Comment { get; init; }
    public bool? DraftEnabled { get; init; }

    /// <summary>The old form: a pattern of branches, of pushes and, when allowed, of pull requests.</summary>
    public string? Pattern { get; init; }
    public bool IsPullRequestAllowed { get; init; }
    public Place At { get; init; }
    public Place TargetAt { get; init; }

    /// <summary>What it listens to, by <see cref="Type"/> or its conditions; null when neither says.</summary>
    public TriggerKind? Kind =>
        IsSet(PushBranch) || Type == "push" ? TriggerKind.Push
        : IsSet(SourceBranch) || IsSet(TargetBranch) || Type == "pull_request" ? TriggerKind.PullRequest
        : IsSet(Tag) || Type == "tag" ? TriggerKind.Tag
        : null;

    /// <summary>Each condition it may have, by the name of its field.</summary>
    internal (string Name, TriggerCondition? Condition)[] Conditions =>
    [
        ("push_branch", PushBranch), ("commit_message", CommitMessage), ("changed_files", ChangedFiles), ("tag", Tag),
        ("pull_request_source_branch", SourceBranch), ("pull_request_target_branch", TargetBranch), ("pull_request_label", Label), ("pull_request_comment", Comment),
    ];

    internal static bool IsSet(TriggerCondition? condition) => condition is { Text.Length: > 0 };
}

/// <summary>What happened in the repository.</summary>
public enum TriggerKind
{
    Push,
    PullRequest,
    Tag,
}

/// <summary>The <c>triggers</c> of a workflow or pipeline.</summary>
public sealed record Triggers
{
    /// <summary>Null: yes.</summary>
    public bool? Enabled { get; init; }
    public IReadOnlyList<TriggerTarget> Push { get; init; } = [];
    public IReadOnlyList<TriggerTarget> PullRequest { get; init; } = [];
    public IReadOnlyList<TriggerTarget> Tag { get; init; } = [];
    public Place At { get; init; }

    /// <summary>Every condition of every item.</summary>
    internal IEnumerable<TriggerCondition> Conditions => Push.Concat(PullRequest).Concat(Tag).SelectMany(target => target.Conditions).OfType<TriggerCondition>();
}

/// <summary>One item of <c>triggers</c>. Conditions that are given must all hold.</summary>
public sealed record TriggerTarget
{
    public bool? Enabled { get; init; }
    public int? Priority { get; init; }

    /// <summary>Of a push.</summary>
    public TriggerCondition? Branch { get; init; }
    public TriggerCondition? CommitMessage { get; init; }
    public TriggerCondition? ChangedFiles { get; init; }

    /// <summary>Of a pull request, as the three below.</summary>
    public TriggerCondition? SourceBranch { get; init; }
    public TriggerCondition? TargetBranch { get; init; }
    public TriggerCondition? Label { get; init; }
    public TriggerCondition? Comment { get; init; }

    /// <summary>Whether drafts count. Null: yes.</summary>
    public bool? DraftEnabled { get; init; }

    /// <summary>Of a tag.</summary>
    public TriggerCondition? Name { get; init; }
    public Place At { get; init; }

    internal TriggerCondition?[] Conditions => [Branch, CommitMessage, ChangedFiles, SourceBranch, TargetBranch, Label, Comment, Name];

    /// <summary>Its conditions alone: two items that say the same are duplicates.</summary>
    internal string Written => string.Join('\n', Conditions.Select(c => c?.Written)) + (DraftEnabled ?? true);
}
