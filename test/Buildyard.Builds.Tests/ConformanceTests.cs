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
                Join(ran.Result.Steps.Select(step => $"{step.Title} {Word(step.Status.ToString())}")));
            // The wording of an error is ours; that there is one, and where it points to, is not.
            if (root.GetProperty("error").GetArrayLength() > 0) Compare($"{name}: ends before a step", nameof(BuildEnd.Configuration), ran.Result.End.ToString());
        }

        Assert.Empty(wrong);

        void Compare(string what, string want, string got)
        {
            if (want != got) wrong.Add($"{what}: expected {want}, got {got}");
        }
    }

    /// <summary>
    /// Runs that were asked of the CLI 2.42.1 itself, with a step of its own in the place of <c>script</c>. Meant to differ and so not here:
    /// what a step leaves running does not outlive it, and a variable with <c>unset</c> is gone instead of empty.
    /// </summary>
    [Fact]
    public async Task OtherRuns_GoAsBitrisesOwn()
    {
        await using var yard = new Yard();
        using var stream = typeof(ConformanceTests).Assembly.GetManifestResourceStream("CliRuns.json")!;
        using var table = await JsonDocument.ParseAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        var wrong = new List<string>();
        foreach (var run in table.RootElement.EnumerateArray())
        {
            var ran = await yard.RunAsync(yard.Order(run.GetProperty("yml").GetString()!, run.GetProperty("workflow").GetString()!));

            var want = Join([run.GetProperty("exit").GetInt32() == 0 ? "success" : "failed", .. Texts(run, "lines"), .. Texts(run, "steps")]);
            var got = Join([Word(ran.Result.Status.ToString()), .. ran.Said, .. ran.Statuses.Select(status => Word(status.ToString()))]);
            if (want != got) wrong.Add($"{run.GetProperty("name").GetString()}: expected {want}, got {got}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        static IEnumerable<string?> Texts(JsonElement of, string list) => of.GetProperty(list).EnumerateArray().Select(text => text.GetString());
    }

    private static string Word(string status) => Words().Replace(status, "_$0").ToLowerInvariant();

    private static string Join(IEnumerable<string?> parts) => string.Join(" | ", parts);

    [GeneratedRegex("(?<=.)[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Words();
}
