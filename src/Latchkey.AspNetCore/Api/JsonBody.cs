using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace Latchkey.AspNetCore;

/// <summary>
/// A request's JSON object, read field by field. The first thing that can't be accepted is kept as the refusal,
/// which names the field and says what it takes.
/// </summary>
internal sealed partial class JsonBody
{
    private const int MaxBytes = 16 * 1024;
    private readonly JsonElement _root;

    private JsonBody(JsonElement root, Refusal? refusal) => (_root, Refusal) = (root, refusal);

    public Refusal? Refusal { get; private set; }

    /// <summary>Reads the body; an empty one is an object without fields.</summary>
    /// <param name="context">The request.</param>
    /// <param name="known">The names that the object may have.</param>
    public static Task<JsonBody> ReadAsync(HttpContext context, params string[] known) => ReadAsync(context, MaxBytes, known);

    /// <summary>The same for a body of up to <paramref name="maxBytes"/>.</summary>
    public static async Task<JsonBody> ReadAsync(HttpContext context, int maxBytes, params string[] known)
    {
        var request = context.Request;
        if (request.ContentLength > maxBytes)
        {
            return TooLong(maxBytes);
        }

        var buffer = new byte[maxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length > maxBytes)
        {
            return TooLong(maxBytes);
        }

        if (length == 0)
        {
            return new JsonBody(JsonElement.Parse("{}"), null);
        }

        if (!request.HasJsonContentType())
        {
            return new JsonBody(default, BodyTypes.NotJson);
        }

        try
        {
            return Read(buffer.AsSpan(0, length), known);
        }
        catch (JsonException e)
        {
            return Bad("body", $"The body is not a JSON object that can be read (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        catch (InvalidOperationException)
        {
            // Names are compared as UTF-16, and one of them is none.
            return Bad("body", "The body has a field whose name is not well-formed Unicode.");
        }
    }

    private static JsonBody Read(ReadOnlySpan<byte> body, string[] known)
    {
        var root = JsonElement.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Bad("body", "The body takes a JSON object.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                var name = property.Name.Length <= 64 ? property.Name : property.Name[..64] + "…";
                return Bad(name, known.Length == 0
                    ? $"'{name}' is not known here; the body takes no fields."
                    : $"'{name}' is not known here; the body takes {string.Join(", ", known.Select(k => $"'{k}'"))}.");
            }

            if (!seen.Add(property.Name))
            {
                return Bad(property.Name, $"'{property.Name}' is given twice; the body takes each field once.");
            }
        }

        return new JsonBody(root, null);
    }

    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : Refuse(name, "a string");
        }
        catch (InvalidOperationException)
        {
            // Broken UTF-16 in an escape.
            return Refuse(name, "a string of well-formed Unicode");
        }
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(name, "true or false");
        return null;
    }

    public IReadOnlyList<string>? Texts(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
        {
            try
            {
                return [.. value.EnumerateArray().Select(item => item.GetString()!)];
            }
            catch (InvalidOperationException)
            {
                // Broken UTF-16 in an escape.
                Refuse(name, "a list of strings of well-formed Unicode");
                return null;
            }
        }

        Refuse(name, "a list of strings");
        return null;
    }

    public int? Number(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number))
        {
            return number;
        }

        Refuse(name, "a whole number");
        return null;
    }

    public TimeSpan? Duration(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (ParseDuration(text) is { } duration)
        {
            return duration;
        }

        Refuse(name, "an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as 'P14D' or 'PT1H'");
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Zoned().IsMatch(text)
            && DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.ToUniversalTime();
        }

        Refuse(name, "an RFC 3339 date and time with its offset, such as '2026-12-05T14:02:00Z'");
        return null;
    }

    /// <summary>Reads a duration as people and the API write it; null where it is none, or not a positive one.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        if (Weeks().Match(text) is { Success: true } weeks)
        {
            return TimeSpan.FromDays(7 * int.Parse(weeks.Groups["weeks"].ValueSpan, CultureInfo.InvariantCulture));
        }

        if (!Durations().IsMatch(text))
        {
            return null;
        }

        try
        {
            var duration = XmlConvert.ToTimeSpan(text);
            return duration > TimeSpan.Zero ? duration : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    // A body that was refused has no root to ask.
    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return Refusal is null && _root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string? Refuse(string name, string takes)
    {
        Refusal ??= new Refusal(RefusalReason.Invalid, $"'{name}' takes {takes}.", name);
        return null;
    }

    private static JsonBody TooLong(int maxBytes) => Bad("body", $"The body is longer than {maxBytes / 1024} KiB.");

    private static JsonBody Bad(string field, string message) => new(default, new Refusal(RefusalReason.Invalid, message, field));

    [GeneratedRegex(@"\AP(?<weeks>[1-9][0-9]{0,3})W\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Weeks();

    // Years and months have no one length, so they are not taken.
    [GeneratedRegex(@"\AP(?=[0-9T])([0-9]{1,6}D)?(T(?=[0-9])([0-9]{1,7}H)?([0-9]{1,8}M)?([0-9]{1,9}(\.[0-9]{1,7})?S)?)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Durations();

    [GeneratedRegex(@"(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Zoned();
}
