using System.Globalization;
using System.Text;

namespace Latchkey.Tests;

public sealed class HiddenCharactersTests
{
    /// <summary>What people write in, and what their own tools make of it.</summary>
    public static TheoryData<string> Legible =>
    [
        "", "plain", "a\tb\nc\r\nd", "Größe – 100 %", "ビルドが止まる", "البناء متوقف", "e\u0301\u0323", "👩\u200D💻", "❤\uFE0F\u200D🔥", "👩🏽\u200D🚀", "⚙\uFE0F build", "1\uFE0F\u20E3 #\uFE0F\u20E3",
        "ℹ\uFE0F", "‼\uFE0F ↔\uFE0F 〰\uFE0F", "می\u200Cخواهم", "क्\u200Dष", "\u00A0\u202F\u3000", "⠓⠑", "\uE000",
    ];

    /// <summary>Sense in one place is none in another.</summary>
    public static TheoryData<string, string> Marked => new()
    {
        { "turned \u202Eround", "turned ⟨U+202E⟩round" },
        { "\u200B", "⟨U+200B⟩" },
        { "a\u200Db", "a⟨U+200D⟩b" },
        { "a\u200Cb", "a⟨U+200C⟩b" },
        { "👩\u200D", "👩⟨U+200D⟩" },
        { "می\u200C", "می⟨U+200C⟩" },
        { "a\uFE0F", "a⟨U+FE0F⟩" },
        { "1\uFE0F2", "1⟨U+FE0F⟩2" },
        { ";\uFE0F", ";⟨U+FE0F⟩" },
        { "\uFE0Fa", "⟨U+FE0F⟩a" },
        { "x\U000E0041\U000E0042", "x⟨U+E0041⟩⟨U+E0042⟩" },
        { "葛\U000E0100", "葛⟨U+E0100⟩" },
        { "a\rb", "a⟨U+000D⟩b" },
        { "\u001b[31m", "⟨U+001B⟩[31m" },
        { "\u3164 \u115F \u034F \u00AD \u2028", "⟨U+3164⟩ ⟨U+115F⟩ ⟨U+034F⟩ ⟨U+00AD⟩ ⟨U+2028⟩" },
        { "a\u2800b\uFFFC", "a⟨U+2800⟩b⟨U+FFFC⟩" },
        { "half \uD83D here", "half ⟨U+D83D⟩ here" },
    };

    [Theory]
    [MemberData(nameof(Legible))]
    public void WhatPeopleWriteIn_IsLeftAsItIs(string text)
    {
        Assert.Equal(-1, HiddenCharacters.IndexIn(text));
        Assert.Same(text, HiddenCharacters.Mark(text));
    }

    [Theory]
    [MemberData(nameof(Marked))]
    public void WhatHides_IsMarked_WhereItStands(string text, string marked)
    {
        Assert.Equal(marked, HiddenCharacters.Mark(text));
        Assert.Equal(marked.IndexOf('⟨', StringComparison.Ordinal), HiddenCharacters.IndexIn(text));
    }

    [Fact]
    public void EveryControlAndFormatCharacter_BetweenLetters_IsHidden_AndNoLetterOrSignIs()
    {
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            // Two that Unicode counts among symbols and that show nothing.
            if (!Rune.IsValid(point) || point is '\t' or '\n' or 0x2800 or 0xFFFC) continue;
            var hides = Rune.GetUnicodeCategory(new Rune(point)) switch
            {
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
                UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.SpaceSeparator
                    or UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.OtherPunctuation => false,
                _ => (bool?)null,
            };
            if (hides is { } hidden) Assert.True(hidden == HiddenCharacters.IndexIn($"a{new Rune(point)}b") >= 0, $"U+{point:X4}");
        }
    }

    [Fact]
    public void WhatWasMarked_HidesNothing_AndIsNotMarkedTwice()
    {
        string[] some = ["a", "1", "#", " ", "\t", "\n", "\r", "\u00AD", "\u0627", "\u0915", "\u200B", "\u200C", "\u200D", "\u202E", "\u20E3", "\u2764", "\u2800", "\uFE0F", "\uFEFF", "👩", "🏽", "\U000E0041", "\uD83D", "\uDC00"];
        foreach (var text in from one in some from two in some from three in some from four in some select one + two + three + four)
        {
            var marked = HiddenCharacters.Mark(text);
            Assert.True(HiddenCharacters.IndexIn(text) < 0 == (marked == text), marked);
            Assert.Equal(-1, HiddenCharacters.IndexIn(marked));
        }
    }
}
