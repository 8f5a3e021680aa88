using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Latchkey.AspNetCore;

/// <summary>A place in a list that is read newest first. Opaque to callers.</summary>
internal static class Cursor
{
    public const int DefaultLimit = 50;

    /// <summary>Reads <c>cursor</c> and <c>limit</c> from the query.</summary>
    public static Refusal? Read(HttpContext context, out long before, out int limit)
    {
        before = long.MaxValue;
        limit = DefaultLimit;
        if (context.Request.Query["cursor"].ToString() is { Length: > 0 } cursor && !TryDecode(cursor, out before))
        {
            return new Refusal(RefusalReason.Invalid, "'cursor' takes a value that a list answered as 'next_cursor'.", "cursor");
        }

        if (context.Request.Query["limit"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > IHistory.MaxPage))
        {
            return new Refusal(RefusalReason.Invalid, $"'limit' takes a whole number from 1 to {IHistory.MaxPage}.", "limit");
        }

        return null;
    }

    public static Page<TOut> Page<TIn, TOut>(IReadOnlyList<TIn> rows, int limit, Func<TIn, long> position, Func<TIn, TOut> map) =>
        new([.. rows.Select(map)], rows.Count == limit ? Encode(position(rows[^1])) : null);

    public static string Encode(long position) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"p{position}"));

    private static bool TryDecode(string cursor, out long position)
    {
        position = 0;
        if (cursor.Length > 64 || !Base64Url.IsValid(cursor))
        {
            return false;
        }

        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
        return text.StartsWith('p') && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }
}
