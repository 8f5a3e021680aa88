using System.Globalization;

namespace Buildyard;

internal sealed partial class ConfigRules
{
    private readonly Lazy<TakenCopies> _takenWorkflows = new(() => new TakenCopies(config.Workflows.Keys));

    private void Pipeline(Pipeline pipeline)
    {
        cancellation.ThrowIfCancellationRequested();
        var owner = $"pipeline {pipeline.Id}";
        ExpectId(pipeline.Id, pipeline.At, "pipeline");
        StatusReportName(pipeline.StatusReportName, pipeline.StatusReportNameAt, owner);
        Priority(pipeline.Priority, pipeline.PriorityAt, owner);
        TriggerPatterns(pipeline.Triggers);
        if (pipeline.Stages.Count > 0 && pipeline.Workflows.Count > 0) findings.Error(pipeline.At, $"The {owner} has both stages and workflows.");
        else if (pipeline.Stages.Count == 0 && pipeline.Workflows.Count == 0) findings.Warn(pipeline.At, $"The {owner} has neither stages nor workflows: it runs nothing.");
        foreach (var (stage, at) in pipeline.Stages)
            if (!config.Stages.ContainsKey(stage)) findings.Error(at, $"The stage {stage} of {owner} is not defined.");
        var takenMembers = new Lazy<TakenCopies>(() => new TakenCopies(pipeline.Workflows.Keys));
        foreach (var workflow in pipeline.Workflows.Values) Member(pipeline, workflow, takenMembers);
        Cycles.Find(
            pipeline.Workflows.Keys,
            id => pipeline.Workflows.TryGetValue(id, out var workflow) ? workflow.DependsOn : [],
            (at, circle) => findings.Error(at, $"These workflows of {owner} wait for each other in a circle: {circle}."));
    }

    private void Member(Pipeline pipeline, PipelineWorkflow workflow, Lazy<TakenCopies> takenMembers)
    {
        var owner = $"pipeline {pipeline.Id}";
        if (workflow.Id.Length == 0) findings.Error(workflow.At, $"A workflow in {owner} has an empty id.");
        if (workflow.Id.StartsWith('_')) findings.Error(workflow.At, $"{workflow.Id} in {owner} is a utility workflow; those run only inside others.");
        if (!string.IsNullOrEmpty(workflow.Parallel)) Parallel(workflow, takenMembers, owner);
        if (workflow.Uses is { } uses)
        {
            if (!config.Workflows.ContainsKey(uses.Name)) findings.Error(uses.At, $"The workflow {uses.Name}, which {workflow.Id} in {owner} is a variant of, is not defined.");
            if (config.Workflows.ContainsKey(workflow.Id)) findings.Error(workflow.At, $"{workflow.Id} in {owner} is a variant of another workflow, and the name of a workflow of its own.");
        }
        else
        {
            if (!config.Workflows.ContainsKey(workflow.Id)) findings.Error(workflow.At, $"The workflow {workflow.Id} of {owner} is not defined.");
            foreach (var input in workflow.Inputs.Take(1)) findings.Error(input, $"{workflow.Id} in {owner} has inputs, but is no variant: it doesn't say what it uses.");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, at) in workflow.DependsOn)
        {
            if (!seen.Add(name)) findings.Error(at, $"{workflow.Id} in {owner} depends on {name} twice.");
            else if (!pipeline.Workflows.ContainsKey(name)) findings.Error(at, $"{workflow.Id} depends on {name}, which is no part of {owner}.");
        }
    }

    /// <summary>Copies are named <c>workflow_1</c>, <c>workflow_2</c> …: none of these names may be taken.</summary>
    private void Parallel(PipelineWorkflow workflow, Lazy<TakenCopies> takenMembers, string owner)
    {
        var text = workflow.Parallel!;
        var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var copies);
        if (!isNumber && !text.StartsWith('$'))
            findings.Error(workflow.ParallelAt, $"parallel of {workflow.Id} in {owner} is “{text}”. It should be a whole number, or a variable such as $COPIES.");
        else if (isNumber && copies < 1)
            findings.Error(workflow.ParallelAt, $"parallel of {workflow.Id} in {owner} is {copies}. It should be at least 1.");
        else if ((isNumber ? _takenWorkflows.Value.Among(workflow.Id, copies) : _takenWorkflows.Value.Any(workflow.Id) ?? takenMembers.Value.Any(workflow.Id)) is { } taken)
            findings.Error(workflow.ParallelAt, $"A parallel copy of {workflow.Id} in {owner} would be named {taken}, which is a workflow already.");
    }

    /// <summary>Which ids could be those of copies, by the id that would be copied: each is looked at once, however many are copied.</summary>
    private sealed class TakenCopies
    {
        private readonly Dictionary<string, string> _any = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (int Number, string Id)> _lowest = new(StringComparer.Ordinal);

        public TakenCopies(IEnumerable<string> ids)
        {
            foreach (var id in ids)
            {
                var end = id.LastIndexOf('_');
                var number = id.AsSpan(end + 1);
                if (end < 0 || number.Length == 0 || number.IndexOfAnyExceptInRange('0', '9') >= 0) continue;
                var copied = id[..end];
                _any.TryAdd(copied, id);
                if (number[0] != '0' && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var copy) && !(_lowest.TryGetValue(copied, out var lowest) && lowest.Number < copy))
                    _lowest[copied] = (copy, id);
            }
        }

        /// <summary>The first that is named as a copy of <paramref name="id"/>; null: none is.</summary>
        public string? Any(string id) => _any.GetValueOrDefault(id);

        /// <summary>The lowest of its copies 1 to <paramref name="copies"/> that is there; null: none is.</summary>
        public string? Among(string id, int copies) => _lowest.TryGetValue(id, out var lowest) && lowest.Number <= copies ? lowest.Id : null;
    }

    private void Stage(Stage stage)
    {
        var owner = $"stage {stage.Id}";
        ExpectId(stage.Id, stage.At, "stage");
        if (stage.Workflows.Count == 0) findings.Error(stage.At, $"The {owner} has no workflow.");
        foreach (var (name, at) in stage.Workflows)
        {
            if (name.StartsWith('_')) findings.Error(at, $"{name} in {owner} is a utility workflow; those run only inside others.");
            else if (!config.Workflows.ContainsKey(name)) findings.Error(at, $"The workflow {name} of {owner} is not defined.");
        }
    }
}
