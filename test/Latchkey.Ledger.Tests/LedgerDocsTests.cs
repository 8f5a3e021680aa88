using System.Text;

namespace Latchkey.Ledger.Tests;

/// <summary>The example of docs/ledger.md is true, so that someone else's verifier can be tried on it.</summary>
public sealed class LedgerDocsTests
{
    private readonly string _page = File.ReadAllText(Path.Combine(Shared.Root().FullName, "docs", "ledger.md"));

    [Fact]
    public async Task Example_Verifies()
    {
        using var export = new MemoryStream(Encoding.UTF8.GetBytes(Block("jsonl")));
        var verifier = new LedgerVerifier("latchkey.example/northwind", "northwind", NoteVerifier.Parse(Block("vkey").TrimEnd('\n')));
        var report = await verifier.VerifyAsync(export, [Block("checkpoint")]);
        Assert.Empty(report.Findings);
        Assert.Equal((3, 3), (report.Size, report.Covered));
    }

    private string Block(string language)
    {
        var fence = $"```{language}\n";
        var start = _page.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return _page[start.._page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
