using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger.Tests;

public sealed class LedgerVerifierTests : IDisposable
{
    private readonly LedgerFixture _ledger = new(20);

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public async Task WholeExport_Verifies()
    {
        var report = await _ledger.Verify(_ledger.CheckpointOf(20), _ledger.CheckpointOf(0), _ledger.CheckpointOf(12));
        Assert.Empty(report.Findings);
        Assert.True(report.Ok);
        Assert.Equal((20, 20), (report.Size, report.Covered));
        Assert.Contains(report.Root.ToString(), _ledger.CheckpointOf(20), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EntriesAfterTheLastCheckpoint_AreReadButNotCovered()
    {
        var report = await _ledger.Verify(_ledger.CheckpointOf(12));
        Assert.True(report.Ok);
        Assert.Equal((20, 12), (report.Size, report.Covered));
    }

    [Fact]
    public async Task ErasedContent_IsNotMissed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Tamper(3, line => line.Remove("content"));
        _ledger.Tamper(4, line => line["content"] = new JsonObject());
        _ledger.Tamper(5, line => line["content"] = new JsonObject { ["cnt_5"] = null });
        Assert.True((await _ledger.Verify(checkpoint)).Ok);
    }

    [Fact]
    public async Task WithoutACheckpoint_NothingIsShown()
    {
        var report = await _ledger.Verify();
        Assert.False(report.Ok);
        Assert.Equal(FindingKind.NoCheckpoint, Assert.Single(report.Findings).Kind);
    }

    [Fact]
    public async Task ChangedEntry_IsNamed_AndShownToBeTheOnlyOne()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Tamper(17, line => line["entry"] = line["entry"]!.GetValue<string>().Replace("begun", "ended", StringComparison.Ordinal));
        var finding = Assert.Single((await _ledger.Verify(checkpoint)).Findings);
        Assert.Equal((FindingKind.Changed, 17), (finding.Kind, finding.Seq));
        Assert.StartsWith("Entry 17 was changed: its bytes hash to ", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangedLeaf_IsNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Tamper(17, line => line["leaf"] = MerkleTree.EmptyRoot.ToString());
        var finding = Assert.Single((await _ledger.Verify(checkpoint)).Findings);
        Assert.Equal((FindingKind.Changed, 17), (finding.Kind, finding.Seq));
    }

    [Fact]
    public async Task EntryForgedWithItsLeaf_IsNarrowedByTheCheckpointsKept()
    {
        string[] kept = [_ledger.CheckpointOf(19), _ledger.CheckpointOf(12), _ledger.CheckpointOf(4), _ledger.CheckpointOf(20)];
        _ledger.Forge(15, "begun", "ended");
        var report = await _ledger.Verify(kept);
        var finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.RootMismatch, 12), (finding.Kind, finding.Seq));
        Assert.Contains("The entries up to 11 agree with the checkpoint of size 12; between entry 12 and entry 18", finding.Message, StringComparison.Ordinal);
        Assert.Equal(12, report.Covered);
    }

    [Fact]
    public async Task EntryForgedBetweenTwoNeighbouringCheckpoints_IsNamed()
    {
        string[] kept = [_ledger.CheckpointOf(15), _ledger.CheckpointOf(16)];
        _ledger.Forge(15, "begun", "ended");
        Assert.Contains("; entry 15 was changed", Assert.Single((await _ledger.Verify(kept)).Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CarelessAndCarefulChanges_AreToldApart()
    {
        string[] kept = [_ledger.CheckpointOf(10), _ledger.CheckpointOf(20)];
        _ledger.Tamper(3, line => line["entry"] = line["entry"]!.GetValue<string>().Replace("begun", "ended", StringComparison.Ordinal));
        _ledger.Forge(15, "begun", "ended");
        var findings = (await _ledger.Verify(kept)).Findings;
        Assert.Equal([(FindingKind.Changed, 3L), (FindingKind.RootMismatch, 10L)], findings.Select(f => (f.Kind, f.Seq!.Value)));
    }

    [Fact]
    public async Task EntryWhoseBytesAreNoEntry_IsNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Forge(6, "\"v\":1", "\"v\":2");
        Assert.Equal([(FindingKind.Changed, 6L), (FindingKind.RootMismatch, 0L)], (await _ledger.Verify(checkpoint)).Findings.Select(f => (f.Kind, f.Seq!.Value)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(18)]
    public async Task DroppedEntry_IsNamed(int seq)
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.RemoveAt(seq);
        var finding = Assert.Single((await _ledger.Verify(checkpoint)).Findings);
        Assert.Equal((FindingKind.Dropped, seq), (finding.Kind, finding.Seq));
        Assert.Contains($"Entry {seq} is missing", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DroppedEntries_AreNamedTogether()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.RemoveRange(5, 4);
        Assert.Contains("Entries 5 to 8 are missing", Assert.Single((await _ledger.Verify(checkpoint)).Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SwappedEntries_AreNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.Reverse(7, 2);
        var finding = Assert.Single((await _ledger.Verify(checkpoint)).Findings);
        Assert.Equal((FindingKind.Swapped, 7), (finding.Kind, finding.Seq));
        Assert.Contains("Entry 7 comes after entry 8", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EntriesSwappedUnderTheirLines_AreNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.Reverse(7, 2);
        _ledger.Tamper(7, line => line["seq"] = 7);
        _ledger.Tamper(8, line => line["seq"] = 8);
        var findings = (await _ledger.Verify(checkpoint)).Findings;
        Assert.Equal([(FindingKind.Changed, 7L), (FindingKind.Changed, 8L), (FindingKind.Swapped, 7L)], findings.Select(f => (f.Kind, f.Seq!.Value)));
    }

    [Fact]
    public async Task EntriesSwappedAndRenumbered_AreFoundByTheRoot()
    {
        string[] kept = [_ledger.CheckpointOf(7), _ledger.CheckpointOf(9), _ledger.CheckpointOf(20)];
        var (seven, eight) = (LedgerFixture.Line(7, "note.added"), LedgerFixture.Line(8, "note.added"));
        Assert.NotEqual(_ledger.Lines[7], seven);
        (_ledger.Lines[7], _ledger.Lines[8]) = (seven, eight);
        var finding = Assert.Single((await _ledger.Verify(kept)).Findings);
        Assert.Equal((FindingKind.RootMismatch, 7), (finding.Kind, finding.Seq));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public async Task InsertedEntry_IsNamed(int at)
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.Insert(at, LedgerFixture.Line(7, "session.opened"));
        var findings = (await _ledger.Verify(checkpoint)).Findings;
        Assert.Contains(findings, f => f is { Kind: FindingKind.Inserted, Seq: 7 } && f.Message.Contains("Entry 7 is there twice", StringComparison.Ordinal));
        // Where the genuine one comes first the root still agrees, so the second is the inserted one.
        Assert.Equal(at == 7, findings.Any(f => f.Kind == FindingKind.RootMismatch));
    }

    [Fact]
    public async Task InsertedEntry_WithTheOthersRenumbered_IsNarrowedByTheRoot()
    {
        string[] kept = [_ledger.CheckpointOf(6), _ledger.CheckpointOf(20)];
        _ledger.Lines.RemoveRange(7, 13);
        for (var seq = 7; seq < 21; seq++)
            _ledger.Lines.Add(LedgerFixture.Line(seq, "forged"));
        var report = await _ledger.Verify(kept);
        Assert.Equal((FindingKind.RootMismatch, 6L), (Assert.Single(report.Findings).Kind, report.Findings[0].Seq));
        Assert.Equal(21, report.Size);
    }

    [Theory]
    [InlineData(19)]
    [InlineData(12)]
    [InlineData(0)]
    public async Task TruncatedExport_IsNamed(int length)
    {
        string[] kept = [_ledger.CheckpointOf(20), _ledger.CheckpointOf(length)];
        _ledger.Lines.RemoveRange(length, 20 - length);
        var finding = Assert.Single((await _ledger.Verify(kept)).Findings);
        Assert.Equal((FindingKind.Truncated, length), (finding.Kind, finding.Seq));
        Assert.EndsWith($"it was truncated at entry {length}.", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangedContent_IsNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Tamper(9, line => line["content"]!["cnt_9"]!["text"] = "another reason");
        _ledger.Tamper(10, line => line["content"]!["cnt_10"]!["salt"] = MerkleTree.EmptyRoot.ToString());
        _ledger.Tamper(11, line => line["content"]!["cnt_10"] = line["content"]!["cnt_11"]!.DeepClone());
        var findings = (await _ledger.Verify(checkpoint)).Findings;
        Assert.Equal([9L, 10L, 11L], findings.Select(f => f.Seq!.Value));
        Assert.All(findings, f => Assert.Equal(FindingKind.ContentChanged, f.Kind));
        Assert.Contains("cnt_10 was added to entry 11", findings[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EntryOfAnotherAccount_IsNamed()
    {
        _ledger.Lines[5] = LedgerFixture.Line(5, account: "acc_2");
        var finding = Assert.Single((await _ledger.Verify(_ledger.CheckpointOf(20))).Findings);
        Assert.Equal((FindingKind.WrongAccount, 5), (finding.Kind, finding.Seq));
    }

    [Fact]
    public async Task TimeThatRunsBackwards_IsNamed()
    {
        _ledger.Lines[5] = LedgerFixture.Line(5, minutes: -1);
        var finding = Assert.Single((await _ledger.Verify(_ledger.CheckpointOf(20))).Findings);
        Assert.Equal((FindingKind.TimeBackwards, 5), (finding.Kind, finding.Seq));
    }

    [Fact]
    public async Task CheckpointsThatCannotBeTrusted_AreNamed_AndCompareNothing()
    {
        using var other = NoteKey.Create(LedgerFixture.Origin);
        var good = _ledger.CheckpointOf(20);
        var report = await _ledger.Verify(
            good.Replace("\n20\n", "\n19\n", StringComparison.Ordinal),
            _ledger.CheckpointOf(20, key: other),
            _ledger.CheckpointOf(20, origin: "latchkey.example/acc_2"),
            "no note",
            SignedNote.Sign("no checkpoint\n", _ledger.Key).ToString());
        Assert.Equal(
            [FindingKind.BadSignature, FindingKind.UnknownKey, FindingKind.OtherOrigin, FindingKind.BadCheckpoint, FindingKind.BadCheckpoint, FindingKind.NoCheckpoint],
            report.Findings.Select(f => f.Kind));
        Assert.Null(report.Covered);
    }

    [Fact]
    public async Task CheckpointsOfTwoHistories_AreToldApart()
    {
        string[] shown = [_ledger.CheckpointOf(12), _ledger.CheckpointOf(20)];
        _ledger.Forge(3, "begun", "ended");
        var equalSize = await _ledger.Verify(_ledger.CheckpointOf(20), shown[1]);
        Assert.Equal(FindingKind.SplitView, Assert.Single(equalSize.Findings).Kind);
        var earlier = await _ledger.Verify(_ledger.CheckpointOf(20), shown[0]);
        Assert.Equal(FindingKind.SplitView, Assert.Single(earlier.Findings).Kind);
    }

    [Fact]
    public async Task LongLines_AreSkippedAndNamed()
    {
        var checkpoint = _ledger.CheckpointOf(20);
        _ledger.Lines.Insert(3, new string('x', 200_000));
        _ledger.Lines.Add(new string('x', 100_001));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', _ledger.Lines)));
        var report = await new LedgerVerifier(LedgerFixture.Origin, LedgerFixture.Account, _ledger.Key.Verifier) { MaxLineBytes = 100_000 }.VerifyAsync(stream, [checkpoint]);
        Assert.Equal(["Line 4 is longer than 100000 bytes.", "Line 22 is longer than 100000 bytes."], report.Findings.Select(f => f.Message));
        Assert.Equal(20, report.Covered);
    }

    [Fact]
    public async Task Reading_StopsAtAHundredFindings()
    {
        _ledger.Lines.Clear();
        for (var i = 0; i < 1000; i++)
            _ledger.Lines.Add("{}");
        var report = await _ledger.Verify();
        Assert.Equal(LedgerVerifier.MaxFindings + 1, report.Findings.Count);
        Assert.Equal(FindingKind.TooMany, report.Findings[^1].Kind);

        _ledger.Lines.Clear();
        for (var i = 0; i < 1000; i++)
            _ledger.Lines.Add(LedgerFixture.Line(i * 2));
        report = await _ledger.Verify();
        Assert.Equal(LedgerVerifier.MaxFindings + 1, report.Findings.Count);
    }

    [Fact]
    public async Task Messages_CannotCommandATerminal()
    {
        _ledger.Lines[5] = LedgerFixture.Line(5, account: "\u001b[2J\u202eacc");
        var message = Assert.Single((await _ledger.Verify(_ledger.CheckpointOf(20))).Findings).Message;
        Assert.DoesNotContain(message, c => char.IsControl(c) || c == '\u202e');
    }

    [Theory]
    [InlineData(61)]
    public async Task AnyFlippedBit_IsFound(ulong seed)
    {
        using var ledger = new LedgerFixture(3);
        var checkpoint = ledger.CheckpointOf(3);
        var export = Encoding.UTF8.GetBytes(string.Concat(ledger.Lines.Select(l => l + "\n")));
        var random = new Seeded(seed);
        // The last newline alone is free: another blank in its place says the same.
        for (var i = 0; i < export.Length - 1; i++)
        {
            var bit = random.Below(8);
            export[i] ^= (byte)(1 << bit);
            Assert.False((await ledger.Verify(export, checkpoint)).Ok, $"seed {seed}, bit {bit} of byte {i}");
            export[i] ^= (byte)(1 << bit);
        }

        Assert.True((await ledger.Verify(export, checkpoint)).Ok);
    }

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public async Task Rubbish_NeverThrows(ulong seed)
    {
        var random = new Seeded(seed);
        byte[][] pieces = [.. ((string[])["{\"seq\":", "0", "-1", ",\"leaf\":\"", "\"}", "null", "[", "{}", "\n", "\\ud800", "\"entry\":", "\"content\":", "1e999"]).Select(Encoding.UTF8.GetBytes), [0xff], [0]];
        for (var round = 0; round < 300; round++)
        {
            byte[] export = [.. Enumerable.Range(0, random.Below(200)).SelectMany(_ => random.Below(3) == 0 ? random.Bytes(3) : pieces[random.Below(pieces.Length)])];
            var report = await _ledger.Verify(export, Encoding.Latin1.GetString(random.Bytes(random.Below(60))));
            Assert.False(report.Ok, $"seed {seed}, round {round}");
        }
    }
}
