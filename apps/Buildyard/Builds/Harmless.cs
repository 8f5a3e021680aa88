namespace Buildyard;

/// <summary>
/// What support can set that reaches no step of a build, each with the reason. Everything else that support can set guards builds: a kind that
/// nobody has thought about does.
/// </summary>
public static class Harmless
{
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(AppRole)] = "Whom support raised only looks, and nobody's role is known to a step.",
        [nameof(NotificationRule)] = "Who is told of a build, after it.",
        [nameof(Webhook)] = "What is told of a build, after it: its number and outcome.",
        [nameof(ServiceUser)] = "Who is told when a connection stops working.",
        [$"{nameof(App)}.{nameof(App.ProjectType)}"] = "A label on pages.",
        [$"{nameof(App)}.{nameof(App.Enabled)}"] = "Whether anything is built, not what.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.RollingPushes)}"] = "Which waiting builds are aborted.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.RollingPullRequests)}"] = "Which waiting builds are aborted.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.RollingOfRunning)}"] = "Which running builds are aborted.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.SelectivePaths)}"] = "Which pushes build nothing.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.Checks)}"] = "Whether the repository's host is told how a build went.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.ChecksAddress)}"] = "Where that is told; the token goes when it changes.",
        [$"{nameof(BuildSettings)}.{nameof(BuildSettings.ChecksToken)}"] = "What that is told with; no step has it.",
    };

    /// <summary>Whether a kind of change, <c>Entity</c> or <c>Entity.Property</c>, reaches no step.</summary>
    public static bool IsHarmless(string kind) => Kinds.ContainsKey(kind) || Kinds.ContainsKey(kind.Split('.')[0]);
}
