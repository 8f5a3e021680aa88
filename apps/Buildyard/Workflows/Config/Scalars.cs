using System.Globalization;
using System.Numerics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>What an unquoted word of YAML means to Bitrise, which reads YAML 1.1: <c>yes</c> and <c>off</c> are switches, <c>0x10</c> is sixteen.</summary>
internal enum ScalarKind
{
    Null,
    Text,
    Switch,
    Whole,
    Fraction,
}

/// <summary>Scalars, read as Bitrise reads them.</summary>
internal static class Scalars
{
    private static readonly HashSet<string> s_true = new(StringComparer.Ordinal) { "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" };
    private static readonly HashSet<string> s_false = new(StringComparer.Ordinal) { "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" };

    public static ScalarKind KindOf(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        var tag = node.Tag.IsEmpty ? "" : node.Tag.Value;
        if (tag == "tag:yaml.org,2002:str" || (tag.Length == 0 && node.Style is not (ScalarStyle.Plain or ScalarStyle.Any))) return ScalarKind.Text;
        if (text is "" or "~" or "null" or "Null" or "NULL") return ScalarKind.Null;
        if (s_true.Contains(text) || s_false.Contains(text)) return ScalarKind.Switch;
        if (text[0] is not ('.' or '+' or '-' or (>= '0' and <= '9'))) return ScalarKind.Text;
        if (Whole(text) is not null) return ScalarKind.Whole;
        return Fraction(text) is null ? ScalarKind.Text : ScalarKind.Fraction;
    }

    /// <summary>True or false; null when it is no switch.</summary>
    public static bool? Switch(YamlScalarNode node) => KindOf(node) == ScalarKind.Switch ? s_true.Contains(node.Value!) : null;

    /// <summary>
    /// A whole number, as Bitrise takes one: a fraction loses what is behind its point. Null when it is none, or out of the range of 64 bits;
    /// within it what is beyond 32 bits counts as the largest or smallest number there.
    /// </summary>
    public static int? Number(YamlScalarNode node) => KindOf(node) switch
    {
        ScalarKind.Whole when Whole(node.Value!) is { } number && number <= long.MaxValue => (int)BigInteger.Clamp(number, int.MinValue, int.MaxValue),
        ScalarKind.Fraction when Fraction(node.Value!) is { } number && Math.Abs(number) < long.MaxValue => (int)Math.Clamp(number, int.MinValue, int.MaxValue),
        _ => null,
    };

    /// <summary>Whether it is a moment: RFC 3339, and without quotes also a date alone, or a date and a time.</summary>
    public static bool IsTime(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        return IsMoment(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK")
            || (node.Style is ScalarStyle.Plain or ScalarStyle.Any
                && (IsMoment(text, "yyyy-M-d'T'H:m:s.FFFFFFFK") || IsMoment(text, "yyyy-M-d't'H:m:s.FFFFFFFK") || IsMoment(text, "yyyy-M-d H:m:s.FFFFFFF") || IsMoment(text, "yyyy-M-d")));
    }

    private static bool IsMoment(string text, string form) => DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>A switch as options of env vars take it: also quoted, as a digit or a letter.</summary>
    public static bool? Lenient(YamlNode node) => node is not YamlScalarNode scalar ? null : Switch(scalar) ?? Lenient(AsText(scalar));

    /// <summary>A switch that somebody typed: <c>true</c>, <c>t</c>, <c>yes</c>, <c>y</c>, <c>1</c> and their opposites, in any case.</summary>
    public static bool? Lenient(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "t" or "yes" or "y" or "1" => true,
        "false" or "f" or "no" or "n" or "0" => false,
        _ => null,
    };

    /// <summary>The value that an environment variable gets: <c>yes</c> is <c>true</c>, <c>1.10</c> is <c>1.1</c>, a list is its parts in brackets.</summary>
    public static string AsText(YamlNode node) => node switch
    {
        YamlScalarNode scalar => AsText(scalar),
        YamlSequenceNode list => $"[{string.Join(' ', list.Children.Select(Inside))}]",
        YamlMappingNode map => $"map[{string.Join(' ', map.Children.Select(e => $"{Inside(e.Key)}:{Inside(e.Value)}").Order(StringComparer.Ordinal))}]",
        _ => "",
    };

    private static string Inside(YamlNode node) => YamlMap.IsNull(node) ? "<nil>" : AsText(node);

    private static string AsText(YamlScalarNode node) => KindOf(node) switch
    {
        ScalarKind.Null => "",
        ScalarKind.Switch => s_true.Contains(node.Value!) ? "true" : "false",
        ScalarKind.Whole => Whole(node.Value!)!.Value.ToString(CultureInfo.InvariantCulture),
        ScalarKind.Fraction => Written(Fraction(node.Value!)!.Value),
        _ => node.Value ?? "",
    };

    /// <summary>The shortest text that reads back as the same number; with an exponent from a million on and below a ten-thousandth.</summary>
    private static string Written(double number)
    {
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "+Inf" : "-Inf";
        if (number == 0) return double.IsNegative(number) ? "-0" : "0";
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var (digits, exponent) = mark < 0 ? (shortest, 0) : (shortest[..mark], int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var all = digits.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        exponent += (point < 0 ? digits.Length : point) - leading - 1;
        var sign = number < 0 ? "-" : "";
        if (exponent is >= -4 and < 6 && mark < 0) return sign + shortest;
        var significant = all.Trim('0');
        if (exponent is >= -4 and < 6)
            return $"{sign}0.{new string('0', -exponent - 1)}{significant}";
        var fraction = significant.Length > 1 ? $".{significant[1..]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{significant[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
    }

    private static BigInteger? Whole(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits.StartsWith('-');
        var body = digits.TrimStart('+', '-');
        if (body.Length == 0 || digits.Length - body.Length > 1 || body.Length > 70) return null;
        BigInteger? number = body switch
        {
            ['0', 'x' or 'X', .. var hex] => InBase(hex, 16),
            ['0', 'b' or 'B', .. var bits] => InBase(bits, 2),
            ['0', 'o' or 'O', .. var octal] => InBase(octal, 8),
            ['0', .. var octal] when octal.Length > 0 => InBase(octal, 8),
            _ => InBase(body, 10),
        };
        if (number is not { } value) return null;
        value = negative ? -value : value;
        return value >= long.MinValue && value <= ulong.MaxValue ? value : null;
    }

    private static BigInteger? InBase(string digits, int of)
    {
        var sum = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : of;
            if (value >= of) return null;
            sum = (sum * of) + value;
        }
        return digits.Length == 0 ? null : sum;
    }

    private static double? Fraction(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        switch (plain.TrimStart('+', '-'))
        {
            case ".inf" or ".Inf" or ".INF":
                return plain.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
            case ".nan" or ".NaN" or ".NAN":
                return double.NaN;
        }
        if (plain.Any(c => c is not ('.' or '+' or '-' or 'e' or 'E') && !char.IsAsciiDigit(c))) return null;
        return double.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
