using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Mission;

/// <summary>A customer opens one app, support works in it under their eyes, and the customer closes it.</summary>
public sealed partial class MissionTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "T1")]
    [Trait("capability", "T3")]
    [Trait("capability", "T6")]
    [Trait("capability", "T9")]
    [Trait("capability", "N3")]
    [Trait("capability", "N6")]
    [Trait("capability", "V3")]
    [Trait("capability", "P1")]
    public async Task Support_IsLetIn_Works_AndIsPutOut()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var olivia = await VisitAsAsync("Olivia Hart");
        var sam = await VisitAsAsync("Sam Okafor");
        await olivia.GoAsync(Settings);
        await sam.GoAsync(Console);
        await Expect(sam.Text("No app is open to support now.")).ToBeVisibleAsync();

        await SeesWhatTurningOnLendsAsync(adam);
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await olivia.Page.IsOnAsync();
        await Expect(sam.Heading("Northwind iOS")).ToBeVisibleAsync();

        await EntersWithAReasonAsync(sam);
        await Expect(adam.Link("Support is here: Sam Okafor")).ToBeVisibleAsync();
        await Expect(olivia.Page.Panel()).ToContainTextAsync("Sam Okafor is in this app now");
        await WorksUnderTheBarAsync(sam);

        await Expect(adam.Page.Panel()).ToContainTextAsync("3 changes");
        await adam.Link("Support is here: Sam Okafor").ClickAsync();
        await ReadsWhatWasDoneAsync(adam);

        await IsPutOutAsync(adam, sam);
        await olivia.Page.IsOffAsync();
        await Expect(olivia.Page.Panel()).ToContainTextAsync("by Adam Reyes");
    }

    private static async Task SeesWhatTurningOnLendsAsync(Visitor adam)
    {
        await adam.GoAsync(Settings);
        await adam.Page.IsOffAsync();
        var panel = adam.Page.Panel();
        await Expect(panel).ToContainTextAsync("Turn it on to let Buildyard Support work in Northwind iOS for a while. It ends by itself");
        await Expect(panel.GetByLabel("How long")).ToHaveValueAsync("P14D");
        await Expect(panel.GetByLabel("As")).ToHaveValueAsync("admin");
        await Expect(panel).ToContainTextAsync("They can't see billing, your account, or your other apps. Everything they do is recorded.");
    }

    private static async Task EntersWithAReasonAsync(Visitor sam)
    {
        await sam.Link("Enter Northwind iOS").ClickAsync();
        // Without the browser's own check, the server's word stands beside the field.
        await sam.Page.Locator("form.lk-form").EvaluateAsync("form => form.noValidate = true");
        sam.Expect(422);
        await sam.Button("Enter as support").ClickAsync();
        await Expect(sam.Field("Reason")).ToHaveAccessibleDescriptionAsync(ReasonRefused());

        await sam.Field("Reason").FillAsync("Signing step fails");
        await sam.Button("Enter as support").ClickAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("You are in Northwind iOS (Northwind) as support");
        await Expect(sam.Page.Bar()).ToContainTextAsync("administrator");
        await Expect(sam.Page.Bar()).ToContainTextAsync("reason: Signing step fails");
    }

    private static async Task WorksUnderTheBarAsync(Visitor sam)
    {
        await sam.Tab("Settings").ClickAsync();
        await sam.Field("Title").FillAsync("Northwind iOS 2");
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved.")).ToBeVisibleAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("You are in Northwind iOS 2");

        await sam.Tab("Team").ClickAsync();
        await sam.Page.GetByLabel("Role of Dana Kim", new() { Exact = true }).SelectOptionAsync("Platform engineer");
        await sam.Button("Change the role of Dana Kim").ClickAsync();
        await Expect(sam.Text("The role is changed.")).ToBeVisibleAsync();
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();

        await sam.Tab("Workflow Editor").ClickAsync();
        await sam.Tab("bitrise.yml").ClickAsync();
        await sam.Editor.ClickAsync();
        await sam.Page.Keyboard.PressAsync("Control+Home");
        await sam.Page.Keyboard.InsertTextAsync("# Support was here\n");
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved as version 4.")).ToBeVisibleAsync();
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();
    }

    private static async Task ReadsWhatWasDoneAsync(Visitor adam)
    {
        await Expect(adam.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("What support did in Northwind iOS 2");
        var session = adam.Page.GetByRole(AriaRole.Region, new() { NameRegex = SamOkafor() });
        await Expect(session).ToContainTextAsync("“Signing step fails”");
        var title = session.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Changed the app's settings" });
        await Expect(title.Locator("del")).ToHaveTextAsync("Northwind iOS");
        await Expect(title.Locator("ins")).ToHaveTextAsync("Northwind iOS 2");
        var role = session.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Changed a member's role" });
        await Expect(role.Locator("del")).ToHaveTextAsync("developer");
        await Expect(role.Locator("ins")).ToHaveTextAsync("platform_engineer");
        var yaml = session.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Changed bitrise.yml" });
        await yaml.Locator("summary").ClickAsync();
        await Expect(yaml.Locator(".lk-diff-added .lk-diff-text")).ToHaveTextAsync("# Support was here");
    }

    private async Task IsPutOutAsync(Visitor adam, Visitor sam)
    {
        await adam.GoAsync(Settings);
        var answered = adam.Page.WaitForResponseAsync(r => r.Request.Method == "POST");
        await adam.Page.Switch().ClickAsync();
        await answered;
        sam.Expect(404, 410);
        var next = await sam.Context.APIRequest.GetAsync(sam.At(Ios), new() { Headers = [new("Accept", "text/html")] });
        Assert.Equal(410, next.Status);
        await adam.Page.IsOffAsync();

        var at = $"{Site.Clock.GetUtcNow():HH:mm}";
        await Expect(sam.Heading("Access has ended")).ToBeVisibleAsync();
        await Expect(sam.Page.Locator("body")).ToContainTextAsync($"Support access to this app ended at {at}.");
        await Expect(sam.Page.Locator("body")).Not.ToContainTextAsync("Northwind");
        await Expect(sam.Page).ToHaveTitleAsync("Access has ended");
        await sam.Link("Back to the support console").ClickAsync();
        await Expect(sam.Text("No app is open to support now.")).ToBeVisibleAsync();
    }

    [GeneratedRegex("Sam Okafor", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SamOkafor();

    [GeneratedRegex("3 to 500 characters", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReasonRefused();
}
