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
