using YamlDotNet.RepresentationModel;

namespace Buildyard;

internal sealed partial class ConfigReader
{
    private const string BundlePrefix = "bundle::";

    private static readonly string[] s_switches = ["is_expand", "skip_if_empty", "is_template", "is_sensitive", "unset", "is_required", "is_dont_change_value"];

    private enum ListOf
    {
        Workflow,
        Bundle,
        Group,
    }

    /// <param name="map">What has the list.</param>
    /// <param name="key">The list's name.</param>
    /// <param name="owner">What the map is, in words.</param>
    /// <param name="declared">The inputs that these give values to: what is sensitive there, or taken as it is, is here too, unless it is said otherwise.</param>
    private List<EnvItem> Envs(YamlMap map, string key, string owner, ILookup<string, EnvItem>? declared = null)
    {
        var items = new List<EnvItem>();
        foreach (var node in _fields.List(map, key, owner, "a list such as “- KEY: value”"))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Env(node, $"{key} of {owner}") is not { } item) continue;
            var input = declared?[item.Key].FirstOrDefault();
            item = item with { IsSensitive = item.IsSensitive ?? input?.IsSensitive };
            items.Add(item);
            var isExpand = item.IsExpand ?? input?.IsExpand;
            if (isExpand == false) _notExpanded.Add(item.At);
            // What an output is given is the name that it gets.
            if (item.IsSensitive == true && key != "outputs") _sensitive.Add(item with { IsExpand = isExpand });
        }
        return items;
    }

    /// <summary>What a bundle of steps takes, which may be used above the place where it is defined.</summary>
    private ILookup<string, EnvItem> InputsOf(string bundle)
    {
        if (_inputsOfBundles.TryGetValue(bundle, out var known)) return known;
        var inputs = _bundles?.Find(bundle) is { } entry && YamlMap.From(entry.Value) is { } map ? Envs(map, "inputs", $"step bundle {bundle}") : [];
        return _inputsOfBundles[bundle] = ByKey(inputs);
    }

    private static ILookup<string, EnvItem> ByKey(IEnumerable<EnvItem> items) => items.ToLookup(item => item.Key, StringComparer.Ordinal);

    private EnvItem? Env(YamlNode node, string list)
    {
        if (YamlMap.From(node) is not { } map)
        {
            findings.Error(node, $"An item of {list} is {YamlMap.Kind(node)}. It should be a map such as “- KEY: value”.");
            return null;
        }
        var named = map.Entries.Where(e => e.Name is not ("opts" or "")).ToList();
        if (named.Count == 1 && map.Entries.All(e => e.Name.Length > 0))
        {
            var item = new EnvItem(named[0].Name, Scalars.AsText(named[0].Value)) { At = FieldReader.At(named[0].Key), ValueAt = FieldReader.At(named[0].Value) };
            return map.Find("opts") is { } opts ? Options(item, opts.Value, list) : item;
        }
        if (named.Count == 0) findings.Error(node, $"An item of {list} has no name. It should be a map such as “- KEY: value”.");
        else findings.Error(node, $"An item of {list} has {map.Entries.Count(e => e.Name != "opts")} names: {string.Join(", ", named.Take(5).Select(e => e.Name))}. It should have one, besides opts.");
        return null;
    }

    private EnvItem Options(EnvItem item, YamlNode node, string list)
    {
        if (YamlMap.From(node) is not { } opts)
        {
            findings.Error(node, $"opts of {item.Key} in {list} is {YamlMap.Kind(node)}. It should be a map.");
            return item;
        }
        if (opts.Find("meta") is { } meta)
        {
            if (meta.Value is not YamlMappingNode) _fields.Wrong(meta.Value, "meta", $"opts of {item.Key}", "a map");
            else _fields.ExpectTextKeys(meta.Value, $"meta of {item.Key}");
        }
        if (opts.Entries.FirstOrDefault(e => e.Key is YamlScalarNode key && Scalars.KindOf(key) != ScalarKind.Text) is { } odd)
            findings.Error(odd.Key, $"A key in opts of {item.Key} is not text. Put {odd.Name} in quotes.");
        var switches = s_switches.ToDictionary(name => name, name => Option(opts, name, item.Key), StringComparer.Ordinal);
        return item with
        {
            IsExpand = switches["is_expand"],
            SkipIfEmpty = switches["skip_if_empty"],
            IsTemplate = switches["is_template"],
            IsSensitive = switches["is_sensitive"],
            Unset = switches["unset"],
            IsRequired = switches["is_required"],
            IsDontChangeValue = switches["is_dont_change_value"],
            Title = Said(opts, "title"),
            Summary = Said(opts, "summary"),
            Description = Said(opts, "description"),
            Category = Said(opts, "category"),
            ValueOptions = Choices(opts, item.Key),
        };
    }

    private bool? Option(YamlMap opts, string name, string key)
    {
        if (opts.Find(name) is not { } entry) return null;
        var value = Scalars.Lenient(entry.Value);
        if (value is null) _fields.Wrong(entry.Value, name, key, "true or false");
        return value;
    }

    private static string? Said(YamlMap opts, string name) => opts.Find(name) is { } entry ? Scalars.AsText(entry.Value) : null;

    private List<string> Choices(YamlMap opts, string key)
    {
        if (opts.Find("value_options") is not { } entry) return [];
        if (entry.Value is not YamlSequenceNode list)
        {
            _fields.Wrong(entry.Value, "value_options", key, "a list");
            return [];
        }
        return [.. list.Children.Select(Scalars.AsText)];
    }

    private List<StepItem> Steps(YamlMap map, string owner, ListOf list)
    {
        var steps = new List<StepItem>();
        foreach (var node in _fields.List(map, "steps", owner, "a list of steps, each starting with a dash"))
        {
            cancellation.ThrowIfCancellationRequested();
            var entries = YamlMap.IsNull(node) ? [] : YamlMap.From(node)?.Entries;
            if (entries is null)
                findings.Error(node, $"A step of {owner} is {YamlMap.Kind(node)}. It should be a map such as “- script@1: {{}}”.");
            else if (entries.Count != 1)
                NotOne(node, entries, $"A step of {owner} has {entries.Count} names. It should have exactly one, such as “- script@1:”.");
            else if (entries.Single() is var entry && (YamlMap.IsNull(entry.Value) ? YamlMap.Empty : YamlMap.From(entry.Value)) is { } inner)
                Add(steps, Step(entry, inner, owner, list));
            else
                findings.Error(entry.Value, $"The step {StepReference.Named(entry.Name)} of {owner} is {YamlMap.Kind(entry.Value)}. It should be a map.");
        }
        return steps;
    }

    private static void Add(List<StepItem> steps, StepItem? step)
    {
        if (step is not null) steps.Add(step);
    }

    private StepItem? Step(YamlEntry entry, YamlMap map, string owner, ListOf list)
    {
        if (entry.Name == "with")
        {
            if (list == ListOf.Workflow) return Group(entry, map, owner);
            findings.Error(entry.Key, $"A “with” group can't stand in the steps of {owner}. It belongs directly into a workflow.");
            return null;
        }
        if (!entry.Name.StartsWith(BundlePrefix, StringComparison.Ordinal)) return Use(entry, map, owner);
        if (list != ListOf.Group) return BundleOf(entry, map, owner);
        findings.Error(entry.Key, $"A step bundle can't stand in the steps of {owner}.");
        return null;
    }

    /// <summary>The fields of a step, as its own file says them.</summary>
    public StepUse ReadStep(YamlNode root, YamlMap map) => Use(new YamlEntry("", root, root), map, "step.yml");

    private StepUse Use(YamlEntry entry, YamlMap map, string list)
    {
        var owner = entry.Name.Length > 0 ? $"step {StepReference.Named(entry.Name)} of {list}" : list;
        ExpectStepFields(map, owner);
        return new StepUse(entry.Name, FieldReader.At(entry.Key))
        {
            Title = _fields.Text(map, "title", owner),
            Summary = _fields.Text(map, "summary", owner),
            Description = _fields.Text(map, "description", owner),
            RunIf = _fields.Text(map, "run_if", owner),
            RunIfAt = Where(map, "run_if", entry.Key),
            IsAlwaysRun = _fields.Switch(map, "is_always_run", owner),
            IsSkippable = _fields.Switch(map, "is_skippable", owner),
            Timeout = _fields.Number(map, "timeout", owner),
            NoOutputTimeout = _fields.Number(map, "no_output_timeout", owner),
            Inputs = Envs(map, "inputs", owner, BuiltInSteps.Find(StepReference.Parse(entry.Name)) is { } known ? ByKey(known.Inputs) : null),
            Outputs = Envs(map, "outputs", owner),
            Container = Containers(map, owner),
        };
    }

    /// <summary>What a step may say about itself and nothing here uses: it still has to have its shape.</summary>
    private void ExpectStepFields(YamlMap map, string owner)
    {
        _fields.ExpectTexts(map, owner, "website", "source_code_url", "support_url");
        if (_fields.Map(map, "source", owner) is { } source) _fields.ExpectTexts(source, $"source of {owner}", "git", "commit");
        _fields.Texts(map, "asset_urls", owner);
        _fields.ExpectLists(map, owner, "host_os_tags", "project_type_tags", "type_tags");
        _fields.Switch(map, "is_requires_admin_user", owner);
        if (map.Find("published_at")?.Value is { } published && !YamlMap.IsNull(published) && !(published is YamlScalarNode time && Scalars.IsTime(time)))
            _fields.Wrong(published, "published_at", owner, "a time such as 2026-01-31T12:00:00Z");
        _fields.Meta(map, owner);
        ExpectMaps(map, "dependencies", owner, "manager", "name");
        if (_fields.Map(map, "deps", owner) is { } deps)
        {
            ExpectMaps(deps, "brew", owner, "name", "bin_name");
            ExpectMaps(deps, "apt_get", owner, "name", "bin_name");
        }
        if (_fields.Map(map, "toolkit", owner) is not { } toolkit) return;
        foreach (var (kind, fields) in ((string, string[])[])[("bash", ["entry_file"]), ("go", ["package_name"]), ("swift", ["binary_location", "executable_name"])])
            if (_fields.Map(toolkit, kind, $"toolkit of {owner}") is { } one) _fields.ExpectTexts(one, $"toolkit of {owner}", fields);
    }

    private void ExpectMaps(YamlMap map, string key, string owner, params ReadOnlySpan<string> fields)
    {
        foreach (var node in _fields.List(map, key, owner))
        {
            if (YamlMap.From(node) is { } item) _fields.ExpectTexts(item, $"{key} of {owner}", fields);
            else if (!YamlMap.IsNull(node)) findings.Error(node, $"{key} of {owner} holds {YamlMap.Kind(node)}. It should hold maps.");
        }
    }

    private WithGroup Group(YamlEntry entry, YamlMap map, string owner)
    {
        var container = _fields.Text(map, "container", $"with of {owner}");
        return new WithGroup(FieldReader.At(entry.Key))
        {
            Container = string.IsNullOrEmpty(container) ? null : new Reference(container, Where(map, "container", entry.Key)),
            Services = _fields.Names(map, "services", $"with of {owner}", "service ids"),
            Steps = Steps(map, $"“with” of {owner}", ListOf.Group),
        };
    }

    private BundleUse BundleOf(YamlEntry entry, YamlMap map, string list)
    {
        var owner = $"{entry.Name} of {list}";
        _fields.ExpectTexts(map, owner, "summary", "description");
        return new BundleUse(entry.Name[BundlePrefix.Length..], FieldReader.At(entry.Key))
        {
            Title = _fields.Text(map, "title", owner),
            RunIf = _fields.Text(map, "run_if", owner),
            RunIfAt = Where(map, "run_if", entry.Key),
            Inputs = Envs(map, "inputs", owner, InputsOf(entry.Name[BundlePrefix.Length..])),
            Envs = Envs(map, "envs", owner),
            Container = Containers(map, owner),
        };
    }

    private StepBundle Bundle(YamlEntry entry, YamlMap map)
    {
        var owner = $"step bundle {entry.Name}";
        return new StepBundle(entry.Name)
        {
            Title = _fields.Text(map, "title", owner),
            Summary = _fields.Text(map, "summary", owner),
            Description = _fields.Text(map, "description", owner),
            RunIf = _fields.Text(map, "run_if", owner),
            RunIfAt = Where(map, "run_if", entry.Key),
            Inputs = Envs(map, "inputs", owner),
            Envs = Envs(map, "envs", owner),
            Steps = Steps(map, owner, ListOf.Bundle),
            Container = Containers(map, owner),
            At = FieldReader.At(entry.Key),
        };
    }

    private ContainerUse Containers(YamlMap map, string owner)
    {
        var execution = map.Find("execution_container")?.Value;
        var services = _fields.List(map, "service_containers", owner, "a list of containers");
        if (execution is not null && YamlMap.IsNull(execution)) execution = null;
        return new ContainerUse
        {
            Execution = execution is null ? null : ContainerOf(execution, "execution_container", owner),
            Services = [.. services.Where(s => !YamlMap.IsNull(s)).Select(s => ContainerOf(s, "service_containers", owner)).OfType<Reference>()],
            IsGiven = execution is not null || services.Count > 0,
        };
    }

    /// <summary>A container by its id, or as <c>id: {recreate: true}</c>.</summary>
    private Reference? ContainerOf(YamlNode node, string key, string owner)
    {
        switch (node)
        {
            case YamlScalarNode { Value.Length: > 0 } id when Scalars.KindOf(id) == ScalarKind.Text:
                return new Reference(id.Value, FieldReader.At(node));
            case YamlMappingNode when YamlMap.From(node)!.Entries is { Count: 1 } entries:
                var entry = entries.Single();
                if (entry.Name.Length > 0 && YamlMap.From(entry.Value) is { } config
                    && config.Entries.All(e => e.Name == "recreate" && e.Value is YamlScalarNode flag && Scalars.Switch(flag) is not null))
                {
                    return new Reference(entry.Name, FieldReader.At(entry.Key));
                }
                break;
        }
        findings.Error(node, $"{key} of {owner} should name a container: its id, or “id: {{recreate: true}}”.");
        return null;
    }
}
