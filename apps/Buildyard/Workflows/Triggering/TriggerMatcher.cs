namespace Buildyard;

/// <summary>Finds what an event starts: of <c>trigger_map</c> the first item that matches, of <c>triggers</c> every one.</summary>
internal sealed class TriggerMatcher(TriggerEvent happened)
{
    public IReadOnlyList<TriggeredTarget> Match(BitriseConfig config)
    {
        var targets = new List<TriggeredTarget>();
        if (config.TriggerMap.FirstOrDefault(Matches) is { } first)
            targets.Add(string.IsNullOrEmpty(first.Pipeline) ? new TriggeredTarget("workflow", first.Workflow ?? "") : new TriggeredTarget("pipeline", first.Pipeline));
        targets.AddRange(config.Pipelines.Values.Where(p => Matches(p.Triggers)).Select(p => new TriggeredTarget("pipeline", p.Id)));
        targets.AddRange(config.Workflows.Values.Where(w => !w.IsUtility && Matches(w.Triggers)).Select(w => new TriggeredTarget("workflow", w.Id)));
        return [.. targets.Distinct()];
    }

    private bool Matches(TriggerMapItem item)
    {
        if (item.Enabled == false) return false;
        if (!string.IsNullOrEmpty(item.Pattern))
        {
            return happened.Kind switch
            {
                TriggerKind.Push => TriggerPattern.Glob(item.Pattern, happened.Branch ?? ""),
                TriggerKind.PullRequest => item.IsPullRequestAllowed && TriggerPattern.Glob(item.Pattern, happened.SourceBranch ?? "") && Draft(null),
                _ => false,
            };
        }
        if (item.Kind != happened.Kind) return false;
        return happened.Kind switch
        {
            TriggerKind.Push => Set(item.PushBranch, happened.Branch) && Committed(Given(item.CommitMessage), Given(item.ChangedFiles)),
            TriggerKind.PullRequest => Set(item.SourceBranch, happened.SourceBranch) && Set(item.TargetBranch, happened.TargetBranch) && Draft(item.DraftEnabled)
                && Any(Given(item.Label), happened.Labels) && Any(Given(item.Comment), Comments) && Committed(Given(item.CommitMessage), Given(item.ChangedFiles)),
            _ => Set(item.Tag, happened.Tag),
        };

        static bool Set(TriggerCondition? condition, string? text) => Holds(Given(condition), text);

        // An empty condition of trigger_map says nothing.
        static TriggerCondition? Given(TriggerCondition? condition) => TriggerMapItem.IsSet(condition) ? condition : null;
    }

    private bool Matches(Triggers triggers)
    {
        if (triggers.Enabled == false) return false;
        return happened.Kind switch
        {
            TriggerKind.Push => triggers.Push.Any(t => t.Enabled != false && Holds(t.Branch, happened.Branch) && Committed(t.CommitMessage, t.ChangedFiles)),
            TriggerKind.PullRequest => triggers.PullRequest.Any(t => t.Enabled != false && Holds(t.SourceBranch, happened.SourceBranch) && Holds(t.TargetBranch, happened.TargetBranch)
                && Draft(t.DraftEnabled) && Any(t.Label, happened.Labels) && Any(t.Comment, Comments) && Committed(t.CommitMessage, t.ChangedFiles)),
            _ => triggers.Tag.Any(t => t.Enabled != false && Holds(t.Name, happened.Tag)),
        };
    }

    private IReadOnlyList<string> Comments => happened.Comment is { } comment ? [comment] : [];

    private static bool Holds(TriggerCondition? condition, string? text) => condition is null || TriggerPattern.Matches(condition, text ?? "");

    private static bool Any(TriggerCondition? condition, IEnumerable<string> texts) => condition is null || texts.Any(t => TriggerPattern.Matches(condition, t));

    private bool Committed(TriggerCondition? message, TriggerCondition? files) =>
        Any(message, Counted(message).Select(c => c.Message)) && Any(files, Counted(files).SelectMany(c => c.Files));

    private IEnumerable<TriggerCommit> Counted(TriggerCondition? condition) =>
        condition?.LastCommit == true ? happened.Commits.TakeLast(1) : happened.Commits;

    private bool Draft(bool? enabled) => happened.State switch
    {
        PullRequestState.Draft => enabled ?? true,
        PullRequestState.JustReady => enabled == false,
        _ => true,
    };
}
