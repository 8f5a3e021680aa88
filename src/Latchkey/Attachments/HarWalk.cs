using System.Net;
using System.Text.Json;

namespace Latchkey;

/// <summary>The walk through one HAR file: the fields that are kept, one method for each of the format's objects.</summary>
internal sealed class HarWalk(Utf8JsonWriter writer, HarValues values, KnownSecrets known)
{
    private delegate bool Field(ref Utf8JsonReader json, string name);

    public void Root(ref Utf8JsonReader json) => ObjectValue(ref json, (ref r, name) => name == "log" && Object(ref r, name, Log));

    private bool Log(ref Utf8JsonReader json, string name) => name switch
    {
        "version" => Text(ref json, name),
        "creator" or "browser" => Object(ref json, name, (ref r, field) => field is "name" or "version" && Text(ref r, field)),
        "pages" => Array(ref json, name, Page),
        "entries" => Entries(ref json),
        _ => false,
    };

    private bool Page(ref Utf8JsonReader json, string name) => name switch
    {
        "startedDateTime" or "id" or "title" => Text(ref json, name),
        "pageTimings" => Object(ref json, name, (ref r, field) => field is "onContentLoad" or "onLoad" && Number(ref r, field)),
        _ => false,
    };

    private bool Entries(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw new JsonException("A list of requests was expected.");
        writer.WriteStartArray("entries"u8);
        for (var number = 1; json.Read() && json.TokenType != JsonTokenType.EndArray; number++)
        {
            values.Where = PlaceOf(json) ?? $"request {number}";
            ObjectValue(ref json, Entry);
        }

        values.Where = null;
        writer.WriteEndArray();
        return true;
    }

    private bool Entry(ref Utf8JsonReader json, string name) => name switch
    {
        "pageref" or "startedDateTime" or "connection" => Text(ref json, name),
        "serverIPAddress" => IPAddress.TryParse(JsonText(ref json)?.Trim('[', ']'), out _) && Text(ref json, name),
        "time" => Number(ref json, name),
        "request" => Object(ref json, name, Request),
        "response" => Object(ref json, name, Response),
        "cache" => Object(ref json, name, (ref _, _) => false),
        "timings" => Object(ref json, name, (ref r, field) => field is "blocked" or "dns" or "connect" or "send" or "wait" or "receive" or "ssl" && Number(ref r, field)),
        _ => false,
    };

    private bool Request(ref Utf8JsonReader json, string name) => name switch
    {
        "method" or "httpVersion" => Text(ref json, name),
        "url" => Write(name, JsonText(ref json) is { } url ? values.Address(url) : SecretNames.Removed),
        "cookies" => Array(ref json, name, Cookie),
        "headers" => Pairs(ref json, name, values.Header),
        "queryString" => Pairs(ref json, name, (field, value) => values.Field(RemovedKind.AddressPart, field, value)),
        "postData" => Posted(ref json, name),
        "headersSize" or "bodySize" => Number(ref json, name),
        _ => false,
    };

    private bool Response(ref Utf8JsonReader json, string name) => name switch
    {
        "statusText" or "httpVersion" => Text(ref json, name),
        "status" or "headersSize" or "bodySize" => Number(ref json, name),
        "cookies" => Array(ref json, name, Cookie),
        "headers" => Pairs(ref json, name, values.Header),
        "redirectURL" => Write(name, JsonText(ref json) is { } url ? values.Address(url) : SecretNames.Removed),
        "content" => Content(ref json, name),
        _ => false,
    };

    private bool Cookie(ref Utf8JsonReader json, string name)
    {
        switch (name)
        {
            case "name" or "path" or "domain" or "expires" or "sameSite":
                return Text(ref json, name);
            case "httpOnly" or "secure":
                return Flag(ref json, name);
            case "value":
                var value = JsonText(ref json) ?? SecretNames.Removed;
                values.Cookie(value);
                return Write(name, values.Remove(RemovedKind.Cookie, "value", value, shortest: 12));
            default:
                return false;
        }
    }

    private bool Posted(ref Utf8JsonReader json, string field)
    {
        var type = Ahead(json, "mimeType"u8) ?? "";
        return Object(ref json, field, (ref r, name) => name switch
        {
            "mimeType" => Write(name, values.Plain(RemovedKind.Body, name, type.Split(';')[0])),
            "params" => Pairs(ref r, name, (of, value) => values.Field(RemovedKind.FormField, of, value)),
            "text" => Write(name, Body(JsonText(ref r), type, "request body")),
            _ => false,
        });
    }

    private bool Content(ref Utf8JsonReader json, string field)
    {
        var type = Ahead(json, "mimeType"u8) ?? "";
        var encoded = Ahead(json, "encoding"u8) is { Length: > 0 };
        return Object(ref json, field, (ref r, name) => name switch
        {
            "size" or "compression" => Number(ref r, name),
            "mimeType" => Write(name, values.Plain(RemovedKind.Body, name, type.Split(';')[0])),
            "text" when encoded || !IsJson(type) => Dropped(name, type, "response body"),
            "text" => Write(name, Body(JsonText(ref r), type, "response body")),
            "encoding" => true,
            _ => false,
        });
    }

    private bool Dropped(string name, string type, string what)
    {
        values.LeftOut(RemovedKind.Body, $"{what}, {TypeName(type)}", ofWholeFile: true);
        return Write(name, SecretNames.Removed);
    }

    private string Body(string? text, string type, string what)
    {
        if (text is { Length: 0 }) return text;
        var kept = text is null ? null
            : IsJson(type) ? JsonBody.Clean(text, values)
            : type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ? values.Pairs(RemovedKind.FormField, text)
            : null;
        if (kept is null) values.LeftOut(RemovedKind.Body, $"{what}, {TypeName(type)}", ofWholeFile: true);
        return kept ?? SecretNames.Removed;
    }

    private static bool IsJson(string type) => type.Split(';')[0].Trim().EndsWith("json", StringComparison.OrdinalIgnoreCase);

    private static string TypeName(string type) => type.Split(';')[0].Trim() is { Length: > 0 and < 80 } name ? name : "of unknown type";

    private bool Pairs(ref Utf8JsonReader json, string list, Func<string, string, string> keep)
    {
        if (json.TokenType != JsonTokenType.StartArray) return false;
        writer.WriteStartArray(list);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var pair = Ahead(json, "name"u8) ?? SecretNames.Removed;
            var file = Ahead(json, "fileName"u8) is not null;
            ObjectValue(ref json, (ref r, name) => name switch
            {
                "name" => Write(name, SecretNames.IsOpaque(pair) ? SecretNames.Removed : known.Mask(pair, () => values.LeftOut(RemovedKind.Header, "name"))),
                "value" => Write(name, JsonText(ref r) is not { } value ? SecretNames.Removed : file ? values.Remove(RemovedKind.FormField, pair, value) : keep(pair, value)),
                _ => false,
            });
        }

        writer.WriteEndArray();
        return true;
    }

    private bool Array(ref Utf8JsonReader json, string name, Field field)
    {
        if (json.TokenType != JsonTokenType.StartArray) return false;
        writer.WriteStartArray(name);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) ObjectValue(ref json, field);
        writer.WriteEndArray();
        return true;
    }

    private bool Object(ref Utf8JsonReader json, string name, Field field)
    {
        if (json.TokenType != JsonTokenType.StartObject) return false;
        writer.WritePropertyName(name);
        ObjectValue(ref json, field);
        return true;
    }

    private void ObjectValue(ref Utf8JsonReader json, Field field)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("An object was expected.");
        writer.WriteStartObject();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonBody.Text(ref json) ?? SecretNames.Removed;
            json.Read();
            if (field(ref json, name)) continue;
            if (json.TokenType != JsonTokenType.Null) values.LeftOut(RemovedKind.UnknownField, name, ofWholeFile: true);
            json.Skip();
        }

        writer.WriteEndObject();
    }

    private bool Text(ref Utf8JsonReader json, string name) => json.TokenType switch
    {
        JsonTokenType.String => Write(name, JsonBody.Text(ref json) is { } text ? values.Plain(RemovedKind.Secret, name, text) : SecretNames.Removed),
        _ => Number(ref json, name),
    };

    private bool Number(ref Utf8JsonReader json, string name)
    {
        if (json.TokenType is not (JsonTokenType.Number or JsonTokenType.Null)) return false;
        writer.WritePropertyName(name);
        writer.WriteRawValue(json.ValueSpan, skipInputValidation: true);
        return true;
    }

    private bool Flag(ref Utf8JsonReader json, string name)
    {
        if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False)) return false;
        writer.WriteBoolean(name, json.GetBoolean());
        return true;
    }

    private bool Write(string name, string value)
    {
        writer.WriteString(name, value);
        return true;
    }

    private static string? JsonText(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.String ? JsonBody.Text(ref json) : null;

    /// <summary>A text field of the object that begins here, read ahead of the walk; null where it has none.</summary>
    private static string? Ahead(Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        if (json.TokenType != JsonTokenType.StartObject) return null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var sought = json.ValueTextEquals(name);
            json.Read();
            if (sought) return JsonText(ref json);
            json.Skip();
        }

        return null;
    }

    /// <summary>A request's method and address, the address without parameters and cleaned like every other.</summary>
    private string? PlaceOf(Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject) return null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var sought = json.ValueTextEquals("request"u8);
            json.Read();
            if (!sought)
            {
                json.Skip();
                continue;
            }

            if (Ahead(json, "url"u8) is not { } url) return null;
            var end = url.AsSpan().IndexOfAny('?', '#');
            return $"{Ahead(json, "method"u8)} {new HarValues(known, new RemovedParts()).Address(end < 0 ? url : url[..end])}";
        }

        return null;
    }
}
