namespace Buildyard;

/// <summary>One thing in which two workflows differ, that can be taken by itself.</summary>
/// <param name="Id">Names it in a form: <c>title</c>, <c>env:KEY</c>, <c>step:2:3</c> (numbers in the left and the right one; 0: not there).</param>
/// <param name="Words">The difference, in words.</param>
public sealed record DifferencePart(string Id, string Words);

/// <summary>What differs between two workflows of a file, and how the left one takes over parts of the right one.</summary>
internal sealed class WorkflowDifference
{
    private static readonly string[] s_fields = ["title", "summary", "description", "status_report_name", "priority", "triggers", "before_run", "after_run", "tools", "meta"];

    private readonly Workflow _left;
    private readonly Workflow _right;
    private readonly List<(int Left, int Right)> _steps;

    private WorkflowDifference(Workflow left, Workflow right, YamlEditor editor)
    {
        (_left, _right) = (left, right);
        _steps = Align(left.Steps, right.Steps);
        Parts = [.. Fields(editor), .. Envs(), .. Steps(editor)];
    }

    /// <summary>Everything that differs, in the order of the file. A right side without triggers leaves the left side's alone.</summary>
    public IReadOnlyList<DifferencePart> Parts { get; }

    public static WorkflowDifference? Between(string text, string left, string right)
    {
        var config = BitriseYaml.ReadSaved(text);
        return config.Workflows.TryGetValue(left, out var one) && config.Workflows.TryGetValue(right, out var other) && YamlEditor.Open(text).Succeeded(out var editor, out _)
            ? new WorkflowDifference(one, other, editor)
            : null;
    }

    /// <summary>What a step is, without its version: steps of the same name are compared with each other.</summary>
    public static string Name(StepItem step) => step switch
    {
        StepUse use => StepReference.Parse(use.Id) is var reference ? $"{reference.Source}::{reference.Id}" : "",
        BundleUse bundle => $"bundle::{bundle.Bundle}",
        _ => "with",
    };

    /// <summary>Puts the chosen parts of the right workflow into the left one, text for text with their comments.</summary>
    public Refusal? Take(YamlEditor editor, IReadOnlySet<string> chosen)
    {
        var (left, right) = (WorkflowEdits.At(_left.Id), WorkflowEdits.At(_right.Id));
        foreach (var field in s_fields.Where(chosen.Contains))
            if (Replace(editor, left, right, field) is { } refusal) return refusal;
        foreach (var part in Envs().Where(e => chosen.Contains(e.Id)))
            if (TakeEnv(editor, left, right, part.Id["env:".Length..]) is { } refusal) return refusal;
        return TakeSteps(editor, left.Key("steps"), right.Key("steps"), chosen);
    }

    private static Refusal? Replace(YamlEditor editor, YamlPath left, YamlPath right, string field)
    {
        var (own, other) = (editor.Find(left.Key(field)), editor.Find(right.Key(field)));
        if (other is null) return own is null ? null : editor.Remove(left.Key(field));
        if (editor.Lines(right.Key(field), withComments: true) is not { } lines) return YamlEditor.Refuse($"{right.Key(field)} is written on one line with others.");
        if (own is not null) return editor.ReplaceLines(left.Key(field), lines);
        return editor.Add(left, field, "x", WorkflowEdits.Before(s_fields, field)) ?? editor.ReplaceLines(left.Key(field), lines);
    }

    private static Refusal? TakeEnv(YamlEditor editor, YamlPath left, YamlPath right, string key)
    {
        var (own, other) = (IndexOf(editor, left, key), IndexOf(editor, right, key));
        if (other < 0) return own < 0 ? null : editor.Remove(editor.Find(left.Key("envs"))!.Items.Count == 1 ? left.Key("envs") : left.Key("envs").Item(own));
        if (editor.Lines(right.Key("envs").Item(other), withComments: true) is not { } lines) return YamlEditor.Refuse($"The envs of {right} are written on one line.");
        if (own >= 0) return editor.ReplaceLines(left.Key("envs").Item(own), lines);
        if (editor.Find(left.Key("envs")) is not null) return editor.InsertLines(left.Key("envs"), int.MaxValue, lines);
        return editor.Add(left, "envs", new YamlFragment.List("x"), WorkflowEdits.Before([.. s_fields, "envs"], "envs")) ?? editor.ReplaceLines(left.Key("envs").Item(0), lines);
    }

    private static int IndexOf(YamlEditor editor, YamlPath workflow, string key) => editor.Find(workflow.Key("envs"))?.Items.FindLastIndex(i => i.Find(key) is not null) ?? -1;

    private Refusal? TakeSteps(YamlEditor editor, YamlPath left, YamlPath right, IReadOnlySet<string> chosen)
    {
        // A moved step is one part of two places: it leaves one and comes to the other.
        var moves = Moves().Where(m => chosen.Contains($"step:{m.Left + 1}:{m.Right + 1}")).ToList();
        var at = 0;
        foreach (var (l, r) in _steps)
        {
            var taken = chosen.Contains($"step:{l + 1}:{r + 1}");
            if (l < 0)
            {
                if (!taken && !moves.Exists(m => m.Right == r)) continue;
                if (LinesOf(r) is not { } added) return Flow();
                var refusal = editor.Find(left) is null ? editor.Add(left.Parent, "steps", new YamlFragment.List()) ?? editor.InsertLines(left, at, added) : editor.InsertLines(left, at, added);
                if (refusal is not null) return refusal;
                at++;
            }
            else if (r < 0)
            {
                if ((taken || moves.Exists(m => m.Left == l)) && editor.Remove(left.Item(at)) is { } refusal) return refusal;
                if (!taken && !moves.Exists(m => m.Left == l)) at++;
            }
            else
            {
                if (taken)
                {
                    if (LinesOf(r) is not { } lines) return Flow();
                    if (editor.ReplaceLines(left.Item(at), lines) is { } refusal) return refusal;
                }
                at++;
            }
        }
        return null;

        IReadOnlyList<string>? LinesOf(int index) => editor.Lines(right.Item(index), withComments: true);
        Refusal Flow() => YamlEditor.Refuse($"The steps of {_right.Id} are written on one line.");
    }

    private IEnumerable<DifferencePart> Fields(YamlEditor editor)
    {
        foreach (var field in s_fields)
        {
            var (own, other) = (Shown(editor, _left, field), Shown(editor, _right, field));
            if (own == other || (field == "triggers" && other is null)) continue;
            var name = field switch { "meta" => "The stack", "before_run" => "What runs before it", "after_run" => "What runs after it", "status_report_name" => "The name of its status check", _ => $"The {field}" };
            var verb = field is "triggers" or "tools" ? "are" : "is";
            yield return new DifferencePart(field, own is null ? $"{name} {verb} added." : other is null ? $"{name} {verb} removed." : $"{name} {verb} changed.");
        }
    }

    private static string? Shown(YamlEditor editor, Workflow workflow, string field) => editor.Find(WorkflowEdits.At(workflow.Id).Key(field)) is null
        ? null
        : editor.Lines(WorkflowEdits.At(workflow.Id).Key(field)) is { } lines ? string.Join('\n', lines) : "";

    private IEnumerable<DifferencePart> Envs()
    {
        foreach (var key in _left.Envs.Concat(_right.Envs).Select(e => e.Key).Distinct())
        {
            var (own, other) = (_left.Envs.LastOrDefault(e => e.Key == key), _right.Envs.LastOrDefault(e => e.Key == key));
            if (own is not null && other is not null && own.SaysTheSameAs(other)) continue;
            yield return new DifferencePart($"env:{key}", $"The variable {key} is {(own is null ? "added" : other is null ? "removed" : "changed")}.");
        }
    }

    private IEnumerable<DifferencePart> Steps(YamlEditor editor)
    {
        var moves = Moves();
        foreach (var (l, r) in _steps)
        {
            var id = $"step:{l + 1}:{r + 1}";
            if (l >= 0 && r >= 0)
            {
                if (TextOf(editor, _left, l) == TextOf(editor, _right, r)) continue;
                var changes = Changes(_left.Steps[l], _right.Steps[r]).ToList();
                yield return new DifferencePart(id, $"Step {l + 1} {StepEdits.NameOf(_left.Steps[l])}: {(changes.Count == 0 ? "its comments or spelling" : string.Join(", ", changes))} changed.");
            }
            else if (l < 0 && !moves.Exists(m => m.Right == r))
            {
                yield return new DifferencePart(id, $"Step {StepEdits.NameOf(_right.Steps[r])} is added as number {r + 1}.");
            }
            else if (r < 0)
            {
                var move = moves.Find(m => m.Left == l);
                yield return moves.Exists(m => m.Left == l)
                    ? new DifferencePart($"step:{l + 1}:{move.Right + 1}", $"Step {l + 1} {StepEdits.NameOf(_left.Steps[l])} is moved to number {move.Right + 1}{(Changes(_left.Steps[l], _right.Steps[move.Right]).ToList() is { Count: > 0 } changes ? $", and {string.Join(", ", changes)} changed" : "")}.")
                    : new DifferencePart(id, $"Step {l + 1} {StepEdits.NameOf(_left.Steps[l])} is removed.");
            }
        }
    }

    private static string? TextOf(YamlEditor editor, Workflow workflow, int step) =>
        editor.Lines(StepEdits.Steps(workflow.Id).Item(step), withComments: true) is { } lines ? string.Join('\n', lines) : workflow.Steps[step].ToString();

    private static IEnumerable<string> Changes(StepItem left, StepItem right)
    {
        if (left is StepUse one && right is StepUse other)
        {
            if (one.Id != other.Id) yield return $"version {StepReference.Parse(one.Id).Version} → {StepReference.Parse(other.Id).Version}";
            if (one.Title != other.Title) yield return "title";
            if (one.RunIf != other.RunIf) yield return "run_if";
            if (one.IsAlwaysRun != other.IsAlwaysRun) yield return "is_always_run";
            if (one.IsSkippable != other.IsSkippable) yield return "is_skippable";
            if (one.Timeout != other.Timeout) yield return "timeout";
            if (one.NoOutputTimeout != other.NoOutputTimeout) yield return "no_output_timeout";
        }
        var (inputs, others) = (StepEdits.Inputs(left), StepEdits.Inputs(right));
        foreach (var key in inputs.Concat(others).Select(i => i.Key).Distinct())
        {
            var (own, theirs) = (inputs.LastOrDefault(i => i.Key == key), others.LastOrDefault(i => i.Key == key));
            if (own is null || theirs is null) yield return $"input {key} {(own is null ? "added" : "removed")},".TrimEnd(',');
            else if (!own.SaysTheSameAs(theirs)) yield return $"input {key}";
        }
    }

    /// <summary>Steps that left one place and are in another.</summary>
    private List<(int Left, int Right)> Moves()
    {
        var moves = new List<(int Left, int Right)>();
        foreach (var (l, _) in _steps.Where(s => s.Right < 0))
        {
            var free = _steps.Where(s => s.Left < 0 && Name(_right.Steps[s.Right]) == Name(_left.Steps[l]) && !moves.Exists(m => m.Right == s.Right)).ToList();
            if (free.Count > 0) moves.Add((l, free.OrderByDescending(f => Title(_right.Steps[f.Right]) == Title(_left.Steps[l])).First().Right));
        }
        return moves;
    }

    private static string? Title(StepItem step) => (step as StepUse)?.Title ?? (step as BundleUse)?.Title;

    /// <summary>Pairs the steps of both, in order, so that as many as can be are with one that is alike. A side without a partner is -1.</summary>
    private static List<(int Left, int Right)> Align(IReadOnlyList<StepItem> left, IReadOnlyList<StepItem> right)
    {
        // More steps than this are not paired one by one: the table would grow with the product of both.
        const int most = 2000;
        if ((long)left.Count * right.Count > (long)most * most) return [.. Enumerable.Range(0, Math.Max(left.Count, right.Count)).Select(i => (i < left.Count ? i : -1, i < right.Count ? i : -1))];
        var score = new int[left.Count + 1, right.Count + 1];
        for (var l = left.Count - 1; l >= 0; l--)
        {
            for (var r = right.Count - 1; r >= 0; r--)
                score[l, r] = Math.Max(Math.Max(score[l + 1, r], score[l, r + 1]), score[l + 1, r + 1] + Alike(left[l], right[r]));
        }
        var pairs = new List<(int, int)>();
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            if (i < left.Count && j < right.Count && Alike(left[i], right[j]) is > 0 and var alike && score[i, j] == score[i + 1, j + 1] + alike) pairs.Add((i++, j++));
            else if (i < left.Count && (j == right.Count || score[i + 1, j] >= score[i, j + 1])) pairs.Add((i++, -1));
            else pairs.Add((-1, j++));
        }
        return pairs;
    }

    private static int Alike(StepItem left, StepItem right) => Name(left) != Name(right) ? 0 : Title(left) == Title(right) ? 3 : 1;
}
