namespace Buildyard.Process.Tests.Builds;

/// <summary>A Buildyard that is killed while it builds.</summary>
public sealed class KilledBuildTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-killed-build-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Build_EndsWithItsServer_AndIsFailedAfterwards()
    {
        var data = Path.Combine(_directory.FullName, "data");
        var app = "";
        var word = $"left-by-{Environment.ProcessId}";
        await using (var server = await BuildyardProcess.StartAsync(data))
        {
            using var http = server.Connect();
            var olivia = await Caller.SignInAsync(http, "olivia@northwind.test");
            var added = await olivia.PostAsync("/api/apps", new
            {
                title = "Killed",
                bitrise_yml = $"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            trap '' TERM HUP INT\n            ( trap '' TERM HUP INT; setsid bash -c 'exec -a {word} sleep 1000' & )\n            echo RUN begun\n            exec -a {word} sleep 1000\n",
            });
            Assert.True(added.Status == 201, added.ToString());
            app = $"/api/apps/{added.Json["slug"]}";
            var started = await olivia.PostAsync($"{app}/builds", new { workflow = "primary" });
            Assert.True(started.Status == 201, started.ToString());
            await Until.TrueAsync(() => olivia.GetAsync($"{app}/builds/1/log"), log => log.Body.Contains("RUN begun", StringComparison.Ordinal));
            await Until.TrueAsync(() => Task.FromResult(Processes(word)), count => count >= 2);

            await server.KillAsync();
        }

        await Until.TrueAsync(() => Task.FromResult(Processes(word)), count => count == 0);
        await using var again = await BuildyardProcess.StartAsync(data);
        using var later = again.Connect();
        var build = await (await Caller.SignInAsync(later, "olivia@northwind.test")).GetAsync($"{app}/builds/1");
        Assert.Equal("failed", build.Json["status"]!.GetValue<string>());
        Assert.False(Directory.Exists(Path.Combine(data, "runner", "work")) && Directory.EnumerateDirectories(Path.Combine(data, "runner", "work")).Any(left => left.Contains("bld_", StringComparison.Ordinal)));
    }

    private static int Processes(string word) => Directory.EnumerateDirectories("/proc").Count(directory =>
    {
        try
        {
            return Path.GetFileName(directory).All(char.IsAsciiDigit) && File.ReadAllText(Path.Combine(directory, "cmdline")).StartsWith(word, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
