using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>People who can't turn the switch, and people of another account.</summary>
public sealed class OnlookerTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "T2")]
    public async Task Members_SeeTheState_AndWhyTheyCantChangeIt()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var piet = await VisitAsAsync("Piet de Vries");
        await piet.GoAsync(Settings);
        Visitor[] others = [await VisitAsAsync("Tess Moreau"), await VisitAsAsync("Dana Kim")];
        foreach (var other in others)
        {
            await other.GoAsync(Settings);
            await other.Page.IsOffAsync();
            await Expect(other.Page.Switch()).ToBeDisabledAsync();
            await Expect(other.Page.Panel()).ToContainTextAsync("Only admins of this app can turn support access on.");
        }

        await adam.TurnOnAsync();
        foreach (var other in others)
        {
            await other.Page.IsOnAsync();
            await Expect(other.Page.Switch()).ToBeDisabledAsync();
            await Expect(other.Page.Panel()).ToContainTextAsync("Buildyard Support can work in Northwind iOS as an administrator.");
            await Expect(other.Page.Panel()).ToContainTextAsync("Only admins of this app can turn support access on.");
            await Expect(other.Page.GetByText("Change…")).ToHaveCountAsync(0);
            Assert.Equal(403, (await other.PostAsync("/support-access/apps/northwind-ios/access/off")).Status);
        }

        // Whoever keeps the app's workflows turns it off, and not on.
        await adam.Page.IsOnAsync();
        await Expect(piet.Page.Panel()).ToContainTextAsync("You can turn support access off. Only admins of this app can turn it on or change it.");
        await piet.Page.Switch().ClickAsync();
        await piet.Page.IsOffAsync();
        await Expect(piet.Page.Switch()).ToBeDisabledAsync();
    }

    [Fact]
    [Trait("capability", "T4")]
    public async Task Team_NeverListsSupport()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await adam.GoAsync(Team);
        var team = adam.Page.Locator("ul.team");
        await Expect(team.Locator("li")).ToHaveCountAsync(5);
        await Expect(team).Not.ToContainTextAsync("Sam Okafor");
        await Expect(team).Not.ToContainTextAsync("upport");
    }

    [Fact]
    public async Task AnotherAccount_SeesNothing()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var carla = await VisitAsAsync("Carla Ruiz");
        await adam.TurnOnAsync();
        await Expect(carla.Page.Locator("main")).Not.ToContainTextAsync("Northwind");
        foreach (var path in new[] { Ios, Settings, Team, Editor, Activity, "/support-access/apps/northwind-ios/panel", "/support-access/v1/apps/northwind-ios/access" })
        {
            Assert.Equal(404, await carla.StatusOfAsync(path));
            await Expect(carla.Page.Locator("body")).Not.ToContainTextAsync("Northwind");
        }
    }
}
