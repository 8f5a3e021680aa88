using System.Diagnostics;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Builds;

public sealed class QueueTests
{
    [Fact]
    public async Task Abort_KillsEverythingBeforeItAnswers()
    {
        await using var yard = await Yard.OpenAsync("trap '' TERM; (trap '' TERM; exec -a yard-orphan-413 sleep 413) & echo started; sleep 414");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "started");

        var answer = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{number}/abort", new { reason = "Wrong branch" });

        var build = await answer.JsonAsync();
        Assert.Equal(("aborted", "Stopped by Olivia Hart: Wrong branch"), (build.GetProperty("status").GetString(), build.GetProperty("reason").GetString()));
        Assert.DoesNotContain("sleep 41", await ProcessesAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("yard-orphan-413", await ProcessesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitingBuilds_CanBeAborted_AndCountAsASuccessWhereAsked()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        await yard.StartAsync();

        var answer = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/abort", new { with_success = true });

        Assert.Equal("aborted_with_success", (await answer.JsonAsync()).GetProperty("status").GetString());
        Assert.Equal(System.Net.HttpStatusCode.Conflict, (await yard.Owner.PostAsync($"{Yard.Path}/1/abort", null)).StatusCode);
    }

    [Fact]
    public async Task HigherPriority_GoesFirst_ThenTheOlder()
    {
        await using var yard = await Yard.OpenAsync("sleep 1", atOnce: 1);
        await yard.StartAsync();
        await yard.StartAsync(new { priority = -1 });
        await yard.StartAsync();
        await yard.StartAsync(new { priority = 5 });

        var builds = new List<System.Text.Json.JsonElement>();
        for (var number = 1; number <= 4; number++) builds.Add(await yard.OverAsync(number));

        Assert.Equal([1, 4, 3, 2], builds.OrderBy(b => b.GetProperty("started_at").GetDateTimeOffset()).Select(b => b.GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task OneAccountsQueue_DoesNotHoldUpAnothers()
    {
        await using var yard = await Yard.OpenAsync("sleep 1", atOnce: 1);
        var carla = await yard.Host.CallAsAsync("carla@contoso.test");
        await yard.Host.AddAppAsync(carla, "theirs", "Theirs", Yard.Yaml("echo theirs"));
        for (var i = 0; i < 4; i++) await yard.StartAsync();
        (await carla.PostAsJsonAsync("/api/apps/theirs/builds", new { })).EnsureSuccessStatusCode();

        var theirs = await Yard.UntilAsync(async () => await (await carla.GetAsync("/api/apps/theirs/builds/1")).JsonAsync(), b => b.GetProperty("status").GetString() == "success");

        Assert.NotEqual("success", await yard.StatusAsync(3));
        Assert.True(theirs.GetProperty("ended_at").GetDateTimeOffset() < (await yard.OverAsync(4)).GetProperty("started_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task OneAccount_NeverHoldsAllSlots_AndIsToldWhyItsBuildWaits()
    {
        await using var yard = await Yard.OpenAsync("echo started; sleep 60", atOnce: 2);
        var carla = await yard.Host.CallAsAsync("carla@contoso.test");
        await yard.Host.AddAppAsync(carla, "theirs", "Theirs", Yard.Yaml("echo theirs"));
        var (first, second) = (await yard.StartAsync(), await yard.StartAsync());
        await yard.SaysAsync(first, "started");

        // Contoso comes later, and finds a slot.
        (await carla.PostAsJsonAsync("/api/apps/theirs/builds", new { })).EnsureSuccessStatusCode();
        await Yard.UntilAsync(async () => await (await carla.GetAsync("/api/apps/theirs/builds/1")).JsonAsync(), b => b.GetProperty("status").GetString() == "success");

        Assert.Equal(("running", "on_hold"), (await yard.StatusAsync(first), await yard.StatusAsync(second)));
        var page = await (await yard.Host.BrowseAsAsync("olivia@northwind.test")).PageAsync($"/apps/{Yard.App}/builds/{second}");
        Assert.Contains("Your account has as many builds running as one account may hold: 1 of 2.", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FullQueue_SaysSo()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0, args: "--Builds:MostWaiting=2");
        await yard.StartAsync();
        await yard.StartAsync();

        var refused = await yard.Owner.PostAsJsonAsync(Yard.Path, new { });

        Assert.Equal((429, "queue_full"), ((int)refused.StatusCode, (await refused.JsonAsync()).GetProperty("type").GetString()));
    }

    /// <summary>What is refused has done nothing: no permit stays behind for the session of support's.</summary>
    [Fact]
    public async Task FullQueue_AllowsNothing()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0, args: "--Builds:MostWaiting=1");
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var theirs = await yard.StartAsync(by: support);
        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{theirs}/abort", new { })).EnsureSuccessStatusCode();
        await yard.StartAsync();

        var refused = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{theirs}/secrets", new { allow = "session" });

        Assert.Equal("queue_full", (await refused.JsonAsync()).GetProperty("type").GetString());
        await using var scope = yard.Host.App.Services.CreateAsyncScope();
        Assert.Empty(scope.ServiceProvider.GetRequiredService<BuildyardDb>().SecretPermits);
    }

    [Fact]
    public async Task DeletingTheApp_EndsItsBuilds_AndLeavesNoFiles()
    {
        await using var yard = await Yard.OpenAsync("echo started; sleep 300");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "started");
        var browser = await yard.Host.BrowseAsAsync("olivia@northwind.test");

        await browser.SubmitAsync($"/apps/{Yard.App}/settings", $"/apps/{Yard.App}/settings/delete", ("confirm", Yard.App));

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await yard.Owner.GetAsync(Yard.Path)).StatusCode);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(yard.Host.Directory, "builds")));
    }

    private static async Task<string> ProcessesAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("ps", ["-eo", "args"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said;
    }
}
