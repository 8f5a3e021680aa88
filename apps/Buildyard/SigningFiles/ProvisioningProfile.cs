using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Xml;
using System.Xml.Linq;

namespace Buildyard;

/// <summary>
/// Reads a <c>.mobileprovision</c>: a property list that somebody signed (CMS). That the signature fits the list is checked;
/// whose it is, is Apple's tools' to judge when they use it.
/// </summary>
internal static class ProvisioningProfile
{
    public static Outcome<SigningFacts> Read(SigningUpload upload)
    {
        try
        {
            var signed = new SignedCms();
            signed.Decode(upload.Content);
            signed.CheckSignature(verifySignatureOnly: true);
            return Describe(signed.ContentInfo.Content);
        }
        catch (Exception e) when (e is CryptographicException or XmlException or FormatException or InvalidOperationException)
        {
            return Refusal.Invalid(new FieldError("content", "It is not a provisioning profile.", "A .mobileprovision as downloaded from Apple."));
        }
    }

    private static SigningFacts Describe(byte[] list)
    {
        using var reader = XmlReader.Create(new MemoryStream(list), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, MaxCharactersInDocument = 4 * 1024 * 1024 });
        var entries = Entries(XDocument.Load(reader).Root?.Element("dict") ?? throw new FormatException("No dictionary."));
        var entitlements = entries.TryGetValue("Entitlements", out var inner) ? Entries(inner) : [];
        var name = Text(entries, "Name") ?? throw new FormatException("No name.");
        var expires = DateTimeOffset.Parse(Text(entries, "ExpirationDate") ?? throw new FormatException("No expiry."), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var app = Text(entitlements, "application-identifier") ?? Text(entitlements, "com.apple.application-identifier");
        return new SigningFacts(
            SigningFileReading.Shown(name),
            string.Join(" · ", new[] { Text(entries, "TeamName"), app }.OfType<string>().Select(SigningFileReading.Shown)),
            expires);
    }

    private static Dictionary<string, XElement> Entries(XElement dictionary)
    {
        var entries = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var key in dictionary.Elements("key"))
            if (key.ElementsAfterSelf().FirstOrDefault() is { } value) entries[key.Value] = value;
        return entries;
    }

    private static string? Text(Dictionary<string, XElement> entries, string key) =>
        entries.TryGetValue(key, out var value) && value.Name.LocalName is "string" or "date" ? value.Value : null;
}
