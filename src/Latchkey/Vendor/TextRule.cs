using System.Text.RegularExpressions;

namespace Latchkey;

/// <summary>What a reason or a ticket must look like.</summary>
/// <param name="Pattern">A regular expression of .NET, matched against the whole text within 100 ms. Up to 200 characters.</param>
/// <param name="Example">A text that fits it, shown beside the field and where one is refused.</param>
/// <param name="Hint">A sentence of the vendor's that says what is wanted, shown in the same places; null for none. Up to 200 characters.</param>
public sealed record TextRule(string Pattern, string Example, string? Hint = null)
{
    /// <summary>What is wanted, in sentences.</summary>
    public string Wanted => $"{(Hint is null ? "" : Hint[^1] is '.' or '!' or '?' or '…' ? Hint + " " : Hint + ". ")}One looks like {Example}.";

    internal const int MaxLength = 200;
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(100);

    /// <summary>What makes the pattern or its example unusable; null where both can be used.</summary>
    /// <param name="pattern">What the pattern is called where it was given.</param>
    /// <param name="example">What the example is called there.</param>
    internal Refusal? Fault(string pattern, string example)
    {
        Regex whole;
        try
        {
            whole = Whole();
        }
        catch (RegexParseException e)
        {
            return TermsCheck.Invalid(pattern, $"'{pattern}' is not a regular expression: at character {e.Offset + 1}, {Lowered(e.Message)}");
        }
        catch (ArgumentException)
        {
            return TermsCheck.Invalid(pattern, $"'{pattern}' is a regular expression only by itself; it takes one without comments.");
        }

        return Fit(whole, Example) switch
        {
            true => null,
            false => TermsCheck.Invalid(example, $"'{example}' does not fit the pattern; it takes a text that does."),
            _ => TermsCheck.Invalid(pattern, $"'{pattern}' takes longer than 100 ms for its own example; it takes a simpler one."),
        };
    }

    /// <summary>Why a text is refused by this rule; null where it fits.</summary>
    internal Refusal? Refuse(string text, string field)
    {
        bool? fits;
        try
        {
            fits = Fit(Whole(), text);
        }
        catch (ArgumentException)
        {
            // Taken by the version that recorded it, and not by this one: nothing can be shown to fit.
            fits = null;
        }

        return fits switch
        {
            true => null,
            false => TermsCheck.Invalid(field, $"'{field}' does not look like a {field} here{(Hint is null ? $"; one looks like {Example}." : $". {Wanted}")}"),
            _ => TermsCheck.Invalid(field, $"'{field}' could not be checked within 100 ms, so it is refused. {Wanted}"),
        };
    }

    private static bool? Fit(Regex whole, string text)
    {
        try
        {
            return whole.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private Regex Whole()
    {
        // By itself first: what only closes a bracket of ours would be taken otherwise, and places are counted from its own start.
        _ = new Regex(Pattern, RegexOptions.CultureInvariant, s_longest);
        var whole = $@"\A(?:{Pattern})\z";
        try
        {
            return new Regex(whole, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, s_longest);
        }
        catch (NotSupportedException)
        {
            return new Regex(whole, RegexOptions.CultureInvariant, s_longest);
        }
    }

    // "Invalid pattern 'x[' at offset 2. Unterminated [] set." says the place a second time.
    private static string Lowered(string message)
    {
        var word = message[(message.IndexOf(". ", message.LastIndexOf("' at offset ", StringComparison.Ordinal) is >= 0 and var at ? at : 0, StringComparison.Ordinal) + 2)..];
        return char.ToLowerInvariant(word[0]) + word[1..];
    }
}
