using System.Text;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>
/// An entry's own fields as the bytes they take in it, made before its account, seq, time and kind are known: whoever records
/// something can do this part of the work on their own time, and what is left is joining bytes.
/// </summary>
public sealed class EncodedFields
{
    // The members that every entry has, in the order of a canonical object.
    internal static readonly string[] OfEveryEntry = ["account", "kind", "seq", "time", "v"];

    private static readonly byte[][] Labels = [.. OfEveryEntry.Select(name => Encoding.UTF8.GetBytes($"\"{name}\":"))];

    // Entries are made by the hundred: each thread keeps its room for the next one.
    private static readonly ThreadLocal<CanonicalWriter> Writer = new(() => new CanonicalWriter(anyValue: false));

    // Each member with a comma after it; for each of the five, where it stands among them.
    private readonly byte[] _members;
    private readonly int[] _places;

    internal EncodedFields(byte[] members, int[] places) => (_members, _places) = (members, places);

    /// <summary>Encodes the fields in canonical form.</summary>
    /// <param name="fields">None named as one of the five that every entry has (<see cref="LedgerEntry"/>).</param>
    /// <exception cref="LedgerFormatException">A field has such a name, or a value the format can't hold (<see cref="CanonicalJson.Encode"/>).</exception>
    public static EncodedFields Of(JsonObject fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var writer = new CanonicalWriter(anyValue: false);
        return new EncodedFields(writer.WriteMembers(writer.Members(fields), OfEveryEntry, out var places), places);
    }

    /// <summary>The fields alone, as an object.</summary>
    public JsonObject ToJson() => (JsonObject)CanonicalJson.Read([(byte)'{', .. _members.AsSpan(0, Math.Max(0, _members.Length - 1)), (byte)'}'])!;

    /// <summary>The bytes of the whole entry, that are stored and hashed.</summary>
    /// <param name="account">Whose ledger it belongs to; not empty.</param>
    /// <param name="seq">Its number in that ledger, gapless from 0, at most <see cref="CanonicalJson.MaxInteger"/>.</param>
    /// <param name="time">UTC and whole milliseconds, as <see cref="LedgerEntry.WholeMilliseconds"/> gives it.</param>
    /// <param name="kind">What happened; not empty.</param>
    /// <exception cref="LedgerFormatException">Account or kind holds half a surrogate pair, or the whole exceeds <see cref="LedgerEntry.MaxBytes"/>.</exception>
    public byte[] ToEntry(string account, long seq, DateTimeOffset time, string kind)
    {
        LedgerEntry.Check(account, seq, time, kind);
        var writer = Writer.Value!;
        writer.Clear();
        writer.WriteAscii("{"u8);
        var written = 0;
        for (var i = 0; i < OfEveryEntry.Length; i++)
        {
            writer.WriteAscii(_members.AsSpan(written, _places[i] - written));
            written = _places[i];
            writer.WriteAscii(Labels[i]);
            switch (i)
            {
                case 0: writer.WriteString(account); break;
                case 1: writer.WriteString(kind); break;
                case 2: writer.WriteInteger(seq); break;
                case 3: writer.WriteTime(time); break;
                default: writer.WriteInteger(LedgerEntry.Version); break;
            }

            writer.WriteAscii(","u8);
        }

        writer.WriteAscii(_members.AsSpan(written));
        var bytes = writer.ToArray();
        bytes[^1] = (byte)'}';
        return bytes.Length <= LedgerEntry.MaxBytes
            ? bytes
            : throw new LedgerFormatException("$", $"takes {bytes.Length} bytes; an entry has at most {LedgerEntry.MaxBytes}");
    }
}
