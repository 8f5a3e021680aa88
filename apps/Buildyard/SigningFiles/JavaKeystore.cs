using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Buildyard;

/// <summary>
/// Reads a keystore in Java's own form (JKS): the digest over all of it, which only the store's password makes right, and the key
/// under its alias, which only the key's password opens.
/// </summary>
internal static class JavaKeystore
{
    private const uint Magic = 0xFEEDFEED;
    private const int PrivateKeyTag = 1;
    private const int DigestLength = 20;
    private const int MostEntries = 1000;

    public static bool IsOne(byte[] content) => content.Length > 12 + DigestLength && BinaryPrimitives.ReadUInt32BigEndian(content) == Magic;

    public static Outcome<SigningFacts> Read(SigningUpload upload)
    {
        var body = upload.Content.AsSpan(0, upload.Content.Length - DigestLength);
        if (!CryptographicOperations.FixedTimeEquals(Digest(upload.Password, "Mighty Aphrodite"u8, body), upload.Content.AsSpan(body.Length)))
            return Refusal.Invalid(new FieldError("password", "It doesn't fit the keystore, or the file is damaged.", "The keystore's password."));
        Dictionary<string, byte[]> keys;
        try
        {
            keys = ReadKeys(body);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or FormatException or AsnContentException)
        {
            return Refusal.Invalid(new FieldError("content", "It is a keystore that can't be read to its end.", "A keystore as keytool writes it."));
        }
        return KeystoreChoice.Of(upload, keys, (protectedKey, password) => Opens(protectedKey, password));
    }

    private static Dictionary<string, byte[]> ReadKeys(ReadOnlySpan<byte> body)
    {
        var at = 4;
        var version = Number(body, ref at);
        var count = Number(body, ref at);
        if (version is not (1 or 2) || count is < 0 or > MostEntries) throw new FormatException("Not a keystore of a known version.");
        var keys = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < count; i++)
        {
            var tag = Number(body, ref at);
            var alias = Encoding.UTF8.GetString(Bytes(body, ref at, Short(body, ref at)));
            at += sizeof(long);
            if (tag == PrivateKeyTag)
            {
                keys[alias] = Protected(Bytes(body, ref at, Number(body, ref at)).ToArray());
                for (var certificates = Number(body, ref at); certificates > 0; certificates--) SkipCertificate(body, ref at, version);
            }
            else
            {
                SkipCertificate(body, ref at, version);
            }
        }
        return keys;
    }

    private static void SkipCertificate(ReadOnlySpan<byte> body, ref int at, int version)
    {
        if (version == 2) Bytes(body, ref at, Short(body, ref at));
        Bytes(body, ref at, Number(body, ref at));
    }

    /// <summary>An <c>EncryptedPrivateKeyInfo</c>, of which Java's own cipher has no parameters.</summary>
    private static byte[] Protected(byte[] info)
    {
        var sequence = new AsnReader(info, AsnEncodingRules.BER).ReadSequence();
        sequence.ReadSequence();
        return sequence.ReadOctetString();
    }

    /// <summary>The key is mixed with a stream of digests that begins with a salt; a digest of it stands at the end.</summary>
    private static bool Opens(byte[] key, string password)
    {
        if (key.Length <= 2 * DigestLength) return false;
        var plain = key.AsSpan(DigestLength, key.Length - (2 * DigestLength)).ToArray();
        var stream = key.AsSpan(0, DigestLength).ToArray();
        for (var i = 0; i < plain.Length; i++)
        {
            if (i % DigestLength == 0) stream = Digest(password, [], stream);
            plain[i] ^= stream[i % DigestLength];
        }
        return CryptographicOperations.FixedTimeEquals(Digest(password, [], plain), key.AsSpan(key.Length - DigestLength));
    }

    private static byte[] Digest(string password, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content)
    {
#pragma warning disable CA5350 // The format's own digest: it is read here, nothing is protected with it.
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        sha1.AppendData(Encoding.BigEndianUnicode.GetBytes(password));
        sha1.AppendData(salt);
        sha1.AppendData(content);
        return sha1.GetHashAndReset();
    }

    private static int Number(ReadOnlySpan<byte> body, ref int at) => BinaryPrimitives.ReadInt32BigEndian(Bytes(body, ref at, 4));

    private static int Short(ReadOnlySpan<byte> body, ref int at) => BinaryPrimitives.ReadUInt16BigEndian(Bytes(body, ref at, 2));

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> body, ref int at, int length)
    {
        var part = body.Slice(at, length);
        at += length;
        return part;
    }
}

/// <summary>Finds the key that a keystore is uploaded for, and tries its password.</summary>
internal static class KeystoreChoice
{
    public static Outcome<SigningFacts> Of<T>(SigningUpload upload, Dictionary<string, T> keys, Func<T, string, bool> opens)
    {
        if (keys.Count == 0)
            return Refusal.Invalid(new FieldError("content", "It holds no private key.", "A keystore with the key that the app is signed with."));
        var alias = string.IsNullOrWhiteSpace(upload.Alias) && keys.Count == 1 ? keys.Keys.Single() : upload.Alias?.Trim() ?? "";
        if (!keys.TryGetValue(alias, out var key))
            return Refusal.Invalid(new FieldError("alias", alias.Length == 0 ? "The keystore has several keys." : "The keystore has no key of this name.", $"One of {SigningFileReading.Shown(string.Join(", ", keys.Keys))}."));
        if (!opens(key, upload.KeyPassword ?? upload.Password))
            return Refusal.Invalid(new FieldError("key_password", "It doesn't open the key.", "The key's password; empty where it is the keystore's."));
        return new SigningFacts($"Key {SigningFileReading.Shown(alias)}", keys.Count == 1 ? null : $"One of {keys.Count} keys", null, alias);
    }
}
