using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Builds;

/// <summary>A build's page while it runs: it goes on by itself, can be stopped, and asks the customer what support's build may have.</summary>
public sealed class LiveBuildTests(Chromium chromium) : BuildStory(chromium)
{
    [Fact]
    public async Task Log_GrowsByStep_InColour_UntilTheBuildIsStopped()
    {
        await AddAppAsync("printf '\\033[31mred\\033[0m and \\033[1;34mblue\\033[0m\\n'", "echo waiting; sleep 600");
        var olivia = await VisitAsAsync("Olivia Hart");
        await StartAsync(olivia, "primary");
        await olivia.Page.EvaluateAsync("() => { window.sawItGoOn = true; }");
        await Expect(olivia.Page.GetByLabel("Output of Say 2")).ToContainTextAsync("waiting", new() { Timeout = 60_000 });
        await SaysAsync(olivia, "Running");
        var first = olivia.Page.Locator("[data-step='0']");
        await Expect(first.Locator(".c1")).ToHaveTextAsync("red");
        await Expect(first.Locator(".c4.bold").Last).ToHaveTextAsync("blue");
        // One that is over folds when the next begins; it opens at a click.
        await Expect(first.Locator("pre")).ToBeHiddenAsync();
        await first.Locator("summary").ClickAsync();
        await Expect(first.Locator("pre")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "build-running");

        Assert.True(await olivia.Page.EvaluateAsync<bool>("() => window.sawItGoOn"));
        await olivia.Page.GetByPlaceholder("Reason, if you like").FillAsync("Wrong branch");
        await olivia.Button("Abort").ClickAsync();
        await SaysAsync(olivia, "Aborted");
        await Expect(olivia.Page.Locator("main")).ToContainTextAsync("Wrong branch");
        await Expect(olivia.Button("Abort")).ToHaveCountAsync(0);
        await Expect(olivia.Button("Rebuild")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "build-aborted");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task WhatIsStartedWhileThePageArrives_IsShownOnIt_ThoughTheServerFailsForAWhile(int failures)
    {
        await AddAppAsync("echo hello");
        var olivia = await VisitAsAsync("Olivia Hart");
        var isStarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await olivia.Page.RouteAsync("**/builds/live", async stream =>
        {
            await isStarted.Task;
            await stream.ContinueAsync();
        });
        await olivia.GoAsync($"{App}/builds");
        await Expect(olivia.Heading("No builds yet")).ToBeVisibleAsync();
        if (failures > 0)
        {
            olivia.Expect(503);
            await olivia.Page.RouteAsync($"**{App}/builds", page => page.FulfillAsync(new() { Status = 503 }), new() { Times = failures });
        }
        var owner = await Site.Host.CallAsAsync("olivia@northwind.test");
        using var started = await owner.PostAsJsonAsync($"/api{App}/builds", new { workflow = "primary" });
        started.EnsureSuccessStatusCode();
        // Whoever follows its log has it whole when it is over.
        using var follow = new HttpRequestMessage(HttpMethod.Get, $"/api{App}/builds/1/log") { Headers = { { "Accept", "text/event-stream" } } };
        using var followed = await owner.SendAsync(follow);
        followed.EnsureSuccessStatusCode();
        isStarted.SetResult();

        await Expect(olivia.Page.Locator(".builds > li")).ToContainTextAsync("Success");
    }

    [Fact]
    public async Task Customer_IsAskedForSecrets_AndTheBuildGoesOnWithThem_AtAClick()
    {
        await AddAppWithSecretAsync();
        var olivia = await VisitAsAsync("Olivia Hart");
        var sam = await VisitAsAsync("Sam Okafor");
        await olivia.TurnOnAsync(Slug);
        await sam.EnterAsync(Slug);
        await StartAsync(sam, "primary");
        await SaysAsync(sam, "Success");
        await Expect(sam.Page.GetByLabel("Output of Say")).ToContainTextAsync("the token is none");
        await Expect(sam.Page.GetByRole(AriaRole.Button, new() { Name = "Allow secrets" })).ToHaveCountAsync(0);

        await olivia.GoAsync($"{App}/builds");
        await Expect(olivia.Page.Locator(".builds > li").First).ToContainTextAsync("open it to answer");
        await olivia.Page.Locator(".builds").GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(olivia.Button("Allow secrets for this build")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "build-guarded");
        await olivia.Button("For Sam’s session").ClickAsync();
        await Look.ArriveAtAsync(olivia.Page, "/builds/2");
        await SaysAsync(olivia, "Success");
        await Expect(olivia.Page.GetByLabel("Output of Say")).ToContainTextAsync("the token is [REDACTED]");
        await olivia.GoAsync($"{App}/builds/1");
        await Expect(olivia.Text("Olivia Hart allowed them, and it was started once more.")).ToBeVisibleAsync();
        await Expect(olivia.Button("Allow secrets for this build")).ToHaveCountAsync(0);

        // Allowed for the session: Sam's next one has them from the start.
        await StartAsync(sam, "primary");
        await SaysAsync(sam, "Success");
        await Expect(sam.Page.GetByLabel("Output of Say")).ToContainTextAsync("the token is [REDACTED]");
    }

    [Fact]
    public async Task Build_IsStarted_Answered_AndStopped_WithoutScript()
    {
        await AddAppWithSecretAsync();
        var olivia = await VisitAsAsync("Olivia Hart", new() { JavaScriptEnabled = false });
        var sam = await VisitAsAsync("Sam Okafor", new() { JavaScriptEnabled = false });
        await olivia.TurnOnAsync(Slug);
        await sam.EnterAsync(Slug);
        await StartAsync(sam, "primary");
        await ReloadsUntilAsync(sam, "Success");
        await sam.Page.GetByText("Say", new() { Exact = true }).Last.ClickAsync();
        await Expect(sam.Page.GetByLabel("Output of Say")).ToContainTextAsync("the token is none");

        await olivia.GoAsync($"{App}/builds/1");
        await olivia.Button("Not").ClickAsync();
        await Expect(olivia.Text("Olivia Hart said so.")).ToBeVisibleAsync();
        await StartAsync(olivia, "waits");
        await ReloadsUntilAsync(olivia, "Running");
        await olivia.Button("Abort").ClickAsync();
        await ReloadsUntilAsync(olivia, "Aborted");
    }

    private async Task AddAppWithSecretAsync()
    {
        await AddAppAsync("echo \"the token is ${TOKEN:-none}\"");
        var owner = await Site.Host.CallAsAsync("olivia@northwind.test");
        (await owner.PutAsJsonAsync($"/api{App}/secrets/TOKEN", new { value = "k33p-th1s" })).EnsureSuccessStatusCode();
    }

    private static async Task ReloadsUntilAsync(Visitor visitor, string state)
    {
        for (var tries = 0; tries < 200 && await visitor.Page.Locator("h2 + .state").InnerTextAsync() != state; tries++) await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.Locator("h2 + .state")).ToHaveTextAsync(state);
    }
}
