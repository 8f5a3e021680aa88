using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>Every page works with JavaScript turned off.</summary>
public sealed class WithoutScriptTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "D3")]
    public async Task Mission_WorksWithoutScript()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { JavaScriptEnabled = false });
        var sam = await VisitAsAsync("Sam Okafor", new() { JavaScriptEnabled = false });
        await TurnsOnUntilAsync(adam, Site.Clock.GetUtcNow().AddDays(3));

        await sam.EnterAsync();
        await sam.Tab("Settings").ClickAsync();
        await sam.Field("Title").FillAsync("Northwind for iOS");
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("You are in Northwind for iOS");
        await sam.Tab("Workflow Editor").ClickAsync();
        await sam.Tab("bitrise.yml").ClickAsync();
        var text = sam.Field("Text of bitrise.yml");
        await text.FillAsync("# Support was here\n" + await text.InputValueAsync());
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved as version 4.")).ToBeVisibleAsync();

        await adam.GoAsync(Settings);
        await Expect(adam.Page.Panel()).ToContainTextAsync("Sam Okafor is in this app now");
        await adam.Link("Support is here: Sam Okafor").ClickAsync();
        await Expect(adam.Page.Locator("main")).ToContainTextAsync("“Signing step fails”");
        await adam.Page.Locator("summary").Filter(new() { HasText = "bitrise.yml" }).ClickAsync();
        await Expect(adam.Text("# Support was here")).ToBeVisibleAsync();

        await sam.Button("Leave").ClickAsync();
        await Expect(sam.Heading("Support console")).ToBeVisibleAsync();
        await sam.EnterAsync(reason: "One more look");
        await adam.TurnOffAsync();
        Assert.Equal(410, await sam.StatusOfAsync(Settings));
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Support access to this app ended at");
        await sam.Link("Back to the support console").ClickAsync();
        await Expect(sam.Text("No app is open to support now.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SessionIsEnded_AndKeyGivenBack_WithoutScript()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { JavaScriptEnabled = false });
        var sam = await VisitAsAsync("Sam Okafor", new() { JavaScriptEnabled = false });
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await adam.Page.ReloadAsync();
        await adam.Button("End session of Sam Okafor").ClickAsync();
        await Expect(adam.Page.Panel()).Not.ToContainTextAsync("in this app now");
        await adam.Page.IsOnAsync();
        Assert.Equal(410, await sam.StatusOfAsync(Ios));
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Your session in this app ended at");

        await sam.GoAsync(Console);
        await sam.Page.GetByLabel("Give back Northwind iOS").ClickAsync();
        await sam.Button("Give back now").ClickAsync();
        await Expect(sam.Text("No app is open to support now.")).ToBeVisibleAsync();
        await adam.Page.ReloadAsync();
        await adam.Page.IsOffAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("given back by Sam Okafor of support");
    }

    private static async Task TurnsOnUntilAsync(Visitor adam, DateTimeOffset end)
    {
        await adam.GoAsync(Settings);
        await Expect(adam.Field("Exact end (UTC)")).ToBeHiddenAsync();
        await adam.Field("How long").SelectOptionAsync("an exact end…");
        await adam.Field("Exact end (UTC)").FillAsync($"{end:yyyy-MM-dd'T'HH:mm}");
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {end:ddd d MMM yyyy, HH:mm} UTC");
    }
}
