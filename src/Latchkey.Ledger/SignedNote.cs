using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Latchkey.Ledger;

/// <summary>One signature line of a note.</summary>
/// <param name="KeyName">The name of the key.</param>
/// <param name="KeyId">The key's short id. Name and id together say which key, and of which type.</param>
/// <param name="Signature">The signature itself, without the id before it.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, ReadOnlyMemory<byte> Signature)
{
    internal string ToLine()
    {
        var bytes = new byte[sizeof(uint) + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Signature.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"{SignedNote.Dash}{KeyName} {Convert.ToBase64String(bytes)}\n";
    }

    internal static NoteSignature ParseLine(string line)
    {
        if (!line.StartsWith(SignedNote.Dash, StringComparison.Ordinal))
            throw new LedgerFormatException("signature line", "does not begin with an em dash and a space");
        var parts = line[SignedNote.Dash.Length..].Split(' ');
        if (parts.Length != 2 || !SignedNote.IsKeyName(parts[0]))
            throw new LedgerFormatException("signature line", "is not a key name, a space and a signature");
        if (!StrictBase64.TryDecode(parts[1], out var bytes) || bytes.Length <= sizeof(uint))
            throw new LedgerFormatException("signature line", "does not end in base64 of a key id and a signature");
        return new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint)));
    }
}

/// <summary>What came of checking a note's signatures.</summary>
public enum NoteReason
{
    /// <summary>Nothing was checked: the value of a default result, which is not a success.</summary>
    NotChecked,

    /// <summary>At least one known key signed it, and every signature by a known key is right.</summary>
    Verified,

    /// <summary>No signature is by a known key, whoever else may have signed.</summary>
    NoKnownKey,

    /// <summary>A signature by a known key is wrong: the text or the signature was changed.</summary>
    BadSignature,
}

/// <summary>The outcome of checking a note.</summary>
/// <param name="Reason">Why it is what it is.</param>
/// <param name="KeyName">The key that decided it; null when none is known.</param>
public readonly record struct NoteResult(NoteReason Reason, string? KeyName)
{
    /// <summary>Whether the text may be believed.</summary>
    public bool Ok => Reason == NoteReason.Verified;
}

/// <summary>A text with signatures under it (C2SP signed-note). The text is to be believed only after <see cref="Verify"/>.</summary>
public sealed class SignedNote
{
    /// <summary>The most characters a note may have: 1,000,000.</summary>
    public const int MaxLength = 1_000_000;

    /// <summary>The most signatures a note may have: 100. The specification asks for at least 16.</summary>
    public const int MaxSignatures = 100;

    internal const string Dash = "\u2014 ";

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures) => (Text, Signatures) = (text, signatures);

    /// <summary>The signed text, to its last newline.</summary>
    public string Text { get; }

    /// <summary>All signatures, of known keys or not, in their order.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Signs a text with one or more keys: at a change of keys with the old and the new one.</summary>
    /// <param name="text">Ends in a newline; without other control characters.</param>
    /// <param name="keys">At least one.</param>
    public static SignedNote Sign(string text, params IReadOnlyList<NoteKey> keys)
    {
        if (keys.Count == 0)
            throw new ArgumentException("A note is signed by one key at least.", nameof(keys));
        if (!text.EndsWith('\n') || !IsNoteText(text))
            throw new ArgumentException("A note's text ends in a newline and has no other control characters.", nameof(text));
        return new SignedNote(text, [.. keys.Select(key => key.Sign(text))]);
    }

    /// <summary>The note as it is sent and kept.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(s => s.ToLine()))}";

    /// <summary>Reads a note, checking its form and no signature.</summary>
    /// <param name="note">The whole note.</param>
    /// <exception cref="LedgerFormatException">It isn't a note; the message names the part.</exception>
    public static SignedNote Parse(string note)
    {
        if (note.Length > MaxLength)
            throw new LedgerFormatException("note", $"has {note.Length} characters; {MaxLength} are the most");
        if (!IsNoteText(note))
            throw new LedgerFormatException("note", "holds a control character or half a surrogate pair");
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0)
            throw new LedgerFormatException("note", "has no blank line before its signatures");
        var lines = note[(blank + 2)..].Split('\n');
        if (lines.Length < 2 || lines[^1].Length > 0)
            throw new LedgerFormatException("note", "does not end in signature lines that each end in a newline");
        if (lines.Length - 1 > MaxSignatures)
            throw new LedgerFormatException("note", $"has {lines.Length - 1} signatures; {MaxSignatures} are the most");
        return new SignedNote(note[..(blank + 1)], [.. lines[..^1].Select(NoteSignature.ParseLine)]);
    }

    /// <summary>Reads a note as <see cref="Parse(string)"/> does, from the UTF-8 it is sent in.</summary>
    /// <param name="utf8">The whole note.</param>
    /// <exception cref="LedgerFormatException">It isn't UTF-8, or not a note; the message names the part.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> utf8) =>
        Utf8.IsValid(utf8) ? Parse(Encoding.UTF8.GetString(utf8)) : throw new LedgerFormatException("note", "is not UTF-8");

    /// <summary>Checks the signatures by known keys. Those by others are ignored; one wrong signature by a known key refuses the note.</summary>
    /// <param name="keys">The keys the caller trusts.</param>
    public NoteResult Verify(params IReadOnlyList<NoteVerifier> keys)
    {
        var result = new NoteResult(NoteReason.NoKnownKey, null);
        foreach (var signature in Signatures)
        {
            var known = keys.FirstOrDefault(key => key.Id == signature.KeyId && key.Name == signature.KeyName);
            if (known is null)
                continue;
            if (!known.Verify(Text, signature.Signature.Span))
                return new NoteResult(NoteReason.BadSignature, known.Name);
            result = new NoteResult(NoteReason.Verified, known.Name);
        }

        return result;
    }

    internal static bool IsKeyName(string name) =>
        name.Length > 0 && !name.Contains('+', StringComparison.Ordinal) && !name.Any(char.IsWhiteSpace) && IsNoteText(name) && !name.Contains('\n', StringComparison.Ordinal);

    private static bool IsNoteText(string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done || (rune.Value < 0x20 && rune.Value != '\n'))
                return false;
            rest = rest[length..];
        }

        return true;
    }
}
