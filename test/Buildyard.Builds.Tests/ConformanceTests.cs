using System.Text.Json;
using System.Text.RegularExpressions;

namespace Buildyard.Builds.Tests;

/// <summary>Whole runs, compared with what Bitrise's own CLI did with the same file.</summary>
public sealed partial class ConformanceTests
{
    [Fact]
    public async Task Runs_GoAsBitrisesOwn()
    {
        await using var yard = new Yard();
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Shared.Folder("bitrise-yml/runs"), "*.expected.json").Order(StringComparer.Ordinal))
        {
            using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            var root = expected.RootElement;
            var yaml = await File.ReadAllTextAsync(file.Replace(".expected.json", ".yml", StringComparison.Ordinal), TestContext.Current.CancellationToken);

            var ran = await yard.RunAsync(yard.Order(yaml, root.GetProperty("workflow").GetString()!));

            var name = Path.GetFileName(file);
            Compare($"{name}: exit", root.GetProperty("exit").GetInt32() == 0 ? "Success" : "Failed", ran.Result.Status.ToString());
            Compare($"{name}: lines", Join(root.GetProperty("lines").EnumerateArray().Select(line => line.GetString())), Join(ran.Said));
            Compare(
                $"{name}: steps",
                Join(root.GetProperty("steps").EnumerateArray().Select(step => $"{step.GetProperty("title").GetString()} {step.GetProperty("status").GetString()}")),
                Join(ran.Result.Steps.Select(step => $"{step.Title} {Words().Replace(step.Status.ToString(), "_$0").ToLowerInvariant()}")));
            // The wording of an error is ours; that there is one, and where it points to, is not.
            if (root.GetProperty("error").GetArrayLength() > 0) Compare($"{name}: ends before a step", nameof(BuildEnd.Configuration), ran.Result.End.ToString());
        }

        Assert.Empty(wrong);

        void Compare(string what, string want, string got)
        {
            if (want != got) wrong.Add($"{what}: expected {want}, got {got}");
        }
    }

    private static string Join(IEnumerable<string?> parts) => string.Join(" | ", parts);

    [GeneratedRegex("(?<=.)[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Words();
}
