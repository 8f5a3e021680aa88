using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Ledger;

/// <summary>
/// The public side of a note key: ECDSA on P-256 with SHA-256 and DER signatures, signature type 0x02 of C2SP signed-note.
/// Its id is the first four bytes of the SHA-256 of the public key as DER SubjectPublicKeyInfo. Safe for concurrent use.
/// </summary>
public sealed class NoteVerifier
{
    internal const byte EcdsaType = 0x02;

    // The one curve taken; a key of another curve would be read without complaint.
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly byte[] _publicKey;

    internal NoteVerifier(string name, byte[] publicKey)
    {
        (Name, _publicKey) = (name, publicKey);
        Id = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(publicKey));
    }

    /// <summary>The key's name.</summary>
    public string Name { get; }

    /// <summary>The key's short id: enough to find it, not to trust it.</summary>
    public uint Id { get; }

    /// <summary>The public key as DER SubjectPublicKeyInfo, the form that WebCrypto imports as <c>spki</c>.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The verifier key as text: <c>name+id in hex+base64(0x02 ‖ public key)</c>.</summary>
    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([EcdsaType, .. _publicKey])}";

    /// <summary>Reads a verifier key.</summary>
    /// <param name="text">What <see cref="ToString"/> writes.</param>
    /// <exception cref="LedgerFormatException">It isn't one, its id is not that of its key, or it is of another signature type than 0x02 on P-256.</exception>
    public static NoteVerifier Parse(string text)
    {
        // Base64 may hold a plus of its own, a name and an id may not.
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !SignedNote.IsKeyName(parts[0]) || parts[1].Length != 8 || !parts[1].All(char.IsAsciiHexDigitLower))
            throw new LedgerFormatException("verifier key", "is not a name, eight hex digits and base64, joined by plus signs");
        if (!StrictBase64.TryDecode(parts[2], out var bytes) || bytes.Length < 2)
            throw new LedgerFormatException("verifier key", "does not end in base64 of a signature type and a key");
        if (bytes[0] != EcdsaType)
            throw new LedgerFormatException("verifier key", $"is of signature type 0x{bytes[0]:x2}; 0x{EcdsaType:x2}, ECDSA, is understood");
        var verifier = new NoteVerifier(parts[0], bytes[1..]);
        if (!$"{verifier.Id:x8}".Equals(parts[1], StringComparison.Ordinal))
            throw new LedgerFormatException("verifier key", $"says id {parts[1]}, but its key has id {verifier.Id:x8}");
        try
        {
            using var key = verifier.Import();
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256 && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(verifier._publicKey))
                return verifier;
        }
        catch (CryptographicException e)
        {
            throw new LedgerFormatException("verifier key", "holds no ECDSA public key", e);
        }

        throw new LedgerFormatException("verifier key", "holds no P-256 public key in its usual encoding");
    }

    internal bool Verify(string text, ReadOnlySpan<byte> signature)
    {
        using var key = Import();
        return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private ECDsa Import()
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return key;
    }
}

/// <summary>A key that signs notes. Safe for concurrent use.</summary>
public sealed class NoteKey : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private NoteKey(string name, ECDsa key)
    {
        if (!SignedNote.IsKeyName(name))
            throw new ArgumentException("A key's name is not empty and has no blanks, plus signs or control characters.", nameof(name));
        _key = key;
        Verifier = new NoteVerifier(name, key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The public side, to hand out.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>A new key that is kept nowhere.</summary>
    /// <param name="name">The key's name: the origin of the log it signs for, or the instance's; no blanks, no plus sign.</param>
    public static NoteKey Create(string name) => new(name, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>
    /// Opens the key in a file, or makes one there: PKCS#8 in PEM, readable by its owner alone (0600). The file appears whole or not at all,
    /// and of several processes that start at once one makes the key and the others are refused or read the same.
    /// </summary>
    /// <param name="path">The file; its folder exists. <c>{path}.new</c> is used while the key is made.</param>
    /// <param name="name">The key's name.</param>
    /// <exception cref="IOException">The file can't be read or written, others may read it, or another process is making it now.</exception>
    /// <exception cref="LedgerFormatException">The file holds no P-256 private key.</exception>
    public static NoteKey OpenOrCreate(string path, string name)
    {
        if (!File.Exists(path))
            CreateFile(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) | OwnerOnly) != OwnerOnly)
            throw new IOException($"The signing key {path} may be read by others. Take that away (chmod 600), and change the key if they could have read it.");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.KeySize == 256 && key.ExportParameters(includePrivateParameters: true).D is not null)
                return new NoteKey(name, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new LedgerFormatException(path, "holds no private key in PEM", e);
        }

        throw new LedgerFormatException(path, "holds no P-256 private key");
    }

    /// <summary>Signs a note's text.</summary>
    /// <param name="text">The text to its last newline.</param>
    public NoteSignature Sign(string text)
    {
        lock (_gate)
            return new NoteSignature(Verifier.Name, Verifier.Id, _key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>Lets the key go from memory.</summary>
    public void Dispose() => _key.Dispose();

    private static void CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path + ".new", options);
        // Whoever holds the lock and finds a key came second: a rename must not replace a key that already signs.
        if (File.Exists(path))
        {
            File.Delete(path + ".new");
            return;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        file.Flush(flushToDisk: true);
        File.Move(path + ".new", path);
    }
}
