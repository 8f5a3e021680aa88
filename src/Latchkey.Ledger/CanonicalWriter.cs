using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Latchkey.Ledger;

/// <summary>Writes JSON values in canonical form into one growing buffer.</summary>
internal sealed class CanonicalWriter(bool anyValue)
{
    // RFC 8785, section 3.2.2.2: only these are escaped; U+007F, U+2028 and the like stand as they are.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    private static readonly Comparison<KeyValuePair<string, JsonNode?>> ByCodeUnits =
        (left, right) => string.CompareOrdinal(left.Key, right.Key);

    private const int FirstLength = 1024;
    private const int MostKept = 64 * 1024;

    private readonly List<string> _path = [];
    private byte[] _buffer = new byte[FirstLength];
    private int _length;

    /// <summary>What is written so far, to be put in another order.</summary>
    public Span<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Begins anew, with what room there is.</summary>
    public void Clear()
    {
        _path.Clear();
        _length = 0;
        if (_buffer.Length > MostKept)
            _buffer = new byte[FirstLength];
    }

    /// <summary>Names what is written next, for the message of a refusal.</summary>
    public void Enter(string name) => _path.Add(name);

    public void Leave() => _path.RemoveAt(_path.Count - 1);

    public byte[] ToArray() => _buffer.AsSpan(0, _length).ToArray();

    public void Write(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                WriteObject(Members(members));
                break;
            case JsonArray items:
                WriteArray(items);
                break;
            case JsonValue value:
                WriteValue(value.GetValue<object>());
                break;
            default:
                if (!anyValue)
                    throw Refuse("is null; leave the property out instead");
                WriteAscii("null"u8);
                break;
        }
    }

    private void WriteObject(KeyValuePair<string, JsonNode?>[] members)
    {
        Array.Sort(members, ByCodeUnits);
        Open((byte)'{');
        for (var i = 0; i < members.Length; i++)
        {
            var (name, node) = members[i];
            _path.Add(name);
            if (i > 0)
            {
                if (name == members[i - 1].Key)
                    throw Refuse("is there twice");
                WriteByte((byte)',');
            }

            WriteString(name);
            WriteByte((byte)':');
            Write(node);
            _path.RemoveAt(_path.Count - 1);
        }

        WriteByte((byte)'}');
    }

    /// <summary>Writes the members of an object, sorted, each with a comma after it. Answers where among them <paramref name="others"/>, sorted too, stand.</summary>
    public byte[] WriteMembers(KeyValuePair<string, JsonNode?>[] members, ReadOnlySpan<string> others, out int[] places)
    {
        Array.Sort(members, ByCodeUnits);
        places = new int[others.Length];
        var next = 0;
        for (var i = 0; i < members.Length; i++)
        {
            var (name, node) = members[i];
            _path.Add(name);
            while (next < others.Length && string.CompareOrdinal(others[next], name) < 0)
                places[next++] = _length;
            if ((next < others.Length && others[next] == name) || (i > 0 && members[i - 1].Key == name))
                throw Refuse("is there twice");
            WriteString(name);
            WriteByte((byte)':');
            Write(node);
            WriteByte((byte)',');
            _path.RemoveAt(_path.Count - 1);
        }

        places.AsSpan(next).Fill(_length);
        return ToArray();
    }

    public KeyValuePair<string, JsonNode?>[] Members(JsonObject source)
    {
        try
        {
            return [.. source];
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // An object that was parsed by the caller reads its names only now.
            throw Refuse("has a property twice, or half a surrogate pair in a name", e);
        }
    }

    private void WriteArray(JsonArray items)
    {
        Open((byte)'[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                WriteByte((byte)',');
            _path.Add(i.ToString(CultureInfo.InvariantCulture));
            Write(items[i]);
            _path.RemoveAt(_path.Count - 1);
        }

        WriteByte((byte)']');
    }

    private void WriteValue(object value)
    {
        switch (value)
        {
            case string text: WriteString(text); break;
            case bool flag: WriteFlag(flag); break;
            case long number: WriteInteger(number); break;
            case int number: WriteInteger(number); break;
            case uint number: WriteInteger(number); break;
            case short number: WriteInteger(number); break;
            case ushort number: WriteInteger(number); break;
            case byte number: WriteInteger(number); break;
            case sbyte number: WriteInteger(number); break;
            case JsonElement element: WriteElement(element); break;
            default: throw Refuse($"is a {value.GetType().Name}; a string, an integer or a boolean is expected");
        }
    }

    private void WriteElement(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String: WriteString(Text(element)); break;
            case JsonValueKind.True: WriteAscii("true"u8); break;
            case JsonValueKind.False: WriteAscii("false"u8); break;
            case JsonValueKind.Number when anyValue: WriteNumber(element); break;
            case JsonValueKind.Number when element.TryGetInt64(out var number): WriteInteger(number); break;
            default: throw Refuse($"is {element.GetRawText()}; a string, an integer or a boolean is expected");
        }
    }

    private string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Refuse("holds half a surrogate pair", e);
        }
    }

    public void WriteInteger(long value)
    {
        if (value is < -CanonicalJson.MaxInteger or > CanonicalJson.MaxInteger)
            throw Refuse($"is {value}, beyond ±(2^53 − 1); write it as a string");
        Reserve(20);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    private void WriteNumber(JsonElement element)
    {
        var value = element.GetDouble();
        if (!double.IsFinite(value))
            throw Refuse("is beyond the largest double");
        WriteUtf8(EcmaNumber.Format(value));
    }

    public void WriteString(ReadOnlySpan<char> text)
    {
        WriteByte((byte)'"');
        while (true)
        {
            var plain = text.IndexOfAny(Escaped);
            WriteUtf8(plain < 0 ? text : text[..plain]);
            if (plain < 0)
                break;
            WriteEscape(text[plain]);
            text = text[(plain + 1)..];
        }

        WriteByte((byte)'"');
    }

    private void WriteUtf8(ReadOnlySpan<char> text)
    {
        Reserve(text.Length * 3);
        var status = Utf8.FromUtf16(text, _buffer.AsSpan(_length), out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
            throw Refuse("holds half a surrogate pair");
        _length += written;
    }

    private void WriteEscape(char c)
    {
        WriteByte((byte)'\\');
        switch (c)
        {
            case '"' or '\\': WriteByte((byte)c); break;
            case '\b': WriteByte((byte)'b'); break;
            case '\t': WriteByte((byte)'t'); break;
            case '\n': WriteByte((byte)'n'); break;
            case '\f': WriteByte((byte)'f'); break;
            case '\r': WriteByte((byte)'r'); break;
            default:
                WriteAscii("u00"u8);
                WriteByte((byte)(c < 0x10 ? '0' : '1'));
                WriteByte("0123456789abcdef"u8[c & 0xf]);
                break;
        }
    }

    private void Open(byte bracket)
    {
        // The object or array itself is one level, beside those on the path to it.
        if (_path.Count >= CanonicalJson.MaxDepth)
            throw Refuse($"nests deeper than {CanonicalJson.MaxDepth} levels");
        WriteByte(bracket);
    }

    public void WriteTime(DateTimeOffset time)
    {
        // The round-trip format ends with seven digits and a Z; three of them stay.
        const int tooMuch = 4;
        Reserve(32);
        WriteByte((byte)'"');
        time.UtcDateTime.TryFormat(_buffer.AsSpan(_length), out var written, "O", CultureInfo.InvariantCulture);
        _length += written - tooMuch;
        _buffer[_length - 1] = (byte)'Z';
        WriteByte((byte)'"');
    }

    public void WriteHash(Hash hash)
    {
        Reserve(Hash.TextLength + 2);
        WriteByte((byte)'"');
        hash.WriteText(_buffer.AsSpan(_length));
        _length += Hash.TextLength;
        WriteByte((byte)'"');
    }

    public void WriteFlag(bool flag) => WriteAscii(flag ? "true"u8 : "false"u8);

    public void WriteAscii(ReadOnlySpan<byte> ascii)
    {
        Reserve(ascii.Length);
        ascii.CopyTo(_buffer.AsSpan(_length));
        _length += ascii.Length;
    }

    private void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }

    public LedgerFormatException Refuse(string problem, Exception? inner = null) =>
        new(string.Join('.', _path.Prepend("$")), problem, inner);
}
