using System.Globalization;

namespace Latchkey.Ledger;

/// <summary>Doubles as ECMAScript's Number::toString prints them, which RFC 8785, section 3.2.2.3 asks for.</summary>
internal static class EcmaNumber
{
    /// <summary>A finite number: the fewest digits that read back as the same double, placed by ECMAScript's rules.</summary>
    public static string Format(double value)
    {
        if (value == 0)
            return "0";

        // The platform finds the same shortest digits, and only places the point and exponent by rules of its own.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mantissa = shortest.Split('E');
        var exponent = mantissa.Length == 2 ? int.Parse(mantissa[1], CultureInfo.InvariantCulture) : 0;
        var point = mantissa[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa[0].Length : point;
        var all = mantissa[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var n = whole + exponent - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return (value < 0 ? "-" : "") + Place(digits, n);
    }

    /// <summary>The digits d₁d₂… as the number 0.d₁d₂… × 10ⁿ.</summary>
    private static string Place(string digits, int n)
    {
        if (n is > 0 and <= 21)
            return digits.Length <= n ? digits.PadRight(n, '0') : $"{digits[..n]}.{digits[n..]}";
        if (n is > -6 and <= 0)
            return "0." + new string('0', -n) + digits;
        var sign = n > 0 ? '+' : '-';
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{digits[0]}{fraction}e{sign}{Math.Abs(n - 1)}";
    }
}
