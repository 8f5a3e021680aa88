namespace Buildyard.Process.Tests.Hosting;

public sealed class ReadmeTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-readme-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>What "dotnet run" compiles leaves out what Release judges and generates; it is the same product.</summary>
    [Fact]
    public async Task CommandThatStartsIt_CompilesIt_AndItsApiIsTheOneDescribed()
    {
        await using var server = await BuildyardProcess.RunAsync(Path.Combine(_directory.FullName, "data"));
        using var http = server.Connect();
        var described = await File.ReadAllTextAsync(Path.Combine(BuildyardProcess.Root, "apps", "Buildyard", "openapi.json"));
        Assert.True(described == await http.GetStringAsync("/openapi/v1.json") + "\n", "The API of a Debug build differs from apps/Buildyard/openapi.json.");
        Assert.True(await server.StopAsync() == 0, server.Said);
    }
}
