using System.Security.Cryptography;
using System.Text.Json;

namespace Buildyard;

/// <summary>One archive on a shelf.</summary>
/// <param name="Id">Its name for addresses and file names: 32 hexadecimal digits, which say nothing of its key.</param>
/// <param name="Key">The key it was saved under, with its templates filled in, as it may be shown: without what was secret in the build that saved it.</param>
/// <param name="Branch">The branch of the build that saved it; null without one.</param>
/// <param name="BuildNumber">The number of that build.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Saved">When.</param>
public sealed record CacheArchive(string Id, string Key, string? Branch, int BuildNumber, long Size, DateTimeOffset Saved);

/// <summary>
/// The cache archives of one scope (an app's own, say, or that of its guarded builds), in a directory: each a <c>tar.zst</c>
/// with a note of what it is beside it. An archive is there with its note or not at all. The whole key, by which it is found, is sealed there.
/// </summary>
public sealed class CacheShelf(string directory, Sealing sealing)
{
    private const string Purpose = "cache key";
    private const string ArchiveEnding = ".tar.zst";
    private const string NoteEnding = ".json";
    private static readonly Lock s_putting = new();

    public string Path { get; } = directory;

    /// <summary>Bytes of all that lies on it, what is just being packed too.</summary>
    public long Size => Directory.Exists(Path) ? new DirectoryInfo(Path).EnumerateFiles().Sum(file => file.Length) : 0;

    /// <summary>Removes what a process that died left half done: an archive that was being packed, or has no note, and a note without its archive. While nothing is put.</summary>
    public void Clean()
    {
        if (!Directory.Exists(Path)) return;
        var files = Directory.GetFiles(Path);
        var whole = files.Select(file => System.IO.Path.GetFileName(file).Split('.')[0]).Where(id => IsId(id) && File.Exists(Archive(id)) && File.Exists(Note(id)))
            .SelectMany(id => (string[])[Archive(id), Note(id)]).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files.Where(file => !whole.Contains(file))) File.Delete(file);
    }

    /// <summary>Every archive, newest first.</summary>
    public IReadOnlyList<CacheArchive> List() => [.. Read().Select(kept => kept.Archive)];

    /// <summary>The archive with this id; null when there is none.</summary>
    public CacheArchive? Find(string id) => IsId(id) ? Read(id)?.Archive : null;

    /// <summary>The newest archive whose whole key fits; null when there is none.</summary>
    public CacheArchive? Newest(Func<string, bool> fits) => Read().Where(kept => fits(kept.Key)).Select(kept => kept.Archive).FirstOrDefault();

    /// <summary>The archive itself, for reading.</summary>
    /// <exception cref="IOException">It was deleted meanwhile.</exception>
    public FileStream Open(CacheArchive archive) => new(Archive(archive.Id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>Deletes an archive; false when there is none. A build that is just reading it reads to the end.</summary>
    public bool Delete(string id)
    {
        if (!IsId(id) || !File.Exists(Note(id))) return false;
        File.Delete(Note(id));
        File.Delete(Archive(id));
        return true;
    }

    /// <summary>Moves the file at <paramref name="content"/> onto the shelf, in place of one with the same key, then removes the oldest ones over the quota.</summary>
    /// <param name="archive">What it is.</param>
    /// <param name="key">Its whole key.</param>
    /// <param name="content">A file of the same disk.</param>
    /// <param name="quota">How many bytes the shelf may hold.</param>
    public void Put(CacheArchive archive, string key, string content, long quota)
    {
        Directory.CreateDirectory(Path);
        var note = content + NoteEnding;
        File.WriteAllBytes(note, JsonSerializer.SerializeToUtf8Bytes(new Noted(archive, sealing.Seal(Purpose, key))));
        // Of two that put the same key at one time one stays.
        lock (s_putting)
        {
            File.Move(content, Archive(archive.Id));
            File.Move(note, Note(archive.Id));
            var held = archive.Size;
            foreach (var kept in Read().Where(kept => kept.Archive.Id != archive.Id))
                if (kept.Key == key || (held += kept.Archive.Size) > quota) Delete(kept.Archive.Id);
        }
    }

    private List<(CacheArchive Archive, string Key)> Read() =>
        Directory.Exists(Path)
            ? [.. Directory.EnumerateFiles(Path, "*" + NoteEnding).Select(file => System.IO.Path.GetFileName(file)[..^NoteEnding.Length]).Where(IsId)
                .Select(Read).OfType<(CacheArchive Archive, string Key)>().OrderByDescending(kept => kept.Archive.Saved)]
            : [];

    private (CacheArchive Archive, string Key)? Read(string id)
    {
        try
        {
            if (JsonSerializer.Deserialize<Noted>(File.ReadAllBytes(Note(id))) is { Archive: { } archive, SealedKey: { } key }) return (archive, sealing.OpenText(Purpose, key));
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Deleted while we looked.
            return null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            // Nobody can find it any more.
        }
        // Notes of before say the whole key, whatever is secret in it.
        Delete(id);
        return null;
    }

    private static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);

    private string Archive(string id) => System.IO.Path.Combine(Path, id + ArchiveEnding);

    private string Note(string id) => System.IO.Path.Combine(Path, id + NoteEnding);

    private sealed record Noted(CacheArchive? Archive, byte[]? SealedKey);
}
