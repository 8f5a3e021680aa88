using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>What a check of <c>bitrise.yml</c> found. Errors keep it from being saved; warnings don't.</summary>
public sealed record YamlCheck(IReadOnlyList<YamlRemark> Errors, IReadOnlyList<YamlRemark> Warnings)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>Collects what is wrong. A file that is wrong everywhere is told about its first places.</summary>
internal sealed class Findings
{
    /// <summary>How many errors, and how many warnings, are told of one file.</summary>
    public const int Most = 200;

    private readonly HashSet<YamlRemark> _errors = [];
    private readonly HashSet<YamlRemark> _warnings = [];

    public void Error(YamlNode node, string message) => _errors.Add(YamlSource.Remark(node, message));

    public void Error(Place at, string message) => _errors.Add(new YamlRemark(at.Line, at.Column, message));

    public void Warn(Place at, string message) => _warnings.Add(new YamlRemark(at.Line, at.Column, message));

    public YamlCheck Check() => new(Sorted(_errors), Sorted(_warnings));

    private static List<YamlRemark> Sorted(HashSet<YamlRemark> remarks) => [.. remarks.OrderBy(r => r.Line).ThenBy(r => r.Column).Take(Most)];
}
