namespace Buildyard;

/// <summary>What a <c>step.yml</c> says: the step's own fields, and the file that its bash toolkit begins with.</summary>
/// <param name="Own">Its fields; what a use in a workflow says goes over them.</param>
/// <param name="EntryFile">Relative to the step's directory.</param>
public sealed record StepFile(StepUse Own, string EntryFile)
{
    private const string DefaultEntry = "step.sh";

    /// <summary>Reads a <c>step.yml</c>.</summary>
    /// <returns>The file, or why it can't be used.</returns>
    public static (StepFile? File, string? Problem) Read(string text)
    {
        var (root, error) = YamlSource.Read(text);
        if (root is null) return (null, $"line {error!.Line}: {error.Message}");
        if (YamlMap.From(root) is not { } map) return (null, $"it is {YamlMap.Kind(root)}. It should be a map.");
        var findings = new Findings();
        var own = new ConfigReader(findings).ReadStep(root, map);
        if (findings.Check() is { IsValid: false } check) return (null, $"line {check.Errors[0].Line}: {check.Errors[0].Message}");
        var toolkit = map.Find("toolkit") is { } entry ? YamlMap.From(entry.Value) : null;
        if (toolkit?.Entries.FirstOrDefault(kind => kind.Name != "bash") is { } other) return (null, $"it needs the toolkit {other.Name}; only bash is available.");
        var file = toolkit?.Find("bash") is { } bash && YamlMap.From(bash.Value)?.Find("entry_file")?.Value is YamlDotNet.RepresentationModel.YamlScalarNode { Value.Length: > 0 } named ? named.Value : DefaultEntry;
        return (new StepFile(own, file), null);
    }
}
