using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary>A line of text that a person typed: what it may hold, so that it can be shown anywhere and never disguises itself.</summary>
public static class Line
{
    /// <summary>
    /// Trims and composes <paramref name="text"/> (NFC), and refuses what is empty, longer than <paramref name="longest"/>
    /// characters, or holds control, direction-changing, invisible or broken characters.
    /// </summary>
    public static string? Read(string field, string? text, int longest, List<FieldError> errors)
    {
        var accepted = $"1 to {longest} characters on one line.";
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
            return Refuse("It is empty.");
        if (Unusable(text) is { } problem)
            return Refuse(problem);
        text = text.Normalize(NormalizationForm.FormC);
        return new StringInfo(text).LengthInTextElements > longest || text.Length > longest * 8
            ? Refuse("It is too long.")
            : text;

        string? Refuse(string why)
        {
            errors.Add(new FieldError(field, why, accepted));
            return null;
        }
    }

    private static string? Unusable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return "It holds half a character (a lone surrogate).";
            if (rune.Utf16SequenceLength == 2) i++;
            var name = string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    return $"It holds a control character ({name}).";
                // Joiners make emoji and some scripts; every other format character hides or reorders text.
                case UnicodeCategory.Format when rune.Value is not (0x200C or 0x200D):
                    return $"It holds an invisible or direction-changing character ({name}).";
                case UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    return $"It holds a character that nobody else can read ({name}).";
            }
        }
        return text.All(c => c is '\u200C' or '\u200D' || char.IsWhiteSpace(c)) ? "It holds nothing that can be seen." : null;
    }
}
