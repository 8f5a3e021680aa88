using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>What tells people of support access: the inbox, who is told, the closing report.</summary>
public sealed class NoticeAppearanceTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "K1")]
    [Trait("capability", "P2")]
    public async Task Inbox_Choices_AndReport()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var olivia = await VisitAsAsync("Olivia Hart");
        var sam = await VisitAsAsync("Sam Okafor");
        await olivia.GoAsync("/support-access/inbox");
        await Look.AtAsync(olivia.Page, "notices-empty");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await sam.GoAsync(Settings);
        await sam.Page.Locator("input[name=title]").FillAsync("Northwind for iOS");
        await sam.Button("Save").First.ClickAsync();
        await adam.TurnOffAsync();
        await olivia.GoAsync("/support-access/inbox");
        await Expect(olivia.Page.Locator(".lk-notices")).ToContainTextAsync("Northwind");
        await Look.AtAsync(olivia.Page, "notices");
        await olivia.GoAsync("/support-access/notices");
        await Look.AtAsync(olivia.Page, "notice-choices");
        await adam.GoAsync(Settings);
        await adam.Page.Panel().GetByRole(Microsoft.Playwright.AriaRole.Link).First.ClickAsync();
        await Look.AtAsync(adam.Page, "report");
    }
}
