namespace Latchkey.AspNetCore.Tests.Proposals;

/// <summary>A change made to the masked view of a text reaches the text, and nothing else of it changes.</summary>
public sealed class MaskedPatchTests
{
    private const string Real = "a: 1\ntoken: s3cret\n  more of it\nb: 2\nc: 3\nd: 4\n";
    private const string Shown = "a: 1\ntoken: [removed]\nb: 2\nc: 3\nd: 4\n";

    [Theory]
    [InlineData("c: 3", "c: 33")]
    [InlineData("c: 3\n", "")]
    [InlineData("c: 3\n", "c: 3\nc2: x\nc3: y\n")]
    [InlineData("b: 2\n", "")]
    [InlineData("a: 1\n", "zero: 0\na: 1\n")]
    [InlineData("d: 4\n", "d: 4\nlast: x")]
    public void ChangedLinesChange_AndTheSecretStays(string what, string into)
    {
        var patch = MaskedPatch.Of(Shown, Shown.Replace(what, into, StringComparison.Ordinal), Real, Mask);
        Assert.Null(patch.Problem);
        Assert.Equal(Real.Replace(what, into, StringComparison.Ordinal), patch.Text);
        Assert.Equal(Shown.Replace(what, into, StringComparison.Ordinal), patch.Then);
        Assert.Equal(Real, MaskedPatch.Of(patch.Then!, Shown, patch.Text!, Mask).Text);
    }

    [Theory]
    [InlineData("token: [removed]\n", "")]
    [InlineData("token: [removed]", "token: other")]
    [InlineData("a: 1\ntoken: [removed]\nb: 2", "x")]
    [InlineData("c: 3", "c: [removed]")]
    public void WhatWasMasked_IsNeverTouchedNorWritten(string what, string into)
    {
        var patch = MaskedPatch.Of(Shown, Shown.Replace(what, into, StringComparison.Ordinal), Real, Mask);
        Assert.Equal((PatchProblem.TouchesSecret, null, null), (patch.Problem, patch.Text, patch.Then));
    }

    [Fact]
    public void ElsewhereChangedSince_IsKept_TheSamePlaceIsAConflict()
    {
        var proposed = Shown.Replace("d: 4", "d: 44", StringComparison.Ordinal);
        var elsewhere = MaskedPatch.Of(Shown, proposed, Real.Replace("a: 1", "a: 9\nnew: 1", StringComparison.Ordinal), Mask);
        Assert.Equal("a: 9\nnew: 1\ntoken: s3cret\n  more of it\nb: 2\nc: 3\nd: 44\n", elsewhere.Text);
        Assert.Equal(PatchProblem.ChangedSince, MaskedPatch.Of(Shown, proposed, Real.Replace("d: 4", "d: 5", StringComparison.Ordinal), Mask).Problem);
        Assert.Equal(PatchProblem.ChangedSince, MaskedPatch.Of(Shown, proposed, Real.Replace("c: 3", "c: 5", StringComparison.Ordinal), Mask).Problem);
        Assert.Equal(PatchProblem.ChangedSince, MaskedPatch.Of(Shown, proposed, Real.Replace("d: 4\n", "", StringComparison.Ordinal), Mask).Problem);
        Assert.Equal(PatchProblem.ChangedSince, MaskedPatch.Of(Shown, proposed, "", Mask).Problem);
    }

    [Fact]
    public void WhatIsThereAlready_ChangesNothing()
    {
        var now = Real.Replace("d: 4", "d: 44", StringComparison.Ordinal);
        var patch = MaskedPatch.Of(Shown, Shown.Replace("d: 4", "d: 44", StringComparison.Ordinal), now, Mask);
        Assert.Equal((null, now, patch.Now), (patch.Problem, patch.Text, patch.Then));
    }

    [Fact]
    public void LineEndsAndByteOrderMark_StayAsTheyAre()
    {
        var real = "\uFEFF" + Real.Replace("\n", "\r\n", StringComparison.Ordinal);
        var patch = MaskedPatch.Of("\uFEFF" + Shown, Shown.Replace("c: 3", "c: 33\nc4: 4", StringComparison.Ordinal), real, Mask);
        Assert.Equal(real.Replace("c: 3", "c: 33\r\nc4: 4", StringComparison.Ordinal), patch.Text);
    }

    private static string Mask(string text) => text.ReplaceLineEndings("\n").Replace("token: s3cret\n  more of it", "token: [removed]", StringComparison.Ordinal);
}
