using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>Several hands at one switch. Pages without JavaScript stay as they were loaded, so each acts on what was true before.</summary>
public sealed class AtOnceTests(Chromium chromium) : Story(chromium)
{
    private static readonly Microsoft.Playwright.BrowserNewContextOptions s_still = new() { JavaScriptEnabled = false };

    [Fact]
    [Trait("capability", "T6")]
    public async Task Off_FromTwoTabs_IsOffInBoth()
    {
        var adam = await VisitAsAsync("Adam Reyes", new(s_still));
        var watching = await VisitAsAsync("Adam Reyes");
        await adam.TurnOnAsync();
        await watching.GoAsync(Settings);
        var second = await adam.NewTabAsync(Settings);

        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOffAsync();
        await second.Switch().ClickAsync();

        await second.IsOffAsync();
        await Expect(second.Panel()).ToContainTextAsync("by Adam Reyes");
        await watching.Page.IsOffAsync();
        await watching.GoAsync(Activity);
        await Expect(watching.Page.Locator(".lk-history li")).ToHaveCountAsync(1);
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task On_ByTwoAdminsAtOnce_IsOneWindow()
    {
        var adam = await VisitAsAsync("Adam Reyes", new(s_still));
        var olivia = await VisitAsAsync("Olivia Hart", new(s_still));
        await adam.GoAsync(Settings);
        await olivia.GoAsync(Settings);

        await Task.WhenAll(adam.Page.Switch().ClickAsync(), olivia.Page.Switch().ClickAsync());

        await adam.Page.IsOnAsync();
        await olivia.Page.IsOnAsync();
        var end = $"Ends {Site.Clock.GetUtcNow().AddDays(14):ddd d MMM yyyy, HH:mm} UTC";
        await Expect(adam.Page.Panel()).ToContainTextAsync(end);
        await Expect(olivia.Page.Panel()).ToContainTextAsync(end);
        await adam.GoAsync(Activity);
        await Expect(adam.Page.Locator(".lk-history li")).ToHaveCountAsync(1);
        await Expect(adam.Page.Locator(".lk-history li")).ToContainTextAsync("on now");
    }
}
