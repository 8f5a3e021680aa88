using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Workflows;

public sealed class TriggerTests
{
    private const string Header = "format_version: \"23\"\n";

    [Fact]
    public void Targets_AreThoseOfBitrise()
    {
        var folder = SharedFiles.Find("bitrise-yml");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected-triggers.json")));
        var wrong = new List<string>();
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            var (config, _) = BitriseYaml.Read(File.ReadAllText(Path.Combine(folder, file.Name), Encoding.UTF8));
            foreach (var row in file.Value.EnumerateArray())
            {
                TriggeredTarget[] target = row.GetProperty("target").GetString() is { } name ? [new(row.GetProperty("kind").GetString()!, name)] : [];
                if (!config!.Match(EventOf(row)).Targets.SequenceEqual(target)) wrong.Add($"{file.Name}: {row}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("feature/*", "feature/login", true)]
    [InlineData("feature/*", "features", false)]
    [InlineData("*-rc", "1.0-rc", true)]
    [InlineData("v*.*.0", "v1.2.0", true)]
    [InlineData("v*.*.0", "v1.2.1", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("main", "main2", false)]
    [InlineData("**", "", true)]
    public void Patterns_KnowAsterisksAlone(string pattern, string branch, bool matches)
    {
        var (config, _) = BitriseYaml.Read($"{Header}trigger_map:\n- push_branch: \"{pattern}\"\n  workflow: a\nworkflows:\n  a: {{}}\n");

        Assert.Equal(matches, config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = branch }).Targets.Count == 1);
    }

    [Fact]
    public void EveryTargetMatches_AndOfTheMapTheFirst()
    {
        var (config, _) = BitriseYaml.Read(Header + """
            trigger_map:
            - {push_branch: "off", enabled: false, workflow: a}
            - {push_branch: "*", workflow: b}
            - {push_branch: main, workflow: a}
            pipelines:
              p:
                triggers: {push: [{branch: main}]}
            workflows:
              a: {}
              b: {triggers: {push: [{branch: main}, {branch: {regex: "^ma"}, commit_message: x}]}}
              c: {triggers: {push: [{branch: {regex: "^ma.n$"}}]}}
              d: {triggers: {enabled: false, push: [{branch: main}]}}
              e: {triggers: {push: [{branch: main, enabled: false}]}}
              _u: {triggers: {push: [{branch: main}]}}
            """);

        var targets = config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = "main" }).Targets;

        Assert.Equal([new("workflow", "b"), new("pipeline", "p"), new("workflow", "c")], targets);
        Assert.Equal([new("workflow", "b")], config.Match(new TriggerEvent(TriggerKind.Push) { Branch = "off" }).Targets);
    }

    [Theory]
    [InlineData("branch: main, commit_message: \"*[fix]*\"", true)]
    [InlineData("branch: main, commit_message: {pattern: \"*[fix]*\", last_commit: true}", false)]
    [InlineData("branch: main, changed_files: \"src/*\"", true)]
    [InlineData("branch: main, changed_files: {regex: \"\\\\.md$\", last_commit: true}", true)]
    [InlineData("branch: main, changed_files: \"ios/*\"", false)]
    [InlineData("branch: dev, changed_files: \"src/*\"", false)]
    [InlineData("branch: {regex: \"(\"}", false)]
    public void Conditions_AllHave_ToHold(string conditions, bool matches)
    {
        var (config, check) = BitriseYaml.Read($"{Header}workflows:\n  a:\n    triggers:\n      push:\n      - {{{conditions}}}\n");
        Assert.True(check.IsValid, string.Join('\n', check.Errors));

        var targets = config!.Match(new TriggerEvent(TriggerKind.Push)
        {
            Branch = "main",
            Commits = [new("Start [fix] it", ["src/a.cs"]), new("Words", ["docs/a.md"])],
        }).Targets;

        Assert.Equal(matches, targets.Count == 1);
    }

    [Theory]
    [InlineData("", PullRequestState.Draft, true)]
    [InlineData("", PullRequestState.JustReady, false)]
    [InlineData(", draft_enabled: false", PullRequestState.Draft, false)]
    [InlineData(", draft_enabled: false", PullRequestState.JustReady, true)]
    [InlineData(", label: \"rea*\"", PullRequestState.Ready, true)]
    [InlineData(", label: other", PullRequestState.Ready, false)]
    [InlineData(", comment: \"/ci*\"", PullRequestState.Ready, false)]
    public void PullRequests_AreToldApart(string more, PullRequestState state, bool matches)
    {
        var (config, _) = BitriseYaml.Read($"{Header}workflows:\n  a:\n    triggers:\n      pull_request:\n      - {{target_branch: main{more}}}\n");

        var targets = config!.Match(new TriggerEvent(TriggerKind.PullRequest) { SourceBranch = "f", TargetBranch = "main", State = state, Labels = ["ready"] }).Targets;

        Assert.Equal(matches, targets.Count == 1);
    }

    [Fact]
    public void ARegexThatWouldTakeForever_IsBounded()
    {
        var (config, _) = BitriseYaml.Read($"{Header}workflows:\n  a:\n    triggers:\n      push:\n      - branch: {{regex: \"^(a+)+$\"}}\n");

        Assert.Empty(config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = new string('a', 50_000) + "b" }).Targets);
    }

    [Fact]
    public void AnEventThatTakesTooManyComparisons_StartsNothing_AndSaysSo()
    {
        var (config, _) = BitriseYaml.Read(Header + "workflows:\n" + string.Concat(Enumerable.Range(0, 1_500).Select(i => $"  w{i}:\n    triggers: {{push: [{{changed_files: \"*x{i}\"}}]}}\n")));
        var pushed = new TriggerEvent(TriggerKind.Push) { Commits = [new("", [.. Enumerable.Range(0, 8_000).Select(i => $"src/{i}.cs")])] };

        var match = config!.Match(pushed);

        Assert.Equal(("It takes more than 1,000,000 comparisons of a pattern with a text.", 0), (match.Excess, match.Targets.Count));
        Assert.Null(config.Match(pushed with { Commits = [new("", ["src/x7"])] }).Excess);
    }

    [Theory]
    [InlineData("main", 70_000, "A text that a pattern is compared with is longer than 65,536 characters.")]
    [InlineData("main", 60_000, null)]
    [InlineData("other", 70_000, null)]
    public void AVeryLongText_IsComparedWithNothing(string branch, int length, string? excess)
    {
        var (config, _) = BitriseYaml.Read(Header + "workflows:\n  a:\n    triggers: {push: [{branch: main, commit_message: \"*x*\"}]}\n");

        Assert.Equal(excess, config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = branch, Commits = [new(new string('m', length), [])] }).Excess);
    }

    [Fact]
    public void AMatchAndACheck_AreGivenUp_WithWhoeverAsked()
    {
        const string yml = Header + "workflows:\n  a:\n    triggers: {push: [{branch: main}]}\n";
        var (config, _) = BitriseYaml.Read(yml);

        Assert.Throws<OperationCanceledException>(() => config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = "main" }, new CancellationToken(canceled: true)));
        Assert.Throws<OperationCanceledException>(() => BitriseYaml.Check(yml, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void RegularExpressionsBeyondTheBounds_NeverMatch_AndTheCheckSaysSo()
    {
        var yml = Header + "workflows:\n" + $"  long: {{triggers: {{push: [{{branch: {{regex: '{new string('a', 1_001)}'}}}}]}}}}\n"
            + string.Concat(Enumerable.Range(0, 501).Select(i => $"  w{i}: {{triggers: {{push: [{{branch: {{regex: '^main$|{i}'}}}}]}}}}\n"));

        var (config, check) = BitriseYaml.Read(yml);
        var targets = config!.Match(new TriggerEvent(TriggerKind.Push) { Branch = "main" }).Targets;

        Assert.Equal(["w0", "w499"], [targets[0].Name, targets[^1].Name]);
        Assert.Equal(500, targets.Count);
        Assert.Equal(
            [
                (3, "This regular expression is longer than 1,000 characters. So it never matches."),
                (504, "With this regular expression those of the file have more than 20,000 characters together, each counted as 40 at least. So it never matches."),
            ],
            check.Warnings.Select(w => (w.Line, w.Message)));
    }

    [Fact]
    public async Task TheApi_AnswersWithoutStoring()
    {
        await using var host = await BuildyardHost.StartAsync();
        var dana = await host.CallAsAsync("dana@northwind.test");
        const string yml = Header + "trigger_map:\n- push_branch: main\n  workflow: a\n- tag: \"v*\"\n  pipeline: p\npipelines:\n  p: {workflows: {a: {}}}\nworkflows:\n  a: {}\n";

        var valid = await Validate(Encoding.UTF8.GetBytes(yml));
        Assert.True(valid.GetProperty("valid").GetBoolean());
        Assert.Empty(valid.GetProperty("errors").EnumerateArray());
        Assert.Empty(valid.GetProperty("warnings").EnumerateArray());
        var wrong = await Validate(Encoding.UTF8.GetBytes(Header + "workflows:\n  a:\n    steps: {}\n"));
        Assert.False(wrong.GetProperty("valid").GetBoolean());
        var error = Assert.Single(wrong.GetProperty("errors").EnumerateArray());
        Assert.Equal((4, 12), (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
        foreach (var bytes in (byte[][])[[], [0xff, 0xfe], new byte[(400 * 1024) + 1], "{"u8.ToArray()])
            Assert.False((await Validate(bytes)).GetProperty("valid").GetBoolean());

        Assert.Equal("""{"targets":[{"kind":"workflow","name":"a"}]}""", await Check(new { yml, push_branch = "main" }, 200));
        Assert.Equal("""{"targets":[{"kind":"pipeline","name":"p"}]}""", await Check(new { yml, tag = "v1" }, 200));
        Assert.Equal("""{"targets":[]}""", await Check(new { yml, pr_source_branch = "x", pr_target_branch = "main", draft = true, changed_files = new[] { "a" } }, 200));
        Assert.Contains("invalid_yaml", await Check(new { yml = "no", push_branch = "main" }, 422), StringComparison.Ordinal);
        Assert.Contains("push_branch", await Check(new { yml }, 422), StringComparison.Ordinal);
        Assert.Contains("tag", await Check(new { yml, push_branch = "main", tag = "v1" }, 422), StringComparison.Ordinal);
        Assert.Contains("unknown_field", await Check(new { yml, branch = "main" }, 400), StringComparison.Ordinal);
        Assert.Contains("changed_files", await Check(new { yml, push_branch = "main", changed_files = new[] { new string('x', 65_537) } }, 422), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Call().PostAsJsonAsync("/api/bitrise-yml/trigger-check", new { yml, tag = "v1" })).StatusCode);

        async Task<JsonElement> Validate(byte[] bytes)
        {
            var answer = await dana.PostAsync("/api/bitrise-yml/validate", new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/yaml") } });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.JsonAsync();
        }

        async Task<string> Check(object body, int status)
        {
            var answer = await dana.PostAsJsonAsync("/api/bitrise-yml/trigger-check", body);
            Assert.Equal(status, (int)answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    internal static TriggerEvent EventOf(JsonElement row)
    {
        var kind = row.TryGetProperty("tag", out _) ? TriggerKind.Tag : row.TryGetProperty("push_branch", out _) ? TriggerKind.Push : TriggerKind.PullRequest;
        return new TriggerEvent(kind)
        {
            Branch = Text("push_branch"),
            Tag = Text("tag"),
            SourceBranch = Text("pr_source_branch"),
            TargetBranch = Text("pr_target_branch"),
            State = Text("pr_ready_state") switch { "draft" => PullRequestState.Draft, "converted_to_ready_for_review" => PullRequestState.JustReady, _ => PullRequestState.Ready },
        };

        string? Text(string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
