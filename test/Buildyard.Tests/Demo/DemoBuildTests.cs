using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Builds;
using Buildyard.Hosting;

namespace Buildyard.Demo;

/// <summary>What a newcomer finds: apps that have been built, and a red build that one edit mends.</summary>
public sealed class DemoBuildTests
{
    private const string Ios = "/api/apps/northwind-ios";

    [Fact]
    public async Task FirstStart_BuildsForReal_AndTheRedWorkflow_IsMendedByOneVariable()
    {
        await using var host = await BuildyardHost.StartAsync(args: ["--Builds:AtOnce=2", "--Demo:Builds=true"]);
        var adam = await host.CallAsAsync("adam@northwind.test");

        Assert.Equal(("success", "Piet de Vries"), Seen(await OverAsync(adam, Ios, 1)));
        Assert.Equal(("success", "Piet de Vries"), Seen(await OverAsync(adam, "/api/apps/northwind-android", 1)));
        Assert.Equal(("failed", "Adam Reyes"), Seen(await OverAsync(adam, Ios, 2)));
        Assert.Contains("export/app-store.plist does not exist", await adam.GetStringAsync($"{Ios}/builds/2/log"), StringComparison.Ordinal);

        var sam = await host.CallAsSupportAsync("northwind-ios");
        using var copied = await sam.PostAsync("/apps/northwind-ios/workflow/support-testing", new FormUrlEncodedContent([new("from", "release")]));
        Assert.Equal(HttpStatusCode.Redirect, copied.StatusCode);
        (await sam.PutAsJsonAsync($"{Ios}/env-vars/EXPORT_METHOD?workflow=support-testing", new { value = "app-store-connect" })).EnsureSuccessStatusCode();
        var started = await sam.PostAsJsonAsync($"{Ios}/builds", new { workflow = "support-testing" });
        var mended = await OverAsync(adam, Ios, (await started.JsonAsync()).GetProperty("number").GetInt32());
        Assert.Equal(("success", "Support · Sam Okafor"), Seen(mended));
    }

    [Fact]
    public async Task SecondStart_BuildsNothing()
    {
        var directory = Directory.CreateTempSubdirectory("buildyard-demo-").FullName;
        try
        {
            await using (var first = await BuildyardHost.StartAsync(directory: directory, args: ["--Builds:AtOnce=1", "--Demo:Builds=true"]))
                await OverAsync(await first.CallAsAsync("adam@northwind.test"), "/api/apps/northwind-android", 1);
            await using var second = await BuildyardHost.StartAsync(directory: directory, args: ["--Demo:Builds=true"]);
            var builds = await (await (await second.CallAsAsync("adam@northwind.test")).GetAsync("/api/apps/northwind-android/builds")).JsonAsync();
            Assert.Equal(1, builds.GetProperty("builds").GetArrayLength());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("file://{0}/repositories/northwind-ios.git")]
    [InlineData("{0}/repositories/northwind-ios.git")]
    public async Task Disk_IsNoAddress_EvenInADemo(string url)
    {
        await using var host = await BuildyardHost.StartAsync();
        var olivia = await host.CallAsAsync("olivia@northwind.test");

        var answer = await olivia.PatchAsJsonAsync(Ios, new { repository_url = string.Format(System.Globalization.CultureInfo.InvariantCulture, url, host.Directory) });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Fact]
    public async Task RepositoryOfOneAccount_IsAsUnknownToAnother_AsOneThatIsNowhere()
    {
        const string Shop = "https://git.contoso.test/web/shop.git";
        await using var host = await BuildyardHost.StartAsync();
        var carla = await host.CallAsAsync("carla@contoso.test");
        var olivia = await host.CallAsAsync("olivia@northwind.test");

        Assert.Equal((200, "main"), await CheckAsync(carla, "/api/apps/contoso-web", Shop));
        var foreign = await CheckAsync(olivia, "/api/apps/northwind-android", Shop);
        Assert.Equal(422, foreign.Status);
        Assert.Equal(foreign, await CheckAsync(olivia, "/api/apps/northwind-android", "https://git.contoso.test/no/such.git"));
        Assert.Equal(await AddAsync("https://git.contoso.test/no/such.git"), await AddAsync(Shop));

        async Task<(int Status, string Said)> CheckAsync(HttpClient by, string app, string url)
        {
            (await by.PatchAsJsonAsync(app, new { repository_url = url })).EnsureSuccessStatusCode();
            return await SaidAsync(await by.PostAsync($"{app}/repository/check", null));
        }

        async Task<(int Status, string Said)> AddAsync(string url) => await SaidAsync(await olivia.PostAsJsonAsync("/api/apps", new { title = "Shop", repository_url = url }));

        static async Task<(int, string)> SaidAsync(HttpResponseMessage answer)
        {
            var said = await answer.JsonAsync();
            return ((int)answer.StatusCode, said.TryGetProperty("default_branch", out var branch) ? branch.GetString()! : string.Join('\n', said.EnumerateObject().Where(p => p.Name != "trace_id")));
        }
    }

    private static (string?, string?) Seen(JsonElement build) => (build.GetProperty("status").GetString(), build.GetProperty("started_by").GetString());

    private static async Task<JsonElement> OverAsync(HttpClient caller, string app, int number) => await Yard.UntilAsync(
        async () => await (await caller.GetAsync($"{app}/builds/{number}")).JsonAsync(), build => build.GetProperty("ended_at").ValueKind != JsonValueKind.Null);
}
