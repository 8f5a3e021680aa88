namespace Buildyard;

/// <summary>Where a build stands.</summary>
public enum BuildState
{
    /// <summary>Waits for a free place, for approval, or for its app to be enabled.</summary>
    OnHold,

    /// <summary>Has a place; its source is being fetched.</summary>
    Starting,
    Running,
    Success,
    Failed,
    Aborted,

    /// <summary>Stopped by somebody who says that it counts as a success.</summary>
    AbortedWithSuccess,
}

/// <summary>What a build runs.</summary>
public enum BuildTargetKind
{
    Workflow,

    /// <summary>The workflows of a pipeline, in order.</summary>
    Pipeline,
}

/// <summary>What made a build start.</summary>
public enum BuildTrigger
{
    Manual,
    Api,
    Push,
    Tag,
    PullRequest,
    Rebuild,
}

/// <summary>What the customer said when asked whether a guarded build may have secrets.</summary>
public enum SecretsAnswer
{
    None,
    Allowed,
    Refused,
}

/// <summary>One run of a workflow or pipeline: how it was started, what came of it. What it ran stays known by the version of <c>bitrise.yml</c>.</summary>
public sealed class Build
{
    /// <summary>Immutable and never reused: <c>bld_</c> and a version 7 UUID.</summary>
    public required string Id { get; init; }
    public required string AppId { get; init; }

    /// <summary>Counts from 1 in each app, without gaps, and is never given twice, whatever is deleted.</summary>
    public required int Number { get; init; }
    public required BuildState Status { get; set; }
    public required BuildTargetKind TargetKind { get; init; }

    /// <summary>The workflow's or pipeline's id.</summary>
    public required string Target { get; init; }

    /// <summary>Whether triggers of <c>bitrise.yml</c> chose it, and nobody named it: for a repository's host, for whoever started a build of a branch, or for the build that this one repeats.</summary>
    public bool TargetByTrigger { get; init; }
    public string? Branch { get; init; }
    public string? Tag { get; init; }
    public string? CommitHash { get; set; }

    /// <summary>The commits at which the repositories of its <c>git::</c> steps came, or are to come, as a JSON list of <see cref="StepCommit"/>.</summary>
    public string StepCommits { get; set; } = "[]";
    public string? Message { get; init; }
    public int? PullRequest { get; init; }

    /// <summary>The branch that a pull request wants to go to.</summary>
    public string? PullRequestTarget { get; init; }

    /// <summary>The repository that a pull request comes from, where that is another one than the app's.</summary>
    public string? ForkUrl { get; init; }

    /// <summary>The version of <c>bitrise.yml</c> that it runs.</summary>
    public required int YamlVersion { get; init; }
    public required BuildTrigger Trigger { get; init; }

    /// <summary>The person's or agent's id; null where a repository's host started it.</summary>
    public string? StartedById { get; init; }
    public required string StartedByName { get; init; }

    /// <summary>Support pressed the button.</summary>
    public required bool BySupport { get; init; }

    /// <summary>Support chose what it builds, and with what: it started this build, or the one that this repeats, or set the source that it came from.</summary>
    public required bool SetUpBySupport { get; set; }

    /// <summary>The session of support that it belongs to.</summary>
    public string? SupportSession { get; init; }

    /// <summary>Why it gets no secrets, files or keys; null: it is not guarded.</summary>
    public string? GuardReason { get; set; }
    public SecretsAnswer SecretsAnswer { get; set; }
    public string? SecretsAnsweredBy { get; set; }

    /// <summary>Which of an app's waiting builds goes first: the higher, then the older.</summary>
    public required int Priority { get; init; }

    /// <summary>Waits until somebody who may run builds approves it.</summary>
    public bool WaitsForApproval { get; set; }
    public string? ApprovedBy { get; set; }

    /// <summary>Further environment, as a JSON list of names and values.</summary>
    public required string Env { get; init; }

    /// <summary>Whether support gave it that environment: what a member gave is shown to no agent, and given to no guarded build.</summary>
    public bool EnvBySupport { get; init; }

    /// <summary>Whether it runs without the environment that it was started with, as it does without secrets.</summary>
    public bool KeepsEnvBack => GoesWithoutSecrets && !EnvBySupport && Env != "[]";
    public required DateTimeOffset QueuedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Why it ended as it did, where the status alone doesn't say.</summary>
    public string? Reason { get; set; }

    /// <summary>The number of the build that this one repeats.</summary>
    public int? RebuiltFrom { get; init; }
    public List<BuildStep> Steps { get; init; } = [];
    public List<KeptArtifact> Artifacts { get; init; } = [];

    /// <summary>Bytes of its log, once it ended; 0 where it was removed.</summary>
    public long LogSize { get; set; }

    /// <summary>Whether its log was removed, as too old or too much.</summary>
    public bool LogRemoved { get; set; }

    /// <summary>What of its files is not kept any more, since when and why, in a sentence; null: all is.</summary>
    public string? FilesNote { get; set; }

    /// <summary>Whether the disk has yet to follow: what no row of it names is still to be removed.</summary>
    public bool FilesDue { get; set; }

    /// <summary>Whether it has come to its end.</summary>
    public bool IsOver => Status is BuildState.Success or BuildState.Failed or BuildState.Aborted or BuildState.AbortedWithSuccess;

    /// <summary>Whether it runs without secrets, files and keys: guarded, and the customer has not allowed them.</summary>
    public bool GoesWithoutSecrets => GuardReason is not null && SecretsAnswer != SecretsAnswer.Allowed;

    /// <summary>Whether the customer has yet to say whether it may have secrets. Where that was said too late for it, it was started once more with them.</summary>
    public bool AwaitsSecretsAnswer => GoesWithoutSecrets && SecretsAnswer == SecretsAnswer.None && SecretsAnsweredBy is null;

    /// <summary>Whether it is of a pull request from another repository than the app's.</summary>
    public bool FromFork => ForkUrl is not null;

    /// <summary>Ends it.</summary>
    public void End(BuildState state, string? reason, DateTimeOffset now) =>
        (Status, Reason, EndedAt, WaitsForApproval, FilesDue) = (state, reason, now, false, true);
}

/// <summary>One step of a build, in the order of the plan.</summary>
public sealed class BuildStep
{
    public required string BuildId { get; init; }
    public required int Position { get; init; }
    public required string Title { get; init; }

    /// <summary>The word of the runner's <see cref="StepStatus"/>: <c>waiting</c>, <c>running</c>, or how it ended.</summary>
    public required string Status { get; set; }

    /// <summary>Why it failed or was skipped, in one sentence.</summary>
    public string? Reason { get; set; }
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>Milliseconds; null while it runs or if it didn't run.</summary>
    public long? Took { get; set; }

    /// <summary>The byte of the log at which it begins.</summary>
    public long? LogStart { get; set; }

    /// <summary>The byte after its last one; null while it runs.</summary>
    public long? LogEnd { get; set; }
}

/// <summary>A file that a build left.</summary>
public sealed class KeptArtifact
{
    public required string BuildId { get; init; }

    /// <summary>Its name, unique in the build; no folders.</summary>
    public required string Name { get; init; }
    public required long Size { get; init; }
}

/// <summary>The last number that an app's builds were given. It outlives them.</summary>
public sealed class BuildCounter
{
    public required string AppId { get; init; }
    public required int Last { get; set; }
}

/// <summary>A customer's word that support's builds of one session may have secrets.</summary>
public sealed class SecretPermit
{
    /// <summary><c>bsp_</c> and a version 7 UUID.</summary>
    public required string Id { get; init; }
    public required string AppId { get; init; }
    public required string SupportSession { get; init; }
    public required string AllowedBy { get; init; }
    public required DateTimeOffset AllowedAt { get; init; }
}
