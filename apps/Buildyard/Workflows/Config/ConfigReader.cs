using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>Makes a <see cref="BitriseConfig"/> of the tree of a file, and says where the file has another shape than it should.</summary>
internal sealed partial class ConfigReader(Findings findings, CancellationToken cancellation = default)
{
    /// <summary>What YAML allows a key that stands before its colon. Messages name keys, so a longer one would be told many times over.</summary>
    private const int LongestKey = 1024;

    private readonly FieldReader _fields = new(findings);
    private readonly List<EnvItem> _sensitive = [];
    private readonly List<Place> _notExpanded = [];
    private readonly Dictionary<string, ILookup<string, EnvItem>> _inputsOfBundles = new(StringComparer.Ordinal);
    private YamlMap? _bundles;

    public BitriseConfig? Read(YamlNode node)
    {
        if (YamlMap.IsNull(node))
        {
            findings.Error(node, "The file says nothing. Start with format_version and workflows.");
            return null;
        }
        if (YamlMap.From(node) is not { } root)
        {
            findings.Error(node, $"The file is {YamlMap.Kind(node)}. It should be a map with format_version and workflows.");
            return null;
        }
        if (!ExpectMapKeys(node)) return null;
        const string file = "the file";
        var meta = _fields.Meta(root, file);
        _bundles = root.Find("step_bundles") is { } bundles ? YamlMap.From(bundles.Value) : null;
        var app = _fields.Map(root, "app", file);
        if (app is not null) _fields.ExpectTexts(app, "app", "title", "summary", "description");
        return new BitriseConfig
        {
            FormatVersion = _fields.Text(root, "format_version", file),
            DefaultStepLibSource = _fields.Text(root, "default_step_lib_source", file),
            ProjectType = _fields.Text(root, "project_type", file),
            Title = _fields.Text(root, "title", file),
            Summary = _fields.Text(root, "summary", file),
            Description = _fields.Text(root, "description", file),
            AppEnvs = app is null ? [] : Envs(app, "envs", "app"),
            AppStatusReportName = app is null ? null : _fields.Text(app, "status_report_name", "app"),
            Stack = StackOf(meta, file),
            TriggerMap = TriggerMap(root),
            Workflows = Each(root, "workflows", "a map of workflow ids to workflows", Workflow),
            Pipelines = Each(root, "pipelines", "a map of pipeline ids to pipelines", Pipeline),
            Stages = Each(root, "stages", "a map of stage ids to stages", Stage),
            StepBundles = Each(root, "step_bundles", "a map of bundle ids to step bundles", Bundle),
            Containers = Each(root, "containers", "a map of container ids to containers", (e, m) => Container(e, m, "container")),
            Services = Each(root, "services", "a map of service ids to services", (e, m) => Container(e, m, "service")),
            Tools = _fields.Texts(root, "tools", file),
            ToolConfig = Tool(root),
            Includes = Includes(root),
            Sensitive = _sensitive,
            NotExpanded = _notExpanded,
            At = FieldReader.At(node),
            FormatVersionAt = Where(root, "format_version", node),
            AppStatusReportNameAt = app is null ? default : Where(app, "status_report_name", node),
        };
    }

    /// <summary>
    /// Keys are single values, and <c>&lt;&lt;</c> takes maps; everywhere, also where nothing else is looked at. False where a key is so long that
    /// nothing else can be told.
    /// </summary>
    private bool ExpectMapKeys(YamlNode node)
    {
        var open = new Stack<YamlNode>([node]);
        while (open.TryPop(out var next))
        {
            cancellation.ThrowIfCancellationRequested();
            if (next is YamlSequenceNode list)
            {
                foreach (var item in list.Children) open.Push(item);
            }
            if (next is not YamlMappingNode map) continue;
            foreach (var (key, value) in map.Children)
            {
                if (key is YamlScalarNode { Value.Length: > LongestKey })
                {
                    findings.Error(key, "A key is longer than 1,024 characters.");
                    return false;
                }
                if (key is not YamlScalarNode scalar) findings.Error(key, $"A key is {YamlMap.Kind(key)}. It should be a single value.");
                else if (YamlMap.IsMerge(scalar) && !(value is YamlMappingNode || (value is YamlSequenceNode maps && maps.Children.All(m => m is YamlMappingNode))))
                    findings.Error(value, "“<<” takes over what other maps hold. It should name a map, or a list of maps.");
                open.Push(value);
            }
        }
        return true;
    }

    private static Place Where(YamlMap map, string key, YamlNode otherwise) => FieldReader.At(map.Find(key)?.Value ?? otherwise);

    private OrderedDictionary<string, T> Each<T>(YamlMap root, string key, string what, Func<YamlEntry, YamlMap, T> read)
    {
        var all = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        if (root.Find(key) is not { } section || YamlMap.IsNull(section.Value)) return all;
        if (YamlMap.From(section.Value) is not { } map)
        {
            findings.Error(section.Value, $"{key} is {YamlMap.Kind(section.Value)}. It should be {what}.");
            return all;
        }
        foreach (var entry in map.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (YamlMap.IsNull(entry.Value)) all[entry.Name] = read(entry, YamlMap.Empty);
            else if (YamlMap.From(entry.Value) is { } inner) all[entry.Name] = read(entry, inner);
            else findings.Error(entry.Value, $"{entry.Name} in {key} is {YamlMap.Kind(entry.Value)}. It should be a map.");
        }
        return all;
    }

    private Workflow Workflow(YamlEntry entry, YamlMap map)
    {
        var owner = $"workflow {entry.Name}";
        return new Workflow(entry.Name)
        {
            Title = _fields.Text(map, "title", owner),
            Summary = _fields.Text(map, "summary", owner),
            Description = _fields.Text(map, "description", owner),
            BeforeRun = _fields.Names(map, "before_run", owner, "workflow ids"),
            AfterRun = _fields.Names(map, "after_run", owner, "workflow ids"),
            Envs = Envs(map, "envs", owner),
            Steps = Steps(map, owner, ListOf.Workflow),
            Triggers = Triggers(map, owner),
            StatusReportName = _fields.Text(map, "status_report_name", owner),
            StatusReportNameAt = Where(map, "status_report_name", entry.Key),
            Priority = _fields.Number(map, "priority", owner),
            PriorityAt = Where(map, "priority", entry.Key),
            Stack = StackOf(_fields.Meta(map, owner), owner),
            Tools = _fields.Texts(map, "tools", owner),
            At = FieldReader.At(entry.Key),
        };
    }

    private StackChoice StackOf(YamlMap? meta, string owner)
    {
        // What is below meta is anybody's: only what can be read as ours is taken, the rest is not judged.
        if (meta?.Find("bitrise.io") is not { } ours || YamlMap.From(ours.Value) is not { } map) return new StackChoice();
        return new StackChoice
        {
            Stack = map.Find("stack")?.Value is YamlScalarNode stack ? _fields.Text(stack, "stack", owner) : null,
            MachineType = map.Find("machine_type_id")?.Value is YamlScalarNode type ? _fields.Text(type, "machine_type_id", owner) : null,
            StackAt = Where(map, "stack", ours.Key),
            MachineTypeAt = Where(map, "machine_type_id", ours.Key),
        };
    }

    private ContainerSpec Container(YamlEntry entry, YamlMap map, string kind)
    {
        var owner = $"{kind} {entry.Name}";
        if (_fields.Map(map, "credentials", owner) is { } credentials) _fields.ExpectTexts(credentials, $"credentials of {owner}", "username", "password", "server");
        _fields.ExpectLists(map, owner, "ports");
        _fields.ExpectTexts(map, owner, "options");
        return new ContainerSpec(entry.Name)
        {
            Type = _fields.Text(map, "type", owner),
            Image = _fields.Text(map, "image", owner),
            Envs = Envs(map, "envs", owner),
            At = FieldReader.At(entry.Key),
        };
    }

    private ToolConfig? Tool(YamlMap root)
    {
        if (_fields.Map(root, "tool_config", "the file") is not { } map) return null;
        var at = root.Find("tool_config")!.Value;
        _fields.Switch(map, "fast_install", "tool_config");
        return new ToolConfig
        {
            Provider = _fields.Text(map, "provider", "tool_config"),
            ProviderAt = Where(map, "provider", at),
            ExtraPlugins = _fields.Texts(map, "extra_plugins", "tool_config"),
            At = FieldReader.At(at),
        };
    }

    private List<Place> Includes(YamlMap root)
    {
        var places = new List<Place>();
        foreach (var node in _fields.List(root, "include", "the file", "a list of files"))
        {
            if (YamlMap.From(node) is { } include) _fields.ExpectTexts(include, "include", "repository", "branch", "commit", "tag", "path");
            else if (!YamlMap.IsNull(node)) findings.Error(node, $"include of the file holds {YamlMap.Kind(node)}. It should hold maps with a path.");
            places.Add(FieldReader.At(node));
        }
        return places;
    }

    /// <summary>A field that stands beside the name it belongs below is told at its own place, as the CLI does.</summary>
    private void NotOne(YamlNode item, IReadOnlyCollection<YamlEntry> entries, string problem)
    {
        if (entries.FirstOrDefault(e => YamlMap.From(e.Value) is null && !YamlMap.IsNull(e.Value)) is { } beside && entries.Count > 1)
            findings.Error(beside.Value, $"{problem} Should {beside.Name} be indented below it?");
        else
            findings.Error(item, problem);
    }

    /// <summary>The items of a list of maps that have one entry each, such as <c>- stage: {}</c>.</summary>
    private IEnumerable<(YamlEntry Entry, YamlMap Map)> Singles(YamlMap map, string key, string owner, string what)
    {
        foreach (var node in _fields.List(map, key, owner))
        {
            var entries = YamlMap.IsNull(node) ? [] : YamlMap.From(node)?.Entries;
            if (entries is null) findings.Error(node, $"{key} of {owner} holds {YamlMap.Kind(node)}. It should hold {what}, each a map with one name.");
            else if (entries.Count != 1) NotOne(node, entries, $"An item of {key} of {owner} has {entries.Count} names. It should have exactly one.");
            else if (entries.Single() is var entry && (YamlMap.IsNull(entry.Value) ? YamlMap.Empty : YamlMap.From(entry.Value)) is { } inner) yield return (entry, inner);
            else findings.Error(entry.Value, $"{entry.Name} in {key} of {owner} is {YamlMap.Kind(entry.Value)}. It should be a map.");
        }
    }
}
