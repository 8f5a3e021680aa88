using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.AspNetCore;

/// <summary>Signs webhooks as <i>Standard Webhooks</i> 1.0 says: HMAC-SHA256 over id, time and body, each attempt with its own time.</summary>
public static class WebhookSignature
{
    /// <summary>How a secret begins.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>A new secret of 256 bits.</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="secret">The secret, with its prefix.</param>
    /// <param name="id">The value of <c>webhook-id</c>: the same for each attempt.</param>
    /// <param name="at">The time of this attempt; <c>webhook-timestamp</c> is its whole seconds since 1970.</param>
    /// <param name="body">The body as it is sent.</param>
    /// <exception cref="FormatException">The secret is not Base64 behind its prefix.</exception>
    public static string Sign(string secret, string id, DateTimeOffset at, string body)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var key = Convert.FromBase64String(secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret);
        var signed = string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}");
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)))}";
    }
}
