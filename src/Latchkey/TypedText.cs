using System.Text;

namespace Latchkey;

/// <summary>What people may type into a reason, ticket, note or message: any language, nothing that hides or reorders what is read.</summary>
internal static class TypedText
{
    /// <summary>Trims, and refuses with the field's name what can't be accepted. Null and blank are one.</summary>
    public static Refusal? Check(string? text, string field, int min, int max, out string? kept) => Check(text, field, min, max, lines: false, out kept);

    /// <summary>The same for a text of many lines: it may have line ends, kept as LF, and tabs. Blank space inside stays as typed.</summary>
    public static Refusal? CheckLines(string? text, string field, int min, int max, out string? kept) =>
        Check(text?.ReplaceLineEndings("\n"), field, min, max, lines: true, out kept);

    /// <summary>The same for a whole text such as a file, which is kept as it is but for line ends, blank space around it included; it may be empty.</summary>
    public static Refusal? CheckWhole(string? text, string field, int max, out string kept)
    {
        kept = text?.ReplaceLineEndings("\n") ?? "";
        return kept.Length > max
            ? Invalid(field, $"'{field}' has {kept.Length} characters; it takes up to {max}.")
            : Hidden(kept, field, lines: true);
    }

    private static Refusal? Check(string? text, string field, int min, int max, bool lines, out string? kept)
    {
        kept = text?.Trim();
        if (string.IsNullOrEmpty(kept))
        {
            kept = null;
            return min == 0 ? null : Invalid(field, $"'{field}' is missing; it takes {min} to {max} characters.");
        }

        if (kept.Length < min || kept.Length > max)
        {
            return Invalid(field, $"'{field}' has {kept.Length} character{(kept.Length == 1 ? "" : "s")}; it takes {min} to {max}.");
        }

        return Hidden(kept, field, lines);
    }

    private static Refusal? Hidden(string text, string field, bool lines)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || (Hides(rune) && !(lines && rune.Value is '\n' or '\t')))
            {
                return Invalid(field, $"'{field}' holds the character U+{rune.Value:X4}; control and direction characters and broken Unicode are not accepted.");
            }
        }

        return null;
    }

    // Bidirectional controls can make a line read as something else (Unicode UAX #9, "Trojan Source").
    private static bool Hides(Rune rune) =>
        Rune.IsControl(rune) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x061C or 0xFEFF or 0x200B or 0x2028 or 0x2029;

    private static Refusal Invalid(string field, string message) => new(RefusalReason.Invalid, message, field);
}
