namespace Buildyard;

/// <summary>What a code signing file was found to be.</summary>
/// <param name="Subject">What it is for.</param>
/// <param name="Detail">Who made it, or for which app.</param>
/// <param name="ExpiresAt">When it stops working, where it says so.</param>
/// <param name="Alias">The key in it, for a keystore.</param>
internal sealed record SigningFacts(string Subject, string? Detail, DateTimeOffset? ExpiresAt, string? Alias = null);

/// <summary>A file as it came in, with what opens it.</summary>
internal sealed record SigningUpload(string Name, byte[] Content, string Password, string? Alias, string? KeyPassword);

/// <summary>Tells from a file's name what it should be, and from its content whether it is.</summary>
internal static class SigningFileReading
{
    public static SigningFileKind? KindOf(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".p12" or ".pfx" => SigningFileKind.Certificate,
        ".mobileprovision" or ".provisionprofile" => SigningFileKind.ProvisioningProfile,
        ".keystore" or ".jks" or ".ks" => SigningFileKind.Keystore,
        _ => null,
    };

    public static Outcome<SigningFacts> Read(SigningFileKind kind, SigningUpload upload) => kind switch
    {
        SigningFileKind.Certificate => CertificateFile.Read(upload),
        SigningFileKind.ProvisioningProfile => ProvisioningProfile.Read(upload),
        _ => JavaKeystore.IsOne(upload.Content) ? JavaKeystore.Read(upload) : Pkcs12Keystore.Read(upload),
    };

    /// <summary>Text out of a file that somebody sent: on one line and bounded, whatever it holds.</summary>
    public static string Shown(string text)
    {
        var line = string.Concat(text.Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.Surrogate)));
        return line.Length > 200 ? line[..200] + "…" : line;
    }
}
