namespace Buildyard.Process.Tests.Builds;

public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-builds-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task ABuildThatRan_WhenItDied_IsFailed_AndWaitingOnesGoOn()
    {
        var (data, app) = (Path.Combine(_directory.FullName, "data"), "");
        await using (var server = await BuildyardProcess.StartAsync(data))
        {
            var olivia = await Caller.SignInAsync(server.Connect(), "olivia@northwind.test");
            app = $"/api/apps/{(await olivia.PostAsync("/api/apps", new { title = "Yard", bitrise_yml = Yaml("sleep 300") })).Json["slug"]}";
            Assert.True((await olivia.PostAsync($"{app}/builds", new { })).IsSuccess);
            await Until.TrueAsync(() => olivia.GetAsync($"{app}/builds/1"), b => b.Json["status"]!.GetValue<string>() == "running");
            Assert.True((await olivia.PutYamlAsync($"{app}/bitrise-yml", Yaml("echo went on"))).IsSuccess);
            Assert.True((await olivia.PostAsync($"{app}/builds", new { })).IsSuccess);
            await server.KillAsync();
        }

        await using (var server = await BuildyardProcess.StartAsync(data))
        {
            var olivia = await Caller.SignInAsync(server.Connect(), "olivia@northwind.test");
            var died = (await olivia.GetAsync($"{app}/builds/1")).Json;
            Assert.Equal(("failed", "Buildyard was stopped while it ran."), (died["status"]!.GetValue<string>(), died["reason"]!.GetValue<string>()));
            await Until.TrueAsync(() => olivia.GetAsync($"{app}/builds/2"), b => b.Json["status"]!.GetValue<string>() == "success");
            Assert.Contains("went on", (await olivia.GetAsync($"{app}/builds/2/log")).Body, StringComparison.Ordinal);
            Assert.Equal(3, (await olivia.PostAsync($"{app}/builds", new { })).Json["number"]!.GetValue<int>());
        }
    }

    private static string Yaml(string script) =>
        $"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        inputs:\n        - content: {script}\n";
}
