using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>What tells people of support access: the inbox, who is told, the closing report.</summary>
public sealed class NoticeAppearanceTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "C1")]
    [Trait("capability", "K1")]
    public async Task Messages_CountUpInOneLine_AndAreGoneOnceRead()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync("/support-access/conversations/new");
        var asked = await adam.PostAsync("/support-access/conversations", ("subject", "Signing fails"), ("text", "Since today"), ("app", "northwind-ios"));
        var path = asked.Headers["location"];
        await adam.GoAsync(Settings);
        await sam.GoAsync(path);
        foreach (var text in new[] { "Which step?", "And since when?" })
        {
            await sam.Field("Answer").FillAsync(text);
            await sam.Button("Send").ClickAsync();
            await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync(text);
        }

        await Expect(adam.Page.Locator("#lk-bell")).ToHaveAttributeAsync("aria-label", "Notices about support access, 1 not seen");
        await adam.GoAsync("/support-access/inbox");
        await Expect(adam.Page.Locator(".lk-notices")).ToContainTextAsync("2 new messages from Sam Okafor in “Signing fails”.");
        await Look.AtAsync(adam.Page, "notices-messages");
        await adam.GoAsync("/support-access/inbox/mails");
        await Expect(adam.Heading("Which notices are mailed to you")).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "mail-choices");
        await adam.GoAsync(path);
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("And since when?");
        await adam.GoAsync(Settings);
        await Expect(adam.Page.Locator("#lk-bell")).ToHaveAttributeAsync("aria-label", "Notices about support access");
    }

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
