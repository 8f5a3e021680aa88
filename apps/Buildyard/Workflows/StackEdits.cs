namespace Buildyard;

/// <summary>Changes of the stack: the app's, or one workflow's.</summary>
internal static class StackEdits
{
    /// <param name="config">The file.</param>
    /// <param name="offer">What this instance has.</param>
    /// <param name="workflow">The workflow; null: all that don't name their own.</param>
    /// <param name="stack">The stack; empty: none is named, so that the app's or the instance's own counts.</param>
    /// <param name="machineType">The machine type; empty: the stack's default.</param>
    public static Outcome<FileEdit> Set(BitriseConfig config, StackOffer offer, string? workflow, string? stack, string? machineType)
    {
        if (workflow is not null && !config.Workflows.ContainsKey(workflow)) return WorkflowEdits.Missing(workflow);
        var errors = new List<FieldError>();
        var offered = offer.Find(stack);
        if (!string.IsNullOrEmpty(stack) && offered is null)
            errors.Add(new FieldError("stack", $"There is no stack {stack} here.", string.Join(", ", offer.Stacks.Select(s => s.Id)) + "."));
        else if (!string.IsNullOrEmpty(machineType) && !(offered?.MachineTypes ?? [.. offer.Stacks.SelectMany(s => s.MachineTypes)]).Contains(machineType))
            errors.Add(new FieldError("machine_type_id", $"There is no machine type {machineType} here.", string.Join(", ", (offered ?? offer.Stacks[0]).MachineTypes) + "."));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var meta = workflow is null ? YamlPath.Of("meta") : WorkflowEdits.At(workflow).Key("meta");
        var ours = meta.Key("bitrise.io");
        return new FileEdit(workflow is null ? "the stack" : $"workflow {workflow}: the stack", meta, editor =>
        {
            var refusal = Write(editor, ours.Key("stack"), stack) ?? Write(editor, ours.Key("machine_type_id"), machineType);
            // What is left empty goes, from the inside out.
            foreach (var empty in (YamlPath[])[ours, meta])
                if (refusal is null && editor.Find(empty) is { IsVacant: true }) refusal = editor.Remove(empty);
            return refusal;
        });
    }

    private static Refusal? Write(YamlEditor editor, YamlPath path, string? value) => value is null ? null : editor.SetOrRemove(path, value);
}
