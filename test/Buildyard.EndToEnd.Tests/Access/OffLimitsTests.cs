using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>What an agent never finds, whatever is on.</summary>
[Trait("capability", "N1")]
[Trait("capability", "N2")]
[Trait("capability", "N4")]
[Trait("capability", "N5")]
public sealed class OffLimitsTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    public async Task Agent_FindsNoMoreThanTheAppThatIsLent()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await Expect(sam.Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link)).ToHaveTextAsync([" Console", " Conversations"]);

        Assert.Equal(404, await sam.StatusOfAsync("/apps/no-such-app"));
        var unknown = await sam.Page.ContentAsync();
        foreach (var path in new[] { "/account", "/account/billing", "/apps/new", "/apps/northwind-android", "/apps/northwind-android/settings", "/apps/contoso-web", Activity })
        {
            Assert.Equal(404, await sam.StatusOfAsync(path));
            Assert.Equal(unknown, await sam.Page.ContentAsync());
        }

        await sam.GoAsync(Console);
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Northwind iOS");
        await Expect(sam.Page.Locator("main")).Not.ToContainTextAsync("Android");
        await Expect(sam.Page.Locator("main")).Not.ToContainTextAsync("Contoso");
    }

    [Fact]
    public async Task Agent_HasNoHandOnAccess_NorOnWhoIsInTheTeam()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.EnterAsync();

        await sam.GoAsync(Settings);
        await Expect(sam.Heading("General")).ToBeVisibleAsync();
        await Expect(sam.Page.Panel()).ToHaveCountAsync(0);
        await Expect(sam.Page.GetByText("Support access")).ToHaveCountAsync(0);
        await Expect(sam.Page.GetByText("Delete this app")).ToHaveCountAsync(0);
        await sam.Tab("Team").ClickAsync();
        await Expect(sam.Heading("Team")).ToBeVisibleAsync();
        await Expect(sam.Heading("Add somebody")).ToHaveCountAsync(0);
        await Expect(sam.Page.GetByTitle("Remove")).ToHaveCountAsync(0);
        await Expect(sam.Page.GetByRole(AriaRole.Option, new() { Name = "Owner" })).ToHaveCountAsync(0);

        foreach (var path in new[] { $"{Settings}/delete", $"{Team}/add", $"{Team}/remove", $"{Team}/accept", "/support-access/apps/northwind-ios/access/on", "/support-access/apps/northwind-ios/access/off", "/account", "/account/billing" })
        {
            Assert.Equal(404, (await sam.PostAsync(path)).Status);
        }

        await adam.Page.IsOnAsync();
    }

    [Fact]
    [Trait("capability", "T2")]
    public async Task WhomSupportRaised_OnlyLooks_UntilTheCustomerAccepts()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        var dana = await VisitAsAsync("Dana Kim");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await sam.GoAsync(Team);
        await sam.Field("Role of Dana Kim").SelectOptionAsync("Admin");
        await sam.Button("Change the role of Dana Kim").ClickAsync();
        await Expect(sam.Text("The role is changed.")).ToBeVisibleAsync();
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOffAsync();

        await dana.GoAsync(Settings);
        await Expect(dana.Page.Switch()).ToBeDisabledAsync();
        await Expect(dana.Button("Save")).ToHaveCountAsync(0);
        await Look.AtAsync(dana.Page, "settings-raised");
        await adam.GoAsync(Team);
        await Expect(adam.Text("Raised by support · Sam Okafor")).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "team-raised");
        await adam.Button("Accept the role of Dana Kim").ClickAsync();
        await Expect(adam.Text("The role is accepted.")).ToBeVisibleAsync();
        await dana.TurnOnAsync();
        await Expect(dana.Button("Save")).ToBeVisibleAsync();
    }
}
