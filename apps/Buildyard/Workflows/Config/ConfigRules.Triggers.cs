namespace Buildyard;

internal sealed partial class ConfigRules
{
    private void TriggerMap()
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, item) in config.TriggerMap.Index())
        {
            var conditions = item.Conditions.Where(c => TriggerMapItem.IsSet(c.Condition)).ToList();
            // An empty regular expression says nothing, but makes an item another one (conditionsString in trigger_map_item.go).
            var written = $"{item.Kind}\n{string.Join('\n', item.Conditions.Where(c => c.Condition is { IsRegex: true } or { Text.Length: > 0 }).Select(c => c.Name + c.Condition!.Written))}\n{item.Pattern}\n{item.IsPullRequestAllowed}\n{item.DraftEnabled ?? true}";
            if (!seen.TryAdd(written, index)) findings.Error(item.At, $"Trigger {index + 1} has the same conditions as trigger {seen[written] + 1}.");
            Target(item, index + 1);
            Kind(item, index + 1, [.. conditions.Select(c => c.Name)]);
            foreach (var condition in conditions) Pattern(condition.Condition!);
        }
    }

    private void Target(TriggerMapItem item, int number)
    {
        var (workflow, pipeline) = (item.Workflow ?? "", item.Pipeline ?? "");
        if (workflow.Length > 0 && pipeline.Length > 0) findings.Error(item.TargetAt, $"Trigger {number} starts both a workflow and a pipeline. It should start one.");
        else if (workflow.Length == 0 && pipeline.Length == 0) findings.Error(item.At, $"Trigger {number} starts neither a workflow nor a pipeline.");
        else if (pipeline.Length > 0 && !config.Pipelines.ContainsKey(pipeline)) findings.Error(item.TargetAt, $"Trigger {number} starts the pipeline {pipeline}, which is not defined.");
        else if (workflow.Length > 0 && !config.Workflows.ContainsKey(workflow)) findings.Error(item.TargetAt, $"Trigger {number} starts the workflow {workflow}, which is not defined.");
        if (workflow.StartsWith('_')) findings.Warn(item.TargetAt, $"Trigger {number} starts the utility workflow {workflow}; those run only inside others.");
    }

    /// <summary>A trigger listens to one kind of event, and has conditions of that kind only.</summary>
    private void Kind(TriggerMapItem item, int number, string[] given)
    {
        const string draft = "draft_pull_request_enabled";
        if (item.DraftEnabled == false) given = [.. given, draft];
        string[] pulls = ["pull_request_source_branch", "pull_request_target_branch", "pull_request_label", "pull_request_comment", draft];
        string[] foreign;
        string by;
        if (!string.IsNullOrEmpty(item.Pattern))
        {
            (by, foreign) = ("pattern", ["push_branch", "tag", .. pulls]);
        }
        else
        {
            if (!string.IsNullOrEmpty(item.Type) && item.Type is not ("push" or "pull_request" or "tag"))
                findings.Error(item.At, $"type of trigger {number} is “{item.Type}”. It should be push, pull_request or tag.");
            if (item.Kind is not { } kind)
            {
                findings.Error(item.At, $"Trigger {number} has neither a type nor a condition that says what it listens to.");
                return;
            }
            (by, foreign) = kind switch
            {
                TriggerKind.Push => ("push_branch", ["tag", .. pulls]),
                TriggerKind.PullRequest => (given.FirstOrDefault(g => g.EndsWith("_branch", StringComparison.Ordinal) && g != "push_branch") ?? "type", ["push_branch", "tag"]),
                _ => ("tag", (string[])["push_branch", .. pulls, "commit_message", "changed_files"]),
            };
            if (!string.IsNullOrEmpty(item.Type)) by = $"type: {item.Type}";
        }
        if (given.FirstOrDefault(foreign.Contains) is { } other)
            findings.Error(item.At, $"Trigger {number} has both {by} and {other}, which are of different events.");
    }

    private void TriggerPatterns(Triggers triggers)
    {
        foreach (var condition in triggers.Conditions) Pattern(condition);
    }

    /// <summary>The CLI takes any text as a regular expression; here one that never matches anything is at least said.</summary>
    private void Pattern(TriggerCondition condition)
    {
        if (!condition.IsRegex) return;
        cancellation.ThrowIfCancellationRequested();
        if (_regexes.Problem(condition.Text) is { } problem) findings.Warn(condition.At, $"{problem} So it never matches.");
    }
}
