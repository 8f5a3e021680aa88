using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Buildyard;

/// <summary>Random secrets for tokens and links. Only their hashes are stored.</summary>
internal static class Secrets
{
    /// <summary>256 random bits in 43 characters that an address can hold.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}

/// <summary>Ids: a prefix that says of what, and a version 7 UUID. Never reused.</summary>
internal static class Ids
{
    public static string Create(string prefix, DateTimeOffset now) => $"{prefix}_{Guid.CreateVersion7(now):N}";
}
