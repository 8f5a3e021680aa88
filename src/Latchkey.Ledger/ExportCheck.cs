using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>The state of one reading of an export: the tree so far, the order so far, and the checkpoints still to come.</summary>
internal sealed class ExportCheck
{
    private readonly string _account;
    private readonly List<Checkpoint> _checkpoints;
    private readonly List<Finding> _findings;
    private readonly MerkleEdge _edge = new();
    private readonly List<Checkpoint> _disagreeing = [];
    private readonly List<(long First, long Last)> _missing = [];

    // The tree over the leaves as exported, once one of them was not that of its bytes. Where this tree agrees with a checkpoint,
    // those entries are the only ones that were changed.
    private MerkleEdge? _claimed;
    private long? _covered;
    private long _agreed;
    private int _compared;
    private long _next;
    private bool _orderBroken;
    private DateTimeOffset _time = DateTimeOffset.MinValue;

    public ExportCheck(string account, List<Checkpoint> trusted, List<Finding> findings)
    {
        _account = account;
        _findings = findings;
        _checkpoints = [.. trusted.Distinct().OrderBy(c => c.Size)];
        if (_checkpoints.Count == 0)
            Add(FindingKind.NoCheckpoint, null, "There is no trusted checkpoint to compare with: entries could be missing or changed unseen.");
        foreach (var (first, second) in _checkpoints.Zip(_checkpoints.Skip(1)).Where(pair => pair.First.Size == pair.Second.Size))
            Add(FindingKind.SplitView, null, $"Two checkpoints of size {first.Size} are signed with different roots, {first.Root} and {second.Root}: the log has shown two histories.");
        Compare();
    }

    public void Read(long number, ReadOnlySpan<byte> utf8)
    {
        ExportLine line;
        try
        {
            line = LedgerExport.ReadLine(utf8);
        }
        catch (LedgerFormatException e)
        {
            Add(FindingKind.Malformed, null, $"Line {number} can't be read: {e.Message}.");
            return;
        }

        var leaf = MerkleTree.HashLeaf(line.Entry);
        var entry = ReadEntry(line, leaf);
        // Bytes that are not those of their leaf were changed, perhaps in their number: then the line's is the better witness.
        var seq = entry is not null && leaf == line.Leaf ? entry.Seq : line.Seq;
        if (!TakeNumber(seq))
            return;
        CheckEntry(entry, seq);
        if (_orderBroken)
            return;
        if (leaf != line.Leaf)
            _claimed ??= _edge.Clone();
        _edge.Append(leaf);
        _claimed?.Append(line.Leaf);
        Compare();
    }

    /// <summary>Whether there is as much to say as a report holds. A gap in the order will be a finding too.</summary>
    public bool IsFull => _findings.Count + _missing.Count >= LedgerVerifier.MaxFindings;

    /// <summary>Judges what only the whole shows, or what was read of it.</summary>
    public LedgerReport Finish(bool wholeExport)
    {
        foreach (var (first, last) in _missing)
            Add(FindingKind.Dropped, first, first == last ? $"Entry {first} is missing: it was dropped." : $"Entries {first} to {last} are missing: they were dropped.");
        if (wholeExport)
            ReportTruncation();
        ReportRoots();
        if (!wholeExport || _findings.Count > LedgerVerifier.MaxFindings)
        {
            _findings.RemoveRange(LedgerVerifier.MaxFindings, Math.Max(0, _findings.Count - LedgerVerifier.MaxFindings));
            Add(FindingKind.TooMany, null, $"There is more: a report ends at {LedgerVerifier.MaxFindings} findings.");
        }

        return new LedgerReport(_edge.Size, _edge.Root(), _covered, _findings);
    }

    private LedgerEntry? ReadEntry(ExportLine line, Hash leaf)
    {
        if (leaf != line.Leaf)
            Add(FindingKind.Changed, line.Seq, $"Entry {line.Seq} was changed: its bytes hash to {leaf}, the leaf says {line.Leaf}.");
        try
        {
            var entry = LedgerEntry.Parse(line.Entry);
            if (entry.Seq != line.Seq && leaf == line.Leaf)
                Add(FindingKind.Changed, line.Seq, $"Entry {line.Seq} was changed: its line says {line.Seq}, its bytes say {entry.Seq}.");
            CheckContent(line, entry);
            return entry;
        }
        catch (LedgerFormatException e)
        {
            if (leaf == line.Leaf)
                Add(FindingKind.Changed, line.Seq, $"Entry {line.Seq} was changed: its bytes are no entry, {e.Message}.");
            return null;
        }
    }

    /// <summary>Puts a number into the order; false when it is not new or comes late.</summary>
    private bool TakeNumber(long seq)
    {
        if (seq >= _next)
        {
            if (seq > _next)
            {
                _missing.Add((_next, seq - 1));
                _orderBroken = true;
            }

            _next = seq + 1;
            return true;
        }

        var gap = _missing.FindIndex(range => range.First <= seq && seq <= range.Last);
        if (gap < 0)
        {
            Add(FindingKind.Inserted, seq, $"Entry {seq} is there twice: one of the two was inserted.");
            return false;
        }

        Add(FindingKind.Swapped, seq, $"Entry {seq} comes after entry {_next - 1}: they were swapped.");
        var (first, last) = _missing[gap];
        _missing.RemoveAt(gap);
        if (seq < last)
            _missing.Insert(gap, (seq + 1, last));
        if (first < seq)
            _missing.Insert(gap, (first, seq - 1));
        return false;
    }

    private void CheckEntry(LedgerEntry? entry, long seq)
    {
        if (entry is null)
            return;
        if (entry.Account != _account)
            Add(FindingKind.WrongAccount, seq, $"Entry {seq} belongs to the account '{entry.Account}', not to '{_account}'.");
        if (entry.Time < _time)
            Add(FindingKind.TimeBackwards, seq, $"Entry {seq} is of {entry.Time:O}, earlier than the entry before it, of {_time:O}.");
        _time = entry.Time;
    }

    private void CheckContent(ExportLine line, LedgerEntry entry)
    {
        if (line.Content.Count == 0)
            return;
        var commitments = new List<(string Id, Hash Hash)>();
        FindCommitments(entry.Fields, commitments);
        foreach (var content in line.Content)
        {
            var own = commitments.Where(c => c.Id == content.Id).Distinct().ToList();
            if (own.Count == 0)
                Add(FindingKind.ContentChanged, line.Seq, $"Content {content.Id} was added to entry {line.Seq}, which does not commit to it.");
            else if (!own.TrueForAll(c => Commitment.Matches(c.Hash, content.Salt.Span, Encoding.UTF8.GetBytes(content.Text))))
                Add(FindingKind.ContentChanged, line.Seq, $"Content {content.Id} of entry {line.Seq} was changed: it is not what the entry committed to.");
        }
    }

    private static void FindCommitments(JsonNode? node, List<(string Id, Hash Hash)> found)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
                FindCommitments(item, found);
        }
        else if (node is JsonObject members)
        {
            if (members.Count == 2 && TextOf(members["id"]) is { } id && Hash.TryParse(TextOf(members["sha256"]), out var hash))
                found.Add((id, hash));
            foreach (var (_, member) in members)
                FindCommitments(member, found);
        }
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private void Compare()
    {
        for (; _compared < _checkpoints.Count && _checkpoints[_compared].Size == _edge.Size; _compared++)
        {
            var checkpoint = _checkpoints[_compared];
            if (_edge.Root() == checkpoint.Root)
                _covered = _agreed = checkpoint.Size;
            else if (_claimed?.Root() == checkpoint.Root)
                _agreed = checkpoint.Size;
            else
                _disagreeing.Add(checkpoint);
        }
    }

    private void ReportTruncation()
    {
        if (_checkpoints.Count == 0 || _checkpoints[^1].Size is var size && size <= _next)
            return;
        var end = _next == 0 ? "is empty" : $"ends after entry {_next - 1}";
        var otherwise = _agreed < _next ? ", or as many were dropped before and the others renumbered" : "";
        Add(FindingKind.Truncated, _next, $"The export {end}, but the checkpoint of size {size} shows entries up to {size - 1}: it was truncated at entry {_next}{otherwise}.");
    }

    private void ReportRoots()
    {
        foreach (var checkpoint in _disagreeing.Where(c => c.Size < _agreed))
            Add(FindingKind.SplitView, null, $"The checkpoint of size {checkpoint.Size} is not of the same history as the one of size {_agreed}, with which the entries agree.");
        if (_disagreeing.Find(c => c.Size > _agreed) is not { } first)
            return;
        var before = _agreed == 0 ? "No earlier checkpoint agrees" : $"The entries up to {_agreed - 1} agree with the checkpoint of size {_agreed}";
        var where = first.Size == _agreed + 1 ? $"entry {_agreed} was changed" : $"between entry {_agreed} and entry {first.Size - 1} something was changed, inserted, dropped or swapped";
        Add(FindingKind.RootMismatch, _agreed, $"{before}; {where}: they hash to another root than the checkpoint of size {first.Size}, {first.Root}.");
    }

    private void Add(FindingKind kind, long? seq, string message) => _findings.Add(Finding.Quoting(kind, seq, message));
}
