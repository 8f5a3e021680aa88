using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Buildyard;

/// <summary>Signs as <i>Standard Webhooks</i> 1.0 says: HMAC-SHA256 over id, time and body, each attempt with its own time.</summary>
public static class WebhookSigning
{
    private const string Prefix = "whsec_";

    /// <summary>A new secret of 256 bits.</summary>
    public static string CreateSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public static string Sign(string secret, string id, DateTimeOffset at, string payload)
    {
        var key = Convert.FromBase64String(secret[Prefix.Length..]);
        var signed = string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{payload}");
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)))}";
    }
}
