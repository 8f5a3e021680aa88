namespace Buildyard;

/// <summary>How a build ended.</summary>
public enum BuildStatus
{
    Success,
    Failed,
    Aborted,
}

/// <summary>Why a build ended as it did, for programs; <see cref="BuildResult.Reason"/> says it to people.</summary>
public enum BuildEnd
{
    /// <summary>Every step had its turn; some may have failed.</summary>
    Finished,

    /// <summary><c>bitrise.yml</c> or the workflow can't be run.</summary>
    Configuration,

    /// <summary>The repository could not be cloned.</summary>
    Source,

    /// <summary>This machine has no sandbox and the operator allows none to be missing.</summary>
    NoSandbox,

    /// <summary>The whole build took too long.</summary>
    TimedOut,

    /// <summary>Someone stopped it.</summary>
    Aborted,

    /// <summary>The sandbox itself broke or was broken by a step.</summary>
    Sandbox,
}

/// <summary>What came of a build.</summary>
/// <param name="Status">Success, failed or aborted.</param>
/// <param name="End">Why, for programs.</param>
/// <param name="Reason">Why, in one sentence; also the last line of the log.</param>
/// <param name="Steps">Every step of the plan, in order, with what became of it.</param>
/// <param name="Artifacts">The files left in the order's artifacts directory.</param>
/// <param name="Caches">The archives written to the order's own shelf.</param>
/// <param name="Commit">The commit that was built, in full, and its message; null without a repository.</param>
/// <param name="StepCommits">The commits of the repositories that its <c>git::</c> steps came from, as far as they were fetched; those that the order knew among them.</param>
public sealed record BuildResult(
    BuildStatus Status,
    BuildEnd End,
    string Reason,
    IReadOnlyList<StepResult> Steps,
    IReadOnlyList<BuildArtifact> Artifacts,
    IReadOnlyList<CacheArchive> Caches,
    BuiltCommit? Commit,
    IReadOnlyList<StepCommit> StepCommits);

public sealed record BuiltCommit(string Hash, string Message);

/// <summary>The commit that the repository of a <c>git::</c> step came at.</summary>
/// <param name="Repository">Its address.</param>
/// <param name="Version">The tag or branch that was asked for; empty: the default branch.</param>
/// <param name="Commit">The commit, in full.</param>
public sealed record StepCommit(string Repository, string Version, string Commit);

/// <summary>A file in the artifacts directory.</summary>
/// <param name="Name">Its name, unique in its build and without secrets: letters, digits, spaces and <c>. _ - + @ ( )</c> only, no folders.</param>
/// <param name="Size">In bytes.</param>
public sealed record BuildArtifact(string Name, long Size);

/// <summary>What became of a step. On the wire these are the CLI's words in snake case: <c>failed_skippable</c>.</summary>
public enum StepStatus
{
    /// <summary>Not reached yet.</summary>
    Waiting,
    Running,
    Success,

    /// <summary>Exited with an error, took too long, was silent too long, isn't available, or can't be begun.</summary>
    Failed,

    /// <summary>Failed, and <c>is_skippable</c>: the build goes on as if it had not.</summary>
    FailedSkippable,

    /// <summary>Not run: an earlier step failed, or its <c>run_if</c> said no.</summary>
    Skipped,

    /// <summary>Running when the build was aborted or ran out of time.</summary>
    Aborted,
}

/// <summary>One step of a build.</summary>
/// <param name="Title">As the CLI shows it.</param>
/// <param name="Status">What became of it so far.</param>
/// <param name="Reason">Why it failed or was skipped, in one sentence; null otherwise.</param>
/// <param name="Started">When it began; null if it didn't.</param>
/// <param name="Took">How long it took; null while it runs or if it didn't run.</param>
/// <param name="LogStart">The byte of the log at which it begins.</param>
/// <param name="LogEnd">The byte after its last one; null while it runs.</param>
public sealed record StepResult(
    string Title, StepStatus Status, string? Reason = null, DateTimeOffset? Started = null, TimeSpan? Took = null, long? LogStart = null, long? LogEnd = null);
