namespace Buildyard;

/// <summary>Changes of environment variables: the app's, or one workflow's.</summary>
internal static class EnvEdits
{
    public static YamlPath List(string? workflow) => workflow is null ? YamlPath.Of("app", "envs") : WorkflowEdits.At(workflow).Key("envs");

    public static IReadOnlyList<EnvItem>? Of(BitriseConfig config, string? workflow) =>
        workflow is null ? config.AppEnvs : config.Workflows.GetValueOrDefault(workflow)?.Envs;

    /// <summary>Adds a variable, or gives the one of this name another value.</summary>
    public static Outcome<FileEdit> Set(BitriseConfig config, string? workflow, string? name, string? value, bool? isExpand)
    {
        if (Of(config, workflow) is not { } envs) return WorkflowEdits.Missing(workflow!);
        var errors = new List<FieldError>();
        name = EnvironmentName.Read("name", name, errors);
        if (errors.Count > 0 || name is null) return Refusal.Invalid(errors);
        var list = List(workflow);
        var text = value?.ReplaceLineEndings("\n");
        var known = envs.LastOrDefault(e => e.Key == name);
        var index = IndexOf(envs, name);
        var what = $"{Where(workflow)}: env var {name}";
        if (known is null)
        {
            (string, YamlFragment)[] entries = isExpand == false ? [(name, text ?? ""), ("opts", new YamlFragment.Map(("is_expand", new YamlFragment.Bare("false"))))] : [(name, text ?? "")];
            return new FileEdit(what, null, editor => editor.Insert(list, int.MaxValue, new YamlFragment.Map(entries), After(workflow))) { PartAfter = list.Item(envs.Count) };
        }
        var item = list.Item(index);
        return new FileEdit(what, item, editor =>
            (text is null || text == known.Value ? null : editor.Set(item.Key(name), text))
            ?? (isExpand is not { } expand || expand == (known.IsExpand ?? true) ? null : Expand(editor, item, expand)));
    }

    /// <summary>Takes a variable away; one that is not there is gone already.</summary>
    public static Outcome<FileEdit> Remove(BitriseConfig config, string? workflow, string name)
    {
        if (Of(config, workflow) is not { } envs) return WorkflowEdits.Missing(workflow!);
        var index = IndexOf(envs, name);
        if (index < 0) return new FileEdit($"{Where(workflow)}: env var {name} removed", null, _ => null);
        var list = List(workflow);
        var path = envs.Count == 1 ? list : list.Item(index);
        return new FileEdit($"{Where(workflow)}: env var {name} removed", path, editor => editor.Remove(path)) { PartAfter = YamlPath.Of("none") };
    }

    private static Refusal? Expand(YamlEditor editor, YamlPath item, bool expand)
    {
        var opts = item.Key("opts");
        if (!expand) return editor.Set(opts.Key("is_expand"), "false", bare: true);
        return editor.Find(opts) is { Entries.Count: 1 } ? editor.Remove(opts) : editor.Set(opts.Key("is_expand"), "true", bare: true);
    }

    private static string[]? After(string? workflow) => workflow is null ? null : ["title", "summary", "description", "status_report_name", "priority", "triggers", "before_run", "after_run"];

    private static int IndexOf(IReadOnlyList<EnvItem> envs, string name)
    {
        for (var i = envs.Count - 1; i >= 0; i--)
            if (envs[i].Key == name) return i;
        return -1;
    }

    private static string Where(string? workflow) => workflow is null ? "the app" : $"workflow {workflow}";
}
