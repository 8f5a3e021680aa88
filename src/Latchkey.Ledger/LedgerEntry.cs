using System.Globalization;
using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>
/// One entry of an account's ledger. What is hashed is <see cref="Encode"/>: one canonical JSON object of version, account, seq,
/// time and kind beside the entry's own fields. Whatever a person typed is not in it, only commitments to it (<see cref="Commitment"/>).
/// </summary>
public sealed class LedgerEntry
{
    /// <summary>The version of the encoding, the value of <c>v</c>.</summary>
    public const int Version = 1;

    /// <summary>The most bytes an encoded entry may have: 1 MiB, some three thousand changes in one act.</summary>
    public const int MaxBytes = 1024 * 1024;

    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Describes an entry. Nothing of it is checked for meaning, only for form.</summary>
    /// <param name="account">Whose ledger it belongs to; not empty.</param>
    /// <param name="seq">Its number in that ledger, gapless from 0, at most <see cref="CanonicalJson.MaxInteger"/>.</param>
    /// <param name="time">UTC and whole milliseconds, as <see cref="WholeMilliseconds"/> gives it.</param>
    /// <param name="kind">What happened, such as <c>grant.opened</c>; not empty.</param>
    /// <param name="fields">Its own fields, none named as one of the five that every entry has. Kept, not copied: change it no more.</param>
    public LedgerEntry(string account, long seq, DateTimeOffset time, string kind, JsonObject fields)
    {
        Check(account, seq, time, kind);
        (Account, Seq, Time, Kind, Fields) = (account, seq, time, kind, fields);
    }

    /// <summary>Whose ledger it belongs to.</summary>
    public string Account { get; }

    /// <summary>Its number in that ledger, from 0.</summary>
    public long Seq { get; }

    /// <summary>When it was recorded: UTC, whole milliseconds.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>What happened.</summary>
    public string Kind { get; }

    /// <summary>The entry's own fields.</summary>
    public JsonObject Fields { get; }

    /// <summary>The time as an entry can hold it: in UTC, cut to the millisecond it lies in.</summary>
    /// <param name="time">Any time.</param>
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    /// <summary>The bytes that are stored and hashed.</summary>
    /// <exception cref="LedgerFormatException">A field has a name that every entry uses, or a value the format can't hold (<see cref="CanonicalJson.Encode"/>), or the whole exceeds <see cref="MaxBytes"/>.</exception>
    public byte[] Encode() => EncodedFields.Of(Fields).ToEntry(Account, Seq, Time, Kind);

    /// <summary>Reads an entry from the bytes that were hashed. They must be exactly what <see cref="Encode"/> gives.</summary>
    /// <param name="utf8">One encoded entry, nothing before or after it.</param>
    /// <exception cref="LedgerFormatException">It is not JSON, not canonical, of another version, too long, or a field is missing or wrong; the message names it.</exception>
    public static LedgerEntry Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
            throw new LedgerFormatException("$", $"takes {utf8.Length} bytes; an entry has at most {MaxBytes}");
        if (CanonicalJson.Read(utf8) is not JsonObject members)
            throw new LedgerFormatException("$", "is not an object");
        var version = members.Take<long>("v", "a whole number");
        if (version != Version)
            throw new LedgerFormatException("$.v", $"is {version}; version {Version} is understood");
        var account = members.TakeText("account");
        var seq = members.Take<long>("seq", "a whole number");
        if (seq is < 0 or > CanonicalJson.MaxInteger)
            throw new LedgerFormatException("$.seq", $"is {seq}; it lies within 0 and 2^53 − 1");
        var entry = new LedgerEntry(account, seq, TakeTime(members), members.TakeText("kind"), members);
        return entry.Encode().AsSpan().SequenceEqual(utf8)
            ? entry
            : throw new LedgerFormatException("$", "is not in canonical form");
    }

    internal static void Check(string account, long seq, DateTimeOffset time, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(account);
        ArgumentOutOfRangeException.ThrowIfNegative(seq);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, CanonicalJson.MaxInteger);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        if (time != WholeMilliseconds(time) || time.Offset != TimeSpan.Zero)
            throw new ArgumentException("An entry's time is UTC in whole milliseconds.", nameof(time));
    }

    private static DateTimeOffset TakeTime(JsonObject members)
    {
        var text = members.TakeText("time");
        return DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new LedgerFormatException("$.time", $"is '{text}'; a time such as 2026-11-21T14:02:03.004Z is expected");
    }
}
