using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger.Tests;

/// <summary>A ledger of one account in memory, its key, and exports that can be tampered with line by line.</summary>
internal sealed class LedgerFixture : IDisposable
{
    public const string Account = "acc_1";
    public const string Origin = "latchkey.example/acc_1";

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 14, 0, 0, TimeSpan.Zero);

    public LedgerFixture(int size) => Lines = [.. Enumerable.Range(0, size).Select(seq => Line(seq))];

    public NoteKey Key { get; } = NoteKey.Create(Origin);

    /// <summary>The export, one element a line, without newlines.</summary>
    public List<string> Lines { get; private set; }

    public static string Line(long seq, string kind = "activity.begun", string account = Account, int minutes = 0)
    {
        var (salt, text) = (MerkleTree.HashLeaf(BitConverter.GetBytes(seq)).ToArray(), $"reason {seq} “Zoë” \t \"x\"");
        var fields = new JsonObject { ["page"] = new JsonArray(1, new JsonObject { ["reason"] = Commitment.ToField($"cnt_{seq}", Commitment.Of(salt, Encoding.UTF8.GetBytes(text))) }) };
        var entry = new LedgerEntry(account, seq, Start.AddSeconds(seq).AddMinutes(minutes), kind, fields).Encode();
        var output = new ArrayBufferWriter<byte>();
        LedgerExport.WriteLine(output, seq, MerkleTree.HashLeaf(entry), entry, new ExportedContent($"cnt_{seq}", salt, text));
        return Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n');
    }

    public static JsonObject Open(string line) => JsonNode.Parse(line)!.AsObject();

    public static string EntryOf(string line) => Open(line)["entry"]!.GetValue<string>();

    public void Tamper(int index, Action<JsonObject> change)
    {
        var line = Open(Lines[index]);
        change(line);
        Lines[index] = line.ToJsonString();
    }

    /// <summary>Changes the bytes of an entry and lets its leaf follow, as a careful forger would.</summary>
    public void Forge(int index, string part, string replacement) => Tamper(index, line =>
    {
        var entry = line["entry"]!.GetValue<string>();
        Assert.Contains(part, entry, StringComparison.Ordinal);
        entry = entry.Replace(part, replacement, StringComparison.Ordinal);
        line["entry"] = entry;
        line["leaf"] = MerkleTree.HashLeaf(Encoding.UTF8.GetBytes(entry)).ToString();
        line.Remove("content");
    });

    /// <summary>The signed checkpoint over the first entries as they are now.</summary>
    public string CheckpointOf(int size, string origin = Origin, NoteKey? key = null)
    {
        var leaves = Lines.Take(size).Select(l => MerkleTree.HashLeaf(Encoding.UTF8.GetBytes(EntryOf(l)))).ToArray();
        return SignedNote.Sign(new Checkpoint(origin, size, MerkleTree.Root(leaves)).ToText(), key ?? Key).ToString();
    }

    public Task<LedgerReport> Verify(params string[] checkpoints) => Verify(Encoding.UTF8.GetBytes(string.Concat(Lines.Select(l => l + "\n"))), checkpoints);

    public async Task<LedgerReport> Verify(byte[] export, params string[] checkpoints)
    {
        using var stream = new MemoryStream(export);
        return await new LedgerVerifier(Origin, Account, Key.Verifier).VerifyAsync(stream, checkpoints);
    }

    public void Dispose() => Key.Dispose();
}
