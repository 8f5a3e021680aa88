namespace Latchkey.Ledger;

/// <summary>Lines of a stream, none longer than a bound: a longer one is skipped and told, never held.</summary>
internal sealed class BoundedLines(Stream stream, int maxBytes)
{
    private byte[] _buffer = new byte[Math.Min(maxBytes, 64 * 1024) + 1];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The next line without its newline, valid until the next call. Null at the end of the stream.</summary>
    public async ValueTask<Line?> ReadAsync(CancellationToken cancellation)
    {
        var tooLong = false;
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + newline);
                _start += searched + newline + 1;
                return new Line(line, tooLong || line.Length > maxBytes);
            }

            if (_ended)
            {
                var rest = _buffer.AsMemory(_start, _end - _start);
                _start = _end;
                return rest.IsEmpty && !tooLong ? null : new Line(rest, tooLong || rest.Length > maxBytes);
            }

            if (_end - _start > maxBytes)
            {
                tooLong = true;
                _start = _end;
            }

            searched = _end - _start;
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
            _end += read;
            _ended = read == 0;
        }
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, maxBytes + 1L));
    }

    internal readonly record struct Line(ReadOnlyMemory<byte> Bytes, bool TooLong);
}
