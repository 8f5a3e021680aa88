using System.Globalization;

namespace Buildyard;

/// <summary>The workflow that support tries corrections in, so that the customer's own stays as it is.</summary>
internal static class SupportTesting
{
    /// <summary>What it is called; further ones have a number behind it.</summary>
    public const string Id = "support-testing";

    public static bool IsCopy(string id) =>
        id == Id || (id.StartsWith(Id + "-", StringComparison.Ordinal) && int.TryParse(id.AsSpan(Id.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _));

    /// <summary>The first of its names that is free.</summary>
    public static string NextId(BitriseConfig config) => config.Workflows.ContainsKey(Id)
        ? Enumerable.Range(2, 10_000).Select(n => string.Create(CultureInfo.InvariantCulture, $"{Id}-{n}")).First(id => !config.Workflows.ContainsKey(id))
        : Id;

    /// <summary>Adds the copy, in place of the one that is there when <paramref name="replace"/> says so.</summary>
    public static Outcome<FileEdit> Copy(BitriseConfig config, string from, bool replace)
    {
        if (!config.Workflows.ContainsKey(from)) return WorkflowEdits.Missing(from);
        if (from == Id) return Refusal.Invalid(new FieldError("from", "This is the copy itself.", "A workflow of the customer's."));
        if (!replace || !config.Workflows.ContainsKey(Id)) return WorkflowEdits.Copy(config, from, NextId(config));
        return new FileEdit($"workflow {Id}, copied anew from {from}", WorkflowEdits.At(Id), editor => editor.Remove(WorkflowEdits.At(Id)) ?? WorkflowEdits.AddCopy(editor, from, Id));
    }

    /// <summary>Which workflow a copy was most likely made from: the one that shares most of its steps.</summary>
    public static string? Original(BitriseConfig config, string copy)
    {
        if (!config.Workflows.TryGetValue(copy, out var made)) return null;
        var steps = made.Steps.Select(WorkflowDifference.Name).ToHashSet(StringComparer.Ordinal);
        return config.Workflows.Values.Where(w => w.Id != copy && !IsCopy(w.Id) && !w.IsUtility)
            .OrderByDescending(w => w.Steps.Count(s => steps.Contains(WorkflowDifference.Name(s))) - Math.Abs(w.Steps.Count - made.Steps.Count)).FirstOrDefault()?.Id;
    }
}
