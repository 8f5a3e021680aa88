using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Buildyard;

/// <summary>
/// Encrypts what must not be readable in the database, with the data-protection keys of the data directory. What was sealed for
/// one purpose doesn't open for another: a column copied into another table stays shut.
/// </summary>
public sealed class Sealing(IDataProtectionProvider protection)
{
    public byte[] Seal(string purpose, ReadOnlySpan<byte> content) => protection.CreateProtector(purpose).Protect(content.ToArray());

    public byte[] Seal(string purpose, string text) => Seal(purpose, Encoding.UTF8.GetBytes(text));

    /// <exception cref="System.Security.Cryptography.CryptographicException">The keys it was sealed with are gone, or it was sealed for another purpose.</exception>
    public byte[] Open(string purpose, byte[] content) => protection.CreateProtector(purpose).Unprotect(content);

    /// <inheritdoc cref="Open"/>
    public string OpenText(string purpose, byte[] content) => Encoding.UTF8.GetString(Open(purpose, content));
}
