using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>What a check of <c>bitrise.yml</c> found. Errors keep it from being saved; warnings don't.</summary>
public sealed record YamlCheck(IReadOnlyList<YamlRemark> Errors, IReadOnlyList<YamlRemark> Warnings)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>Reads a <c>bitrise.yml</c> and says everything that is wrong with it at once, each at its place.</summary>
public static partial class BitriseYaml
{
    public static YamlCheck Check(string text)
    {
        if (YamlText.IsTooLarge(text))
            return new YamlCheck([new YamlRemark(1, 1, "It is larger than 400 KB.")], []);
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var zero)
            return new YamlCheck([new YamlRemark(text.AsSpan(0, zero).Count('\n') + 1, 1, "It holds a zero byte.")], []);
        var (root, error) = YamlSource.Read(text);
        if (root is null) return new YamlCheck([error!], []);
        var check = new Checker();
        check.Root(root);
        return new YamlCheck([.. check.Errors.Distinct().OrderBy(e => e.Line).ThenBy(e => e.Column)], [.. check.Warnings.Distinct()]);
    }

    /// <summary>The ids of the workflows in <paramref name="text"/>, in order; none when it can't be read.</summary>
    internal static IReadOnlyList<string> Workflows(string text) =>
        YamlSource.Read(text).Root is { } root && YamlMap.From(root)?.Find("workflows") is { } entry && YamlMap.From(entry.Value) is { } map
            ? [.. map.Entries.Select(e => e.Name)]
            : [];

    [GeneratedRegex(@"^v?[0-9]+(\.[0-9]+)*(-[0-9A-Za-z.~-]+)?(\+[0-9A-Za-z.~-]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Version();

    [GeneratedRegex("^[A-Za-z0-9-_.]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex WorkflowId();

    private sealed class Checker
    {
        private readonly Dictionary<string, List<(string To, YamlNode At)>> _references = new(StringComparer.Ordinal);

        public List<YamlRemark> Errors { get; } = [];
        public List<YamlRemark> Warnings { get; } = [];

        public void Root(YamlNode node)
        {
            if (YamlMap.From(node) is not { } root)
            {
                Error(node, $"The file is {YamlMap.Kind(node)}. It should be a map with format_version and workflows.");
                return;
            }
            FormatVersion(root, node);
            if (root.Find("workflows") is not { } workflows || YamlMap.IsNull(workflows.Value)) return;
            if (YamlMap.From(workflows.Value) is not { } map)
            {
                Error(workflows.Value, $"workflows is {YamlMap.Kind(workflows.Value)}. It should be a map of workflow ids to workflows.");
                return;
            }
            foreach (var workflow in map.Entries) Workflow(workflow);
            References(map);
        }

        private void FormatVersion(YamlMap root, YamlNode node)
        {
            if (root.Find("format_version") is not { } version || YamlMap.IsNull(version.Value))
                Error(node, "format_version is missing.");
            else if (version.Value is not YamlScalarNode { Value: { } text } || !Version().IsMatch(text))
                Error(version.Value, "format_version should be a version number such as \"23\".");
        }

        private void Workflow(YamlEntry workflow)
        {
            if (!WorkflowId().IsMatch(workflow.Name))
                Warnings.Add(YamlSource.Remark(workflow.Key, $"The workflow id “{workflow.Name}” has characters other than A–Z, a–z, 0–9, - _ and .; some tools won't take it."));
            if (YamlMap.IsNull(workflow.Value)) return;
            if (YamlMap.From(workflow.Value) is not { } map)
            {
                Error(workflow.Value, $"The workflow {workflow.Name} is {YamlMap.Kind(workflow.Value)}. It should be a map.");
                return;
            }
            var references = _references[workflow.Name] = [];
            foreach (var key in (string[])["before_run", "after_run"])
                if (map.Find(key) is { } entry) Names(workflow.Name, entry, references);
            if (map.Find("steps") is { } steps) Steps(workflow.Name, steps.Value);
        }

        private void Names(string workflow, YamlEntry entry, List<(string To, YamlNode At)> references)
        {
            if (YamlMap.IsNull(entry.Value)) return;
            if (entry.Value is not YamlSequenceNode list)
            {
                Error(entry.Value, $"{entry.Name} of {workflow} is {YamlMap.Kind(entry.Value)}. It should be a list of workflow ids.");
                return;
            }
            foreach (var item in list.Children)
            {
                if (item is YamlScalarNode { Value: { } name }) references.Add((name, item));
                else Error(item, $"{entry.Name} of {workflow} holds {YamlMap.Kind(item)}. It should hold workflow ids.");
            }
        }

        private void Steps(string workflow, YamlNode steps)
        {
            if (YamlMap.IsNull(steps)) return;
            if (steps is not YamlSequenceNode list)
            {
                Error(steps, $"steps of {workflow} is {YamlMap.Kind(steps)}. It should be a list of steps, each starting with a dash.");
                return;
            }
            foreach (var item in list.Children)
            {
                if (YamlMap.From(item) is not { Entries: var entries })
                    Error(item, $"A step of {workflow} is {YamlMap.Kind(item)}. It should be a map such as “- script@1: {{}}”.");
                else if (entries.Count != 1)
                    Error(item, $"A step of {workflow} has {entries.Count} names. It should have exactly one, such as “- script@1:”.");
                else if (entries.Single() is var step && step.Value is not YamlMappingNode && !YamlMap.IsNull(step.Value))
                    Error(step.Value, $"The step {step.Name} of {workflow} is {YamlMap.Kind(step.Value)}. It should be a map.");
            }
        }

        private void References(YamlMap workflows)
        {
            foreach (var (from, references) in _references)
            {
                foreach (var (to, at) in references)
                    if (workflows.Find(to) is null) Error(at, $"{from} refers to the workflow {to}, which is not defined.");
            }
            var done = new HashSet<string>(StringComparer.Ordinal);
            foreach (var name in _references.Keys) FindCycle(name, done);
        }

        /// <summary>Walks down from <paramref name="start"/> with a stack of its own: a chain may be as long as the file.</summary>
        private void FindCycle(string start, HashSet<string> done)
        {
            var path = new List<(string Name, int Next)> { (start, 0) };
            var onPath = new HashSet<string>(StringComparer.Ordinal) { start };
            while (path.Count > 0)
            {
                var (name, next) = path[^1];
                var references = _references.GetValueOrDefault(name, []);
                if (done.Contains(name) || next >= references.Count)
                {
                    done.Add(name);
                    onPath.Remove(name);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }
                path[^1] = (name, next + 1);
                var (to, at) = references[next];
                if (!onPath.Add(to))
                {
                    var cycle = path.Select(p => p.Name).SkipWhile(n => n != to).Append(to);
                    Error(at, $"These workflows refer to each other in a circle: {string.Join(" → ", cycle)}.");
                }
                else
                {
                    path.Add((to, 0));
                }
            }
        }

        private void Error(YamlNode node, string message) => Errors.Add(YamlSource.Remark(node, message));
    }
}
