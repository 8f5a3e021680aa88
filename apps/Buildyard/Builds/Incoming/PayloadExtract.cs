using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Buildyard;

/// <summary>
/// Takes out of a payload the fields that builds are started by, while it is read. A payload may be 25 MB, and of nearly all of it nothing is needed.
/// </summary>
internal sealed class PayloadExtract
{
    /// <summary>How many bytes of JSON what is needed may take. Ten thousands of paths fit.</summary>
    public const int Most = 4 * 1024 * 1024;

    private static readonly Field s_side = new("", new Field("ref"), new Field("sha"), new Field("repo", new Field("full_name"), new Field("clone_url")));

    private static readonly Field s_wanted = new(
        "",
        new Field("ref"), new Field("after"), new Field("deleted"), new Field("action"),
        new Field("head_commit", new Field("id"), new Field("message")),
        new Field("commits", new Field("message"), new Field("added"), new Field("modified"), new Field("removed")),
        new Field("sender", new Field("login")),
        new Field(
            "pull_request",
            new Field("number"), new Field("title"), new Field("body"), new Field("draft"), new Field("labels", new Field("name")),
            s_side with { Name = "head" }, s_side with { Name = "base" }));

    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly Utf8JsonWriter _writer;
    private readonly JsonTokens _tokens;
    private readonly CancellationToken _cancellation;

    private PayloadExtract(JsonTokens tokens, CancellationToken cancellation) =>
        (_tokens, _writer, _cancellation) = (tokens, new Utf8JsonWriter(_json), cancellation);

    /// <summary>What is needed of a payload, as JSON.</summary>
    /// <param name="tokens">The payload.</param>
    /// <param name="cancellation">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no text, or one of its values is too long.</exception>
    /// <exception cref="PayloadExcessException">What is needed takes more than it may.</exception>
    public static JsonDocument Read(JsonTokens tokens, CancellationToken cancellation)
    {
        var extract = new PayloadExtract(tokens, cancellation);
        try
        {
            extract.Copy(tokens.Next(), s_wanted);
            while (tokens.Next(out _))
            {
                // What stands behind the end is no JSON, which the reader says.
            }
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("A text in it is not well-formed Unicode.", e);
        }
        extract._writer.Flush();
        return JsonDocument.Parse(extract._json.WrittenMemory);
    }

    /// <summary>Copies a value as far as it is wanted; of a list each item.</summary>
    private void Copy(Utf8JsonReader token, Field wanted)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_writer.BytesCommitted + _writer.BytesPending > Most)
            throw new PayloadExcessException(string.Create(CultureInfo.InvariantCulture, $"Its commits, paths and texts take more than {Most / 1024 / 1024} MB."));
        switch (token.TokenType)
        {
            case JsonTokenType.StartObject:
                _writer.WriteStartObject();
                for (var name = _tokens.Next(); name.TokenType != JsonTokenType.EndObject; name = _tokens.Next())
                {
                    var field = wanted.Find(name);
                    var value = _tokens.Next();
                    if (field is null)
                    {
                        Skip(value);
                        continue;
                    }
                    _writer.WritePropertyName(field.Name);
                    Copy(value, field);
                }
                _writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                _writer.WriteStartArray();
                for (var item = _tokens.Next(); item.TokenType != JsonTokenType.EndArray; item = _tokens.Next()) Copy(item, wanted);
                _writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                _writer.WriteStringValue(token.GetString());
                break;
            default:
                _writer.WriteRawValue(token.ValueSpan);
                break;
        }
    }

    private void Skip(Utf8JsonReader token)
    {
        for (var depth = Depth(token.TokenType); depth > 0; depth += Depth(_tokens.Next().TokenType)) _cancellation.ThrowIfCancellationRequested();

        static int Depth(JsonTokenType type) => type switch
        {
            JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
            JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
            _ => 0,
        };
    }

    /// <summary>A field that is wanted, and what of it is; nothing named: a single value, or a list of them.</summary>
    private sealed record Field(string Name, params Field[] Inner)
    {
        public Field? Find(Utf8JsonReader name)
        {
            foreach (var field in Inner)
                if (name.ValueTextEquals(field.Name)) return field;
            return null;
        }
    }
}

/// <summary>What is needed of a payload takes more than it may; the message says what and how much.</summary>
internal sealed class PayloadExcessException(string message) : Exception(message);
