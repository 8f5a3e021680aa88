namespace Latchkey;

/// <summary>
/// A file that has arrived: whoever sends it has no part in what follows. A small one is kept in memory, a larger one in a temporary file that
/// only this process's user can read and that is gone when it is closed, however the process ends.
/// </summary>
internal sealed class SpooledFile : IAsyncDisposable
{
    private const int MostInMemory = 64 * 1024;

    private SpooledFile(Stream bytes) => Bytes = bytes;

    /// <summary>The file, from its beginning.</summary>
    public Stream Bytes { get; }

    /// <summary>Reads a file to its end, or to the limit of what its first bytes say it is.</summary>
    /// <returns>The file; or that it is too large.</returns>
    public static async Task<Answer<SpooledFile>> ReadAsync(Stream file, AttachmentLimits limits, CancellationToken cancellation)
    {
        var buffer = new byte[MostInMemory];
        var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        var (what, most) = AttachmentCheck.LimitOf(buffer.AsSpan(0, Math.Min(length, AttachmentCheck.HeadBytes)), limits);
        if (length < buffer.Length && length <= most)
        {
            return new SpooledFile(new MemoryStream(buffer, 0, length, writable: false));
        }

        var spool = Create();
        try
        {
            for (long total = length; total <= most; total += length)
            {
                await spool.WriteAsync(buffer.AsMemory(0, length), cancellation);
                length = await file.ReadAsync(buffer, cancellation);
                if (length == 0)
                {
                    spool.Position = 0;
                    return new SpooledFile(spool);
                }
            }
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }

        await spool.DisposeAsync();
        return FileRefusal.TooLarge(what, most);
    }

    public ValueTask DisposeAsync() => Bytes.DisposeAsync();

    private static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), "latchkey-" + Path.GetRandomFileName());
        if (OperatingSystem.IsWindows())
        {
            return new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        }

        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });

        // It has no name from here on, and ends with whoever has it open.
        File.Delete(path);
        return file;
    }
}
