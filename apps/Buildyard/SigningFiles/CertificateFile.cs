using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Buildyard;

/// <summary>Reads a <c>.p12</c>: a certificate with its private key.</summary>
internal static class CertificateFile
{
    public static Outcome<SigningFacts> Read(SigningUpload upload)
    {
        if (!Load(upload, "certificate").Succeeded(out var certificates, out var refusal)) return refusal;
        try
        {
            return certificates.FirstOrDefault(c => c.HasPrivateKey) is { } certificate
                ? new SigningFacts(
                    SigningFileReading.Shown(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)),
                    $"Issued by {SigningFileReading.Shown(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true))}",
                    new DateTimeOffset(certificate.NotAfter.ToUniversalTime()))
                : Refusal.Invalid(new FieldError("content", "It holds no certificate with its private key.", "A certificate exported together with its private key."));
        }
        finally
        {
            foreach (var certificate in certificates) certificate.Dispose();
        }
    }

    /// <summary>Opens all that is in a PKCS #12 file, keys included, in bounded time.</summary>
    public static Outcome<X509Certificate2Collection> Load(SigningUpload upload, string what)
    {
        try
        {
            // Limits on iterations and sizes are the loader's own: a file made to be slow is refused.
            return X509CertificateLoader.LoadPkcs12Collection(upload.Content, upload.Password, X509KeyStorageFlags.EphemeralKeySet, Pkcs12LoaderLimits.Defaults);
        }
        catch (Pkcs12LoadLimitExceededException)
        {
            return Refusal.Invalid(new FieldError("content", "It is made so that reading it takes very long.", $"A {what} as the usual tools write it."));
        }
        catch (CryptographicException e)
        {
            // ERROR_INVALID_PASSWORD is what the framework reports on every platform.
            return (e.HResult & 0xFFFF) == 86
                ? Refusal.Invalid(new FieldError("password", "It doesn't open the file.", $"The password that the {what} was made with; empty for none."))
                : Refusal.Invalid(new FieldError("content", $"It is not a {what}, or it is damaged.", $"A {what} with its private key."));
        }
    }
}
