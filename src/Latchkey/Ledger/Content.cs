using System.Text;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// What a person typed or the host supplied. The ledger's hashed part holds only its commitment,
/// SHA-256(salt ‖ text): the text and its salt can be erased, and every proof stays valid while nothing can be guessed.
/// </summary>
public sealed class Content
{
    /// <summary>The most characters one content keeps; longer text ends with a mark that says so.</summary>
    public const int MaxLength = 512 * 1024;

    private Content(string id, byte[]? salt, string? text, Hash commitment)
    {
        Id = id;
        Salt = salt;
        Text = text;
        Commitment = commitment;
    }

    /// <summary>Where it is stored: <c>cnt_</c> and a version 7 UUID.</summary>
    public string Id { get; }

    /// <summary>The salt, 32 fresh random bytes; null once erased, or where only the entry was read.</summary>
    public byte[]? Salt { get; }

    /// <summary>The text; null once erased, or where only the entry was read.</summary>
    public string? Text { get; }

    /// <summary>What the ledger keeps of it for ever.</summary>
    public Hash Commitment { get; }

    /// <summary>Commits to a text.</summary>
    public static Content New(string text, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(text);
        var kept = text.Length <= MaxLength
            ? text
            : string.Concat(text.AsSpan(0, MaxLength), $"\n[{text.Length - MaxLength} more characters were not kept]");
        var salt = new byte[Latchkey.Ledger.Commitment.SaltSize];
        FreshBytes.Fill(salt);
        return new Content(IdText.New("cnt_", now), salt, kept, Latchkey.Ledger.Commitment.Of(salt, Encoding.UTF8.GetBytes(kept)));
    }

    /// <summary>The same content with the salt and text that a store kept of it.</summary>
    public Content With(byte[] salt, string text) => new(Id, salt, text, Commitment);

    /// <summary>A content that an entry names.</summary>
    public static Content Named(string id, Hash commitment) => new(id, salt: null, text: null, commitment);
}
