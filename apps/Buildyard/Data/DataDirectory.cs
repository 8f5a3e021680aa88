using System.Net;
using Microsoft.Data.Sqlite;

namespace Buildyard;

/// <summary>A start that can't go on, in words for the operator: what is wrong and what to do.</summary>
public sealed class StartRefusedException : Exception
{
    public StartRefusedException()
    {
    }

    public StartRefusedException(string message) : base(message)
    {
    }

    public StartRefusedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>
/// Where everything of this instance is kept. A directory is born empty, as a demo or for real, and stays what it is:
/// a demo carries a mark and only ever opens on loopback, because everyone knows its password.
/// </summary>
public sealed class DataDirectory
{
    private const string MarkName = "DEMO";
    private const string MarkText =
        "Demo data: everyone knows the password of everyone in here.\nBuildyard opens this directory on loopback only.\n";

    private DataDirectory(string path, bool isDemo)
    {
        Path = path;
        IsDemo = isDemo;
    }

    public string Path { get; }
    public bool IsDemo { get; }
    public string Database => System.IO.Path.Combine(Path, "buildyard.db");
    public string Keys => System.IO.Path.Combine(Path, "keys");
    public string Latchkey => System.IO.Path.Combine(Path, "latchkey");
    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = Database, ForeignKeys = true }.ToString();

    /// <summary>Opens <paramref name="path"/>, making it when it is absent.</summary>
    /// <param name="path">The directory; relative to the working directory.</param>
    /// <param name="demo">Whether an empty directory becomes a demo; null: it does, and an existing one stays what it is.</param>
    /// <param name="addresses">Every address the server is told to listen on.</param>
    /// <exception cref="StartRefusedException">It can't be written, holds something else, or is a demo on an open address.</exception>
    public static DataDirectory Open(string path, bool? demo, IReadOnlyList<string> addresses)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Make(path);
            var mark = System.IO.Path.Combine(path, MarkName);
            var marked = File.Exists(mark);
            var names = Directory.EnumerateFileSystemEntries(path).Select(System.IO.Path.GetFileName).Where(n => n != "lost+found").ToList();
            var empty = names.Count == 0;
            if (!empty && !marked && !names.Contains("buildyard.db"))
                throw new StartRefusedException($"{path} holds files that are not Buildyard's. Choose an empty directory with --data DIR.");
            if (marked && demo == false)
                throw new StartRefusedException($"{path} holds demo data. Choose another directory with --data DIR, or start without --demo=false.");

            var isDemo = marked || (empty && demo != false);
            if (isDemo) RequireLoopback(path, empty, addresses);
            if (isDemo && empty) File.WriteAllText(mark, MarkText);
            return new DataDirectory(path, isDemo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{path} can't be used as data directory: {e.Message} Choose another with --data DIR.", e);
        }
    }

    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var probe = System.IO.Path.Combine(path, $".write-{Environment.ProcessId}");
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
    }

    private static void RequireLoopback(string path, bool empty, IReadOnlyList<string> addresses)
    {
        var open = addresses.FirstOrDefault(address => !IsLoopback(address));
        if (open is null) return;
        throw new StartRefusedException(empty
            ? $"{open} can be reached from outside, and demo data has a password that everyone knows. Start with --demo=false, or listen on http://127.0.0.1:5080."
            : $"{path} holds demo data, whose password everyone knows: it opens on loopback only, not on {open}.");
    }

    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
