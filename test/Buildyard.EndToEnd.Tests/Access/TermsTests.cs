using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>For how long, and as what.</summary>
public sealed class TermsTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "T7")]
    public async Task Lengths_CanBeChosen()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.GoAsync(Settings);
        foreach (var (length, span) in new[] { ("1 hour", TimeSpan.FromHours(1)), ("1 day", TimeSpan.FromDays(1)), ("3 days", TimeSpan.FromDays(3)), ("7 days", TimeSpan.FromDays(7)), ("14 days", TimeSpan.FromDays(14)) })
        {
            await adam.Field("How long").SelectOptionAsync(length);
            await adam.Page.Switch().ClickAsync();
            await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {Site.Clock.GetUtcNow() + span:ddd d MMM yyyy, HH:mm}");
            await adam.Page.IsOnAsync();
            await adam.Page.Switch().ClickAsync();
            await adam.Page.IsOffAsync();
        }
    }

    [Fact]
    [Trait("capability", "T7")]
    public async Task ExactEnd_IsReadInTheReadersZone()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { TimezoneId = "Asia/Kolkata" });
        await adam.GoAsync(Settings);
        var end = Site.Clock.GetUtcNow().AddDays(2).AddMinutes(95);
        var kolkata = end.ToOffset(new TimeSpan(5, 30, 0));

        await adam.Field("How long").SelectOptionAsync("an exact end…");
        await adam.Field("Exact end (your time)").FillAsync(kolkata.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await adam.Page.Switch().ClickAsync();

        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {kolkata:ddd d MMM yyyy, HH:mm}");
        await Expect(adam.Page.Panel().GetByTitle($"{end:yyyy-MM-dd HH:mm:ss} UTC").First).ToBeVisibleAsync();
        var state = await adam.ReadAsync("/support-access/v1/apps/northwind-ios/access");
        Assert.Equal(end, state.GetProperty("grant").GetProperty("until").GetDateTimeOffset());
    }

    [Fact]
    [Trait("capability", "T7")]
    public async Task Viewer_LooksAndChangesNothing()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync(Settings);
        await adam.Field("As").SelectOptionAsync("view only");
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("Buildyard Support can look at Northwind iOS and change nothing.");

        await sam.EnterAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("view only");
        await sam.Tab("Settings").ClickAsync();
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("git@git.northwind.test:mobile/ios.git");
        await Expect(sam.Page.Locator("main form")).ToHaveCountAsync(0);
        await sam.Tab("Team").ClickAsync();
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Dana Kim");
        await Expect(sam.Page.Locator("main form")).ToHaveCountAsync(0);
        await sam.Tab("Workflow Editor").ClickAsync();
        await sam.Tab("bitrise.yml").ClickAsync();
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("workflows:");
        await Expect(sam.Button("Save")).ToHaveCountAsync(0);

        Assert.Equal(403, (await sam.PostAsync(Settings, ("title", "Renamed"))).Status);
        Assert.Equal(403, (await sam.PostAsync($"{Team}/role", ("person", "x"), ("role", "tester"))).Status);
        Assert.Equal(403, (await sam.PostAsync(Editor, ("base", "3"), ("content", "format_version: '23'\n"))).Status);
        await adam.GoAsync(Settings);
        await Expect(adam.Field("Title")).ToHaveValueAsync("Northwind iOS");
    }

    [Fact]
    [Trait("capability", "T8")]
    public async Task Renewal_MovesTheEnd_AndKeepsTheAgentWorking()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync(Settings);
        await adam.Field("How long").SelectOptionAsync("1 hour");
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await sam.EnterAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("ends in 59 min");

        await adam.Page.GetByText("Change…").ClickAsync();
        await adam.Field("Ends").SelectOptionAsync("7 days from now");
        await Save(adam).ClickAsync();
        var end = Site.Clock.GetUtcNow().AddDays(7);
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {end:ddd d MMM yyyy, HH:mm}");

        // Saved again as it is, the end stays where it is.
        await adam.Page.GetByText("Change…").ClickAsync();
        await Save(adam).ClickAsync();
        await Expect(Save(adam)).ToBeHiddenAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {end:ddd d MMM yyyy, HH:mm}");
        await Expect(adam.Page.Panel()).ToContainTextAsync("Sam Okafor is in this app now");

        await sam.Tab("Settings").ClickAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("reason: Signing step fails");
        await Expect(sam.Page.Bar()).Not.ToContainTextAsync("59 min ");
    }

    private static ILocator Save(Visitor admin) => admin.Page.Panel().GetByRole(AriaRole.Button, new() { Name = "Save" });
}
