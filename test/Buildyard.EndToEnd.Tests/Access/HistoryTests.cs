using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Access;

/// <summary>What both sides see of what was, after it is over.</summary>
public sealed class HistoryTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "P6")]
    [Trait("capability", "T9")]
    public async Task Activity_StaysAfterAccessHasEnded()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("Never used");
        await sam.EnterAsync();
        await sam.Tab("Settings").ClickAsync();
        await sam.Button("Disable app").ClickAsync();
        await Expect(sam.Button("Enable app")).ToBeVisibleAsync();
        // A page that has just come and hears nothing yet asks when and why access ended.
        sam.Expect(410);
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOffAsync();

        await adam.Page.Panel().GetByRole(AriaRole.Link, new() { Name = "See the report" }).ClickAsync();
        await Expect(adam.Text("Used by Sam Okafor: 1 session")).ToBeVisibleAsync();
        await adam.Page.GetByRole(AriaRole.Link, new() { Name = "All activity of support in Northwind iOS" }).ClickAsync();
        var session = adam.Page.Locator(".lk-session");
        await Expect(session).ToContainTextAsync("Sam Okafor");
        await Expect(session).ToContainTextAsync("Enabled or disabled the app");
        await Expect(session.Locator("ins")).ToHaveTextAsync("disabled");
        await Expect(adam.Page.Locator(".lk-history")).ToContainTextAsync("ended by Adam Reyes");
        await Expect(adam.Page.Locator(".lk-history")).ToContainTextAsync("1 session");
    }

    [Fact]
    [Trait("capability", "P1")]
    public async Task Activity_CanBeFiltered()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await sam.Tab("Settings").ClickAsync();
        await sam.Button("Disable app").ClickAsync();
        await Expect(sam.Button("Enable app")).ToBeVisibleAsync();

        await adam.GoAsync(Activity);
        await Expect(adam.Page.Locator(".lk-act")).ToHaveCountAsync(2);
        await adam.Field("Changes only").CheckAsync();
        await adam.Button("Show").ClickAsync();
        await Expect(adam.Page.Locator(".lk-act")).ToHaveCountAsync(1);
        await adam.Field("What").SelectOptionAsync("changed bitrise.yml");
        await adam.Button("Show").ClickAsync();
        await Expect(adam.Text("Nothing fits this filter.")).ToBeVisibleAsync();
        await adam.Link("Show all").ClickAsync();
        await Expect(adam.Page.Locator(".lk-act")).ToHaveCountAsync(2);
    }

    [Fact]
    [Trait("capability", "V1")]
    public async Task Console_ShowsTimeLeft_AndMySessions()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        var sue = await VisitAsAsync("Sue Lindqvist");
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        await sam.GoAsync(Console);
        await Expect(sam.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Time left in Northwind iOS" })).ToBeVisibleAsync();
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("ends in 1");
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("open now");
        await Expect(sam.Link("Open Northwind iOS")).ToBeVisibleAsync();
        await sam.Button("Leave Northwind iOS").ClickAsync();

        await Expect(sam.Link("Enter Northwind iOS")).ToBeVisibleAsync();
        await Expect(sam.Page.GetByRole(AriaRole.Region, new() { Name = "My sessions" })).ToContainTextAsync("“Signing step fails”");
        await Expect(sam.Page.GetByRole(AriaRole.Region, new() { Name = "My sessions" })).ToContainTextAsync("left");
        await sue.GoAsync(Console);
        await Expect(sue.Page.Locator("main")).ToContainTextAsync("by Sam Okafor");
        await Expect(sue.Text("You have not been in an app yet.")).ToBeVisibleAsync();
    }
}
