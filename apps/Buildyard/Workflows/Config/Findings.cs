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

    public void Error(YamlNode node, string message) => Add(_errors, YamlSource.Remark(node, message));

    public void Error(Place at, string message) => Add(_errors, new YamlRemark(at.Line, at.Column, message));

    public void Warn(Place at, string message) => Add(_warnings, new YamlRemark(at.Line, at.Column, message));

    public YamlCheck Check() => new(First(_errors), First(_warnings));

    /// <summary>What can't be among the first any more is let go of: a small file may be wrong in very many places, each told at length.</summary>
    private static void Add(HashSet<YamlRemark> remarks, YamlRemark remark)
    {
        if (!remarks.Add(remark) || remarks.Count < 2 * Most) return;
        var first = First(remarks);
        remarks.Clear();
        remarks.UnionWith(first);
    }

    private static List<YamlRemark> First(HashSet<YamlRemark> remarks) => [.. remarks.OrderBy(r => r.Line).ThenBy(r => r.Column).Take(Most)];
}
