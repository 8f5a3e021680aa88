using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Proposals;

/// <summary>Support is told "not now", and the problem is solved all the same: each side at a browser of its own.</summary>
public sealed class HelpWithoutAccessTests(Chromium chromium) : Story(chromium)
{
    private const string Yaml = "/api/apps/northwind-ios/bitrise-yml";
    private static readonly LocatorAssertionsToContainTextOptions s_live = new() { Timeout = 30_000 };
    private static readonly LocatorAssertionsToBeVisibleOptions s_seen = new() { Timeout = 30_000 };

    [Fact]
    [Trait("capability", "R7")]
    [Trait("capability", "C5")]
    public async Task Declined_ScreenshotsSent_ProposalApplied_Solved()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        var path = await OpenAsync(adam);
        await sam.GoAsync(path);
        await Expect(sam.Link("Propose a change…")).ToBeVisibleAsync();

        // Support asks for access, and is told "not now".
        await sam.Link("Ask for access…").ClickAsync();
        await sam.Field("Reason").FillAsync("I would like to look around");
        await sam.Button("Ask for access").ClickAsync();
        var stream = adam.Page.Locator(".lk-stream");
        await Expect(stream).ToContainTextAsync("asks for temporary access", s_live);
        await adam.Page.Locator(".lk-request").GetByText("Not now…").ClickAsync();
        await adam.Button("Not now").ClickAsync();
        await Expect(stream).ToContainTextAsync("said “not now”", s_live);

        // So it asks for a screenshot, and gets one with a part of it covered.
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("said “not now”", s_live);
        await sam.Text("Ask for screenshots…").ClickAsync();
        await sam.Field("Please send").FillAsync("The signing page after Save\nThe last lines of the log");
        await Look.AtAsync(sam.Page, "screenshots-ask");
        await sam.Button("Ask for them").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("The last lines of the log", s_live);
        await Expect(stream).ToContainTextAsync("The last lines of the log", s_live);
        var card = adam.Page.Locator("form[data-lk-answer]");
        await card.GetByLabel("A word (optional)").FillAsync("The second one is the same");
        await PasteAsync(adam.Page);
        await Expect(adam.Page.GetByRole(AriaRole.Img, new() { Name = "The picture." })).ToBeVisibleAsync(s_seen);
        await adam.Button("Add a box").ClickAsync();
        await Expect(adam.Text("Box 1 of 1:")).ToBeVisibleAsync();
        await adam.Button("Attach").ClickAsync();
        await Expect(card.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1, new() { Timeout = 30_000 });
        await Expect(card.GetByLabel("A word (optional)")).ToHaveValueAsync("The second one is the same");
        await Look.AtAsync(adam.Page, "screenshots-card");
        await adam.Button("Send pictures").ClickAsync();
        await Expect(stream).ToContainTextAsync("Sent by Adam Reyes", s_live);
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Sent by Adam Reyes", s_live);
        await Expect(sam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true }).GetByRole(AriaRole.Img)).ToBeVisibleAsync(s_seen);
        await Look.AtAsync(sam.Page, "screenshots-sent");

        // And proposes a change, which Adam applies.
        await sam.Link("Propose a change…").ClickAsync();
        await Look.AtAsync(sam.Page, "propose-choose");
        await sam.Field("What to change").SelectOptionAsync(new SelectOptionValue { Label = "the whole file" });
        await sam.Button("Change it…").ClickAsync();
        var field = sam.Page.Locator("#lk-after");
        await field.FillAsync((await field.InputValueAsync()).Replace("EXPORT_METHOD: app-store", "EXPORT_METHOD: ad-hoc", StringComparison.Ordinal));
        await sam.Field("Why").FillAsync("The profile is for ad hoc builds.");
        await sam.Button("Preview").ClickAsync();
        await Expect(sam.Heading("What the customer will see")).ToBeVisibleAsync();
        await Look.AtAsync(sam.Page, "propose-preview");
        await sam.Button("Send to the customer").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("The profile is for ad hoc builds.", s_live);

        var apply = adam.Button("Apply: bitrise.yml: the whole file");
        await Expect(apply).ToBeVisibleAsync(s_seen);
        await Expect(adam.Page.Locator(".lk-proposal .lk-diff-added")).ToContainTextAsync("EXPORT_METHOD: ad-hoc");
        await Look.AtAsync(adam.Page, "proposal-customer");
        await Look.AtAsync(sam.Page, "proposal-support");
        await apply.ClickAsync();
        await Expect(stream).ToContainTextAsync("Applied by Adam Reyes", s_live);
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Applied by Adam Reyes", s_live);
        await Look.AtAsync(adam.Page, "proposal-applied");
        Assert.Contains("EXPORT_METHOD: ad-hoc", await (await adam.Context.APIRequest.GetAsync(adam.At(Yaml))).TextAsync(), StringComparison.Ordinal);

        // It is a version of Adam's own; undone, the file is as it was.
        await adam.Button("Undo: bitrise.yml: the whole file").ClickAsync();
        await Expect(stream).ToContainTextAsync("Undone by Adam Reyes", s_live);
        Assert.Contains("EXPORT_METHOD: app-store", await (await adam.Context.APIRequest.GetAsync(adam.At(Yaml))).TextAsync(), StringComparison.Ordinal);
        await adam.GoAsync(Editor + "/versions");
        await Expect(adam.Text("as support proposed").First).ToBeVisibleAsync();
        await adam.GoAsync(path);
        await adam.Button("Mark as solved").ClickAsync();
        await Expect(adam.Button("Open again")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task WithoutScript_ScreenshotsAreSentFromTheCard()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { JavaScriptEnabled = false });
        var sam = await VisitAsAsync("Sam Okafor", new() { JavaScriptEnabled = false });
        var path = await OpenAsync(adam);
        await sam.GoAsync(path);
        var asked = await sam.PostAsync($"{path}/screenshots", ("wanted", "The signing page"));
        Assert.Equal(303, asked.Status);
        await adam.GoAsync(path);
        await adam.Page.SetInputFilesAsync("form[data-lk-answer] input[type=file]", new FilePayload { Name = "page.png", MimeType = "image/png", Buffer = s_dot });
        await adam.Page.Locator("form[data-lk-answer] textarea").FillAsync("There it is");
        await adam.Button("Send pictures").ClickAsync();
        await Expect(adam.Page.Locator(".lk-proposal")).ToContainTextAsync("Sent by Adam Reyes");
        await sam.GoAsync(path);
        await Expect(sam.Page.Locator(".lk-proposal")).ToContainTextAsync("There it is");
        await Expect(sam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true })).ToContainTextAsync("page.png");
    }

    // One white pixel.
    private static readonly byte[] s_dot = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=");

    private static async Task<string> OpenAsync(Visitor adam)
    {
        await adam.GoAsync("/support-access/conversations/new?app=northwind-ios");
        var opened = await adam.PostAsync("/support-access/conversations", ("subject", "Signing fails"), ("text", "Since today"), ("app", "northwind-ios"));
        var path = opened.Headers["location"];
        await adam.GoAsync($"{path}/share?kind=snapshot");
        await adam.Button("Show it to support").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Settings of Northwind iOS");
        return path;
    }

    private static async Task PasteAsync(IPage page) => await page.EvaluateAsync(
        """
        async () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 }), on = canvas.getContext('2d');
          on.fillStyle = 'rgb(255 128 0)';
          on.fillRect(0, 0, 400, 300);
          const clipboard = new DataTransfer();
          clipboard.items.add(new File([await new Promise(made => canvas.toBlob(made))], 'screenshot.png', { type: 'image/png' }));
          document.querySelector('form[data-lk-answer]').dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
        }
        """);
}
