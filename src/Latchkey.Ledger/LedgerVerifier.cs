namespace Latchkey.Ledger;

/// <summary>
/// Checks an account's exported ledger against signed checkpoints, without the server: that the entries are unchanged, complete and
/// in order, that they hash to each checkpoint's root, and that content still there is what was committed to. Safe on any input.
/// </summary>
/// <param name="origin">The log's name in its checkpoints, <c>{instance}/{account}</c>.</param>
/// <param name="account">The account each entry must name.</param>
/// <param name="keys">The keys trusted to sign checkpoints, known from elsewhere than the export.</param>
public sealed class LedgerVerifier(string origin, string account, params IReadOnlyList<NoteVerifier> keys)
{
    /// <summary>The most findings a report lists: 100. The verifier stops reading there.</summary>
    public const int MaxFindings = 100;

    /// <summary>The longest line read, in bytes: 16 MiB unless set. A longer one is a finding.</summary>
    public int MaxLineBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Reads the whole export, from entry 0, and reports.</summary>
    /// <param name="export">JSON Lines as <see cref="LedgerExport"/> writes them. Read forward, once, and left open.</param>
    /// <param name="checkpoints">Signed notes: the newest, and any that were kept before. Each narrows where a change lies.</param>
    /// <param name="cancellation">Gives up reading.</param>
    /// <exception cref="IOException">The stream failed; what it held never throws.</exception>
    public async Task<LedgerReport> VerifyAsync(Stream export, IReadOnlyList<string> checkpoints, CancellationToken cancellation = default)
    {
        var findings = new List<Finding>();
        var check = new ExportCheck(account, Trusted(checkpoints, findings), findings);
        var lines = new BoundedLines(export, MaxLineBytes);
        for (var number = 1L; !check.IsFull; number++)
        {
            if (await lines.ReadAsync(cancellation) is not { } line)
                return check.Finish(wholeExport: true);
            if (line.TooLong)
                findings.Add(Finding.Quoting(FindingKind.Malformed, null, $"Line {number} is longer than {MaxLineBytes} bytes."));
            else
                check.Read(number, line.Bytes.Span);
        }

        return check.Finish(wholeExport: false);
    }

    private List<Checkpoint> Trusted(IReadOnlyList<string> notes, List<Finding> findings)
    {
        var trusted = new List<Checkpoint>();
        for (var i = 0; i < notes.Count && findings.Count < MaxFindings; i++)
        {
            var name = $"Checkpoint {i + 1}";
            try
            {
                var note = SignedNote.Parse(notes[i]);
                var signed = note.Verify(keys);
                var checkpoint = Checkpoint.Parse(note.Text);
                if (signed.Reason == NoteReason.BadSignature)
                    findings.Add(Finding.Quoting(FindingKind.BadSignature, null, $"{name} has a wrong signature by key {signed.KeyName}: it was changed after it was signed."));
                else if (!signed.Ok)
                    findings.Add(Finding.Quoting(FindingKind.UnknownKey, null, $"{name} is not signed by a key you trust."));
                else if (checkpoint.Origin != origin)
                    findings.Add(Finding.Quoting(FindingKind.OtherOrigin, null, $"{name} is of the log '{checkpoint.Origin}', not of '{origin}'."));
                else
                    trusted.Add(checkpoint);
            }
            catch (LedgerFormatException e)
            {
                findings.Add(Finding.Quoting(FindingKind.BadCheckpoint, null, $"{name} can't be read: {e.Message}."));
            }
        }

        return trusted;
    }
}
