using System.Text.Json;

namespace Buildyard;

/// <summary>Reads JSON token by token from where it lies, and never holds more of it than its longest token.</summary>
/// <param name="read">Fills what it is given with the next bytes, and says how many; 0: the end.</param>
internal sealed class JsonTokens(Func<Memory<byte>, int> read)
{
    private const int LongestToken = 1024 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _isWhole;
    private JsonReaderState _state;

    /// <summary>Goes on to the next token, which can be looked at until it is gone on from; false behind the last.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">A token is longer than 1 MB.</exception>
    public bool Next(out Utf8JsonReader token)
    {
        while (true)
        {
            token = new Utf8JsonReader(_buffer.AsSpan(_start.._end), _isWhole, _state);
            var found = token.Read();
            _start += (int)token.BytesConsumed;
            _state = token.CurrentState;
            if (found || _isWhole) return found;
            Fill();
        }
    }

    /// <summary>The next token, where there has to be one.</summary>
    public Utf8JsonReader Next() => Next(out var token) ? token : throw new JsonException("It ends too early.");

    private void Fill()
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end >= LongestToken) throw new InvalidDataException("A value in it is longer than 1 MB.");
            Array.Resize(ref _buffer, _end * 2);
        }
        var count = read(_buffer.AsMemory(_end));
        (_end, _isWhole) = (_end + count, count == 0);
    }
}
