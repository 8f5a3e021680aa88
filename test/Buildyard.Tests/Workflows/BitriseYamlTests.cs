using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Buildyard.Workflows;

public sealed class BitriseYamlTests
{
    [Theory]
    [InlineData("containers:\n  c: {type: execution, image: x}\n", 3, "Containers and services are not run here")]
    [InlineData("containers:\n  c: {image: x}\nservices:\n  s: {image: x}\nworkflows:\n  w:\n    steps:\n    - with: {container: c, services: [s], steps: [script: {}]}\n", 3, "Containers and services are not run here")]
    [InlineData("workflows:\n  w:\n    tools: {go: '1.24'}\n", 3, "Tools are not installed here (go)")]
    [InlineData("pipelines:\n  p:\n    workflows:\n      w: {parallel: 2, should_always_run: workflow}\nworkflows:\n  w: {}\n", 5, "parallel, should_always_run of w in pipeline p")]
    [InlineData("stages:\n  s: {run_if: 'true', workflows: [w: {}]}\nworkflows:\n  w: {}\n", 3, "run_if of stage s")]
    public void WhatChangesNothingHere_IsAWarning(string yaml, int line, string message)
    {
        var check = BitriseYaml.Check($"format_version: 23\n{yaml}");

        Assert.Empty(check.Errors);
        var warning = Assert.Single(check.Warnings);
        Assert.Equal(line, warning.Line);
        Assert.StartsWith(message, warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verdicts_AreThoseOfBitrise()
    {
        var folder = SharedFiles.Find("bitrise-yml");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected-validate.json")));
        var wrong = new List<string>();
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            var check = BitriseYaml.Check(File.ReadAllText(Path.Combine(folder, file.Name), Encoding.UTF8));
            if (check.IsValid != file.Value.GetProperty("is_valid").GetBoolean())
                wrong.Add($"{file.Name}: {string.Join(" ", check.Errors)}");
            if (LineOf(file.Value.GetProperty("error").GetString()) is { } line && check.Errors.All(e => e.Line != line))
                wrong.Add($"{file.Name}: line {line} expected, {string.Join(" ", check.Errors)} given");
            var warnings = file.Value.GetProperty("warnings") is { ValueKind: JsonValueKind.Array } array ? array.GetArrayLength() : 0;
            if (warnings > check.Warnings.Count) wrong.Add($"{file.Name}: {warnings} warnings expected, {check.Warnings.Count} given");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>The place that an error of the CLI names, such as “yaml: line 6: …”.</summary>
    private static int? LineOf(string? error)
    {
        const string word = "line ";
        if (error is null || error.IndexOf(word, StringComparison.Ordinal) is var at && at < 0) return null;
        var number = error.AsSpan(at + word.Length);
        return number.IndexOf(':') is > 0 and var end && int.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : null;
    }

    [Theory]
    [InlineData("workflows: {}\n", 1, 1, "format_version is missing")]
    [InlineData("- a\n", 1, 1, "It should be a map")]
    [InlineData("format_version: latest\n", 1, 17, "version number")]
    [InlineData("format_version: 11\nworkflows:\n- a\n", 3, 1, "workflows is a list")]
    [InlineData("format_version: 11\nworkflows:\n  a: text\n", 3, 6, "a single value")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    steps: {}\n", 4, 12, "It should be a list of steps")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    steps:\n    - script\n", 5, 7, "It should be a map")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    steps:\n    - {}\n", 5, 7, "exactly one")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    steps:\n    - script:\n      title: t\n", 6, 14, "Should title be indented below it?")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    steps:\n    - script: 5\n", 5, 15, "It should be a map")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    before_run: [b]\n", 4, 18, "not defined")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    before_run: [b]\n  b:\n    after_run: [a]\n", 6, 17, "a → b → a")]
    [InlineData("format_version: 11\nworkflows:\n  a:\n    before_run: [a]\n", 4, 18, "a → a")]
    [InlineData("format_version: 11\ntitle: a\ntitle: b\n", 3, 1, "in the same map already")]
    [InlineData("format_version: 11\ntitle: \"open\n", 3, 1, "opens in line 2")]
    [InlineData("format_version: 11\nx: *nothing\n", 2, 4, "anchor")]
    [InlineData("", 1, 1, "empty")]
    public void Errors_SayTheirPlace(string text, int line, int column, string says)
    {
        var check = BitriseYaml.Check(text);

        Assert.True(
            check.Errors.Any(e => e.Line == line && e.Column == column && e.Message.Contains(says, StringComparison.Ordinal)),
            string.Join("\n", check.Errors));
    }

    [Fact]
    public void AllErrors_ComeAtOnce()
    {
        var check = BitriseYaml.Check("workflows:\n  a:\n    steps: {}\n    before_run: [ghost]\n  b: text\n");

        Assert.Equal(4, check.Errors.Count);
    }

    [Fact]
    public void OddWorkflowIds_Warn()
    {
        var check = BitriseYaml.Check("format_version: 11\nworkflows:\n  \"a b!\": {}\n");

        Assert.True(check.IsValid);
        Assert.Equal(3, Assert.Single(check.Warnings).Line);
    }

    [Fact]
    public void MergeKeys_AreFollowed()
    {
        var check = BitriseYaml.Check("format_version: 11\nx: &base\n  before_run: [ghost]\nworkflows:\n  a:\n    <<: *base\n");

        Assert.Contains(check.Errors, e => e.Message.Contains("ghost", StringComparison.Ordinal));
    }

    [Fact]
    public void DeepNesting_IsRefused_AndNothingWorse()
    {
        Assert.Contains("deeper", Assert.Single(BitriseYaml.Check("format_version: 11\nx: " + new string('[', 200_000)).Errors).Message, StringComparison.Ordinal);
        Assert.Contains("deeper", Assert.Single(BitriseYaml.Check(string.Concat(Enumerable.Repeat("- ", 100_000)) + "a").Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AliasesOfAliases_AreRefused_BeforeTheyGrow()
    {
        var text = new StringBuilder("format_version: 11\na0: &a0 [x]\n");
        for (var i = 1; i < 40; i++) text.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");

        Assert.Contains("aliases", Assert.Single(BitriseYaml.Check(text.ToString()).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAliasInsideItself_IsRefused()
    {
        Assert.False(BitriseYaml.Check("format_version: 11\nworkflows: &w\n  a: *w\n").IsValid);
    }

    [Fact]
    public void LongChains_AreFollowed()
    {
        var text = new StringBuilder("format_version: 11\nworkflows:\n");
        for (var i = 0; i < 8000; i++) text.Append($"  w{i}: {{before_run: [w{i + 1}]}}\n");
        text.Append("  w8000: {}\n");

        Assert.True(BitriseYaml.Check(text.ToString()).IsValid);
    }

    [Fact]
    public void MoreThan400KB_IsRefused()
    {
        var fits = "format_version: 11\n#" + new string('x', (400 * 1024) - 21) + "\n";

        Assert.Equal(400 * 1024, fits.Length);
        Assert.True(BitriseYaml.Check(fits).IsValid);
        Assert.False(BitriseYaml.Check(fits + "\n").IsValid);
    }
}
