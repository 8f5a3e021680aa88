using System.Diagnostics.CodeAnalysis;

namespace Buildyard;

/// <summary>How commits are named.</summary>
internal static class GitCommit
{
    /// <summary>Whether a text names one commit for good: in full. A branch, a tag or an abbreviated hash may lead to another one tomorrow.</summary>
    public static bool IsFull([NotNullWhen(true)] string? text) => text is { Length: 40 } && text.All(char.IsAsciiHexDigit);
}
