using System.Globalization;

namespace Latchkey.AspNetCore;

/// <summary>Spans of time in words. The page's script says the same words as time goes on; it and this change together.</summary>
internal static class Durations
{
    /// <summary>What is left, for sentences: "13 days 23 hours", "1 hour 12 minutes", "5 minutes 3 seconds". Rounded down, so it never promises more than there is.</summary>
    public static string Long(TimeSpan span) => InTwo(span, " day", " hour", " minute", " second", plural: true);

    /// <summary>What is left, for narrow places: "13 d 23 h", "1 h 12 min", "5 min 3 s".</summary>
    public static string Short(TimeSpan span) => InTwo(span, " d", " h", " min", " s", plural: false);

    /// <summary>How long ago: "just now", "2 minutes ago", "3 days ago". Rounded down to one unit.</summary>
    public static string Ago(TimeSpan span)
    {
        if (span < TimeSpan.FromMinutes(1))
        {
            return "just now";
        }

        var (count, unit) = span.TotalHours < 1 ? (span.Minutes, " minute")
            : span.TotalDays < 1 ? (span.Hours, " hour")
            : (span.Days, " day");
        return Counted(count, unit, plural: true) + " ago";
    }

    /// <summary>A length that can be chosen: "1 hour", "14 days", "90 minutes".</summary>
    public static string Length(TimeSpan span) =>
        span.Ticks % TimeSpan.TicksPerDay == 0 ? Counted(span.Days, " day", plural: true)
        : span.Ticks % TimeSpan.TicksPerHour == 0 ? Counted((int)span.TotalHours, " hour", plural: true)
        : Counted((int)span.TotalMinutes, " minute", plural: true);

    /// <summary>"1 action", "3 changes".</summary>
    public static string Count(int count, string noun) => Counted(count, " " + noun, plural: true);

    private static string InTwo(TimeSpan span, string day, string hour, string minute, string second, bool plural)
    {
        if (span < TimeSpan.Zero)
        {
            span = TimeSpan.Zero;
        }

        var (first, unit, then, smaller) = span switch
        {
            { TotalDays: >= 1 } => (span.Days, day, span.Hours, hour),
            { TotalHours: >= 1 } => (span.Hours, hour, span.Minutes, minute),
            { TotalMinutes: >= 1 } => (span.Minutes, minute, span.Seconds, second),
            _ => (span.Seconds, second, 0, ""),
        };
        return then == 0 ? Counted(first, unit, plural) : $"{Counted(first, unit, plural)} {Counted(then, smaller, plural)}";
    }

    private static string Counted(int count, string unit, bool plural) =>
        count.ToString(CultureInfo.InvariantCulture) + unit + (plural && count != 1 ? "s" : "");
}
