using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>The leads' side of the console, and the owner's page that names approvers: looked at closely, and used.</summary>
public sealed class ConsoleDeskTests(Chromium chromium) : Story(chromium)
{
    private const string Account = "/support-access/account";

    [Fact]
    [Trait("capability", "V1")]
    [Trait("capability", "V4")]
    [Trait("capability", "V6")]
    public async Task Lead_RulesReportsAndTeam_InOneConsole()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var lee = await VisitAsAsync("Lee Park");
        await lee.GoAsync(Console);
        await lee.Tab("Reports").ClickAsync();
        await Expect(lee.Heading("Longest windows")).ToBeVisibleAsync();
        await Look.AtAsync(lee.Page, "reports-empty");

        await adam.TurnOnAsync();
        await lee.EnterAsync();
        await adam.GoAsync("/apps/northwind-android/settings");
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await lee.GoAsync(Console + "/reports?days=7");
        await Expect(lee.Page.GetByRole(AriaRole.Region, new() { Name = "Lent and never entered" })).ToContainTextAsync("Northwind Android (Northwind)");
        await Expect(lee.Page.GetByRole(AriaRole.Row, new() { Name = "Lee Park" })).ToBeVisibleAsync();
        await Look.AtAsync(lee.Page, "reports");

        await lee.Tab("Policies").ClickAsync();
        await Expect(lee.Heading("Who changed what")).ToBeVisibleAsync();
        await lee.Field("Longest").FillAsync("3");
        await lee.Field("Usual, when a customer turns it on").FillAsync("1");
        await lee.Field("Usual, when an agent asks").FillAsync("1");
        await lee.Page.Locator("#lk-ticket_pattern").FillAsync("SUP-[");
        await lee.Page.Locator("#lk-ticket_example").FillAsync("SUP-17");
        lee.Expect(422);
        await lee.Button("Save").ClickAsync();
        await Expect(lee.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is not a regular expression: at character");
        await Look.AtAsync(lee.Page, "policies-refused");
        await lee.Page.Locator("#lk-ticket_pattern").FillAsync("SUP-[0-9]+");
        await lee.Page.GetByLabel("An agent has to name one").CheckAsync();
        await lee.Button("Save").ClickAsync();
        await Expect(lee.Text("Saved. It holds from now on.")).ToBeVisibleAsync();
        await Look.AtAsync(lee.Page, "policies");

        await adam.GoAsync("/apps/northwind-android/settings");
        await adam.Page.Panel().GetByText("Change…").ClickAsync();
        Assert.DoesNotContain("7 days from now", await adam.Field("Ends").InnerTextAsync(), StringComparison.Ordinal);
        await lee.GoAsync(Console + "/enter/northwind-android");
        await Expect(lee.Text("One looks like SUP-17.")).ToBeVisibleAsync();
        await Look.AtAsync(lee.Page, "enter-with-rules");

        await lee.GoAsync(Console);
        await lee.Tab("Team").ClickAsync();
        await Expect(lee.Heading("Support team")).ToBeVisibleAsync();
        await lee.Button("Make lead: Sam Okafor").ClickAsync();
        await Expect(lee.Text("Leads the team from now on.")).ToBeVisibleAsync();
        await lee.Page.GetByLabel("Remove Sue Lindqvist from the support team").ClickAsync();
        await Expect(lee.Button("Remove now")).ToBeVisibleAsync();
        await Look.AtAsync(lee.Page, "support-team-changed");
    }

    [Fact]
    [Trait("capability", "K2")]
    public async Task TwoApprovers_OpenItTogether_AndTheOwnerNamesThem()
    {
        var olivia = await VisitAsAsync("Olivia Hart");
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await olivia.GoAsync(Account);
        await olivia.Page.GetByLabel("two different administrators").CheckAsync();
        await olivia.Page.GetByLabel("only these people:").CheckAsync();
        await olivia.Page.GetByLabel("Adam Reyes").CheckAsync();
        await olivia.Page.GetByLabel("Olivia Hart").CheckAsync();
        await olivia.Button("Save").ClickAsync();
        await Expect(olivia.Text("A request for every app of the account can't be allowed as it is")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "account-approvers");

        await adam.GoAsync("/support-access/conversations/new?app=northwind-ios");
        await adam.Field("Subject").FillAsync("Signing fails on main");
        await adam.Field("What happens, and what should happen instead").FillAsync("Since this morning every build stops at signing.");
        await adam.Button("Send").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("every build stops at signing");
        await sam.GoAsync(Console + "/inbox");
        await sam.Link("Signing fails on main").ClickAsync();
        await sam.Link("Ask for access…").ClickAsync();
        await sam.Field("Reason").FillAsync("The signing step reads a profile that is not shown");
        await sam.Button("Ask for access").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Waiting for the customer");

        await adam.GoAsync(Settings);
        await adam.Page.Panel().GetByText("Allow…").ClickAsync();
        await adam.Button("Allow access").ClickAsync();
        var card = adam.Page.Panel().Locator(".lk-request");
        await Expect(card).ToContainTextAsync("It waits for another person.");
        await Expect(card).ToContainTextAsync("You have approved this already. This account wants a second person to approve it too.");
        await adam.Page.IsOffAsync();
        await Look.AtAsync(adam.Page, "settings-one-of-two");

        await olivia.GoAsync(Settings);
        await Expect(olivia.Page.Panel().Locator(".lk-request")).ToContainTextAsync("It waits for another person.");
        await olivia.Page.Panel().GetByText("Allow…").ClickAsync();
        await olivia.Button("Allow access").ClickAsync();
        await olivia.Page.IsOnAsync();
        await adam.Page.IsOnAsync();
        await sam.EnterAsync();
    }

    [Fact]
    [Trait("capability", "R4")]
    public async Task Request_IsAllowed_ByKeyboardAlone()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.GoAsync(Console + "/ask?app=northwind-ios");
        await sam.Field("Reason").FillAsync("A day was not enough");
        await sam.Button("Ask for access").ClickAsync();
        await Expect(sam.Heading("Requests")).ToBeVisibleAsync();

        await adam.GoAsync(Settings);
        var card = adam.Page.Panel().Locator(".lk-request");
        await KeyboardTests.TabToAsync(adam, card.Locator("summary").First);
        await adam.Page.Keyboard.PressAsync("Enter");
        await Expect(adam.Button("Allow access")).ToBeVisibleAsync();
        await KeyboardTests.TabToAsync(adam, adam.Button("Allow access"));
        await adam.Page.Keyboard.PressAsync("Enter");
        await Expect(card).ToHaveCountAsync(0);
        await Expect(adam.Page.Panel()).ToContainTextAsync("Support asked for it; allowed by Adam Reyes");
    }
}
