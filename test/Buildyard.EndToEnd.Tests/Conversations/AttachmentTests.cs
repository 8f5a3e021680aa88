using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Conversations;

/// <summary>Files in a conversation: parts of a screenshot are covered before it leaves the browser, and files lose their secrets.</summary>
public sealed class AttachmentTests(Chromium chromium) : Story(chromium)
{
    private const string Orange = "[255,128,0,255]";
    private const string Black = "[0,0,0,255]";

    [Fact]
    public async Task Screenshot_IsCoveredByMouseAndKeyboard_BeforeItLeavesTheBrowser()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var path = await AskAsync(adam);
        await Look.AtAsync(adam.Page, "files-none");
        await PasteAsync(adam.Page, 400, 300);
        var canvas = adam.Page.GetByRole(AriaRole.Img, new() { Name = "The picture." });
        await Expect(canvas).ToBeVisibleAsync();

        // By mouse, over the left upper part.
        var at = (await canvas.BoundingBoxAsync())!;
        await adam.Page.Mouse.MoveAsync(at.X + (at.Width * .1f), at.Y + (at.Height * .1f));
        await adam.Page.Mouse.DownAsync();
        await adam.Page.Mouse.MoveAsync(at.X + (at.Width * .4f), at.Y + (at.Height * .4f), new() { Steps = 5 });
        await adam.Page.Mouse.UpAsync();
        await Expect(adam.Text("Box 1 of 1:")).ToBeVisibleAsync();

        // By keyboard, moved into the right lower corner; one more, and undone.
        await adam.Button("Add a box").FocusAsync();
        await adam.Page.Keyboard.PressAsync("Enter");
        for (var i = 0; i < 60; i++) await adam.Page.Keyboard.PressAsync(i % 2 == 0 ? "ArrowRight" : "ArrowDown");
        await adam.Page.Keyboard.PressAsync("Shift+ArrowLeft");
        await Expect(adam.Text("Box 2 of 2: 96 by 38 pixels at 270, 251.")).ToBeVisibleAsync();
        await adam.Button("Add a box").ClickAsync();
        await adam.Button("Undo").ClickAsync();
        await Expect(adam.Text("Box 2 of 2:")).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "files-cover");
        await adam.Button("Attach").ClickAsync();

        var tray = adam.Page.GetByRole(AriaRole.List, new() { Name = "Files to send" });
        await Expect(tray.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Look.AtAsync(adam.Page, "files-tray");
        await adam.Button("Send").ClickAsync();
        await Expect(tray).ToHaveCountAsync(0);
        var sent = adam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true }).GetByRole(AriaRole.Img);
        await Expect(sent).ToBeVisibleAsync();
        var address = (await sent.GetAttributeAsync("src"))!;
        foreach (var (x, y, colour) in new[] { (100, 75, Black), (42, 32, Black), (350, 260, Black), (250, 100, Orange), (398, 298, Orange), (20, 20, Orange) })
        {
            Assert.Equal(colour, await PixelAsync(adam.Page, address, x, y));
        }

        var sam = await VisitAsAsync("Sam Okafor");
        await sam.GoAsync(path);
        await Expect(sam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true }).GetByRole(AriaRole.Img)).ToBeVisibleAsync();
        Assert.Equal(Black, await PixelAsync(sam.Page, address, 100, 75));
        await Look.AtAsync(sam.Page, "files-sent");
        var carla = await VisitAsAsync("Carla Ruiz");
        Assert.Equal(404, await carla.StatusOfAsync(address));
    }

    [Fact]
    public async Task CancelledPicture_IsNeverUploaded_AndADroppedLogShowsWhatWasRemoved()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await AskAsync(adam);
        await PasteAsync(adam.Page, 40, 30);
        await adam.Button("Cancel").ClickAsync();
        await adam.Page.SetInputFilesAsync("#lk-file", new FilePayload { Name = "step.log", MimeType = "text/plain", Buffer = "ok\nDEPLOY_TOKEN=s3cr3t-value\n"u8.ToArray() });

        var file = adam.Page.GetByRole(AriaRole.List, new() { Name = "Files to send" }).Locator("> li");
        await Expect(file).ToHaveCountAsync(1);
        await file.GetByText("Removed before it was kept: 1 secret").ClickAsync();
        await Expect(file).ToContainTextAsync("DEPLOY_TOKEN");
        await Look.AtAsync(adam.Page, "files-log");
        var text = await adam.Page.EvaluateAsync<string>("async a => (await fetch(a)).text()", await file.GetByRole(AriaRole.Link, new() { Name = "step.log" }).GetAttributeAsync("href"));
        Assert.Equal("ok\nDEPLOY_TOKEN=[removed]\n", text);
        await file.GetByRole(AriaRole.Button, new() { Name = "Remove step.log" }).ClickAsync();
        await Expect(file).ToHaveCountAsync(0);

        // What can't be taken says why.
        adam.Expect(422);
        await adam.Page.SetInputFilesAsync("#lk-file", new FilePayload { Name = "page.html", MimeType = "text/html", Buffer = "<html><script>alert(1)</script>"u8.ToArray() });
        await Expect(adam.Text("A page or XML can't be attached.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TheFirstMessage_TakesACoveredPictureAndALogAlong()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.GoAsync("/support-access/conversations/new?app=northwind-ios");
        await PasteAsync(adam.Page, 40, 30);
        await adam.Button("Add a box").ClickAsync();
        await adam.Button("Attach").ClickAsync();
        var chosen = adam.Page.GetByRole(AriaRole.List, new() { Name = "Files to send" }).GetByRole(AriaRole.Listitem);
        await Expect(chosen).ToHaveCountAsync(1);
        foreach (var name in new[] { "step.log", "other.log" })
        {
            await adam.Page.SetInputFilesAsync("#lk-file", new FilePayload { Name = name, MimeType = "text/plain", Buffer = "DEPLOY_TOKEN=s3cr3t-value\n"u8.ToArray() });
            await Expect(chosen.Last).ToContainTextAsync(name);
        }

        await adam.Button("Remove other.log").ClickAsync();
        await Expect(chosen).ToHaveCountAsync(2);
        await Look.AtAsync(adam.Page, "ask-files");
        await adam.Field("Subject").FillAsync("Signing fails on main");
        await adam.Button("Send").ClickAsync();
        var files = adam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true });
        await Expect(files).ToContainTextAsync("step.log");
        await Expect(files.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        var picture = (await files.GetByRole(AriaRole.Img).GetAttributeAsync("src"))!;
        Assert.Equal(Black, await PixelAsync(adam.Page, picture, 20, 15));
        Assert.Equal(Orange, await PixelAsync(adam.Page, picture, 2, 2));
    }

    [Fact]
    public async Task WithoutScript_AFileIsUploadedSentAndErased()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { JavaScriptEnabled = false });
        await AskAsync(adam);
        await adam.Page.SetInputFilesAsync("#lk-file", new FilePayload { Name = "a.yml", MimeType = "text/yaml", Buffer = "password: hunter2\n"u8.ToArray() });
        await adam.Button("Upload").ClickAsync();
        await Expect(adam.Text("Removed before it was kept: 1 secret")).ToBeVisibleAsync();
        await adam.Button("Send").ClickAsync();
        await Expect(adam.Page.GetByRole(AriaRole.List, new() { Name = "Files", Exact = true })).ToContainTextAsync("a.yml");
        await adam.Text("Remove this file…").ClickAsync();
        await adam.Button("Remove for ever").ClickAsync();
        await Expect(adam.Text("A file that was removed.")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/jpeg")]
    [InlineData("image/webp")]
    public async Task RebuiltPicture_ShowsTheSamePixels(string type)
    {
        var somebody = await VisitAsync();
        await somebody.GoAsync("/signin");
        var made = Convert.FromBase64String(await somebody.Page.EvaluateAsync<string>(
            """
            type => {
              const canvas = Object.assign(document.createElement('canvas'), { width: 61, height: 43 }), on = canvas.getContext('2d');
              for (let x = 0; x < 61; x++) for (let y = 0; y < 43; y++) { on.fillStyle = `rgb(${x * 4} ${y * 5} ${x * y % 255})`; on.fillRect(x, y, 1, 1); }
              return canvas.toDataURL(type).split(',')[1];
            }
            """,
            type));
        var clean = Latchkey.AttachmentCheck.Clean(made).Value!;
        Assert.Equal((61, 43, type), (clean.Width, clean.Height, clean.MediaType));
        var pixels = await somebody.Page.EvaluateAsync<string[]>(
            """
            async ([type, ...files]) => Promise.all(files.map(async file => {
              const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(file), c => c.charCodeAt(0))], { type }));
              const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height }), on = canvas.getContext('2d');
              on.drawImage(picture, 0, 0);
              return on.getImageData(0, 0, picture.width, picture.height).data.join();
            }))
            """,
            new[] { type, Convert.ToBase64String(made), Convert.ToBase64String(clean.Bytes.Span) });
        Assert.Equal(pixels[0], pixels[1]);
    }

    /// <summary>Opens a conversation about the iOS app; answers its address.</summary>
    private static async Task<string> AskAsync(Visitor adam)
    {
        await adam.GoAsync("/support-access/conversations/new");
        var answer = await adam.PostAsync("/support-access/conversations", ("subject", "Signing fails"), ("text", "Since today"), ("app", "northwind-ios"));
        Assert.Equal(303, answer.Status);
        await adam.GoAsync(answer.Headers["location"]);
        return answer.Headers["location"];
    }

    /// <summary>Pastes an orange screenshot.</summary>
    private static async Task PasteAsync(IPage page, int width, int height) => await page.EvaluateAsync(
        """
        async ([width, height]) => {
          const canvas = Object.assign(document.createElement('canvas'), { width, height }), on = canvas.getContext('2d');
          on.fillStyle = 'rgb(255 128 0)';
          on.fillRect(0, 0, width, height);
          const clipboard = new DataTransfer();
          clipboard.items.add(new File([await new Promise(made => canvas.toBlob(made))], 'screenshot.png', { type: 'image/png' }));
          document.querySelector('#lk-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
        }
        """,
        new[] { width, height });

    private static async Task<string> PixelAsync(IPage page, string address, int x, int y) => JsonSerializer.Serialize(await page.EvaluateAsync<int[]>(
        """
        async ([address, x, y]) => {
          const picture = await createImageBitmap(await (await fetch(address)).blob());
          const on = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height }).getContext('2d');
          on.drawImage(picture, 0, 0);
          return [...on.getImageData(x, y, 1, 1).data];
        }
        """,
        new object[] { address, x, y }));
}
