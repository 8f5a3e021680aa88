using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>
/// A commitment to content that stays outside the hashed entry: SHA-256(salt ‖ content). With salt and content anyone can check
/// it; when both are erased it proves nothing and lets nothing be guessed, and every proof over the entry stays valid.
/// </summary>
public static class Commitment
{
    /// <summary>The length of a salt in bytes: 32, as long as the hash, so that guessing the content needs guessing the salt. Each content gets its own, of random bytes.</summary>
    public const int SaltSize = 32;

    /// <summary>SHA-256(salt ‖ content).</summary>
    /// <param name="salt">Exactly <see cref="SaltSize"/> bytes: a fixed length leaves no doubt where the content begins.</param>
    /// <param name="content">Any bytes, none included.</param>
    public static Hash Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content)
    {
        if (salt.Length != SaltSize)
            throw new ArgumentException($"A salt is {SaltSize} bytes, not {salt.Length}.", nameof(salt));
        const int onStack = 1024;
        var length = SaltSize + content.Length;
        Span<byte> input = length <= onStack ? stackalloc byte[length] : new byte[length];
        salt.CopyTo(input);
        content.CopyTo(input[SaltSize..]);
        Span<byte> hash = stackalloc byte[Hash.Size];
        SHA256.HashData(input, hash);
        return new Hash(hash);
    }

    /// <summary>Whether this salt and content are what was committed to. A salt of another length never is.</summary>
    /// <param name="commitment">The value in the entry.</param>
    /// <param name="salt">The salt kept with the content.</param>
    /// <param name="content">The content.</param>
    public static bool Matches(Hash commitment, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content) =>
        salt.Length == SaltSize && Of(salt, content) == commitment;

    /// <summary>The form a commitment has among an entry's fields: <c>{"id":"cnt_…","sha256":"…"}</c>.</summary>
    /// <param name="contentId">The id under which content and salt are kept; it begins with <c>cnt_</c>.</param>
    /// <param name="commitment">What <see cref="Of"/> gave.</param>
    public static JsonObject ToField(string contentId, Hash commitment) =>
        new() { ["id"] = contentId, ["sha256"] = commitment.ToString() };
}
