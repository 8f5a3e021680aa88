using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Latchkey.AspNetCore;

/// <summary>What a place in a list is counted in. One of one kind is none of another: what compared them would tell how far each has come.</summary>
internal enum Counted : byte
{
    /// <summary>The entries of all accounts.</summary>
    Entries,

    /// <summary>The lines of all inboxes.</summary>
    Notices,

    /// <summary>The entries of one account.</summary>
    EntriesOfAccount,

    /// <summary>The entries of all accounts, where the list begins with the one that is named instead of behind it: the next place would say whether it is taken.</summary>
    EntriesFrom,
}

/// <summary>
/// A place in a list that is read newest first. Opaque to callers: positions count what the whole store holds, and two of them would tell
/// whether something came in between, as it does where a request by name has found somebody. So they are sealed, by a key that ends with the process.
/// </summary>
internal static class Cursor
{
    public const int DefaultLimit = 50;

    private const int Block = 16;
    private const int Digits = 22;
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(Block);

    /// <summary>What the API's description says of <c>cursor</c>.</summary>
    public const string About = "Where the page begins: a list's next_cursor. Left out, the newest.";

    /// <summary>What the API's description says of <c>limit</c>.</summary>
    public const string AboutLimit = "How many at most, 1 to 200. Left out, 50.";

    /// <summary>Reads <c>cursor</c> and <c>limit</c> from the query.</summary>
    public static Refusal? Read(HttpContext context, out long before, out int limit, Counted counted = Counted.Entries) =>
        Read(context.Request.Query["cursor"], context.Request.Query["limit"], out before, out limit, counted);

    /// <summary>Reads a cursor and a limit as they were given; null or empty for neither.</summary>
    public static Refusal? Read(string? cursor, string? number, out long before, out int limit, Counted counted = Counted.Entries)
    {
        before = long.MaxValue;
        limit = DefaultLimit;
        if (!string.IsNullOrEmpty(cursor) && counted == Counted.Entries && TryDecode(cursor, out var first, Counted.EntriesFrom))
        {
            before = first + 1;
        }
        else if (!string.IsNullOrEmpty(cursor) && !TryDecode(cursor, out before, counted))
        {
            return new Refusal(RefusalReason.Invalid, "'cursor' takes a value that a list answered as 'next_cursor'.", "cursor");
        }

        if (!string.IsNullOrEmpty(number)
            && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > IHistory.MaxPage))
        {
            return new Refusal(RefusalReason.Invalid, $"'limit' takes a whole number from 1 to {IHistory.MaxPage}.", "limit");
        }

        return null;
    }

    public static Page<TOut> Page<TIn, TOut>(
        IReadOnlyList<TIn> rows, int limit, Func<TIn, long> position, Func<TIn, TOut> map, Counted counted = Counted.Entries) =>
        new([.. rows.Select(map)], rows.Count == limit ? Encode(position(rows[^1]), counted) : null);

    public static string Encode(long position, Counted counted = Counted.Entries)
    {
        Span<byte> block = stackalloc byte[Block];
        BinaryPrimitives.WriteInt64BigEndian(block, position);
        block[^1] = (byte)counted;
        using var aes = Aes.Create();
        aes.Key = s_key;
        return Base64Url.EncodeToString(aes.EncryptEcb(block, PaddingMode.None));
    }

    public static bool TryDecode(string cursor, out long position, Counted counted = Counted.Entries)
    {
        position = 0;
        if (cursor.Length != Digits || !Base64Url.IsValid(cursor))
        {
            return false;
        }

        using var aes = Aes.Create();
        aes.Key = s_key;
        ReadOnlySpan<byte> block = aes.DecryptEcb(Base64Url.DecodeFromChars(cursor), PaddingMode.None);
        position = BinaryPrimitives.ReadInt64BigEndian(block);
        return position >= 0 && block[^1] == (byte)counted && !block[sizeof(long)..^1].ContainsAnyExcept((byte)0);
    }
}
