using System.Diagnostics.CodeAnalysis;
using Latchkey;

namespace Buildyard;

/// <summary>How pages show what somebody typed, a repository says or a build prints.</summary>
internal static class MarkedText
{
    /// <summary>The text with what hides in it by name, such as <c>⟨U+202E⟩</c>. For what is read; never for a field, which would send the name back.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Marked(this string? text) => HiddenCharacters.Mark(text);
}
