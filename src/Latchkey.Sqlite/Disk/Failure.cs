using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>What SQLite and the operating system report, in the operator's words, with whether trying again can help.</summary>
internal static class Failure
{
    // Result codes of https://sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int Range = 25;
    private const int NotADatabase = 26;

    // Linux's numbers, as .NET keeps them in an IOException's HResult.
    private const int InputOutput = 5;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int Quota = 122;

    /// <summary>Whether it is a value that can't be kept, and nothing is wrong with the store.</summary>
    public static bool IsOfWhatWasGiven(SqliteException e) => e.SqliteErrorCode is TooBig or Constraint or Mismatch or Range;

    public static LedgerStoreException Of(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        Full => new($"The disk is full: {path} can't grow. Make room; nothing else needs doing.", isTransient: true, e),
        IoError => new($"Reading or writing {path} failed ({e.Message}). Check the disk, its space and its mount.", isTransient: true, e),
        ReadOnly => new($"{path} is read-only now. Check how its disk is mounted and who owns it.", isTransient: true, e),
        CantOpen => new($"{path}, or a file beside it, can't be opened. Check that its directory is there and that {Environment.UserName} may write in it.", isTransient: true, e),
        Busy or Locked => new($"{path} is locked by another program. Close that program; no other program may write here.", isTransient: true, e),
        NoMemory => new($"Memory ran out while {path} was in use.", isTransient: true, e),
        NotADatabase => new($"{path} is not a database. Move it away, or restore a backup in its place.", isTransient: false, e),
        Corrupt => new($"{path} is damaged ({e.Message}). Stop Latchkey and restore a backup.", isTransient: false, e),
        _ => new($"SQLite refused a statement on {path}: {e.Message}", isTransient: false, e),
    };

    public static LedgerStoreException Of(IOException e, string path) => e.HResult switch
    {
        NoSpace or Quota => new($"The disk is full: there is no room for {path}. Make room; nothing else needs doing.", isTransient: true, e),
        ReadOnlyFileSystem => new($"{path} can't be written: its disk is mounted read-only.", isTransient: true, e),
        InputOutput => new($"{path} can't be written: {e.Message}. Check the disk.", isTransient: true, e),
        _ => new($"{path} can't be used: {e.Message}", isTransient: false, e),
    };

    public static LedgerStoreException Of(UnauthorizedAccessException e, string path) => new(
        $"{path} can't be written by {Environment.UserName}, as whom this process runs. Give that user the directory and all in it, or name another directory.",
        isTransient: false,
        e);
}
