namespace Buildyard;

/// <summary>Reads a <c>bitrise.yml</c> and says everything that is wrong with it at once, each at its place.</summary>
public static class BitriseYaml
{
    /// <summary>What is wrong with <paramref name="text"/>.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static YamlCheck Check(string text, CancellationToken cancellation = default) => Read(text, cancellation).Check;

    /// <summary>
    /// What <paramref name="text"/> says, and what is wrong with it. The config of a text with errors holds what could be read;
    /// it is null when the text is no YAML map at all. The time it takes grows as the text does.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static (BitriseConfig? Config, YamlCheck Check) Read(string text, CancellationToken cancellation = default)
    {
        if (YamlText.IsTooLarge(text)) return (null, Only(1, "It is larger than 400 KB."));
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var zero)
            return (null, Only(text.AsSpan(0, zero).Count('\n') + 1, "It holds a zero byte."));
        var (root, error) = YamlSource.Read(text, cancellation);
        if (root is null) return (null, new YamlCheck([error!], []));
        var findings = new Findings();
        var config = new ConfigReader(findings, cancellation).Read(root);
        if (config is not null) new ConfigRules(config, findings, cancellation).Check();
        return (config, findings.Check());
    }

    /// <summary>What a text that was saved here says. Texts are checked when they are saved, so this one can be read.</summary>
    internal static BitriseConfig ReadSaved(string text) => Read(text).Config ?? new BitriseConfig();

    private static YamlCheck Only(int line, string message) => new([new YamlRemark(line, 1, message)], []);
}
