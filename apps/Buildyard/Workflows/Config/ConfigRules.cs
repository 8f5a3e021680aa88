using System.Globalization;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>What has to hold between the parts of a file, each of which has its shape already. The rules are those of Bitrise's CLI 2.42.1.</summary>
internal sealed partial class ConfigRules(BitriseConfig config, Findings findings, CancellationToken cancellation)
{
    private readonly TriggerRegexes _regexes = new(config);
    private readonly Dictionary<string, HashSet<string>> _inputs = new(StringComparer.Ordinal);

    /// <summary>The newest format there is a reader for.</summary>
    private const long NewestFormat = 26;

    public void Check()
    {
        FormatVersion();
        if (config.DefaultStepLibSource is { Length: > 0 } library && RepositoryAddress.Problem(library) is { } problem) findings.Error(config.At, $"The address in default_step_lib_source {problem}");
        foreach (var include in config.Includes.Take(1)) findings.Error(include, "It includes other files. Here a bitrise.yml is one file: put them together first.");
        TriggerMap();
        StatusReportName(config.AppStatusReportName, config.AppStatusReportNameAt, "app");
        ContainerDefinitions();
        Bundles();
        foreach (var pipeline in config.Pipelines.Values) Pipeline(pipeline);
        foreach (var stage in config.Stages.Values) Stage(stage);
        foreach (var workflow in config.Workflows.Values) Workflow(workflow);
        WorkflowCycles();
        Tools();
        WithoutEffect();
    }

    [GeneratedRegex(@"^v?(?<numbers>[0-9]+(\.[0-9]+)*)(?<early>-?[A-Za-z~-][0-9A-Za-z~-]*(\.[0-9A-Za-z~-]+)*|-[0-9]+[0-9A-Za-z~-]*(\.[0-9A-Za-z~-]+)*)?(\+[0-9A-Za-z~-]+(\.[0-9A-Za-z~-]+)*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex(@"^[A-Za-z0-9-_.]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[a-zA-Z0-9,./():\-_ <>\[\]|]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ReportName();

    private void FormatVersion()
    {
        if (string.IsNullOrEmpty(config.FormatVersion))
        {
            findings.Error(config.At, "format_version is missing.");
            return;
        }
        var match = Version().Match(config.FormatVersion);
        if (!match.Success || !Numbers(match.Groups["numbers"].Value, out var numbers))
            findings.Error(config.FormatVersionAt, "format_version should be a version number such as \"23\".");
        else if (numbers[0] > NewestFormat || (numbers[0] == NewestFormat && numbers.Skip(1).Any(n => n > 0)))
            findings.Error(config.FormatVersionAt, $"format_version {config.FormatVersion} is newer than {NewestFormat}, the newest that is known here.");
    }

    private static bool Numbers(string text, out List<long> numbers)
    {
        numbers = [];
        foreach (var part in text.Split('.'))
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            numbers.Add(number);
        }
        return true;
    }

    private void ExpectId(string id, Place at, string kind)
    {
        if (id.Length == 0) findings.Error(at, $"A {kind} has an empty id.");
        else if (!Id().IsMatch(id)) findings.Warn(at, $"The {kind} id “{id}” has characters other than A–Z, a–z, 0–9, - _ and .; some tools won't take it.");
    }

    private void StatusReportName(string? name, Place at, string owner)
    {
        if (name is null) return;
        if (System.Text.Encoding.UTF8.GetByteCount(name) > 100)
            findings.Error(at, $"status_report_name of {owner} is longer than 100 characters.");
        else if (!ReportName().IsMatch(name))
            findings.Error(at, $"status_report_name of {owner} holds other characters than A–Z, a–z, 0–9, space and , . / ( ) : - _ < > [ ] |.");
    }

    private void Priority(int? priority, Place at, string owner)
    {
        if (priority is < -100 or > 100) findings.Error(at, $"priority of {owner} is {priority}. It should be between -100 and 100.");
    }

    private void Workflow(Workflow workflow)
    {
        cancellation.ThrowIfCancellationRequested();
        var owner = $"workflow {workflow.Id}";
        ExpectId(workflow.Id, workflow.At, "workflow");
        foreach (var (name, at) in workflow.BeforeRun.Concat(workflow.AfterRun))
            if (!config.Workflows.ContainsKey(name)) findings.Error(at, $"{workflow.Id} refers to the workflow {name}, which is not defined.");
        StatusReportName(workflow.StatusReportName, workflow.StatusReportNameAt, owner);
        Priority(workflow.Priority, workflow.PriorityAt, owner);
        TriggerPatterns(workflow.Triggers);
        foreach (var step in workflow.Steps)
        {
            switch (step)
            {
                case StepUse use:
                    Step(use, owner, checkContainers: true);
                    break;
                case BundleUse bundle:
                    BundleUse(bundle, owner);
                    break;
                case WithGroup group:
                    Group(group, owner);
                    break;
            }
        }
    }

    private void Step(StepUse step, string owner, bool checkContainers)
    {
        var (reference, named) = (StepReference.Parse(step.Id), $"step {StepReference.Named(step.Id)} of {owner}");
        if (reference.AddressProblem is { } problem) findings.Error(step.At, $"The address of a step of {owner} {problem}");
        if (reference is { IsLibrary: true, Source.Length: > 0, Version.Length: > 0 } && !StepReference.IsVersion(reference.Version))
            findings.Error(step.At, $"The {named} has a version that is none. It should be such as 1, 1.2, 1.2.3 or 1.x.x.");
        if (checkContainers) Uses(step.Container, named);
        Template(step.RunIf, step.RunIfAt, named);
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in step.Inputs)
            if (!inputs.Add(input.Key)) findings.Warn(input.At, $"The input {input.Key} of {named} is given twice; the first one counts.");
    }

    /// <summary>A condition that can't be read fails its step when the build gets there. It is said now, as a warning: the file is valid to Bitrise.</summary>
    private void Template(string? condition, Place at, string owner)
    {
        if (!string.IsNullOrEmpty(condition) && RunIf.Parse(condition) is { Problem: { } problem })
            findings.Warn(at, $"run_if of {owner} can't be read here, and the step would fail: {problem}");
    }

    private void Group(WithGroup group, string owner)
    {
        if (group.Container is { } container && !config.Containers.ContainsKey(container.Name))
            findings.Error(container.At, $"The container {container.Name}, named in {owner}, is not defined.");
        var services = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, at) in group.Services)
        {
            if (!config.Services.ContainsKey(name)) findings.Error(at, $"The service {name}, named in {owner}, is not defined.");
            else if (!services.Add(name)) findings.Error(at, $"The service {name} is named twice in {owner}.");
        }
        foreach (var step in group.Steps.OfType<StepUse>()) Step(step, owner, checkContainers: false);
    }

    private void WorkflowCycles() => Cycles.Find(
        config.Workflows.Keys,
        id => config.Workflows.TryGetValue(id, out var workflow) ? [.. workflow.BeforeRun, .. workflow.AfterRun] : [],
        (at, circle) => findings.Error(at, $"These workflows refer to each other in a circle: {circle}."));

    private void Tools()
    {
        if (config.ToolConfig is not { } tools) return;
        if (tools.Provider is { Length: > 0 } and not ("asdf" or "mise"))
            findings.Error(tools.ProviderAt, $"provider of tool_config is “{tools.Provider}”. It should be asdf or mise.");
        foreach (var plugin in tools.ExtraPlugins.Where(p => p.Value.Length == 0))
            findings.Error(tools.At, $"The address of the extra plugin {plugin.Key} in tool_config is empty.");
    }
}
