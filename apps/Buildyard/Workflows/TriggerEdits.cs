namespace Buildyard;

/// <summary>Changes of triggers, in both forms.</summary>
internal static class TriggerEdits
{
    /// <summary>The conditions that each kind of trigger can have, as <c>triggers</c> names them.</summary>
    public static IReadOnlyList<(string Kind, string[] Conditions)> Kinds { get; } =
    [
        ("push", ["branch", "commit_message", "changed_files"]),
        ("pull_request", ["source_branch", "target_branch", "label", "comment", "commit_message", "changed_files"]),
        ("tag", ["name"]),
    ];

    /// <summary>Adds an item to the <c>triggers</c> of a workflow or pipeline.</summary>
    /// <param name="config">The file.</param>
    /// <param name="target"><c>workflow:id</c> or <c>pipeline:id</c>.</param>
    /// <param name="kind"><c>push</c>, <c>pull_request</c> or <c>tag</c>.</param>
    /// <param name="conditions">Conditions by name; empty ones are left out. At least one is needed.</param>
    /// <param name="isRegex">Whether they are regular expressions.</param>
    /// <param name="drafts">For pull requests: whether drafts count.</param>
    public static Outcome<FileEdit> Add(BitriseConfig config, string? target, string? kind, IReadOnlyDictionary<string, string?> conditions, bool isRegex, bool drafts)
    {
        if (PathOf(config, target) is not { } owner) return Refusal.Invalid(new FieldError("target", "There is no such workflow or pipeline.", "A workflow or pipeline of this file."));
        if (Kinds.FirstOrDefault(k => k.Kind == kind).Conditions is not { } known) return Refusal.Invalid(new FieldError("kind", "It is not known.", "push, pull_request or tag."));
        var errors = new List<FieldError>();
        var entries = new List<(string, YamlFragment)>();
        foreach (var name in known)
        {
            if (conditions.GetValueOrDefault(name)?.Trim() is not { Length: > 0 } text) continue;
            if (text.Length > 500 || text.Any(char.IsControl)) errors.Add(new FieldError(name, "It is too long, or holds control characters.", "At most 500 characters on a line."));
            else if (isRegex && TriggerPattern.Regex(text) is null) errors.Add(new FieldError(name, "It is no regular expression that can be used here.", "A regular expression of at most 1,000 characters without look-around and back references."));
            entries.Add((name, isRegex ? new YamlFragment.Map(("regex", text)) : text));
        }
        if (entries.Count == 0) errors.Add(new FieldError(known[0], "No condition is given.", "At least one, such as main or release/*; * for all."));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        if (kind == "pull_request" && !drafts) entries.Add(("draft_enabled", new YamlFragment.Bare("false")));
        var list = owner.Key("triggers").Key(kind!);
        return new FileEdit($"{Named(target!)}: {Words(kind!)} trigger added", owner.Key("triggers"), editor =>
            editor.Find(owner.Key("triggers")) is null
                ? editor.Add(owner, "triggers", new YamlFragment.Map((kind!, new YamlFragment.List(new YamlFragment.Map([.. entries])))), ["title", "summary", "description", "status_report_name", "priority"])
                : editor.Insert(list, int.MaxValue, new YamlFragment.Map([.. entries])));
    }

    /// <summary>Takes an item away from the <c>triggers</c> of a workflow or pipeline; what is left empty goes with it.</summary>
    public static Outcome<FileEdit> Remove(BitriseConfig config, string? target, string? kind, int index)
    {
        if (PathOf(config, target) is not { } owner || Kinds.All(k => k.Kind != kind)) return s_missing;
        var list = owner.Key("triggers").Key(kind!);
        return new FileEdit($"{Named(target!)}: {Words(kind!)} trigger removed", owner.Key("triggers"), editor =>
        {
            if (editor.Find(list) is not { } items || index < 0 || index >= items.Items.Count) return s_missing;
            if (items.Items.Count > 1) return editor.Remove(list.Item(index));
            return editor.Remove(editor.Find(owner.Key("triggers"))!.Entries.Count > 1 ? list : owner.Key("triggers"));
        });
    }

    /// <summary>Switches an item of the <c>triggers</c> of a workflow or pipeline on or off.</summary>
    public static Outcome<FileEdit> Switch(BitriseConfig config, string? target, string? kind, int index, bool on)
    {
        if (PathOf(config, target) is not { } owner || Kinds.All(k => k.Kind != kind)) return s_missing;
        var item = owner.Key("triggers").Key(kind!).Item(index);
        return new FileEdit($"{Named(target!)}: {Words(kind!)} trigger switched {(on ? "on" : "off")}", owner.Key("triggers"), editor => Switch(editor, item, on));
    }

    /// <summary>Switches an item of <c>trigger_map</c> on or off.</summary>
    public static Outcome<FileEdit> SwitchInMap(BitriseConfig config, int index, bool on)
    {
        var list = YamlPath.Of("trigger_map");
        if (index < 0 || index >= config.TriggerMap.Count) return s_missing;
        return new FileEdit($"trigger_map: trigger {index + 1} switched {(on ? "on" : "off")}", list, editor => Switch(editor, list.Item(index), on));
    }

    /// <summary>Adds an item at the end of <c>trigger_map</c>.</summary>
    public static Outcome<FileEdit> AddToMap(BitriseConfig config, string? target, string? kind, string? branch, string? into)
    {
        var (isWorkflow, id) = (target?.StartsWith("workflow:", StringComparison.Ordinal) ?? false, target?[(target.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        if (PathOf(config, target) is null) return Refusal.Invalid(new FieldError("target", "There is no such workflow or pipeline.", "A workflow or pipeline of this file."));
        List<(string, YamlFragment)> entries = [];
        (string Key, string? Value)[] given = kind switch
        {
            "push" => [("push_branch", branch)],
            "pull_request" => [("pull_request_source_branch", branch), ("pull_request_target_branch", into)],
            "tag" => [("tag", branch)],
            _ => [],
        };
        foreach (var (key, value) in given)
            if (value?.Trim() is { Length: > 0 and <= 500 } text && !text.Any(char.IsControl)) entries.Add((key, text));
        if (entries.Count == 0) return Refusal.Invalid(new FieldError("branch", "No condition is given.", "A pattern such as main or release/*; * for all."));
        entries.Add((isWorkflow ? "workflow" : "pipeline", id!));
        var list = YamlPath.Of("trigger_map");
        return new FileEdit("trigger_map: trigger added", list, editor => editor.Insert(list, int.MaxValue, new YamlFragment.Map([.. entries])));
    }

    public static Outcome<FileEdit> RemoveFromMap(BitriseConfig config, int index)
    {
        var list = YamlPath.Of("trigger_map");
        if (index < 0 || index >= config.TriggerMap.Count) return s_missing;
        return new FileEdit("trigger_map: trigger removed", list, editor => editor.Remove(config.TriggerMap.Count == 1 ? list : list.Item(index)));
    }

    /// <summary>Moves an item of <c>trigger_map</c>, of which the first that matches counts.</summary>
    public static Outcome<FileEdit> MoveInMap(BitriseConfig config, int index, int by)
    {
        var list = YamlPath.Of("trigger_map");
        if (index < 0 || index >= config.TriggerMap.Count) return s_missing;
        return new FileEdit($"trigger_map: trigger {index + 1} moved {(by < 0 ? "up" : "down")}", list, editor => editor.Move(list, index, by));
    }

    /// <summary>On is what holds where nothing is said.</summary>
    private static Refusal? Switch(YamlEditor editor, YamlPath item, bool on)
    {
        if (editor.Find(item) is null) return s_missing;
        var enabled = item.Key("enabled");
        return !on ? editor.Set(enabled, "false", bare: true) : editor.Find(enabled) is null ? null : editor.Remove(enabled);
    }

    private static readonly Refusal s_missing = Refusal.Invalid(new FieldError("index", "There is no such trigger.", "One of those that the file has."));

    private static string Words(string kind) => kind.Replace('_', ' ');

    private static string Named(string target) => target.Replace(':', ' ');

    private static YamlPath? PathOf(BitriseConfig config, string? target) => target?.Split(':', 2) switch
    {
        ["workflow", var id] when config.Workflows.ContainsKey(id) => WorkflowEdits.At(id),
        ["pipeline", var id] when config.Pipelines.ContainsKey(id) => YamlPath.Of("pipelines", id),
        _ => null,
    };
}
