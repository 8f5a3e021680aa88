using System.Text;

namespace Buildyard;

/// <summary>Reads a log that may still grow, from a byte on, in whole lines.</summary>
internal sealed class LogReader(Func<FileStream?> open, long offset) : IDisposable
{
    private const int Most = 64 * 1024;
    private readonly byte[] _buffer = new byte[Most];
    private FileStream? _file;

    /// <summary>The byte up to which it has been read.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>
    /// The next whole lines, at most 64 KB of them; null where there are none yet. A line without an end is given when
    /// <paramref name="final"/> says that none will come, or when it is longer than that.
    /// </summary>
    /// <param name="final">Whether what is there now, up to the limit, is all that there will be.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="limit">The byte not to read beyond.</param>
    public async Task<string?> ReadAsync(bool final, CancellationToken cancellation, long limit = long.MaxValue)
    {
        if (_file is null)
        {
            _file = open();
            if (_file is null) return null;
            Offset = Math.Clamp(Offset, 0, _file.Length);
        }
        _file.Position = Offset;
        var wanted = _buffer.AsMemory(0, (int)Math.Clamp(limit - Offset, 0, Most));
        var read = await _file.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellation);
        var end = _buffer.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        if (end == 0 || (final && read < Most)) end = final || read == Most ? WholeCharacters(read, final) : 0;
        if (end == 0) return null;
        Offset += end;
        return Encoding.UTF8.GetString(_buffer, 0, end);
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>How many of the first bytes are whole characters, so that none is torn in two.</summary>
    private int WholeCharacters(int read, bool final)
    {
        if (final && read < Most) return read;
        var start = read;
        while (start > 0 && start > read - 4 && (_buffer[start - 1] & 0xC0) == 0x80) start--;
        if (start == 0 || start == read) return read - (read > 0 && _buffer[read - 1] >= 0xC0 ? 1 : 0);
        var lead = _buffer[start - 1];
        var length = lead switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
        return start - 1 + length <= read ? read : start - 1;
    }
}
