using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Buildyard.SigningFiles;

/// <summary>Code signing files, made by the tools that make them.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Expiry = new(2031, 5, 6, 7, 8, 9, TimeSpan.Zero);

    /// <summary>A <c>.p12</c> as the framework writes it.</summary>
    public static byte[] Certificate(string password, string name = "Apple Distribution: Northwind", bool withKey = true)
    {
        using var certificate = Make(name);
        using var bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        return (withKey ? certificate : bare).Export(X509ContentType.Pkcs12, password);
    }

    /// <summary>A <c>.p12</c> as Keychain Access writes it, with ciphers of another age.</summary>
    public static byte[] OldCertificate(string password)
    {
        var folder = Directory.CreateTempSubdirectory("buildyard-p12-").FullName;
        try
        {
            using var certificate = Make("iPhone Distribution: Northwind");
            using var key = certificate.GetRSAPrivateKey()!;
            File.WriteAllText(Path.Combine(folder, "in.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
            Run(folder, "openssl", "pkcs12", "-export", "-legacy", "-in", "in.pem", "-out", "out.p12", "-passout", $"pass:{password}");
            return File.ReadAllBytes(Path.Combine(folder, "out.p12"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A provisioning profile: a property list, signed.</summary>
    public static byte[] Profile(string name, Func<string, string>? change = null)
    {
        var list = $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            <plist version="1.0"><dict>
              <key>AppIDName</key><string>Northwind iOS</string>
              <key>TeamName</key><string>Northwind Traders</string>
              <key>TeamIdentifier</key><array><string>NW12345678</string></array>
              <key>Entitlements</key><dict><key>application-identifier</key><string>NW12345678.test.northwind.ios</string></dict>
              <key>ExpirationDate</key><date>2031-05-06T07:08:09Z</date>
              <key>Name</key><string>{name}</string>
              <key>UUID</key><string>0f1d0f3a-0000-4000-8000-000000000001</string>
            </dict></plist>
            """;
        using var certificate = Make("Apple iPhone OS Provisioning Profile Signing");
        var signed = new SignedCms(new ContentInfo(Encoding.UTF8.GetBytes(change?.Invoke(list) ?? list)));
        signed.ComputeSignature(new CmsSigner(certificate));
        return signed.Encode();
    }

    /// <summary>A keystore in Java's own form with two keys, each with a password of its own, and a certificate that somebody is trusted by.</summary>
    public static byte[] Jks(string password, params (string Alias, string Password)[] keys)
    {
        using var body = new MemoryStream();
        using var certificate = Make("Northwind");
        Number(0xFEEDFEED);
        Number(2);
        Number((uint)keys.Length + 1);
        foreach (var (alias, keyPassword) in keys)
        {
            using var key = certificate.GetRSAPrivateKey()!;
            Number(1);
            Text(alias);
            body.Write(new byte[8]);
            Block(Protect(key.ExportPkcs8PrivateKey(), keyPassword));
            Number(1);
            Text("X.509");
            Block(certificate.RawData);
        }

        Number(2);
        Text("trusted");
        body.Write(new byte[8]);
        Text("X.509");
        Block(certificate.RawData);
        body.Write(Sha1([.. Encoding.BigEndianUnicode.GetBytes(password), .. "Mighty Aphrodite"u8, .. body.ToArray()]));
        return body.ToArray();

        void Number(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            body.Write(bytes);
        }

        void Text(string text)
        {
            body.WriteByte((byte)(text.Length >> 8));
            body.WriteByte((byte)text.Length);
            body.Write(Encoding.ASCII.GetBytes(text));
        }

        void Block(byte[] bytes)
        {
            Number((uint)bytes.Length);
            body.Write(bytes);
        }
    }

    /// <summary>A keystore in the standard's form.</summary>
    public static byte[] Pkcs12Store(string password, params string[] aliases)
    {
        using var certificate = Make("Northwind");
        using var key = certificate.GetRSAPrivateKey()!;
        var contents = new Pkcs12SafeContents();
        foreach (var alias in aliases)
        {
            var bag = contents.AddShroudedKey(key, password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000));
            var name = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
            name.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.BMPString, alias);
            bag.Attributes.Add(new AsnEncodedData("1.2.840.113549.1.9.20", name.Encode()));
        }

        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(contents);
        builder.SealWithMac(password, HashAlgorithmName.SHA256, 10_000);
        return builder.Encode();
    }

    private static byte[] Protect(byte[] key, string password)
    {
        var secret = Encoding.BigEndianUnicode.GetBytes(password);
        var salt = RandomNumberGenerator.GetBytes(20);
        var mixed = key.ToArray();
        var stream = salt;
        for (var i = 0; i < mixed.Length; i++)
        {
            if (i % 20 == 0) stream = Sha1([.. secret, .. stream]);
            mixed[i] ^= stream[i % 20];
        }

        var info = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier("1.3.6.1.4.1.42.2.17.1.1");
                info.WriteNull();
            }

            info.WriteOctetString([.. salt, .. mixed, .. Sha1([.. secret, .. key])]);
        }

        return info.Encode();
    }

#pragma warning disable CA5350 // The format's own digest.
    private static byte[] Sha1(byte[] content) => SHA1.HashData(content);
#pragma warning restore CA5350

    private static X509Certificate2 Make(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(Expiry.AddYears(-10), Expiry);
    }

    private static void Run(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
