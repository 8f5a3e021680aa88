namespace Buildyard;

internal sealed partial class ConfigReader
{
    private Pipeline Pipeline(YamlEntry entry, YamlMap map)
    {
        var owner = $"pipeline {entry.Name}";
        var workflows = new OrderedDictionary<string, PipelineWorkflow>(StringComparer.Ordinal);
        foreach (var inner in _fields.Map(map, "workflows", owner)?.Entries ?? [])
        {
            if (YamlMap.IsNull(inner.Value)) workflows[inner.Name] = PipelineWorkflow(inner, YamlMap.Empty, owner);
            else if (YamlMap.From(inner.Value) is { } one) workflows[inner.Name] = PipelineWorkflow(inner, one, owner);
            else findings.Error(inner.Value, $"{inner.Name} in {owner} is {YamlMap.Kind(inner.Value)}. It should be a map.");
        }
        return new Pipeline(entry.Name)
        {
            Title = _fields.Text(map, "title", owner),
            Summary = _fields.Text(map, "summary", owner),
            Description = _fields.Text(map, "description", owner),
            Triggers = Triggers(map, owner),
            StatusReportName = _fields.Text(map, "status_report_name", owner),
            StatusReportNameAt = Where(map, "status_report_name", entry.Key),
            Priority = _fields.Number(map, "priority", owner),
            PriorityAt = Where(map, "priority", entry.Key),
            Stages = [.. Singles(map, "stages", owner, "stages").Select(s => StageOf(s, owner))],
            Workflows = workflows,
            At = FieldReader.At(entry.Key),
        };
    }

    private Reference StageOf((YamlEntry Entry, YamlMap Map) item, string owner)
    {
        Stage(item.Entry, item.Map, $"stage {item.Entry.Name} of {owner}");
        return new Reference(item.Entry.Name, FieldReader.At(item.Entry.Key));
    }

    private PipelineWorkflow PipelineWorkflow(YamlEntry entry, YamlMap map, string of)
    {
        var owner = $"{entry.Name} in {of}";
        var uses = _fields.Text(map, "uses", owner);
        var condition = _fields.Map(map, "run_if", owner, "a map with expression");
        var always = _fields.Text(map, "should_always_run", owner);
        if (always is not (null or "off" or "workflow"))
            findings.Error(map.Find("should_always_run")!.Value, $"should_always_run of {owner} is “{always}”. It should be off or workflow.");
        var inputs = new List<Place>();
        foreach (var node in _fields.List(map, "inputs", owner))
        {
            if (YamlMap.From(node) is null && !YamlMap.IsNull(node)) findings.Error(node, $"inputs of {owner} holds {YamlMap.Kind(node)}. It should hold maps.");
            inputs.Add(FieldReader.At(node));
        }
        return new PipelineWorkflow(entry.Name)
        {
            DependsOn = _fields.Names(map, "depends_on", owner, "workflow ids"),
            Uses = string.IsNullOrEmpty(uses) ? null : new Reference(uses, Where(map, "uses", entry.Key)),
            Parallel = _fields.Text(map, "parallel", owner),
            ParallelAt = Where(map, "parallel", entry.Key),
            RunIf = condition is null ? null : _fields.Text(condition, "expression", $"run_if of {owner}"),
            AbortOnFail = _fields.Switch(map, "abort_on_fail", owner) ?? false,
            ShouldAlwaysRun = always == "workflow",
            Inputs = inputs,
            At = FieldReader.At(entry.Key),
        };
    }

    private Stage Stage(YamlEntry entry, YamlMap map) => Stage(entry, map, $"stage {entry.Name}");

    private Stage Stage(YamlEntry entry, YamlMap map, string owner)
    {
        _fields.ExpectTexts(map, owner, "summary", "description");
        return new Stage(entry.Name)
        {
            Title = _fields.Text(map, "title", owner),
            ShouldAlwaysRun = _fields.Switch(map, "should_always_run", owner) ?? false,
            AbortOnFail = _fields.Switch(map, "abort_on_fail", owner) ?? false,
            RunIf = _fields.Text(map, "run_if", owner),
            Workflows = [.. Singles(map, "workflows", owner, "workflows").Select(w => StageWorkflow(w, owner))],
            At = FieldReader.At(entry.Key),
        };
    }

    private Reference StageWorkflow((YamlEntry Entry, YamlMap Map) item, string owner)
    {
        _fields.ExpectTexts(item.Map, $"{item.Entry.Name} in {owner}", "run_if");
        return new Reference(item.Entry.Name, FieldReader.At(item.Entry.Key));
    }
}
