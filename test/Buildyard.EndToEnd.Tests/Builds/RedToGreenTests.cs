using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Builds;

/// <summary>From the customer's red build, by way of support's copy, to a green one that is the customer's own.</summary>
public sealed class RedToGreenTests(Chromium chromium) : BuildStory(chromium)
{
    private const string Copy = App + "/workflow/workflows/support-testing";

    [Fact]
    [Trait("capability", "W1")]
    [Trait("capability", "W2")]
    [Trait("capability", "W3")]
    [Trait("capability", "W4")]
    [Trait("capability", "W5")]
    public async Task SupportCorrectsACopy_WatchesItTurnGreen_AndTheCustomerTakesItOver()
    {
        await AddAppAsync("echo \"hello\"\nexit 3");
        var olivia = await VisitAsAsync("Olivia Hart");
        var sam = await VisitAsAsync("Sam Okafor");
        await StartAsync(olivia, "primary");
        await SaysAsync(olivia, "Failed");
        await Expect(olivia.Page.GetByLabel("Output of Say")).ToContainTextAsync("hello");
        await olivia.TurnOnAsync(Slug);

        await CorrectsACopyAsync(sam);
        await WatchesItTurnGreenAsync(sam);
        await olivia.GoAsync($"{App}/builds");
        var builds = olivia.Page.Locator(".builds > li");
        await Expect(builds.First).ToContainTextAsync("Support · Sam Okafor");
        await Expect(builds.Last).Not.ToContainTextAsync("Support");

        await ComparesAndTakesAsync(olivia);
        await StartAsync(olivia, "primary");
        await SaysAsync(olivia, "Success");
        await Expect(olivia.Page.Locator(".alert").Filter(new() { HasText = "Guarded" })).ToHaveCountAsync(0);
    }

    private async Task CorrectsACopyAsync(Visitor sam)
    {
        await sam.EnterAsync(Slug, "The build is red");
        await sam.GoAsync($"{App}/builds");
        await sam.Page.Locator(".builds").GetByRole(AriaRole.Link).First.ClickAsync();
        await sam.Button("Create support-testing copy").ClickAsync();
        await Expect(sam.Heading("support-testing")).ToBeVisibleAsync();
        await sam.Page.GetByText("Change step 1").ClickAsync();
        await Look.AtAsync(sam.Page, "step-open");
        await sam.Field("content").FillAsync("echo begun\nsleep 2\nprintf '\\033[32mmended\\033[0m\\n'\n");
        await sam.Button("Save step 1").ClickAsync();
        await Expect(sam.Page.GetByRole(AriaRole.Status).First).ToBeVisibleAsync();
    }

    private static async Task WatchesItTurnGreenAsync(Visitor sam)
    {
        await StartAsync(sam, "support-testing");
        await sam.Page.EvaluateAsync("() => { window.sawItGoOn = document.querySelector('[data-live]') !== null; }");
        var log = sam.Page.GetByLabel("Output of Say");
        await Expect(log).ToContainTextAsync("begun", new() { Timeout = 60_000 });
        await SaysAsync(sam, "Success");
        await Expect(log.Locator(".c2").First).ToHaveTextAsync("mended");
        Assert.True(await sam.Page.EvaluateAsync<bool>("() => window.sawItGoOn"));
    }

    private async Task ComparesAndTakesAsync(Visitor olivia)
    {
        await olivia.GoAsync($"{App}/workflow/workflows/primary");
        await olivia.Link("Compare with support-testing").ClickAsync();
        await Expect(olivia.Page.Locator("main")).ToContainTextAsync("input content changed");
        var merge = olivia.Page.Locator(".cm-mergeView");
        await Expect(merge.Locator(".cm-merge-a")).ToContainTextAsync("exit 3");
        await Expect(merge.Locator(".cm-merge-b")).ToContainTextAsync("mended");
        await Look.AtAsync(olivia.Page, "compare");
        await olivia.Button("Take all").ClickAsync();
        await Expect(olivia.Heading("This will be saved in primary")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "compare-take");
        await olivia.Button("Save").ClickAsync();
        await Expect(olivia.Text("What was taken is in your workflow now.")).ToBeVisibleAsync();
        await Expect(olivia.Heading("primary")).ToBeVisibleAsync();
        await olivia.GoAsync(App + "/workflow/yml");
        await Expect(olivia.Page.Locator(".cm-content")).ToContainTextAsync("# Ours: say hello.");
    }
}
