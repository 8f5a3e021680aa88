using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Latchkey;

/// <summary>Cleans a JSON body of a HAR file, value by value: by the name of a field, by the shape of a value.</summary>
internal static class JsonBody
{
    internal static readonly JsonReaderOptions Reading = new() { MaxDepth = 64 };

    // What is written is a file to be downloaded, never a part of a page.
    internal static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly HashSet<string> s_values = new(["value", "values", "val", "content"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The body with its secrets removed; null where it is not JSON.</summary>
    public static string? Clean(string text, HarValues values)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), Reading);
            var output = new ArrayBufferWriter<byte>(text.Length + 16);
            using (var writer = new Utf8JsonWriter(output, Writing))
            {
                if (!reader.Read()) return null;
                Value(ref reader, writer, values, "body");
                if (reader.Read()) return null;
            }

            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A string of the reader's; null where it holds half a character, which no text can.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Value(ref Utf8JsonReader reader, Utf8JsonWriter writer, HarValues values, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Object(ref reader, writer, values);
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Value(ref reader, writer, values, name);
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(Text(ref reader) is { } text ? values.Field(RemovedKind.BodyValue, name, text) : SecretNames.Removed);
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void Object(ref Utf8JsonReader reader, Utf8JsonWriter writer, HarValues values)
    {
        // A list of variables says the name in one field and the value in the next.
        var named = NameInside(reader);
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader) ?? SecretNames.Removed;
            reader.Read();
            writer.WritePropertyName(SecretNames.IsOpaque(name) ? values.Remove(RemovedKind.BodyValue, "name", name) : values.Plain(RemovedKind.BodyValue, "name", name));
            if (SecretNames.IsSecret(name) || (named is not null && s_values.Contains(name)))
            {
                Secret(ref reader, writer, values, named ?? name);
            }
            else
            {
                Value(ref reader, writer, values, name);
            }
        }

        writer.WriteEndObject();
    }

    private static void Secret(ref Utf8JsonReader reader, Utf8JsonWriter writer, HarValues values, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    writer.WritePropertyName(Text(ref reader) is { } inner && !SecretNames.IsOpaque(inner) ? inner : SecretNames.Removed);
                    reader.Read();
                    Secret(ref reader, writer, values, name);
                }

                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Secret(ref reader, writer, values, name);
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(values.Remove(RemovedKind.BodyValue, name, Text(ref reader) ?? SecretNames.Removed));
                break;
            case JsonTokenType.Number:
                writer.WriteStringValue(values.Remove(RemovedKind.BodyValue, name, Encoding.ASCII.GetString(reader.ValueSpan)));
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    /// <summary>The secret name that an object gives in a field such as <c>name</c> or <c>key</c>; null where it gives none.</summary>
    private static string? NameInside(Utf8JsonReader ahead)
    {
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isName = IsNaming(ahead.ValueSpan);
            ahead.Read();
            if (isName && ahead.TokenType == JsonTokenType.String && Text(ref ahead) is { } name && SecretNames.IsSecret(name)) return name;
            if (ahead.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) return null;
        }

        return null;
    }

    private static bool IsNaming(ReadOnlySpan<byte> field) =>
        Ascii.EqualsIgnoreCase(field, "name"u8) || Ascii.EqualsIgnoreCase(field, "key"u8) || Ascii.EqualsIgnoreCase(field, "field"u8)
        || Ascii.EqualsIgnoreCase(field, "id"u8) || Ascii.EqualsIgnoreCase(field, "label"u8) || Ascii.EqualsIgnoreCase(field, "type"u8);
}
