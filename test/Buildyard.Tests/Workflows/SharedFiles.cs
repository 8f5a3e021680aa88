namespace Buildyard.Workflows;

internal static class SharedFiles
{
    /// <summary>A folder beside the project's root; absent when the project was cloned alone.</summary>
    public static string Find(string name)
    {
        var root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Latchkey.slnx"))) root = Path.GetDirectoryName(root);
        var folder = Path.GetFullPath(Path.Combine(root ?? "/", "..", "shared", name));
        if (Directory.Exists(folder)) return folder;
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail($"{folder} is missing.");
        Assert.Skip($"{folder} is not there.");
        return folder;
    }
}
