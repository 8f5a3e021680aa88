using System.Globalization;
using System.Text.Json;
using Latchkey;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>How a change to <c>bitrise.yml</c> is made: as a whole text, or in one place.</summary>
internal sealed record YamlProposal(string? Text, Outcome<FileEdit>? Edit);

/// <summary>
/// A part of <c>bitrise.yml</c> that support proposes to change. Texts are patched line by line, so that what was masked stays as it is; a value is
/// equal to what was shown, or it is not changed.
/// </summary>
internal static class ProposedYaml
{
    private const string ChangedThere = "The same place was changed since. Both are shown; change it by hand, or ask support for a new proposal.";

    public static IEnumerable<ProposalTarget> Of(string text, string version)
    {
        yield return new ProposalTarget(Id("yml"), "bitrise.yml", "the whole file", text, IsText: true, version);
        if (!YamlEditor.Open(text).Succeeded(out var editor, out _)) yield break;
        var config = BitriseYaml.ReadSaved(text);
        foreach (var workflow in config.Workflows.Values)
        {
            if (Lines(editor, workflow.Id) is { } lines)
                yield return new ProposalTarget(Id("workflow", workflow.Id), $"Workflow {workflow.Id}", "the whole workflow", lines, IsText: true, version);
            foreach (var (index, step) in workflow.Steps.Index())
            {
                if (step is not StepUse use) continue;
                foreach (var input in use.Inputs.DistinctBy(i => i.Key))
                {
                    string[] target = ["step", workflow.Id, (index + 1).ToString(CultureInfo.InvariantCulture), use.Id, input.Key];
                    if (Value(editor, config, target) is { } value)
                        yield return new ProposalTarget(Id(target), $"Workflow {workflow.Id}", $"step {index + 1} {StepEdits.NameOf(use)}, input {input.Key}", value, value.Contains('\n', StringComparison.Ordinal), version);
                }
            }
        }
        foreach (var env in config.AppEnvs.DistinctBy(e => e.Key))
        {
            if (Value(editor, config, ["env", env.Key]) is { } value)
                yield return new ProposalTarget(Id("env", env.Key), "Env vars of the app", env.Key, value, value.Contains('\n', StringComparison.Ordinal), version);
        }
    }

    /// <summary>What a change would do to the current file, and how it is made; nothing to make where there is a problem, or it is there already.</summary>
    public static (ProposalOutlook Outlook, YamlProposal? Edit) Look(string[] target, YamlVersion current, ProposedChange change)
    {
        var (outlook, edit) = target switch
        {
            ["yml"] => Patched(change, current.Content, MaskedYaml.Of, text => new YamlProposal(text, null)),
            ["workflow", var id] => OfWorkflow(id, current, change),
            _ => OfValue(target, current, change),
        };
        if (edit is null || outlook.Now == outlook.Then) return (outlook, edit);
        // A text that holds in several places is shown in each of them.
        var effect = WrittenOut.Both(current.Content, Made(edit, current.Content), out var isTooLong);
        if (isTooLong) return (outlook with { Then = null, Problem = $"{WrittenOut.TooLong} Make this change by hand." }, null);
        return (outlook with { Effect = effect is var (before, after) ? new KeptText("bitrise.yml, written out", MaskedYaml.Of(before), MaskedYaml.Of(after)) : null }, edit);
    }

    private static string Made(YamlProposal proposal, string current) =>
        proposal.Text ?? (proposal.Edit!.Value.Succeeded(out var edit, out _) && YamlEditor.Open(current).Succeeded(out var editor, out _) && edit.Apply(editor) is null ? editor.Text : current);

    private static (ProposalOutlook Outlook, YamlProposal? Edit) OfWorkflow(string id, YamlVersion current, ProposedChange change)
    {
        if (!YamlEditor.Open(current.Content).Succeeded(out var editor, out _) || Lines(editor, id) is not { } lines
            || !YamlEditor.Open(MaskedYaml.Of(current.Content)).Succeeded(out var masked, out _) || Lines(masked, id) is not { } shown)
            return (new ProposalOutlook(null, null, $"There is no workflow {id} any more, or it is written in a way that can't be changed in one place."), null);
        var path = WorkflowEdits.At(id);
        // What is secret in it may be said elsewhere in the file.
        return Patched(
            change, lines, _ => shown,
            text => new YamlProposal(null, new FileEdit($"workflow {id}", path, edited => edited.ReplaceLines(path, text.Split('\n')))));
    }

    /// <param name="change">What is proposed.</param>
    /// <param name="now">The text that is proposed to be changed, as it is.</param>
    /// <param name="mask">As support sees a text.</param>
    /// <param name="edit">How it is changed.</param>
    private static (ProposalOutlook Outlook, YamlProposal? Edit) Patched(ProposedChange change, string now, Func<string, string> mask, Func<string, YamlProposal> edit)
    {
        var patch = MaskedPatch.Of(change.Before, change.After, now, mask);
        return patch.Problem switch
        {
            null => (new ProposalOutlook(patch.Now, patch.Then), edit(patch.Text!)),
            PatchProblem.TouchesSecret => (new ProposalOutlook(patch.Now, null, "It touches a place in which support saw a secret masked. Make this change by hand."), null),
            _ => (new ProposalOutlook(patch.Now, null, ChangedThere), null),
        };
    }

    private static (ProposalOutlook Outlook, YamlProposal? Edit) OfValue(string[] target, YamlVersion current, ProposedChange change)
    {
        var masked = MaskedYaml.Of(current.Content);
        if (!YamlEditor.Open(masked).Succeeded(out var editor, out _) || Value(editor, BitriseYaml.ReadSaved(masked), target) is not { } now)
            return (new ProposalOutlook(null, null, "It is not there any more, or holds a secret now."), null);
        if (now != change.Before && now != change.After) return (new ProposalOutlook(now, null, ChangedThere), null);
        var config = BitriseYaml.ReadSaved(current.Content);
        var edit = target is ["env", var name]
            ? EnvEdits.Set(config, workflow: null, name, change.After, isExpand: null)
            : StepEdits.Update(config, target[1], Number(target), new StepChanges { Inputs = new Dictionary<string, string?>(StringComparer.Ordinal) { [target[4]] = change.After } });
        return (new ProposalOutlook(now, change.After), new YamlProposal(null, edit));
    }

    /// <summary>A value as it is shown; null where there is none of that name, or anything of it is masked.</summary>
    private static string? Value(YamlEditor editor, BitriseConfig config, string[] target)
    {
        var (list, items) = target is ["env", _]
            ? (EnvEdits.List(null), config.AppEnvs)
            : config.Workflows.GetValueOrDefault(target[1])?.Steps.ElementAtOrDefault(Number(target) - 1) is StepUse use && use.Id == target[3]
                ? (StepEdits.Steps(target[1]).Item(Number(target) - 1).Key(use.Id).Key("inputs"), use.Inputs)
                : (YamlPath.Root, []);
        var index = items.ToList().FindLastIndex(i => i.Key == target[^1]);
        return index < 0 || items[index].IsSensitive == true
            || editor.Lines(list.Item(index)) is not { } lines || lines.Any(l => l.Contains(SecretText.Mark, StringComparison.Ordinal))
                ? null
                : items[index].Value;
    }

    private static string? Lines(YamlEditor editor, string workflow) =>
        editor.Lines(WorkflowEdits.At(workflow), withComments: true) is { } lines ? string.Join('\n', lines.Select(l => l.TrimEnd('\r'))) : null;

    private static int Number(string[] target) => int.Parse(target[2], NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Id(params string[] parts) => JsonSerializer.Serialize(parts);
}
