using System.Security.Cryptography;

namespace Latchkey.Ledger.Tests;

/// <summary>RFC 6962, section 2.1, as the recursive definition says it.</summary>
internal static class NaiveTree
{
    public static byte[] Root(ReadOnlySpan<Hash> leaves)
    {
        if (leaves.Length == 0)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return leaves[0].ToArray();
        var k = 1;
        while (k * 2 < leaves.Length)
            k *= 2;
        return SHA256.HashData([1, .. Root(leaves[..k]), .. Root(leaves[k..])]);
    }
}
