using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>An account that wants two people wants them at the switch too; and who lost an app still ends what they opened there.</summary>
public sealed class SecondPersonTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "T11")]
    public async Task Switch_SaysBeforeTheClickThatTwoAreWanted_AndWaitsForTheSecond()
    {
        var olivia = await VisitAsAsync("Olivia Hart");
        var adam = await VisitAsAsync("Adam Reyes");
        await olivia.GoAsync("/support-access/account");
        await olivia.Page.GetByLabel("two different administrators").CheckAsync();
        await olivia.Button("Save").ClickAsync();
        await Expect(olivia.Page.GetByLabel("two different administrators")).ToBeCheckedAsync();
        await Look.AtAsync(olivia.Page, "account-two");

        await adam.GoAsync(Settings);
        await Expect(adam.Page.Panel()).ToContainTextAsync("Your account wants two people for this: Olivia Hart can confirm. Turning the switch opens nothing yet: it asks for a second person.");
        await Look.AtAsync(adam.Page, "settings-wants-two");
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("Off, waits for a second person");
        await adam.Page.IsOffAsync();
        await Look.AtAsync(adam.Page, "settings-waits-for-second");

        await olivia.GoAsync(Settings);
        await Expect(olivia.Page.Panel().Locator(".lk-request")).ToContainTextAsync("Adam Reyes wants to turn support access on");
        await olivia.Page.Panel().GetByText("Allow…").ClickAsync();
        await Look.AtAsync(olivia.Page, "settings-confirm");
        await olivia.Button("Allow access").ClickAsync();
        await olivia.Page.IsOnAsync();
        await adam.Page.IsOnAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("Turned on by Adam Reyes and Olivia Hart");
        await adam.Page.Panel().GetByText("Change…").ClickAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("To lend less, or for a shorter time, nobody has to.");
        await Look.AtAsync(adam.Page, "settings-two-lent");
    }

    [Fact]
    [Trait("capability", "T6")]
    public async Task WhoWasTakenOffTheTeam_EndsItFromTheirNotices()
    {
        var olivia = await VisitAsAsync("Olivia Hart");
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.TurnOnAsync();
        await olivia.GoAsync(Team);
        await olivia.Page.GetByLabel("Remove Adam Reyes from this team").ClickAsync();
        await Expect(olivia.Page.Locator("ul.team")).Not.ToContainTextAsync("Adam Reyes");
        await adam.GoAsync("/support-access/inbox");
        await Expect(adam.Heading("You can still end this")).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "notices-still-yours");
        await adam.Button("End it: support access to Northwind iOS").ClickAsync();
        await Expect(adam.Heading("You can still end this")).ToHaveCountAsync(0);
        await olivia.GoAsync(Settings);
        await olivia.Page.IsOffAsync();
    }
}
