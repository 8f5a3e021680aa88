namespace Buildyard;

/// <summary>
/// The field <c>payload</c> of a form (application/x-www-form-urlencoded), decoded while it is read: GitHub's webhooks can be set to forms, which are as
/// large as what they hold.
/// </summary>
internal sealed class FormPayload(Stream form)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at;
    private int _end;

    /// <summary>Goes to the field.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void Find()
    {
        ReadOnlySpan<byte> name = "payload="u8;
        // How much of the name was seen; less than nothing: this field is another one.
        var seen = 0;
        while (seen < name.Length)
        {
            var next = Byte();
            if (next < 0) throw new InvalidDataException("The form holds no payload.");
            seen = next == '&' ? 0 : seen >= 0 && next == name[seen] ? seen + 1 : -1;
        }
    }

    /// <summary>The next bytes of it, decoded; 0: its end.</summary>
    public int Read(Memory<byte> into)
    {
        var span = into.Span;
        var count = 0;
        while (count < span.Length && Byte() is var next and >= 0)
        {
            if (next == '&')
            {
                // Whatever fields follow, this one is over.
                _at = _end = 0;
                form.Seek(0, SeekOrigin.End);
                break;
            }
            span[count++] = next switch
            {
                '+' => (byte)' ',
                '%' => Escaped(),
                _ => (byte)next,
            };
        }
        return count;
    }

    private byte Escaped()
    {
        var (high, low) = (Byte(), Byte());
        return high >= 0 && low >= 0 && char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low)
            ? (byte)((Digit(high) << 4) | Digit(low))
            : throw new InvalidDataException("The form's payload is not encoded as a form's fields are.");
    }

    private static int Digit(int hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;

    /// <summary>The next byte of the form; -1: its end.</summary>
    private int Byte()
    {
        if (_at < _end) return _buffer[_at++];
        (_at, _end) = (0, form.Read(_buffer));
        return _end == 0 ? -1 : _buffer[_at++];
    }
}
