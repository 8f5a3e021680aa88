using System.Security.Cryptography;

namespace Latchkey.Sqlite;

/// <summary>Disk kept back for recording ends: a file whose space is given up when an end needs it, and taken again when there is room.</summary>
internal sealed class Reserve(string directory)
{
    /// <summary>
    /// How much is kept back: room to copy the whole log back into the database. The log's own room is free after that and is
    /// used over and over, while the database grows by about 1 KiB an end: thousands of them fit.
    /// </summary>
    public const int Size = 8 * 1024 * 1024;

    // As much as a batch of 256 commands with contents of a few KiB each writes.
    private const int BatchSize = 2 * 1024 * 1024;

    private readonly string _path = Path.Combine(directory, "reserve");
    private readonly string _probe = Path.Combine(directory, "probe");

    /// <summary>Whether the whole of it is there.</summary>
    public bool IsKept { get; private set; }

    /// <summary>Gives the space up. Answers whether there was any.</summary>
    /// <exception cref="IOException">The file can't be removed.</exception>
    public bool Spend()
    {
        var spent = File.Exists(_path);
        IsKept = false;
        File.Delete(_path);
        return spent;
    }

    /// <summary>Takes the space where it is not taken yet.</summary>
    /// <exception cref="IOException">There is no room, or the disk can't be written.</exception>
    public void Restore()
    {
        var file = new FileInfo(_path);
        IsKept = file.Exists && file.Length == Size;
        if (!IsKept)
        {
            Fill(_path, Size);
            IsKept = true;
        }
    }

    /// <summary>Tries whether there is room for a batch beside the reserve.</summary>
    /// <exception cref="IOException">There is none, or the disk can't be written.</exception>
    public void Probe()
    {
        Fill(_probe, BatchSize);
        File.Delete(_probe);
    }

    private static void Fill(string path, int size)
    {
        try
        {
            // Random bytes: some file systems keep zeros in no space at all.
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write(RandomNumberGenerator.GetBytes(size));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            File.Delete(path);
            throw;
        }
    }
}
