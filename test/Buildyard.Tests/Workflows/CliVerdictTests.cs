namespace Buildyard.Workflows;

/// <summary>Verdicts of Bitrise's CLI 2.42.1 on what is easy to get wrong; each was asked of the CLI itself.</summary>
public sealed class CliVerdictTests
{
    private const string Format = "format_version: 11\n";
    private const string Targets = "workflows: {a: {}}\n";

    [Theory]

    // yaml.v2's scanner: a tab is no indentation, wherever a key may begin.
    [InlineData("\tformat_version: 11\n", false)]
    [InlineData("\n\tformat_version: 11\n", false)]
    [InlineData("# c\n\t# d\nformat_version: 11\n", false)]
    [InlineData(Format + "workflows:\n\ta: {}\n", false)]
    [InlineData(Format + "workflows:\n  \t{}\n", false)]
    [InlineData(Format + "zz:\n-\ta\n", false)]
    [InlineData(Format + "? \ta\n: b\n", false)]
    [InlineData(Format + "title: |\n  \ta\n", false)]
    [InlineData(Format + "title: |2\n  \ta\n", true)]
    [InlineData(Format + "title: |\n  a\n  \tb\n", true)]
    [InlineData("format_version:\t11\t# c\n", true)]
    [InlineData(Format + "workflows: {\n\ta: {}\n}\n", true)]

    // Brackets that nothing closes.
    [InlineData(Format + "workflows:\n  a:\n   envs: [\n  b: {}\n", false)]
    [InlineData(Format + "zz: [a, b\nx: y\n", false)]
    [InlineData(Format + "zz: {a: b\nx: y\n", false)]

    // yaml.v2's reader takes no control characters; its parser no other version of YAML.
    [InlineData(Format + "title: \u0001\n", false)]
    [InlineData(Format + "title: \"\u007f\"\n", false)]
    [InlineData("%YAML 1.1\n---\n" + Format, true)]
    [InlineData("%YAML 1.2\n---\n" + Format, false)]

    // Only a plain << merges (isMerge in decode.go).
    [InlineData(Format + "\"<<\": {title: [a]}\n", true)]
    [InlineData(Format + "<<: {title: [a]}\n", false)]

    // go-version reads the whole text.
    [InlineData("format_version: |\n  11\n", false)]
    [InlineData("format_version: \"26.0.1\"\n", false)]
    [InlineData("format_version: \"26+1\"\n", true)]

    // An old item with a pattern isn't looked at further (validateLegacyItemType).
    [InlineData(Format + "trigger_map:\n- {pattern: x, commit_message: 5, workflow: a}\n" + Targets, true)]
    [InlineData(Format + "trigger_map:\n- {pattern: x, commit_message: y, workflow: a}\n" + Targets, true)]
    [InlineData(Format + "trigger_map:\n- {pattern: x, tag: z, workflow: a}\n" + Targets, false)]
    [InlineData(Format + "trigger_map:\n- {push_branch: x, commit_message: 5, workflow: a}\n" + Targets, false)]

    // Duplicates are found by how they are written (conditionsString, toString).
    [InlineData(Format + "trigger_map:\n- {push_branch: x, workflow: a}\n- {push_branch: x, commit_message: {regex: \"\"}, workflow: a}\n" + Targets, true)]
    [InlineData(Format + "trigger_map:\n- {push_branch: x, workflow: a}\n- {push_branch: x, commit_message: \"\", workflow: a}\n" + Targets, false)]
    [InlineData(Format + "workflows: {a: {triggers: {push: [{branch: x}, {branch: {pattern: x}}]}}}\n", true)]
    [InlineData(Format + "workflows: {a: {triggers: {push: [{branch: {pattern: x}}, {branch: {pattern: x}}]}}}\n", false)]

    // published_at is a Go time.
    [InlineData(Format + "workflows: {a: {steps: [{script: {published_at: 2020-01-02}}]}}\n", true)]
    [InlineData(Format + "workflows: {a: {steps: [{script: {published_at: \"2020-01-02T03:04:05.5Z\"}}]}}\n", true)]
    [InlineData(Format + "workflows: {a: {steps: [{script: {published_at: \"2020-01-02\"}}]}}\n", false)]
    [InlineData(Format + "workflows: {a: {steps: [{script: {published_at: soon}}]}}\n", false)]

    // Numbers have 64 bits.
    [InlineData(Format + "workflows: {a: {steps: [{script: {timeout: 99999999999}}]}}\n", true)]
    [InlineData(Format + "workflows: {a: {steps: [{script: {timeout: 99999999999999999999}}]}}\n", false)]
    [InlineData(Format + "workflows: {a: {priority: 99999999999}}\n", false)]
    public void Verdict_IsThatOfTheCli(string text, bool isValid) =>
        Assert.True(BitriseYaml.Check(text).IsValid == isValid, string.Join('\n', BitriseYaml.Check(text).Errors));

    [Theory]

    // The CLI takes the last of two equal keys without a word; here one of two would be lost unseen, so they are errors.
    [InlineData(Format + "title: a\ntitle: b\n")]

    // The CLI reads the first document of a file and never looks at what follows; here that has to be YAML too.
    [InlineData("---\n" + Format + "---\nbad: [\n")]
    public void WhatTheCliLosesUnseen_IsAnErrorHere(string text) => Assert.False(BitriseYaml.Check(text).IsValid);

    [Fact]
    public void Verdicts_AndPlaces_AreThoseOfTheTable()
    {
        var wrong = new List<string>();
        foreach (var (of, yml, valid, line) in CliTables.Read<CliVerdict>("CliVerdicts.json"))
        {
            var check = BitriseYaml.Check(yml);
            if (check.IsValid != valid) wrong.Add($"{of}: valid should be {valid}\n{yml}{string.Join('\n', check.Errors)}");
            else if (line is not null && check.Errors.All(e => e.Line != line)) wrong.Add($"{of}: line {line} expected\n{yml}{string.Join('\n', check.Errors)}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [Fact]
    public void Triggers_StartWhatTheTableSays()
    {
        var wrong = new List<string>();
        foreach (var (map, rows) in CliTables.Read<CliTriggerMap>("CliTriggers.json"))
        {
            // What is JSON is YAML too.
            var (config, check) = BitriseYaml.Read("pipelines: {p: {workflows: {a: {}}}}\nworkflows: {a: {}, b: {}}\n" + Format + $"trigger_map: {map}\n");
            Assert.True(check.IsValid, string.Join('\n', check.Errors));
            foreach (var row in rows)
            {
                var found = config!.Match(TriggerTests.EventOf(row)).Targets.Select(t => $"{t.Kind} {t.Name}").FirstOrDefault();
                if (found != row.GetProperty("target").GetString()) wrong.Add($"{map}: {row}, got {found}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Conditions_DoWhatTheTableSays()
    {
        var facts = new TemplateFacts(IsCi: true, IsPullRequest: false, IsFailed: false, new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "x", ["B"] = "x", ["TRUTH"] = "true" });
        var wrong = new List<string>();
        foreach (var (condition, does) in CliTables.Read<CliCondition>("CliConditions.json"))
        {
            var found = condition.Length == 0 ? "run" : RunIf.Parse(condition).Evaluate(facts).Value switch { true => "run", false => "skip", _ => "fail" };
            if (found != does) wrong.Add($"{condition}: {does} expected, got {found}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
