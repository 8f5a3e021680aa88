namespace Latchkey.Ledger;

/// <summary>Standard base64 where each value has one spelling, so that a signed or hashed text can't be altered unseen.</summary>
internal static class StrictBase64
{
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(text, bytes, out var written))
            return false;
        Array.Resize(ref bytes, written);
        // The platform's decoder skips blanks and ignores the unused bits of the last character.
        return text.SequenceEqual(Convert.ToBase64String(bytes));
    }
}
