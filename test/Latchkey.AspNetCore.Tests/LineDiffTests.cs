namespace Latchkey.AspNetCore.Tests;

public class LineDiffTests
{
    [Fact]
    public void ShowsThreeLinesAroundAChangeAndAGapForTheRest()
    {
        var before = string.Join('\n', Enumerable.Range(1, 20));
        var diff = LineDiff.Of(before, before.Replace("\n10\n", "\nten\n", StringComparison.Ordinal));
        Assert.Equal((1, 1), (diff.Added, diff.Removed));
        Assert.Equal(["…", "7", "8", "9", "10", "ten", "11", "12", "13"], diff.Lines.Select(l => l.Text));
        Assert.Equal(new DiffLine("removed", 10, null, "10"), diff.Lines[4]);
        Assert.Equal(new DiffLine("added", null, 10, "ten"), diff.Lines[5]);
    }

    [Theory]
    [InlineData("echo ship", "workflows › release › steps › script@1 › inputs › content")]
    [InlineData("title: Ship", "workflows › release › steps › script@1")]
    [InlineData("# Nightly.", "workflows › release")]
    [InlineData("- B: two", "workflows › release › envs")]
    [InlineData("last: {}", "…")]
    public void AGap_NamesWhatEnclosesTheChangeBehindIt(string line, string path)
    {
        const string text = """
            format_version: "23"
            a: 1
            b: 2
            c: 3
            workflows:
              primary: {}
              release: &release # no name of its own
                summary: "One: two"
                description: >-
                  three

                  of these
                # Nightly.
                envs:
                - A: one
                - opts: {is_expand: false}
                  C: three
                - B: two
                steps:
                - git-clone@8: {}
                - script@1:
                    title: Ship
                    run_if: "true"
                    timeout: 5
                    inputs:
                    - content: |-
                        set -e
                        echo one
                        echo two
                        echo ship
            d: 4
            e: 5
            f: 6
            last: {}
            """;
        var without = string.Join('\n', text.Split('\n').Where(l => l.Trim() != line));
        foreach (var (before, after) in ((string, string)[])[(text, without), (without, text)])
            Assert.Equal(path, LineDiff.Of(before, after).Lines.First(l => l.Kind == "gap").Text);
    }

    [Fact]
    public void TooMuchToCompare_IsToldAsReplaced_BetweenWhatStays()
    {
        static string Text(string odd) => string.Join('\n', Enumerable.Range(0, 12_001).Select(i => i % 2 == 0 ? $"{i}" : odd));
        var diff = LineDiff.Of(Text("a"), Text("b"), isWhole: true);
        Assert.Equal((11_999, 11_999), (diff.Added, diff.Removed));
        Assert.Equal([new DiffLine("same", 1, 1, "0"), new DiffLine("removed", 2, null, "a")], diff.Lines.Take(2));
        Assert.Equal(new DiffLine("same", 12_001, 12_001, "12000"), diff.Lines[^1]);
    }

    /// <summary>Whoever writes a line of blanks keeps nobody from looking at what else they changed.</summary>
    [Fact]
    public void AnEndlessLine_IsNoNameOfAPlace()
    {
        var odd = $"a{new string(' ', 300_000)}b\n c:\n  d: e\n  f: g\n  h: i\n  j: k\n  l: ";
        Assert.Equal("c", LineDiff.Of(odd + "1", odd + "2").Lines[0].Text);
    }

    [Fact]
    public void ANewText_IsAllAdded() => Assert.Equal(2, LineDiff.Of("", "a\nb").Added);

    [Fact]
    public void AnEndlessDiff_IsCutAndSaysSo()
    {
        var diff = LineDiff.Of("", string.Join('\n', Enumerable.Range(1, 2000)));
        Assert.Equal((2000, 501), (diff.Added, diff.Lines.Count));
        Assert.Equal("gap", diff.Lines[^1].Kind);
    }
}
