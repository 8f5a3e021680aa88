using YamlDotNet.RepresentationModel;

namespace Buildyard;

internal sealed partial class ConfigReader
{
    private List<TriggerMapItem> TriggerMap(YamlMap root)
    {
        var items = new List<TriggerMapItem>();
        foreach (var node in _fields.List(root, "trigger_map", "the file", "a list of triggers"))
        {
            if (YamlMap.IsNull(node)) items.Add(new TriggerMapItem { At = FieldReader.At(node), TargetAt = FieldReader.At(node) });
            else if (YamlMap.From(node) is { } map) items.Add(TriggerMapItem(node, map, $"trigger {items.Count + 1}"));
            else findings.Error(node, $"An item of trigger_map is {YamlMap.Kind(node)}. It should be a map.");
        }
        return items;
    }

    private TriggerMapItem TriggerMapItem(YamlNode node, YamlMap map, string owner) => new()
    {
        Type = _fields.Text(map, "type", owner),
        Enabled = _fields.Switch(map, "enabled", owner),
        Workflow = _fields.Text(map, "workflow", owner),
        Pipeline = _fields.Text(map, "pipeline", owner),
        PushBranch = MapCondition(map, "push_branch", owner),
        CommitMessage = MapCondition(map, "commit_message", owner),
        ChangedFiles = MapCondition(map, "changed_files", owner),
        Tag = MapCondition(map, "tag", owner),
        SourceBranch = MapCondition(map, "pull_request_source_branch", owner),
        TargetBranch = MapCondition(map, "pull_request_target_branch", owner),
        Label = MapCondition(map, "pull_request_label", owner),
        Comment = MapCondition(map, "pull_request_comment", owner),
        DraftEnabled = _fields.Switch(map, "draft_pull_request_enabled", owner),
        Pattern = _fields.Text(map, "pattern", owner),
        IsPullRequestAllowed = _fields.Switch(map, "is_pull_request_allowed", owner) ?? false,
        At = FieldReader.At(node),
        TargetAt = FieldReader.At((map.Find("workflow") ?? map.Find("pipeline"))?.Value ?? node),
    };

    /// <summary>In <c>trigger_map</c> a condition is text, or a map with <c>regex</c> alone.</summary>
    private TriggerCondition? MapCondition(YamlMap map, string key, string owner)
    {
        if (map.Find(key)?.Value is not { } node || YamlMap.IsNull(node)) return null;
        if (IsText(node, out var text)) return new TriggerCondition(text, IsRegex: false, FieldReader.At(node));
        if (YamlMap.From(node) is { Entries.Count: 1 } one && one.Find("regex") is { } regex && IsText(regex.Value, out text))
            return new TriggerCondition(text, IsRegex: true, FieldReader.At(regex.Value));
        // The CLI doesn't look at the conditions of an old item with a pattern (validateLegacyItemType in trigger_map_item.go).
        if (map.Find("pattern")?.Value is not YamlScalarNode { Value.Length: > 0 } pattern || YamlMap.IsNull(pattern))
            _fields.Wrong(node, key, owner, "text, or a map with regex and a text");
        return null;
    }

    private Triggers Triggers(YamlMap map, string owner)
    {
        if (map.Find("triggers")?.Value is not { } node || YamlMap.IsNull(node)) return new Triggers();
        if (YamlMap.From(node) is not { } triggers)
        {
            _fields.Wrong(node, "triggers", owner, "a map with enabled, push, pull_request and tag");
            return new Triggers();
        }
        ExpectKeys(triggers, $"triggers of {owner}", "enabled", "push", "pull_request", "tag");
        return new Triggers
        {
            Enabled = Strict(triggers, "enabled", $"triggers of {owner}"),
            Push = Targets(triggers, "push", owner, "enabled", "priority", "branch", "commit_message", "changed_files"),
            PullRequest = Targets(triggers, "pull_request", owner, "enabled", "priority", "source_branch", "target_branch", "draft_enabled", "label", "comment", "commit_message", "changed_files"),
            Tag = Targets(triggers, "tag", owner, "enabled", "priority", "name"),
            At = FieldReader.At(node),
        };
    }

    private List<TriggerTarget> Targets(YamlMap triggers, string kind, string of, params string[] keys)
    {
        var targets = new List<TriggerTarget>();
        if (triggers.Find(kind)?.Value is not { } node) return targets;
        if (node is not YamlSequenceNode list)
        {
            _fields.Wrong(node, kind, $"triggers of {of}", "a list");
            return targets;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Children)
        {
            if (YamlMap.From(item) is not { } map)
            {
                findings.Error(item, $"An item of {kind} in triggers of {of} is {YamlMap.Kind(item)}. It should be a map with {string.Join(", ", keys[..^1])} and {keys[^1]}.");
                continue;
            }
            var owner = $"a {kind} trigger of {of}";
            ExpectKeys(map, owner, keys);
            var target = Target(item, map, owner, kind == "push");
            if (!seen.Add(target.Written)) findings.Error(item, $"This {kind} trigger of {of} has the same conditions as one above it.");
            targets.Add(target);
        }
        return targets;
    }

    private TriggerTarget Target(YamlNode node, YamlMap map, string owner, bool push) => new()
    {
        Enabled = Strict(map, "enabled", owner),
        Priority = Priority(map, owner),
        Branch = Condition(map, "branch", owner),
        CommitMessage = Condition(map, "commit_message", owner, push),
        ChangedFiles = Condition(map, "changed_files", owner, push),
        SourceBranch = Condition(map, "source_branch", owner),
        TargetBranch = Condition(map, "target_branch", owner),
        Label = Condition(map, "label", owner),
        Comment = Condition(map, "comment", owner),
        DraftEnabled = Strict(map, "draft_enabled", owner),
        Name = Condition(map, "name", owner),
        At = FieldReader.At(node),
    };

    /// <summary>A switch that, once named, has to say something.</summary>
    private bool? Strict(YamlMap map, string key, string owner)
    {
        if (map.Find(key)?.Value is not { } node) return null;
        if (node is YamlScalarNode scalar && Scalars.Switch(scalar) is { } value) return value;
        _fields.Wrong(node, key, owner, "true or false, without quotes");
        return null;
    }

    private int? Priority(YamlMap map, string owner)
    {
        if (map.Find("priority")?.Value is not { } node) return null;
        if (node is YamlScalarNode scalar && Scalars.KindOf(scalar) == ScalarKind.Whole && Scalars.Number(scalar) is { } value)
        {
            if (value is >= -100 and <= 100) return value;
            findings.Error(node, $"priority of {owner} is {value}. It should be between -100 and 100.");
            return null;
        }
        _fields.Wrong(node, "priority", owner, "a whole number between -100 and 100");
        return null;
    }

    /// <summary>In <c>triggers</c> a condition is text, or a map with one of <c>pattern</c> and <c>regex</c>.</summary>
    private TriggerCondition? Condition(YamlMap map, string key, string owner, bool lastCommit = false)
    {
        if (map.Find(key)?.Value is not { } node) return null;
        if (IsText(node, out var text)) return new TriggerCondition(text, IsRegex: false, FieldReader.At(node));
        if (YamlMap.From(node) is not { } condition)
        {
            _fields.Wrong(node, key, owner, $"text, or a map with pattern or regex{(lastCommit ? ", and last_commit if wanted" : "")}");
            return null;
        }
        string[] keys = lastCommit ? ["pattern", "regex", "last_commit"] : ["pattern", "regex"];
        if (!ExpectKeys(condition, $"{key} of {owner}", keys)) return null;
        var (pattern, regex) = (condition.Find("pattern"), condition.Find("regex"));
        if ((pattern ?? regex) is not { } given || (pattern is not null && regex is not null))
        {
            findings.Error(node, $"{key} of {owner} should have exactly one of pattern and regex.");
            return null;
        }
        if (!IsText(given.Value, out text))
        {
            _fields.Wrong(given.Value, given.Name, $"{key} of {owner}", "text");
            return null;
        }
        return new TriggerCondition(text, IsRegex: regex is not null, FieldReader.At(given.Value))
        {
            LastCommit = Strict(condition, "last_commit", $"{key} of {owner}"),
            IsMap = true,
        };
    }

    private bool ExpectKeys(YamlMap map, string owner, params string[] keys)
    {
        var unknown = map.Entries.Where(e => !keys.Contains(e.Name)).ToList();
        foreach (var entry in unknown)
            findings.Error(entry.Key, $"{owner} has no field “{entry.Name}”. There are: {string.Join(", ", keys)}.");
        return unknown.Count == 0;
    }

    private static bool IsText(YamlNode node, out string text)
    {
        text = (node as YamlScalarNode)?.Value ?? "";
        return node is YamlScalarNode scalar && Scalars.KindOf(scalar) == ScalarKind.Text;
    }
}
