using System.Globalization;

namespace Buildyard;

/// <summary>How builds are spoken of on pages.</summary>
internal static class BuildWords
{
    public static string Label(this BuildState state) => state switch
    {
        BuildState.OnHold => "On hold",
        BuildState.Starting => "Starting",
        BuildState.Running => "Running",
        BuildState.Success => "Success",
        BuildState.Failed => "Failed",
        BuildState.Aborted => "Aborted",
        _ => "Aborted with success",
    };

    public static string Icon(this BuildState state) => state switch
    {
        BuildState.OnHold => "hourglass",
        BuildState.Starting or BuildState.Running => "player-play",
        BuildState.Success => "circle-check",
        BuildState.Failed => "circle-x",
        _ => "player-stop",
    };

    public static string Css(this BuildState state) => state switch
    {
        BuildState.Starting or BuildState.Running => "going",
        BuildState.Success or BuildState.AbortedWithSuccess => "on",
        BuildState.Failed => "refused",
        _ => "off",
    };

    public static (string Icon, string Css, string Label) Step(string status) => Words.Find<StepStatus>(status) switch
    {
        StepStatus.Running => ("player-play", "going", "Running"),
        StepStatus.Success => ("circle-check", "on", "Success"),
        StepStatus.Failed => ("circle-x", "refused", "Failed"),
        StepStatus.FailedSkippable => ("alert-triangle", "soon", "Failed, and may"),
        StepStatus.Skipped => ("circle-off", "off", "Skipped"),
        StepStatus.Aborted => ("player-stop", "off", "Aborted"),
        _ => ("hourglass", "off", "Waiting"),
    };

    /// <summary>What it was made from: a tag, a pull request, a branch or a commit.</summary>
    public static string Source(this Build build) => build switch
    {
        { PullRequest: { } number, Branch: { } branch } => string.Create(CultureInfo.InvariantCulture, $"#{number} {branch}"),
        { Tag: { } tag } => tag,
        _ => build.Branch ?? "",
    };

    /// <summary>What made it start, beside who did.</summary>
    public static string How(this Build build) => build switch
    {
        { RebuiltFrom: { } number } => string.Create(CultureInfo.InvariantCulture, $"again, as #{number}"),
        { Trigger: BuildTrigger.Push } => "pushed",
        { Trigger: BuildTrigger.Tag } => "tagged",
        { Trigger: BuildTrigger.PullRequest } => "pull request",
        { Trigger: BuildTrigger.Api } => "by API",
        _ => "by hand",
    };

    public static string ShortCommit(this Build build) => build.CommitHash is { Length: > 7 } hash ? hash[..7] : build.CommitHash ?? "";

    /// <summary>How long it ran; null where it never did or still does.</summary>
    public static string? Took(this Build build) => build is { StartedAt: { } from, EndedAt: { } to } ? Took(to - from) : null;

    public static string Took(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.##} GB"),
    };
}
