using System.Runtime.CompilerServices;

namespace Latchkey.Ledger.Tests;

/// <summary>The project's root, and the third-party vectors beside it, absent for someone who cloned the project alone.</summary>
internal static class Shared
{
    public static DirectoryInfo Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Latchkey.slnx")))
            root = root.Parent;
        Assert.NotNull(root);
        return root;
    }

    public static string Vectors(string folder, [CallerMemberName] string test = "")
    {
        var path = Path.Combine(Root().FullName, "..", "shared", "vectors", folder);
        if (!Directory.Exists(path))
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{test} needs {path}");
            Assert.Skip($"{test} needs {path}");
        }

        return path;
    }
}
