using System.Globalization;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// The regular expressions of a file's triggers. Each is compiled once, when it is first asked for. Compiling takes far longer than reading, so
/// how much of it one file may ask for is bounded: what is beyond, in the order of the file, is none.
/// </summary>
internal sealed class TriggerRegexes
{
    /// <summary>How many characters all the different expressions of one file may have together, each counted as <see cref="Least"/> at least.</summary>
    public const int MostCharacters = 20_000;

    private const int Least = 40;

    private readonly HashSet<string> _within = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Regex?> _compiled = new(StringComparer.Ordinal);

    public TriggerRegexes(BitriseConfig config)
    {
        var left = MostCharacters;
        var usable = Conditions(config).Where(condition => condition is { IsRegex: true, Text.Length: <= TriggerPattern.LongestRegex });
        foreach (var pattern in usable.Select(condition => condition.Text).Distinct(StringComparer.Ordinal).TakeWhile(pattern => (left -= Math.Max(Least, pattern.Length)) >= 0))
            _within.Add(pattern);
    }

    /// <summary>The expression, compiled; null where it can't be used.</summary>
    public Regex? Find(string pattern)
    {
        if (!_within.Contains(pattern)) return null;
        if (!_compiled.TryGetValue(pattern, out var regex)) _compiled[pattern] = regex = TriggerPattern.Regex(pattern);
        return regex;
    }

    /// <summary>Why an expression of the file can't be used; null: it can.</summary>
    public string? Problem(string pattern)
    {
        if (Find(pattern) is not null) return null;
        return pattern.Length > TriggerPattern.LongestRegex ? Said($"This regular expression is longer than {TriggerPattern.LongestRegex:N0} characters.")
            : !_within.Contains(pattern) ? Said($"With this regular expression those of the file have more than {MostCharacters:N0} characters together, each counted as {Least} at least.")
            : "This is no regular expression that can be used here.";

        static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<TriggerCondition> Conditions(BitriseConfig config) =>
        config.TriggerMap.SelectMany(item => item.Conditions).Select(named => named.Condition).OfType<TriggerCondition>()
            .Concat(config.Pipelines.Values.SelectMany(pipeline => pipeline.Triggers.Conditions))
            .Concat(config.Workflows.Values.SelectMany(workflow => workflow.Triggers.Conditions));
}
