using System.Buffers.Binary;
using System.Text;
using Latchkey.Ledger;

namespace Latchkey.Sqlite;

/// <summary>
/// How the contents of an entry lie beside it: for each that was not erased, its place among the contents of the entry's fact
/// (2 bytes), its salt (32), the length of its text (4) and the text's UTF-8 bytes, exactly what was hashed. Numbers are little-endian.
/// </summary>
internal static class PackedContents
{
    private const int SaltAt = sizeof(ushort);
    private const int LengthAt = SaltAt + Commitment.SaltSize;
    private const int TextAt = LengthAt + sizeof(int);

    /// <summary>Packs what is known of a fact's contents; null where that is nothing.</summary>
    public static byte[]? Pack(Fact fact)
    {
        var size = 0;
        foreach (var content in fact.Contents)
        {
            size += content is { Salt: not null, Text: { } text } ? TextAt + Encoding.UTF8.GetByteCount(text) : 0;
        }

        if (size == 0)
        {
            return null;
        }

        var packed = new byte[size];
        var rest = packed.AsSpan();
        ushort place = 0;
        foreach (var content in fact.Contents)
        {
            if (content is { Salt: { } salt, Text: { } text })
            {
                var length = Encoding.UTF8.GetBytes(text, rest[TextAt..]);
                BinaryPrimitives.WriteUInt16LittleEndian(rest, place);
                salt.CopyTo(rest[SaltAt..]);
                BinaryPrimitives.WriteInt32LittleEndian(rest[LengthAt..], length);
                rest = rest[(TextAt + length)..];
            }

            place++;
        }

        return packed;
    }

    /// <summary>Packs the same without the content at one place; null where nothing is left.</summary>
    public static byte[]? Without(ReadOnlySpan<byte> packed, int place)
    {
        var kept = new List<byte>(packed.Length);
        while (!packed.IsEmpty)
        {
            var item = packed[..(TextAt + BinaryPrimitives.ReadInt32LittleEndian(packed[LengthAt..]))];
            if (BinaryPrimitives.ReadUInt16LittleEndian(item) != place)
            {
                kept.AddRange(item);
            }

            packed = packed[item.Length..];
        }

        return kept.Count == 0 ? null : [.. kept];
    }

    /// <summary>What is packed, by its place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes end too early.</exception>
    public static Dictionary<int, (byte[] Salt, string Text)> Unpack(ReadOnlySpan<byte> packed)
    {
        var contents = new Dictionary<int, (byte[], string)>();
        while (!packed.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(packed[LengthAt..]);
            contents[BinaryPrimitives.ReadUInt16LittleEndian(packed)] =
                (packed[SaltAt..LengthAt].ToArray(), Encoding.UTF8.GetString(packed.Slice(TextAt, length)));
            packed = packed[(TextAt + length)..];
        }

        return contents;
    }
}
