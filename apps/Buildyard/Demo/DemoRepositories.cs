using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Buildyard;

/// <summary>One commit of a demo's repository: who made it, how long ago, and the folder that it adds; null: everything else.</summary>
internal sealed record DemoCommit(int DaysAgo, string Email, string Message, string? Folder);

/// <summary>The repository of a demo's app.</summary>
/// <param name="Slug">Of the app; names its directory in its account's folder, and its files among the resources.</param>
/// <param name="Url">The address that stands for it. Its host is one that can't exist (RFC 2606), so nothing else can answer to it.</param>
/// <param name="Commits">The oldest first.</param>
internal sealed record DemoRepository(string Slug, string Url, IReadOnlyList<DemoCommit> Commits)
{
    /// <summary>Whose account it belongs to: that of whoever began it.</summary>
    public string Owner => Commits[0].Email;

    public string Folder => $"{Slug}.git";
}

/// <summary>
/// The repositories of a demo: made in its data directory, read from there by the addresses that its apps name.
/// These addresses alone lead to the disk, each for its own account, and only in a directory that carries the demo's mark.
/// </summary>
internal static class DemoRepositories
{
    private const string Resources = "demo/projects/";

    public static IReadOnlyList<DemoRepository> All { get; } =
    [
        new("northwind-ios", "git@git.northwind.test:mobile/ios.git",
            [new(60, "adam@northwind.test", "Add the app", null), new(41, "piet@northwind.test", "Export for the App Store", "export")]),
        new("northwind-android", "git@git.northwind.test:mobile/android.git", [new(58, "adam@northwind.test", "Add the app", null)]),
        new("contoso-web", "https://git.contoso.test/web/shop.git", [new(80, "carla@contoso.test", "Add the shop", null)]),
    ];

    /// <summary>Where each address leads in this directory; nowhere in one that is no demo.</summary>
    public static OwnRepositories In(DataDirectory directory) => directory.IsDemo
        ? new(Root(directory), All.ToDictionary(repository => repository.Url, repository => repository.Folder, StringComparer.Ordinal))
        : OwnRepositories.None;

    /// <summary>Makes those that are missing.</summary>
    /// <param name="directory">The demo's.</param>
    /// <param name="accounts">The account of each <see cref="DemoRepository.Owner"/>; of one who is gone, nothing is made.</param>
    /// <param name="now">When the demo begins.</param>
    /// <returns>Whether all are there: without git nothing can be cloned either.</returns>
    public static async Task<bool> MakeAsync(DataDirectory directory, IReadOnlyDictionary<string, string> accounts, DateTimeOffset now)
    {
        try
        {
            foreach (var repository in All)
                if (accounts.TryGetValue(repository.Owner, out var account) && Path.Combine(Root(directory), account, repository.Folder) is var place && !Directory.Exists(place)) await MakeAsync(repository, place, now);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string Root(DataDirectory directory) => Path.Combine(directory.Path, "repositories");

    private static async Task MakeAsync(DemoRepository repository, string place, DateTimeOffset now)
    {
        var half = Directory.CreateDirectory(place + ".new").FullName;
        await GitAsync(half, "", "init", "-q", "--bare", "--template=", "--initial-branch=main", ".");
        await GitAsync(half, History(repository, now), "fast-import", "--quiet");
        Directory.Move(half, place);
    }

    /// <summary>All commits in the words of <c>git fast-import</c>.</summary>
    private static string History(DemoRepository repository, DateTimeOffset now)
    {
        var files = Files(repository.Slug);
        var folders = repository.Commits.Select(commit => commit.Folder).OfType<string>().Select(folder => $"{folder}/").ToList();
        var history = new StringBuilder();
        foreach (var commit in repository.Commits)
        {
            var name = DemoPeople.All.Single(person => person.Email == commit.Email).Name;
            history.Append(CultureInfo.InvariantCulture, $"commit refs/heads/main\ncommitter {name} <{commit.Email}> {now.AddDays(-commit.DaysAgo).ToUnixTimeSeconds()} +0000\n");
            Data(commit.Message);
            foreach (var (path, text) in files)
            {
                if (commit.Folder is { } own ? !path.StartsWith($"{own}/", StringComparison.Ordinal) : folders.Exists(folder => path.StartsWith(folder, StringComparison.Ordinal))) continue;
                history.Append(CultureInfo.InvariantCulture, $"M {(text.StartsWith("#!", StringComparison.Ordinal) ? "100755" : "100644")} inline {path}\n");
                Data(text);
            }
        }
        return history.ToString();

        void Data(string text) => history.Append(CultureInfo.InvariantCulture, $"data {Encoding.UTF8.GetByteCount(text)}\n{text}\n");
    }

    private static List<(string Path, string Text)> Files(string slug)
    {
        var start = $"{Resources}{slug}/";
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<(string, string)>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(start, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            files.Add((name[start.Length..], reader.ReadToEnd()));
        }
        return files;
    }

    private static async Task GitAsync(string directory, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var git = Process.Start(start)!;
        var said = git.StandardError.ReadToEndAsync();
        await git.StandardInput.WriteAsync(input);
        git.StandardInput.Close();
        await git.WaitForExitAsync();
        if (git.ExitCode != 0) throw new InvalidOperationException($"The demo's repository could not be made: {await said}");
    }
}
