using System.Runtime.CompilerServices;

namespace Buildyard.Builds.Tests;

/// <summary>What lies beside the project for its tests.</summary>
internal static class Shared
{
    public static string Folder(string path, [CallerMemberName] string test = "")
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Latchkey.slnx"))) directory = directory.Parent;
        var folder = Path.GetFullPath(Path.Combine(directory?.FullName ?? AppContext.BaseDirectory, "..", "shared", path));
        if (Directory.Exists(folder)) return folder;
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{test} needs {folder}.");
        Assert.Skip($"{test} needs {folder}.");
        return folder;
    }
}
