using System.Globalization;

namespace Buildyard;

/// <summary>New values for a step; null leaves a field as it is, empty text takes it away.</summary>
public sealed record StepChanges
{
    public string? Title { get; init; }

    /// <summary>A condition such as <c>.IsCI</c>.</summary>
    public string? RunIf { get; init; }

    /// <summary><c>true</c>, <c>false</c>, or empty: as the step itself says.</summary>
    public string? IsAlwaysRun { get; init; }
    public string? IsSkippable { get; init; }

    /// <summary>In seconds.</summary>
    public string? Timeout { get; init; }

    /// <summary>Inputs by name; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?>? Inputs { get; init; }
}

/// <summary>Changes of a workflow's steps. Steps are numbered from 1, as people count them.</summary>
internal static class StepEdits
{
    private static readonly string[] s_order = ["title", "run_if", "is_always_run", "is_skippable", "timeout", "no_output_timeout", "inputs", "outputs"];

    public static YamlPath Steps(string workflow) => WorkflowEdits.At(workflow).Key("steps");

    /// <summary>Adds a step at the end, or at <paramref name="position"/>.</summary>
    public static Outcome<FileEdit> Add(BitriseConfig config, string workflow, string? reference, int? position)
    {
        if (!config.Workflows.TryGetValue(workflow, out var found)) return WorkflowEdits.Missing(workflow);
        reference = reference?.Trim();
        if (string.IsNullOrEmpty(reference) || reference.Length > 500 || reference.Any(c => char.IsControl(c) || c == ' ') || reference == "with")
            return Refusal.Invalid(new FieldError("step", "This names no step.", "A step such as script@1, path::./steps/x, git::https://…@v1 or bundle::name."));
        var index = Math.Clamp((position ?? found.Steps.Count + 1) - 1, 0, found.Steps.Count);
        return new FileEdit($"workflow {workflow}, step {index + 1} {Name(reference)} added", null, editor =>
            editor.Insert(Steps(workflow), index, new YamlFragment.Map((reference, StepTemplates.Fragment(reference)))))
        { PartAfter = Steps(workflow).Item(index) };
    }

    public static Outcome<FileEdit> Remove(BitriseConfig config, string workflow, int number) => Find(config, workflow, number) is not { } step
        ? Missing(workflow, number)
        : new FileEdit($"workflow {workflow}, step {number} {NameOf(step)} removed", Steps(workflow).Item(number - 1), editor => editor.Remove(Steps(workflow).Item(number - 1))) { PartAfter = YamlPath.Of("none") };

    public static Outcome<FileEdit> Move(BitriseConfig config, string workflow, int number, int by) => Find(config, workflow, number) is not { } step
        ? Missing(workflow, number)
        : new FileEdit($"workflow {workflow}, step {number} {NameOf(step)} moved {(by < 0 ? "up" : "down")}", Steps(workflow), editor => editor.Move(Steps(workflow), number - 1, by));

    public static Outcome<FileEdit> Update(BitriseConfig config, string workflow, int number, StepChanges changes)
    {
        if (Find(config, workflow, number) is not { } item) return Missing(workflow, number);
        if (item is WithGroup) return YamlEditor.Refuse("Steps within “with” are not edited here.");
        var errors = new List<FieldError>();
        foreach (var (field, value) in ((string, string?)[])[("is_always_run", changes.IsAlwaysRun), ("is_skippable", changes.IsSkippable)])
            if (value is not (null or "" or "true" or "false")) errors.Add(new FieldError(field, "It is neither true nor false.", "true, false, or empty."));
        if (changes.Timeout is { Length: > 0 } timeout && !(int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0))
            errors.Add(new FieldError("timeout", "It is no number of seconds.", "A whole number of seconds, or empty."));
        if (changes.RunIf is { Length: > 0 } runIf && RunIf.Parse(runIf.Trim()) is { Problem: { } problem })
            errors.Add(new FieldError("run_if", problem, "A condition such as .IsCI or enveq \"NAME\" \"value\"."));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var step = Steps(workflow).Item(number - 1).Key(item is BundleUse bundle ? "bundle::" + bundle.Bundle : ((StepUse)item).Id);
        var changed = Changed(item, changes).ToList();
        var what = $"workflow {workflow}, step {number} {NameOf(item)}{(changed.Count == 0 ? "" : ": " + string.Join(", ", changed))}";
        return new FileEdit(what, Steps(workflow).Item(number - 1), editor => Apply(editor, step, item, changes));
    }

    private static Refusal? Apply(YamlEditor editor, YamlPath step, StepItem item, StepChanges changes)
    {
        foreach (var (key, value, bare) in ((string, string?, bool)[])[("title", changes.Title, false), ("run_if", changes.RunIf, false), ("is_always_run", changes.IsAlwaysRun, true), ("is_skippable", changes.IsSkippable, true), ("timeout", changes.Timeout, true)])
        {
            if (value is not null && editor.SetOrRemove(step.Key(key), value.ReplaceLineEndings("\n").Trim(), WorkflowEdits.Before(s_order, key), bare) is { } refusal) return refusal;
        }
        foreach (var (name, value) in changes.Inputs ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            if (SetInput(editor, step.Key("inputs"), name, value, item) is { } refusal) return refusal;
        }
        return null;
    }

    private static Refusal? SetInput(YamlEditor editor, YamlPath inputs, string name, string? value, StepItem item)
    {
        var index = editor.Find(inputs)?.Items.FindIndex(i => i.Find(name) is not null) ?? -1;
        if (value is null) return index < 0 ? null : editor.Remove(editor.Find(inputs)!.Items.Count == 1 ? inputs : inputs.Item(index));
        var text = value.ReplaceLineEndings("\n");
        if (index < 0) return editor.Insert(inputs, int.MaxValue, new YamlFragment.Map((name, text)), WorkflowEdits.Before(s_order, "inputs"));
        // What says the same in other words, such as yes for true, stays as it was written.
        return Inputs(item).FirstOrDefault(i => i.Key == name)?.Value == text ? null : editor.Set(inputs.Item(index).Key(name), text);
    }

    public static IReadOnlyList<EnvItem> Inputs(StepItem item) => item switch
    {
        StepUse use => use.Inputs,
        BundleUse bundle => bundle.Inputs,
        _ => [],
    };

    /// <summary>What a step is called in a list: its title, or its id without version.</summary>
    public static string NameOf(StepItem item) => item switch
    {
        StepUse { Title.Length: > 0 } use => use.Title,
        StepUse use => Name(use.Id),
        BundleUse { Title.Length: > 0 } bundle => bundle.Title,
        BundleUse bundle => bundle.Bundle,
        _ => "with",
    };

    private static string Name(string reference) => StepReference.Parse(StepReference.Named(reference)).Id;

    private static IEnumerable<string> Changed(StepItem item, StepChanges changes)
    {
        var use = item as StepUse;
        if (Differs(changes.Title, use?.Title ?? (item as BundleUse)?.Title)) yield return "title";
        if (Differs(changes.RunIf, use?.RunIf ?? (item as BundleUse)?.RunIf)) yield return "run_if";
        if (Differs(changes.IsAlwaysRun, Word(use?.IsAlwaysRun))) yield return "is_always_run";
        if (Differs(changes.IsSkippable, Word(use?.IsSkippable))) yield return "is_skippable";
        if (Differs(changes.Timeout, use?.Timeout?.ToString(CultureInfo.InvariantCulture))) yield return "timeout";
        foreach (var (name, value) in changes.Inputs ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            if (value?.ReplaceLineEndings("\n") != Inputs(item).FirstOrDefault(i => i.Key == name)?.Value) yield return $"input {name}";

        static bool Differs(string? wanted, string? now) => wanted is not null && wanted.ReplaceLineEndings("\n").Trim() != (now ?? "").Trim();
        static string? Word(bool? value) => value is { } set ? set ? "true" : "false" : null;
    }

    private static StepItem? Find(BitriseConfig config, string workflow, int number) =>
        config.Workflows.TryGetValue(workflow, out var found) && number >= 1 && number <= found.Steps.Count ? found.Steps[number - 1] : null;

    private static Refusal Missing(string workflow, int number) => Refusal.NotFound($"There is no step {number} in a workflow {workflow}.");
}
