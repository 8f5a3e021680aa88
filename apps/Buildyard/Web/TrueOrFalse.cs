using System.Text.Json;
using System.Text.Json.Serialization;

namespace Buildyard;

/// <summary>An optional switch: left out, or true, or false. <c>null</c> is a wrong type, not a way to leave it out.</summary>
public sealed class TrueOrFalse : JsonConverter<bool?>
{
    public override bool HandleNull => true;

    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options)
    {
        if (value is { } set) writer.WriteBooleanValue(set);
        else writer.WriteNullValue();
    }
}
