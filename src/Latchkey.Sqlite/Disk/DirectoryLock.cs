using System.Globalization;

namespace Latchkey.Sqlite;

/// <summary>
/// Keeps a directory to one process, and within it to one store: a file held locked until disposed. The operating system
/// lets go of it however the process ends. Who holds it stands in a second file, since nobody else can read the first.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _held;

    private DirectoryLock(FileStream held) => _held = held;

    /// <exception cref="LedgerStoreException">The directory can't be made or written, or somebody else holds it.</exception>
    public static DirectoryLock Take(string directory, TimeProvider time)
    {
        var path = Path.Combine(directory, "lock");
        try
        {
            MakePrivate(directory);
            var holder = Path.Combine(directory, "lock.holder");
            var held = TryHold(path) ?? throw InUse(directory, holder);
            try
            {
                File.WriteAllText(holder, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} since {time.GetUtcNow():u}"));
            }
            catch (IOException)
            {
                // A full disk: the lock holds without the note, which only makes another's message clearer.
            }

            return new DirectoryLock(held);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Failure.Of(e, directory);
        }
        catch (IOException e)
        {
            throw Failure.Of(e, directory);
        }
    }

    public void Dispose() => _held.Dispose();

    /// <summary>Makes a file that only its owner may read, where it is not there yet.</summary>
    public static void CreatePrivate(string path)
    {
        using var file = new FileStream(path, Private(FileMode.OpenOrCreate, FileShare.ReadWrite));
    }

    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, Private(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    // .NET reports a lock that is held with EWOULDBLOCK (Linux 11, BSD 35), Windows with ERROR_SHARING_VIOLATION.
    private static bool IsHeld(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;

    private static FileStreamOptions Private(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static LedgerStoreException InUse(string directory, string holder)
    {
        string by;
        try
        {
            by = File.ReadAllText(holder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            by = "another process";
        }

        return new LedgerStoreException(
            $"{directory} is in use by {by}. One process at a time can have it: stop that one, or name another directory.", isTransient: false);
    }
}
