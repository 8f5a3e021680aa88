using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Latchkey;

/// <summary>
/// Characters by which a text reads as something else than it is ("Trojan Source"): controls, changes of direction (Unicode UAX #9), line and
/// paragraph separators, format characters, everything that Unicode has ignored where it is shown, and blanks that are no spaces. One rule for
/// what is refused and for what is marked.
/// </summary>
/// <remarks>
/// Not hidden are a tab, a line's end and the spaces of every script; a joiner between two pictures (👩‍💻) or between two letters of a script
/// that is written with it (Arabic, Devanagari and their neighbours); a selector of the presentation behind a symbol (❤️, 1️⃣).
/// Half a surrogate pair counts as hidden.
/// </remarks>
public static class HiddenCharacters
{
    private const int Joiner = 0x200D;
    private const int NonJoiner = 0x200C;
    private const int TextStyle = 0xFE0E;
    private const int EmojiStyle = 0xFE0F;
    private const int Keycap = 0x20E3;

    /// <summary>Where the first one stands, in UTF-16 code units; -1 where there is none.</summary>
    public static int IndexIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Next(text, 0);
    }

    /// <summary>The character that begins at <paramref name="index"/>, as it is written: <c>U+202E</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place in the text.</exception>
    public static string NameAt(string text, int index)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, text.Length);
        return string.Create(CultureInfo.InvariantCulture, $"U+{At(text, index).Value:X4}");
    }

    /// <summary>The text with each of them in its place by name, in brackets that nothing else is written with: <c>⟨U+202E⟩</c>. For showing only.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Mark(string? text)
    {
        if (text is null || Next(text, 0) is not (>= 0 and var index)) return text;
        var marked = new StringBuilder(text.Length + 16);
        var from = 0;
        for (; index >= 0; index = Next(text, from))
        {
            marked.Append(text, from, index - from).Append('⟨').Append(NameAt(text, index)).Append('⟩');
            from = index + At(text, index).Length;
        }

        return marked.Append(text, from, text.Length - from).ToString();
    }

    private static int Next(string text, int from)
    {
        while (from < text.Length)
        {
            // Nearly all that is ever asked about.
            var odd = text.AsSpan(from).IndexOfAnyExceptInRange(' ', '~');
            if (odd < 0) return -1;
            from += odd;
            if (IsHidden(text, from)) return from;
            from += At(text, from).Length;
        }

        return -1;
    }

    private static bool IsHidden(string text, int index)
    {
        var (value, length) = At(text, index);
        return value switch
        {
            '\t' or '\n' => false,
            '\r' => index + 1 == text.Length || text[index + 1] != '\n',
            Joiner when EndsPicture(text, index) && IsPicture(After(text, index + length)) => false,
            Joiner or NonJoiner => !(IsJoined(Before(text, index)) && IsJoined(After(text, index + length))),
            TextStyle or EmojiStyle => !IsStyled(Before(text, index), After(text, index + length)),
            _ => IsIgnored(value) || IsBlank(value) || Category(value) is
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate,
        };
    }

    /// <summary>What else has the property Default_Ignorable_Code_Point (Unicode DerivedCoreProperties): fillers, selectors, tags and what is reserved for more.</summary>
    private static bool IsIgnored(int value) => value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x3164
        or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    /// <summary>Shows nothing and is no space that anybody types: a Braille cell without dots, and what stands for an object that isn't there.</summary>
    private static bool IsBlank(int value) => value is 0x2800 or 0xFFFC;

    private static bool IsPicture(int value) => value > 0x7F && Category(value) == UnicodeCategory.OtherSymbol;

    /// <summary>A picture stands before, or what ends one: its style or its skin.</summary>
    private static bool EndsPicture(string text, int index) => Before(text, index) switch
    {
        EmojiStyle => !IsHidden(text, index - 1),
        >= 0x1F3FB and <= 0x1F3FF => true,
        var before => IsPicture(before),
    };

    /// <summary>A letter of a script in whose writing joining or not is seen: from Arabic to Sinhala.</summary>
    private static bool IsJoined(int value) => value is >= 0x0600 and <= 0x0DFF
        && Category(value) is UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsStyled(int before, int after) => before switch
    {
        (>= '0' and <= '9') or '#' or '*' => after == Keycap,
        // ℹ is a letter to Unicode.
        0x2139 => true,
        _ => before > 0x7F && Category(before) is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.OtherPunctuation or UnicodeCategory.DashPunctuation,
    };

    // A blank is no symbol, whatever Unicode says: nothing joins it, and it has no style.
    private static UnicodeCategory Category(int value) => value < 0 || IsBlank(value) ? UnicodeCategory.OtherNotAssigned : CharUnicodeInfo.GetUnicodeCategory(value);

    private static (int Value, int Length) At(string text, int index) =>
        Rune.TryGetRuneAt(text, index, out var rune) ? (rune.Value, rune.Utf16SequenceLength) : (text[index], 1);

    private static int Before(string text, int index) =>
        index == 0 ? -1 : index > 1 && char.IsSurrogatePair(text, index - 2) ? char.ConvertToUtf32(text, index - 2) : text[index - 1];

    private static int After(string text, int index) => index < text.Length ? At(text, index).Value : -1;
}
