using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Latchkey.Ledger.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class NoteTests : IDisposable
{
    private const string Text = "latchkey.example/acc_1\n2\nbrQLj/3UKSWmKEIQrFGTFzNdEEqFYejgRFdFcK+KAdg=\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("latchkey-");
    private readonly NoteKey _key = NoteKey.Create("latchkey.example/acc_1");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void SignedText_Verifies_AfterAReadingOfWhatWasWritten()
    {
        var note = SignedNote.Parse(SignedNote.Sign(Text, _key).ToString());
        var result = note.Verify(NoteVerifier.Parse(_key.Verifier.ToString()));
        Assert.Equal((NoteReason.Verified, "latchkey.example/acc_1"), (result.Reason, result.KeyName));
        Assert.Equal(Text, note.Text);
    }

    [Fact]
    public void KeyId_IsTheHashOfThePublicKey()
    {
        var hash = SHA256.HashData(_key.Verifier.PublicKey.Span);
        Assert.Equal(Convert.ToHexStringLower(hash.AsSpan(0, 4)), _key.Verifier.ToString().Split('+')[1]);
        Assert.Equal(2, Convert.FromBase64String(_key.Verifier.ToString().Split('+', 3)[2])[0]);
    }

    [Fact]
    public void ChangedTextOrSignature_IsRefused()
    {
        var note = SignedNote.Sign(Text, _key).ToString();
        Assert.Equal(NoteReason.BadSignature, SignedNote.Parse(note.Replace("\n2\n", "\n3\n", StringComparison.Ordinal)).Verify(_key.Verifier).Reason);

        var signature = SignedNote.Parse(note).Signatures[0];
        for (var i = 0; i < signature.Signature.Length; i++)
        {
            var bytes = signature.Signature.ToArray();
            bytes[i] ^= 1;
            Assert.Equal(NoteReason.BadSignature, SignedNote.Parse(WithSignature(bytes)).Verify(_key.Verifier).Reason);
            Assert.Equal(NoteReason.BadSignature, SignedNote.Parse(WithSignature(bytes[..(i + 1)])).Verify(_key.Verifier).Reason);
        }

        string WithSignature(byte[] bytes)
        {
            var id = Convert.FromHexString(_key.Verifier.ToString().Split('+')[1]);
            return $"{Text}\n— {signature.KeyName} {Convert.ToBase64String([.. id, .. bytes])}\n";
        }
    }

    [Fact]
    public void UnknownKeys_AreIgnored_AndNotEnough()
    {
        using var other = NoteKey.Create("latchkey.example/acc_1");
        Assert.Equal(NoteReason.NoKnownKey, SignedNote.Sign(Text, other).Verify(_key.Verifier).Reason);
        Assert.Equal(NoteReason.Verified, SignedNote.Sign(Text, other, _key).Verify(_key.Verifier).Reason);
        Assert.Equal(NoteReason.NoKnownKey, SignedNote.Sign(Text, _key).Verify().Reason);
    }

    [Fact]
    public void NoteOfTheOldAndTheNewKey_VerifiesWithEither()
    {
        using var next = NoteKey.Create("latchkey.example/acc_1");
        var note = SignedNote.Parse(SignedNote.Sign(Text, _key, next).ToString());
        Assert.Equal(2, note.Signatures.Count);
        Assert.True(note.Verify(_key.Verifier).Ok);
        Assert.True(note.Verify(next.Verifier).Ok);
        Assert.True(note.Verify(_key.Verifier, next.Verifier).Ok);
    }

    [Fact]
    public void OneWrongSignatureByAKnownKey_RefusesTheNote()
    {
        using var next = NoteKey.Create("latchkey.example/acc_1");
        var right = SignedNote.Sign(Text, _key).ToString();
        var wrong = SignedNote.Sign("other\n", next).ToString();
        var note = SignedNote.Parse(right + wrong[wrong.IndexOf('—', StringComparison.Ordinal)..]);
        Assert.Equal(NoteReason.BadSignature, note.Verify(_key.Verifier, next.Verifier).Reason);
        Assert.Equal(NoteReason.Verified, note.Verify(_key.Verifier).Reason);
    }

    [Fact]
    public void NotesOfTheGoVectors_AreReadAndRefusedAlike()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Vectors("c2sp"), "signed-note-go-vectors.json")));
        string Value(string name) => vectors.RootElement.GetProperty(name).GetString()!;
        var (text, sig, sig2) = (Value("text"), Value("sig"), Value("sig2"));

        var note = SignedNote.Parse(Encoding.UTF8.GetBytes($"{text}\n{sig}{sig2}"));
        Assert.Equal(text, note.Text);
        Assert.Equal(["PeterNeumann", "EnochRoot"], note.Signatures.Select(s => s.KeyName));
        Assert.Equal([0xc74f20a3, 0xaf0cfe78], note.Signatures.Select(s => s.KeyId));
        Assert.All(note.Signatures, s => Assert.Equal(64, s.Signature.Length));
        Assert.Equal($"{text}\n{sig}{sig2}", note.ToString());
        Assert.Equal(NoteReason.NoKnownKey, note.Verify(_key.Verifier).Reason);

        Assert.Equal(100, SignedNote.Parse($"{text}\n{string.Concat(Enumerable.Repeat(sig, 100))}").Signatures.Count);
        string[] bad =
        [
            text,
            text + "\n",
            $"{text}\n{sig[..^1]}",
            $"\u0001{text}\n{sig}",
            $"{text}\n{sig.Replace("PeterNeumann", "Peter Neumann", StringComparison.Ordinal)}",
            $"{text}\n{sig}Unexpected line.\n",
            $"{text}\n{string.Concat(Enumerable.Repeat(sig, 101))}",
            $"{text}\n{sig.Insert(60, "ABCD")[..^3]}",
            $"{text}\n{sig.Replace("—", "-", StringComparison.Ordinal)}",
            $"{text}\n— Peter+Neumann x08go/ZJ\n",
            $"{text}\n— PeterNeumann x08g\n",
            $"\ud800{text}\n{sig}",
            text + sig,
        ];
        Assert.All(bad, b => Assert.Throws<LedgerFormatException>(() => SignedNote.Parse(b)));
        Assert.Throws<LedgerFormatException>(() => SignedNote.Parse([0xff, .. Encoding.UTF8.GetBytes($"{text}\n{sig}")]));
    }

    [Fact]
    public void VerifierKeysOfTheGoVectors_AreRefused_AsAnotherSignatureType()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Vectors("c2sp"), "signed-note-go-vectors.json")));
        string Value(string name) => vectors.RootElement.GetProperty(name).GetString()!;
        Assert.Contains("type 0x01", Assert.Throws<LedgerFormatException>(() => NoteVerifier.Parse(Value("vkey"))).Message, StringComparison.Ordinal);
        foreach (var bad in vectors.RootElement.GetProperty("bad_vkeys").EnumerateArray().Take(2))
            Assert.Throws<LedgerFormatException>(() => NoteVerifier.Parse(bad.GetString()!));
    }

    [Fact]
    public void VerifierKey_IsRefused_WhenAnyCharacterOfItIsMissingOrOther()
    {
        var text = _key.Verifier.ToString();
        var end = text.IndexOf('+', StringComparison.Ordinal);
        for (var length = 0; length < text.Length; length++)
            Assert.Throws<LedgerFormatException>(() => NoteVerifier.Parse(text[..length]));
        for (var i = end; i < text.Length; i++)
        {
            var other = text.ToCharArray();
            other[i]++;
            Assert.Throws<LedgerFormatException>(() => NoteVerifier.Parse(new string(other)));
        }
    }

    [Fact]
    public void VerifierKey_OfAnotherCurve_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var spki = key.ExportSubjectPublicKeyInfo();
        var text = $"n+{Convert.ToHexStringLower(SHA256.HashData(spki).AsSpan(0, 4))}+{Convert.ToBase64String([2, .. spki])}";
        Assert.Contains("P-256", Assert.Throws<LedgerFormatException>(() => NoteVerifier.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_IsMadeOnce_ForItsOwnerAlone()
    {
        var path = Path.Combine(_folder.FullName, "ledger.key");
        using var made = NoteKey.OpenOrCreate(path, "n");
        using var opened = NoteKey.OpenOrCreate(path, "n");

        Assert.Equal(made.Verifier.ToString(), opened.Verifier.ToString());
        Assert.True(SignedNote.Sign(Text, opened).Verify(made.Verifier).Ok);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_ThatWasLeftHalfWritten_IsMadeAnew()
    {
        var path = Path.Combine(_folder.FullName, "ledger.key");
        File.WriteAllText(path + ".new", new string('x', 5000));
        File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var made = NoteKey.OpenOrCreate(path, "n");
        Assert.True(SignedNote.Sign(Text, made).Verify(made.Verifier).Ok);
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task KeyFile_OfManyThatStartAtOnce_IsOne()
    {
        var path = Path.Combine(_folder.FullName, "ledger.key");
        var texts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            try
            {
                using var key = NoteKey.OpenOrCreate(path, "n");
                return key.Verifier.ToString();
            }
            catch (IOException)
            {
                return null;
            }
        })));

        using var kept = NoteKey.OpenOrCreate(path, "n");
        Assert.Equal([kept.Verifier.ToString()], texts.OfType<string>().Distinct());
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void KeyFile_OpenToOthers_IsRefused(UnixFileMode more)
    {
        var path = Path.Combine(_folder.FullName, "ledger.key");
        NoteKey.OpenOrCreate(path, "n").Dispose();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        Assert.Contains(path, Assert.Throws<IOException>(() => NoteKey.OpenOrCreate(path, "n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_WithoutAP256PrivateKey_IsRefused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var content in (string[])["", "no key", p384.ExportPkcs8PrivateKeyPem(), p256.ExportSubjectPublicKeyInfoPem()])
        {
            var path = Path.Combine(_folder.FullName, $"{Guid.CreateVersion7()}.key");
            File.WriteAllText(path, content);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.Equal(path, Assert.Throws<LedgerFormatException>(() => NoteKey.OpenOrCreate(path, "n")).Path);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\u00a0b")]
    [InlineData("a+b")]
    [InlineData("a\nb")]
    public void KeyNames_WithBlanksOrPlus_AreRefused(string name) => Assert.Throws<ArgumentException>(() => NoteKey.Create(name));

    [Theory]
    [InlineData("")]
    [InlineData("no newline")]
    [InlineData("bell\a\n")]
    public void TextThatIsNoNoteText_IsNotSigned(string text) => Assert.Throws<ArgumentException>(() => SignedNote.Sign(text, _key));
}
