using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Conversations;

/// <summary>An administrator and an agent write to each other, each at a browser of their own.</summary>
public sealed class ConversationTests(Chromium chromium) : Story(chromium)
{
    private const string Help = "/support-access/help";
    private const string Inbox = "/support-access/console/inbox";

    [Fact]
    [Trait("capability", "C1")]
    public async Task TwoSidesAtOnce_ReadEachOther_AtOnce()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await sam.GoAsync(Inbox);
        await Expect(sam.Text("No conversation is open.")).ToBeVisibleAsync();
        await Look.AtAsync(sam.Page, "inbox-empty");

        await adam.Tab("Support").ClickAsync();
        await Expect(adam.Heading("Help and support")).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "support-empty");
        await AskAsync(adam);
        await Expect(sam.Page.Locator(".lk-rows")).ToContainTextAsync("Signing fails");
        await Expect(sam.Page.Locator(".lk-rows")).ToContainTextAsync("1 new");

        await sam.Link("Signing fails on main").ClickAsync();
        await sam.Button("Take it on").ClickAsync();
        await Expect(sam.Page.Locator("aside")).ToContainTextAsync("Given to Sam Okafor");
        await sam.Field("Answer").FillAsync("Which step is it?\nThe last one?");
        await sam.Button("Send").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Which step is it?");
        await Expect(adam.Page.Locator("aside")).ToContainTextAsync("Waiting on you");
        await Expect(sam.Field("Answer")).ToHaveValueAsync("");

        // Half a sentence stays where it is while the other side speaks.
        await adam.Field("Message to support").FillAsync("The last, since");
        await sam.Field("Answer").FillAsync("Take your time.");
        await sam.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Take your time.");
        await Expect(adam.Field("Message to support")).ToHaveValueAsync("The last, since");
        await adam.Button("Send").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("The last, since");

        await sam.Button("Mark as solved").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("called it solved");
        await adam.Field("Message to support").FillAsync("It is back");
        await adam.Button("Send").ClickAsync();
        await Expect(sam.Page.Locator("aside")).ToContainTextAsync("Waiting on us");
        await Look.AtAsync(sam.Page, "conversation-support");
        await Look.AtAsync(adam.Page, "conversation-customer");
        await sam.GoAsync(Inbox);
        await Look.AtAsync(sam.Page, "inbox");
        await sam.Field("Search").FillAsync("back");
        await sam.Button("Show").ClickAsync();
        await Expect(sam.Link("Signing fails on main")).ToBeVisibleAsync();
        await adam.GoAsync(Help);
        await Look.AtAsync(adam.Page, "support");
    }

    /// <summary>No event tells it: the page asks when its stream stands, and again as long as the server can't say.</summary>
    [Theory]
    [Trait("capability", "C1")]
    [InlineData(0)]
    [InlineData(2)]
    public async Task WhatIsSaidWhileAPageArrives_IsShownOnIt(int failures)
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await AskAsync(adam);
        var isSaid = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await sam.Page.RouteAsync("**/v1/events*", async stream =>
        {
            await isSaid.Task;
            await stream.ContinueAsync();
        });
        if (failures > 0)
        {
            sam.Expect(503);
            await sam.Page.RouteAsync("**part=stream", part => part.FulfillAsync(new() { Status = 503 }), new() { Times = failures });
        }

        await sam.GoAsync(new Uri(adam.Page.Url).AbsolutePath);
        await adam.Field("Message to support").FillAsync("It is the last step");
        await adam.Button("Send").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("It is the last step");
        isSaid.SetResult();

        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("It is the last step");
    }

    [Fact]
    [Trait("capability", "R2")]
    public async Task ACustomerShowsTheSettings_AfterLookingAtThem()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await AskAsync(adam);
        await adam.Link("Show support something…").ClickAsync();
        await Look.AtAsync(adam.Page, "share-choose");
        await adam.Link("Look at it…").First.ClickAsync();
        await Expect(adam.Page.Locator("pre")).ToContainTextAsync("format_version");
        await Look.AtAsync(adam.Page, "share-preview");
        await adam.Button("Show it to support").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Settings of Northwind iOS");

        var sam = await VisitAsAsync("Sam Okafor");
        await sam.GoAsync(Inbox);
        await sam.Link("Signing fails on main").ClickAsync();
        await sam.Page.Locator("summary").Filter(new() { HasText = "Settings of Northwind iOS" }).ClickAsync();
        await Expect(sam.Page.Locator("pre")).ToContainTextAsync("format_version");
        await Look.AtAsync(sam.Page, "shared-settings");
        Assert.Equal(404, await sam.StatusOfAsync(Settings));
    }

    [Fact]
    [Trait("capability", "C2")]
    public async Task PleaseLook_IsOneClickFromTheSettings()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.TurnOnAsync();
        await adam.Button("Ask support to look").ClickAsync();
        await Expect(adam.Text("Support access is on, please look.")).ToBeVisibleAsync();
        var sam = await VisitAsAsync("Sam Okafor");
        await sam.GoAsync(Inbox);
        await sam.Link("Support access is on").ClickAsync();
        await sam.Link("Enter…").ClickAsync();
        await Expect(sam.Field("Reason")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task BothSides_WithoutScript()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { JavaScriptEnabled = false });
        var sam = await VisitAsAsync("Sam Okafor", new() { JavaScriptEnabled = false });
        await AskAsync(adam);
        await sam.GoAsync(Inbox);
        await sam.Link("Signing fails on main").ClickAsync();
        await sam.Field("Answer").FillAsync("Which step is it?");
        await sam.Button("Send").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Which step is it?");
        await sam.Button("Mark as solved").ClickAsync();
        await adam.Page.ReloadAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Which step is it?");
        await adam.Button("Open again").ClickAsync();
        await Expect(adam.Page.Locator("aside")).ToContainTextAsync("Waiting on Buildyard Support");
    }

    private static async Task AskAsync(Visitor adam)
    {
        await adam.GoAsync("/support-access/conversations/new?app=northwind-ios");
        await adam.Field("Subject").FillAsync("Signing fails on main");
        await adam.Field("What happens, and what should happen instead").FillAsync("Since this morning every build stops at signing.\n\nNothing was changed by us.");
        await adam.Button("Send").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("every build stops at signing");
    }
}
