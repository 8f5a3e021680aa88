namespace Buildyard.Process.Tests.Hosting;

public sealed class StopTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-stop-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task ToldToStop_ItStopsCleanly_AndStartsAgain()
    {
        var data = Path.Combine(_directory.FullName, "data");
        for (var start = 0; start < 2; start++)
        {
            await using var server = await BuildyardProcess.StartAsync(data);
            Assert.True(await server.StopAsync() == 0, server.Said);
        }
    }
}
