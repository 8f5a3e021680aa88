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
        var at = HiddenCharacters.IndexIn(text);
        if (at < 0) at = text.IndexOf('\uFFFD', StringComparison.Ordinal);
        if (at < 0 && !lines) at = text.AsSpan().IndexOfAny('\t', '\n', '\r');
        return at < 0
            ? null
            : Invalid(field, $"'{field}' holds the character {HiddenCharacters.NameAt(text, at)}; control, direction and invisible characters and broken Unicode are not accepted.");
    }

    private static Refusal Invalid(string field, string message) => new(RefusalReason.Invalid, message, field);
}
