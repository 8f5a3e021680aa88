namespace Buildyard;

/// <summary>New values for a workflow; null leaves a field as it is, empty text takes it away.</summary>
public sealed record WorkflowChanges
{
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }

    /// <summary>-100 to 100.</summary>
    public string? Priority { get; init; }
    public string? StatusReportName { get; init; }

    /// <summary>Ids of workflows that run before it, in order.</summary>
    public IReadOnlyList<string>? BeforeRun { get; init; }
    public IReadOnlyList<string>? AfterRun { get; init; }
}

/// <summary>Changes of workflows as such.</summary>
internal static class WorkflowEdits
{
    private static readonly string[] s_order = ["title", "summary", "description", "status_report_name", "priority", "triggers", "before_run", "after_run", "envs", "steps", "meta"];

    public static YamlPath At(string workflow) => YamlPath.Of("workflows", workflow);

    /// <summary>Adds an empty workflow.</summary>
    public static Outcome<FileEdit> Create(BitriseConfig config, string? id)
    {
        if (NewId(config, "id", id).Refusal is { } refusal) return refusal;
        var path = At(id!);
        return new FileEdit($"workflow {id}", null, editor => editor.Add(YamlPath.Of("workflows"), id!, new YamlFragment.Map(("steps", new YamlFragment.List())))) { PartAfter = path };
    }

    /// <summary>Adds a workflow that is a copy of another, text for text with its comments, right below it.</summary>
    /// <param name="config">The file.</param>
    /// <param name="from">The workflow to copy.</param>
    /// <param name="id">The copy's id.</param>
    public static Outcome<FileEdit> Copy(BitriseConfig config, string from, string? id)
    {
        if (!config.Workflows.TryGetValue(from, out var source)) return Missing(from);
        if (NewId(config, "id", id).Refusal is { } refusal) return refusal;
        return new FileEdit($"workflow {id}, copied from {from}", null, editor => AddCopy(editor, source.Id, id!)) { PartAfter = At(id!) };
    }

    /// <summary>Its triggers stay with the original: a copy that starts by itself would build everything twice.</summary>
    internal static Refusal? AddCopy(YamlEditor editor, string from, string id)
    {
        if (editor.Lines(At(from)) is not { Count: > 0 } lines) return YamlEditor.Refuse($"The workflow {from} is written on one line with others, in brackets.");
        var colon = lines[0].IndexOf(':', StringComparison.Ordinal);
        if (editor.Find(At(from)) is { Anchor: not null }) return YamlEditor.Refuse($"The workflow {from} has an anchor, which a copy would repeat.");
        if (editor.AddLines(YamlPath.Of("workflows"), from, [YamlScalars.Inline(id) + lines[0][colon..], .. lines.Skip(1)]) is { } refusal) return refusal;
        return editor.Find(At(id).Key("triggers")) is null ? null : editor.Remove(At(id).Key("triggers"));
    }

    /// <summary>Gives a workflow another id, and follows it wherever the file names it.</summary>
    public static Outcome<FileEdit> Rename(BitriseConfig config, string id, string? name)
    {
        if (!config.Workflows.ContainsKey(id)) return Missing(id);
        if (NewId(config, "new_id", name).Refusal is { } refusal) return refusal;
        return new FileEdit($"workflow {id}, renamed {name}", At(id), editor => RenameAll(editor, config, id, name!)) { PartAfter = At(name!) };
    }

    public static Outcome<FileEdit> Delete(BitriseConfig config, string id) => config.Workflows.ContainsKey(id)
        ? new FileEdit($"workflow {id}, deleted", At(id), editor => editor.Remove(At(id)))
        : Missing(id);

    public static Outcome<FileEdit> Update(BitriseConfig config, string id, WorkflowChanges changes)
    {
        if (!config.Workflows.TryGetValue(id, out var workflow)) return Missing(id);
        var errors = new List<FieldError>();
        if (changes.Priority is { Length: > 0 } priority && !(int.TryParse(priority, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is >= -100 and <= 100))
            errors.Add(new FieldError("priority", "It is no whole number from -100 to 100.", "A whole number from -100 to 100; empty for none."));
        foreach (var (field, names) in ((string, IReadOnlyList<string>?)[])[("before_run", changes.BeforeRun), ("after_run", changes.AfterRun)])
        {
            if (names?.FirstOrDefault(n => !config.Workflows.ContainsKey(n)) is { } unknown)
                errors.Add(new FieldError(field, $"There is no workflow {unknown}.", "Ids of workflows of this file, in the order they run."));
        }
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var path = At(id);
        return new FileEdit($"workflow {id}", path, editor =>
        {
            foreach (var (key, value) in ((string, string?)[])[("title", changes.Title), ("summary", changes.Summary), ("description", changes.Description), ("status_report_name", changes.StatusReportName), ("priority", changes.Priority)])
            {
                // Forms send line ends as CR LF.
                if (value is not null && editor.SetOrRemove(path.Key(key), value.ReplaceLineEndings("\n").TrimEnd(), Before(s_order, key), bare: key == "priority") is { } refusal) return refusal;
            }
            foreach (var (key, names, now) in ((string, IReadOnlyList<string>?, IReadOnlyList<Reference>)[])[("before_run", changes.BeforeRun, workflow.BeforeRun), ("after_run", changes.AfterRun, workflow.AfterRun)])
            {
                if (names is not null && !names.SequenceEqual(now.Select(n => n.Name)) && SetNames(editor, path.Key(key), names, Before(s_order, key)) is { } refusal) return refusal;
            }
            return null;
        });
    }

    internal static string[] Before(string[] order, string key) => [.. order.TakeWhile(k => k != key)];

    internal static Refusal Missing(string id) => Refusal.NotFound($"There is no workflow {id}.");

    private static Refusal? SetNames(YamlEditor editor, YamlPath path, IReadOnlyList<string> names, string[] after)
    {
        if (names.Count == 0) return editor.Remove(path);
        var list = new YamlFragment.List([.. names.Select(n => (YamlFragment)n)]);
        return editor.Find(path) is null ? editor.Add(path.Parent, (string)path.Steps[^1], list, after) : editor.ReplaceLines(path, YamlFragment.Entry((string)path.Steps[^1], list));
    }

    private static Refusal? RenameAll(YamlEditor editor, BitriseConfig config, string id, string name)
    {
        foreach (var place in Places(config, id))
            if ((editor.Find(place) is { Kind: YamlPartKind.Scalar } ? editor.Set(place, name) : null) is { } refusal) return refusal;
        foreach (var (pipeline, graph) in config.Pipelines)
        {
            if (graph.Workflows.ContainsKey(id) && editor.Rename(YamlPath.Of("pipelines", pipeline, "workflows", id), name) is { } refusal) return refusal;
        }
        foreach (var (stage, definition) in config.Stages)
        {
            foreach (var (i, workflow) in definition.Workflows.Index())
                if (workflow.Name == id && editor.Rename(YamlPath.Of("stages", stage, "workflows", i, id), name) is { } refusal) return refusal;
        }
        return editor.Rename(At(id), name);
    }

    /// <summary>Where the file names a workflow as a value.</summary>
    private static IEnumerable<YamlPath> Places(BitriseConfig config, string id)
    {
        foreach (var workflow in config.Workflows.Values)
        {
            foreach (var (key, names) in ((string, IReadOnlyList<Reference>)[])[("before_run", workflow.BeforeRun), ("after_run", workflow.AfterRun)])
                foreach (var (i, reference) in names.Index())
                    if (reference.Name == id) yield return At(workflow.Id).Key(key).Item(i);
        }
        foreach (var (i, item) in config.TriggerMap.Index())
            if (item.Workflow == id) yield return YamlPath.Of("trigger_map", i, "workflow");
        foreach (var (pipeline, graph) in config.Pipelines)
        {
            foreach (var workflow in graph.Workflows.Values)
            {
                var path = YamlPath.Of("pipelines", pipeline, "workflows", workflow.Id);
                if (workflow.Uses?.Name == id) yield return path.Key("uses");
                foreach (var (i, reference) in workflow.DependsOn.Index())
                    if (reference.Name == id) yield return path.Key("depends_on").Item(i);
            }
        }
    }

    private static Outcome<string> NewId(BitriseConfig config, string field, string? id)
    {
        const string accepted = "Letters, digits and - _ . at most 100; a leading _ makes it run only inside others.";
        if (string.IsNullOrEmpty(id)) return Refusal.Invalid(new FieldError(field, "It is empty.", accepted));
        if (id.Length > 100 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) return Refusal.Invalid(new FieldError(field, "It holds other characters, or too many.", accepted));
        return config.Workflows.ContainsKey(id) ? Refusal.Invalid(new FieldError(field, $"There is a workflow {id} already.", "Another name.")) : id;
    }
}
