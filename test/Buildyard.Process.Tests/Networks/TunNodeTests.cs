namespace Buildyard.Process.Tests.Networks;

/// <summary>
/// A build's network is made from <c>/dev/net/tun</c>. Whatever that is on a machine: started as root, builds have their network and the
/// machine's node stays as it was; started as anybody else they have it where the node is open, and everybody is told where it isn't.
/// </summary>
public sealed class TunNodeTests : IDisposable
{
    private const string Root = "0";
    private const string Stranger = "64017";
    private const string Builds = "/api/apps/northwind-ios/builds";
    private const string Advice = "An administrator sees to it that /dev/net/tun is there";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-tun-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task StartedAsRoot_BuildsHaveTheirNetwork_WhateverTheNode_WhichStaysAsItIs()
    {
        await using var server = await StartAsync("0600", Root);
        using var http = server.Connect();
        var adam = await MeetAsync(http);
        foreach (var node in (string[])["0600", Machine.Absent, "0666"])
        {
            await Machine.ChangeAsync(server.Id, node);
            // The first may take a sandbox that was made ready before.
            await RunAsync(adam);
            Assert.Contains("RUN lo tap0 ", await RunAsync(adam), StringComparison.Ordinal);
            Assert.Equal(node, Machine.Node(server.Id));
        }

        Assert.DoesNotContain("Builds have no network", server.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("alert-warning", (await adam.GetAsync("/apps/northwind-ios/builds")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartedAsSomebodyElse_EverybodyIsToldWhatIsMissing_UntilTheNodeIsOpened()
    {
        const string closed = "Builds have no network. The user that Buildyard runs as may not open /dev/net/tun. " + Advice;
        const string absent = "Builds have no network. This machine has no /dev/net/tun. " + Advice;
        await using var server = await StartAsync("0600", Stranger);
        using var http = server.Connect();
        var adam = await MeetAsync(http);
        await Until.TrueAsync(() => Task.FromResult(server.Said), said => said.Contains(closed, StringComparison.Ordinal));
        await IsToldAsync(server, adam, closed);

        await Machine.ChangeAsync(server.Id, Machine.Absent);
        await Until.TrueAsync(() => adam.GetAsync("/apps/northwind-ios/builds"), page => page.Body.Contains(absent, StringComparison.Ordinal));
        await IsToldAsync(server, adam, absent);

        await Machine.ChangeAsync(server.Id, "0666");
        await Until.TrueAsync(() => adam.GetAsync("/apps/northwind-ios/builds"), page => !page.Body.Contains("Builds have no network", StringComparison.Ordinal));
        Assert.Contains("RUN lo tap0 ", await RunAsync(adam), StringComparison.Ordinal);
    }

    private async Task<BuildyardProcess> StartAsync(string node, string user)
    {
        await Command.RunAsync("chown", $"{user}:{user}", _directory.FullName);
        return await BuildyardProcess.StartOnAsync(project => Machine.With(node, user, project), Path.Combine(_directory.FullName, "data"));
    }

    private static async Task<Caller> MeetAsync(HttpClient http)
    {
        var adam = await Caller.SignInAsync(http, "adam@northwind.test");
        Assert.True((await adam.PutYamlAsync("/api/apps/northwind-ios/bitrise-yml", Interfaces)).IsSuccess);
        return adam;
    }

    /// <summary>The log of a build that tells its network's cards.</summary>
    private static async Task<string> RunAsync(Caller adam) => (await adam.GetAsync($"{Builds}/{await BuildAsync(adam)}/log")).Body;

    private static async Task<int> BuildAsync(Caller adam)
    {
        var number = (await adam.PostAsync(Builds, new { workflow = "primary" })).Json["number"]!.GetValue<int>();
        var build = await Until.TrueAsync(() => adam.GetAsync($"{Builds}/{number}"), b => b.Json["status"]!.GetValue<string>() is "success" or "failed");
        Assert.True(build.Json["status"]!.GetValue<string>() == "success", build.Body);
        return number;
    }

    /// <summary>A build has no network, and its log, its page and the list of builds say why.</summary>
    private static async Task IsToldAsync(BuildyardProcess server, Caller adam, string why)
    {
        var number = await BuildAsync(adam);
        foreach (var page in (string[])[$"{Builds}/{number}/log", $"/apps/northwind-ios/builds/{number}", "/apps/northwind-ios/builds"])
        {
            var said = await adam.GetAsync(page);
            Assert.True(said.Body.Contains(why, StringComparison.Ordinal), $"{page}: {said}\nThe server had said:\n{server.Said}");
        }

        Assert.Contains("RUN lo \n", (await adam.GetAsync($"{Builds}/{number}/log")).Body, StringComparison.Ordinal);
    }

    private const string Interfaces = """
        format_version: "23"
        workflows:
          primary:
            steps:
            - script@1:
                inputs:
                - content: |
                    echo "RUN $(cut -d : -f 1 /proc/net/dev | tail -n +3 | tr -d ' ' | sort | tr '\n' ' ')"

        """;
}
