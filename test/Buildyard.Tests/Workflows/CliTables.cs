using System.Text.Json;

namespace Buildyard.Workflows;

/// <summary>
/// Answers of Bitrise's CLI 2.42.1, asked case by case. <c>CliVerdicts.json</c>: what <c>validate</c> says, and the line where it names one
/// (its parser's own lines are one short, so those are left out). <c>CliTriggers.json</c>: what its trigger map matches.
/// <c>CliConditions.json</c>: what a step with a <c>run_if</c> does where <c>A</c> and <c>B</c> are <c>x</c> and <c>TRUTH</c> is <c>true</c>.
/// </summary>
internal static class CliTables
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<T> Read<T>(string name)
    {
        using var stream = typeof(CliTables).Assembly.GetManifestResourceStream(name)!;
        return JsonSerializer.Deserialize<List<T>>(stream, s_options)!;
    }
}

/// <summary>A file and the CLI's verdict.</summary>
/// <param name="Of">The rule, and the function of the CLI that holds it.</param>
internal sealed record CliVerdict(string Of, string Yml, bool Valid, int? Line);

internal sealed record CliCondition(string RunIf, string Does);

internal sealed record CliTriggerMap(JsonElement TriggerMap, IReadOnlyList<JsonElement> Rows);
