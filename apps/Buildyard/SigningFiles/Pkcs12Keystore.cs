using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace Buildyard;

/// <summary>Reads a keystore in the standard's form (PKCS #12), as <c>keytool</c> writes it since Java 9.</summary>
internal static class Pkcs12Keystore
{
    private const string FriendlyName = "1.2.840.113549.1.9.20";

    public static Outcome<SigningFacts> Read(SigningUpload upload)
    {
        // Opens every key with the store's password, within limits that the reading below relies on.
        if (!CertificateFile.Load(upload, "keystore").Succeeded(out var certificates, out var refusal)) return refusal;
        foreach (var certificate in certificates) certificate.Dispose();
        try
        {
            var keys = new Dictionary<string, Pkcs12SafeBag>(StringComparer.OrdinalIgnoreCase);
            foreach (var contents in Pkcs12Info.Decode(upload.Content, out _).AuthenticatedSafe)
            {
                if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password) contents.Decrypt(upload.Password);
                foreach (var bag in contents.GetBags().Where(bag => bag is Pkcs12ShroudedKeyBag or Pkcs12KeyBag)) keys[Alias(bag, keys.Count)] = bag;
            }
            // In this form a key has no password of its own.
            return KeystoreChoice.Of(upload, keys, (_, password) => password == upload.Password);
        }
        catch (Exception e) when (e is CryptographicException or System.Formats.Asn1.AsnContentException)
        {
            return Refusal.Invalid(new FieldError("content", "It is a keystore that can't be read to its end.", "A JKS or PKCS #12 keystore as keytool writes it."));
        }
    }

    private static string Alias(Pkcs12SafeBag bag, int number)
    {
        foreach (var attribute in bag.Attributes)
        {
            if (attribute.Oid.Value == FriendlyName && attribute.Values.Count > 0)
                return new System.Formats.Asn1.AsnReader(attribute.Values[0].RawData, System.Formats.Asn1.AsnEncodingRules.BER).ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.BMPString);
        }
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number + 1}");
    }
}
