using System.Globalization;

namespace Buildyard;

/// <summary>The way from the root of a file to one of its places: keys of maps and numbers of list items, from 0.</summary>
public sealed record YamlPath(IReadOnlyList<object> Steps)
{
    public static YamlPath Root { get; } = new(Array.Empty<object>());

    public static YamlPath Of(params object[] steps) => new(steps);

    public YamlPath Key(string key) => new([.. Steps, key]);

    public YamlPath Item(int index) => new([.. Steps, index]);

    public YamlPath Parent => new([.. Steps.Take(Steps.Count - 1)]);

    public override string ToString() => string.Join(" › ", Steps.Select(s => s is int i ? (i + 1).ToString(CultureInfo.InvariantCulture) : (string)s));
}
