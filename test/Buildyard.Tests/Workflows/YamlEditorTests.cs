using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Buildyard.Workflows;

/// <summary>An edit changes its own lines; everything else stays byte for byte.</summary>
public sealed class YamlEditorTests
{
    private static readonly HashSet<string?> s_words = new("yes no on off y n null ~ true false".Split(' '));

    private const string Sample = """
        # Top
        format_version: "23"  # quoted
        app:
          envs:
          - A: one # why
            opts: {is_expand: false}
          # about B
          - B: 'two'

        workflows:
          # The first
          first:
            before_run: [_u]
            steps:
            - git-clone@8: {}
            # builds
            - script@1:
                title: Build
                inputs:
                - content: |
                    # not a comment
                    echo hi

                    echo there
                # - commented: out

            - script@1:

          second:
            summary: "Said \"so\""
          _u: {}

        """;

    public static TheoryData<string, string> Files()
    {
        var files = new TheoryData<string, string>();
        foreach (var ends in (string[])["\n", "\r\n"])
        {
            files.Add("sample", ends);
            var folder = SharedFiles.Find("bitrise-yml");
            foreach (var file in Directory.EnumerateFiles(folder, "*.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                if (BitriseYaml.Read(File.ReadAllText(file)).Config is { Workflows.Count: > 0 }) files.Add(Path.GetRelativePath(folder, file), ends);
        }
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void SettingAValueAndBack_LeavesTheSameBytes(string file, string ends)
    {
        var text = Text(file, ends);
        foreach (var (path, value) in Values(text))
        {
            foreach (var other in (string[])["changed", "yes: no # \"maybe\"", value.Value!.Contains('\n') ? "one\n\ntwo\n" : "5"])
            {
                if (Edit(text, e => e.Set(path, other)) is not { } changed) continue;
                Assert.Equal(other, ValueAt(changed, path));
                AssertOthersStay(text, changed, path);
                if (Restorable(value, other)) Assert.Equal(text, Edit(changed, e => e.Set(path, value.Value!)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void AddingAndRemoving_LeavesTheSameBytes(string file, string ends)
    {
        var text = Text(file, ends);
        foreach (var id in BitriseYaml.Read(text).Config!.Workflows.Keys)
        {
            var workflow = YamlPath.Of("workflows", id);
            AssertUndone(text, e => e.Add(workflow, "added", "x"), e => e.Remove(workflow.Key("added")), vacant: BlockOf(text, workflow) is null);
            var steps = workflow.Key("steps");
            var children = (BlockOf(text, steps) as YamlSequenceNode)?.Children;
            var count = children?.Count ?? 0;
            for (var i = 0; i <= count && count > 0; i++)
            {
                var at = i;
                AssertUndone(text, e => e.Insert(steps, at, new YamlFragment.Map(("script@1", new YamlFragment.Map(("title", "New"))))), e => e.Remove(steps.Item(at)));
                if (i + 1 < count && !children![at].Equals(children[at + 1])) AssertUndone(text, e => e.Move(steps, at, 1), e => e.Move(steps, at + 1, -1));
            }
            AssertUndone(text, e => e.Rename(workflow, "renamed-for-a-test"), e => e.Rename(YamlPath.Of("workflows", "renamed-for-a-test"), id));
        }
    }

    [Fact]
    public void Removing_TakesTheCommentRightAbove_AndWhatIsFurtherIn()
    {
        Assert.Equal(
            Sample.Replace("    # builds\n    - script@1:\n        title: Build\n        inputs:\n        - content: |\n            # not a comment\n            echo hi\n\n            echo there\n        # - commented: out\n", "", StringComparison.Ordinal),
            Edit(Sample, e => e.Remove(YamlPath.Of("workflows", "first", "steps", 1))));
        Assert.Equal(
            Sample.Replace("  # about B\n  - B: 'two'\n", "", StringComparison.Ordinal),
            Edit(Sample, e => e.Remove(YamlPath.Of("app", "envs", 1))));
    }

    [Fact]
    public void Values_KeepTheirStyle()
    {
        Assert.Contains("- A: three # why", Edit(Sample, e => e.Set(YamlPath.Of("app", "envs", 0, "A"), "three")), StringComparison.Ordinal);
        Assert.Contains("- A: \"yes\" # why", Edit(Sample, e => e.Set(YamlPath.Of("app", "envs", 0, "A"), "yes")), StringComparison.Ordinal);
        Assert.Contains("- B: 'it''s'", Edit(Sample, e => e.Set(YamlPath.Of("app", "envs", 1, "B"), "it's")), StringComparison.Ordinal);
        Assert.Contains("summary: \"a \\\"b\\\"\"", Edit(Sample, e => e.Set(YamlPath.Of("workflows", "second", "summary"), "a \"b\"")), StringComparison.Ordinal);
        Assert.Contains("is_expand: true}", Edit(Sample, e => e.Set(YamlPath.Of("app", "envs", 0, "opts", "is_expand"), "true", bare: true)), StringComparison.Ordinal);
        Assert.Contains("- A: | # why\n      1\n      2\n    opts", Edit(Sample, e => e.Set(YamlPath.Of("app", "envs", 0, "A"), "1\n2\n")), StringComparison.Ordinal);
        Assert.Contains("        - content: |-\n            one\n        # - commented", Edit(Sample, e => e.Set(YamlPath.Of("workflows", "first", "steps", 1, "script@1", "inputs", 0, "content"), "one")), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsEmpty_IsFilled_AndEmptiedAgain()
    {
        var steps = YamlPath.Of("workflows", "first", "steps");
        Assert.Contains("    - git-clone@8:\n        title: Clone\n    # builds", Edit(Sample, e => e.Set(steps.Item(0).Key("git-clone@8").Key("title"), "Clone")), StringComparison.Ordinal);
        Assert.Contains("    - script@1:\n        title: Last\n\n  second:", Edit(Sample, e => e.Set(steps.Item(2).Key("script@1").Key("title"), "Last")), StringComparison.Ordinal);
        var filled = Edit(Sample, e => e.Insert(YamlPath.Of("workflows", "_u", "steps"), 0, new YamlFragment.Map(("script@1", YamlFragment.Empty))))!;
        Assert.Contains("  _u:\n    steps:\n    - script@1: {}\n", filled, StringComparison.Ordinal);
        Assert.Contains("  _u:\n    steps: []\n", Edit(filled, e => e.Remove(YamlPath.Of("workflows", "_u", "steps", 0))), StringComparison.Ordinal);
        Assert.Equal(Sample, Edit(filled, e => e.Remove(YamlPath.Of("workflows", "_u", "steps"))));
    }

    [Fact]
    public void BracketsAndAliases_AreLeftToTheFileItself()
    {
        const string text = "format_version: 11\nx: &shared\n  title: a\nworkflows:\n  flow: {steps: [{script: {}}]}\n  alias: *shared\n  merged:\n    <<: *shared\n";
        foreach (var edit in (Func<YamlEditor, Refusal?>[])
        [
            e => e.Add(YamlPath.Of("workflows", "flow"), "title", "b"), e => e.Remove(YamlPath.Of("workflows", "flow", "steps", 0)),
            e => e.Insert(YamlPath.Of("workflows", "flow", "steps"), 1, "x"), e => e.Set(YamlPath.Of("workflows", "alias", "title"), "b"), e => e.Set(YamlPath.Of("x", "title"), "b"),
        ])
        {
            YamlEditor.Open(text).Succeeded(out var editor, out _);
            Assert.Equal("edit_in_yaml", edit(editor!)?.Slug);
            Assert.Equal(text, editor!.Text);
        }
        Assert.Contains("    <<: *shared\n    title: own\n", Edit(text, e => e.Set(YamlPath.Of("workflows", "merged", "title"), "own")), StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_AreCopiedWithAWorkflow()
    {
        YamlEditor.Open(Sample).Succeeded(out var editor, out _);
        var lines = editor!.Lines(YamlPath.Of("workflows", "first"))!;

        Assert.Null(editor.AddLines(YamlPath.Of("workflows"), "second", ["copy:", .. lines.Skip(1)]));

        Assert.Contains("summary: \"Said \\\"so\\\"\"\n\n  copy:\n    before_run: [_u]\n", editor.Text, StringComparison.Ordinal);
        Assert.Equal(2, editor.Text.Split("# not a comment").Length - 1 - 0);
        Assert.Equal(2, editor.Text.Split("# - commented: out").Length - 1);
        Assert.True(BitriseYaml.Check(editor.Text).IsValid);
    }

    private static string Text(string file, string ends)
    {
        var text = file == "sample" ? Sample : File.ReadAllText(Path.Combine(SharedFiles.Find("bitrise-yml"), file), new UTF8Encoding(false));
        return text.ReplaceLineEndings(ends);
    }

    private static string? Edit(string text, Func<YamlEditor, Refusal?> edit)
    {
        Assert.True(YamlEditor.Open(text).Succeeded(out var editor, out _));
        return edit(editor) is null ? editor.Text : null;
    }

    private static void AssertUndone(string text, Func<YamlEditor, Refusal?> edit, Func<YamlEditor, Refusal?> undo, bool vacant = false)
    {
        if (Edit(text, edit) is not { } changed) return;
        Assert.NotEqual(text, changed);
        var back = Edit(changed, undo);
        Assert.NotNull(back);
        if (!vacant) Assert.Equal(text, back);
    }

    /// <summary>The single values of a text, of blocks, each with its place.</summary>
    private static List<(YamlPath Path, YamlScalarNode Node)> Values(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text.TrimStart('\uFEFF')));
        var values = new List<(YamlPath, YamlScalarNode)>();
        Walk(stream.Documents[0].RootNode, YamlPath.Root);
        return values;

        void Walk(YamlNode node, YamlPath path)
        {
            if (node is YamlScalarNode scalar && !string.IsNullOrEmpty(scalar.Value)) values.Add((path, scalar));
            if (node is YamlMappingNode map)
                foreach (var (key, value) in map.Children) Walk(value, path.Key(((YamlScalarNode)key).Value!));
            if (node is YamlSequenceNode list)
                foreach (var (i, item) in list.Children.Index()) Walk(item, path.Item(i));
        }
    }

    private static YamlNode? BlockOf(string text, YamlPath path)
    {
        var node = NodeAt(text, path);
        return node is YamlMappingNode { Style: not YamlDotNet.Core.Events.MappingStyle.Flow } or YamlSequenceNode { Style: not YamlDotNet.Core.Events.SequenceStyle.Flow } ? node : null;
    }

    private static string? ValueAt(string text, YamlPath path) => (NodeAt(text, path) as YamlScalarNode)?.Value;

    private static YamlNode? NodeAt(string text, YamlPath path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text.TrimStart('\uFEFF')));
        var node = stream.Documents[0].RootNode;
        foreach (var step in path.Steps)
        {
            node = step switch
            {
                string key when node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) => value,
                int index when node is YamlSequenceNode list && index < list.Children.Count => list.Children[index],
                _ => null!,
            };
            if (node is null) return null;
        }
        return node;
    }

    /// <summary>Every other value is what it was, and the texts are the same before and behind one stretch of lines.</summary>
    private static void AssertOthersStay(string before, string after, YamlPath path)
    {
        var (old, now) = (Values(before), Values(after));
        Assert.Equal(old.Count, now.Count);
        foreach (var ((oldPath, oldNode), (_, newNode)) in old.Zip(now))
            if (oldPath.ToString() != path.ToString()) Assert.Equal(oldNode.Value, newNode.Value);
        var start = before.AsSpan().CommonPrefixLength(after);
        var at = old.First(v => v.Path.ToString() == path.ToString()).Node;
        Assert.True(before.AsSpan(0, start).Count('\n') + 1 >= at.Start.Line - 1, $"{path}: line {before.AsSpan(0, start).Count('\n') + 1} changed, {at.Start.Line} was to.");
    }

    /// <summary>Folded and odd spellings, such as <c>yes</c> for true, are not found again; plain, quoted and block ones are.</summary>
    private static bool Restorable(YamlScalarNode node, string other) => node.Style switch
    {
        _ when other.Contains('\n', StringComparison.Ordinal) != node.Value!.Contains('\n', StringComparison.Ordinal) && node.Style != ScalarStyle.Literal => false,
        ScalarStyle.Plain => other == "changed" && !s_words.Contains(node.Value) && !double.TryParse(node.Value, out _) && node.Start.Line == node.End.Line && !node.Value.Contains('"'),
        ScalarStyle.SingleQuoted => !node.Value.Contains('\n', StringComparison.Ordinal),
        ScalarStyle.DoubleQuoted => node.Value.All(c => c is >= ' ' and <= '~'),
        ScalarStyle.Literal => node.Value.Trim().Length > 0 && !node.Value.EndsWith("\n\n", StringComparison.Ordinal) && node.Value.Split('\n').All(l => l.Length == 0 || l.Trim().Length > 0),
        _ => false,
    };
}
