using System.Text;

namespace Latchkey;

/// <summary>What a file is called: the sender's name for it as far as it is one, with an ending that says what it is.</summary>
internal static class FileName
{
    private const int Longest = 100;

    public static string Of(string? claimed, AttachmentType type)
    {
        string[] endings = type switch
        {
            AttachmentType.Png => [".png"],
            AttachmentType.Jpeg => [".jpg", ".jpeg"],
            AttachmentType.Webp => [".webp"],
            AttachmentType.Gif => [".gif"],
            AttachmentType.Har => [".har"],
            _ => [".txt", ".log", ".yml", ".yaml", ".json", ".md", ".csv"],
        };
        var name = new StringBuilder(Longest);
        foreach (var rune in (claimed ?? "")[((claimed ?? "").LastIndexOfAny(['/', '\\']) + 1)..].EnumerateRunes())
        {
            var hides = Rune.IsControl(rune) || rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;
            if (!hides && name.Length < Longest) name.Append(rune.ToString());
        }

        var kept = name.ToString().Trim(' ', '.');
        if (kept.Length == 0) kept = CleanAttachment.IsPicture(type) ? "picture" : "file";
        return Array.Exists(endings, e => kept.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ? kept : kept + endings[0];
    }
}
