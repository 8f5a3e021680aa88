using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Buildyard;

/// <summary>One archive on a shelf.</summary>
/// <param name="Key">The key it was saved under, with its templates filled in.</param>
/// <param name="Branch">The branch of the build that saved it; null without one.</param>
/// <param name="BuildNumber">The number of that build.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Saved">When.</param>
public sealed record CacheArchive(string Key, string? Branch, int BuildNumber, long Size, DateTimeOffset Saved)
{
    /// <summary>Its name for addresses and file names: derived from the key, which may hold any character.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)).AsSpan(0, 16));
}

/// <summary>
/// The cache archives of one scope (an app's own, say, or that of its guarded builds), in a directory: each a <c>tar.zst</c>
/// with a note of what it is beside it. An archive is there with its note or not at all.
/// </summary>
public sealed class CacheShelf(string directory)
{
    private const string ArchiveEnding = ".tar.zst";
    private const string NoteEnding = ".json";

    public string Path { get; } = directory;

    /// <summary>Every archive, newest first.</summary>
    public IReadOnlyList<CacheArchive> List() =>
        Directory.Exists(Path)
            ? [.. Directory.EnumerateFiles(Path, "*" + NoteEnding).Select(Read).OfType<CacheArchive>().OrderByDescending(archive => archive.Saved)]
            : [];

    /// <summary>The archive with this id; null when there is none.</summary>
    public CacheArchive? Find(string id) => IsId(id) ? Read(Note(id)) : null;

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
    internal void Put(CacheArchive archive, string content, long quota)
    {
        Directory.CreateDirectory(Path);
        File.Delete(Note(archive.Id));
        File.Move(content, Archive(archive.Id), overwrite: true);
        var note = content + NoteEnding;
        File.WriteAllBytes(note, JsonSerializer.SerializeToUtf8Bytes(archive));
        File.Move(note, Note(archive.Id), overwrite: true);

        var held = 0L;
        foreach (var kept in List())
        {
            held += kept.Size;
            if (held > quota && kept.Id != archive.Id) Delete(kept.Id);
        }
    }

    private static CacheArchive? Read(string note)
    {
        try
        {
            return JsonSerializer.Deserialize<CacheArchive>(File.ReadAllBytes(note));
        }
        catch (FileNotFoundException)
        {
            // Deleted while we looked.
            return null;
        }
    }

    private static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);

    private string Archive(string id) => System.IO.Path.Combine(Path, id + ArchiveEnding);

    private string Note(string id) => System.IO.Path.Combine(Path, id + NoteEnding);
}
