using System.Reflection;

namespace Latchkey.Architecture.Tests;

/// <summary>The packages and the files that the rules are about.</summary>
internal static class House
{
    private static readonly string[] NotSource = ["bin", "obj", "node_modules", "dist", "artifacts", "TestResults"];

    public static Assembly Ledger { get; } = typeof(Latchkey.Ledger.LedgerEntry).Assembly;

    public static Assembly Core { get; } = typeof(SupportAccess).Assembly;

    public static Assembly Sqlite { get; } = typeof(Latchkey.Sqlite.SqliteStore).Assembly;

    public static Assembly Testing { get; } = typeof(Latchkey.Testing.ManualClock).Assembly;

    public static Assembly AspNetCore { get; } = typeof(Latchkey.AspNetCore.LatchkeyOptions).Assembly;

    public static IReadOnlyList<Assembly> All { get; } = [Ledger, Core, Sqlite, Testing, AspNetCore];

    public static DirectoryInfo Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Latchkey.slnx")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        return root;
    }

    /// <summary>Every folder that holds code of ours.</summary>
    public static IEnumerable<DirectoryInfo> Folders() =>
        new[] { "src", "apps", "test", "bench" }.Select(top => new DirectoryInfo(Path.Combine(Root().FullName, top))).Where(d => d.Exists).SelectMany(Under);

    /// <summary>Every file of ours with one of these endings, by its path from the root, with its lines.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Files(params string[] endings) =>
        Folders().SelectMany(folder => folder.EnumerateFiles())
            .Where(file => endings.Contains(file.Extension))
            .Select(file => (Path.GetRelativePath(Root().FullName, file.FullName), File.ReadAllLines(file.FullName)));

    private static IEnumerable<DirectoryInfo> Under(DirectoryInfo folder) =>
        folder.EnumerateDirectories().Where(d => !NotSource.Contains(d.Name)).SelectMany(Under).Prepend(folder);
}
