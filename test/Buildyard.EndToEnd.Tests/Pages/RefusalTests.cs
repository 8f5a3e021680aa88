using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>What is refused says why, beside what it is about, and loses nothing that was typed.</summary>
public sealed class RefusalTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "T2")]
    public async Task Switch_GoesBack_WithTheReasonBesideIt()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var olivia = await VisitAsAsync("Olivia Hart");
        await adam.GoAsync(Settings);
        await adam.Field("How long").SelectOptionAsync("an exact end…");
        await adam.Field("Exact end (your time)").FillAsync("2020-01-01T10:00");
        adam.Expect(422, 403);
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel().GetByRole(AriaRole.Alert)).ToContainTextAsync("The end");
        await adam.Page.IsOffAsync();
        await Expect(adam.Field("Exact end (your time)")).ToHaveValueAsync("2020-01-01T10:00");

        await olivia.GoAsync(Team);
        await olivia.Field("Role of Adam Reyes").SelectOptionAsync("Developer");
        await olivia.Button("Change the role of Adam Reyes").ClickAsync();
        await Expect(olivia.Text("The role is changed.")).ToBeVisibleAsync();
        await adam.Field("How long").SelectOptionAsync("1 hour");
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel().GetByRole(AriaRole.Alert)).ToHaveTextAsync("Only admins of this app can turn support access on.");
        await adam.Page.IsOffAsync();
        await Expect(adam.Page.Switch()).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Switch_GoesBack_WhenTheServerCantBeReached()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.GoAsync(Settings);
        adam.Expect("net::ERR_FAILED");
        await adam.Page.RouteAsync("**/access/on", route => route.AbortAsync());
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel().GetByRole(AriaRole.Alert)).ToHaveTextAsync("The server can't be reached just now. Nothing is known to have changed.");
        await adam.Page.IsOffAsync();

        await adam.Page.UnrouteAllAsync();
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await Expect(adam.Page.Panel().GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task WayIn_OpensOnce()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.GoAsync(Console);
        var entered = await sam.Context.APIRequest.PostAsync(sam.At("/support-access/v1/sessions"), new()
        {
            DataObject = new { app = "northwind-ios", reason = "Signing step fails" },
            Headers = [new("X-CSRF-Token", await sam.AntiforgeryTokenAsync())],
        });
        var way = (await entered.JsonAsync())!.Value.GetProperty("enter_url").GetString()!;

        await sam.GoAsync(way);
        await Expect(sam.Page.Bar()).ToHaveCountAsync(0);
        await sam.Button("Enter Northwind iOS as support").ClickAsync();
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();
        Assert.Equal(410, await sam.StatusOfAsync(way));
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("This way in was used already");
    }

    [Fact]
    public async Task SignIn_SaysWhatIsWrong_AndKeepsTheAddress()
    {
        var somebody = await VisitAsync();
        somebody.Expect(401, 422);
        await somebody.GoAsync("/signin");
        await somebody.Button("Sign in").ClickAsync();
        await Expect(somebody.Field("E-mail address")).ToHaveAccessibleDescriptionAsync("It is empty. An e-mail address.");
        await Expect(somebody.Field("Password")).ToHaveAccessibleDescriptionAsync("It is empty. Your password.");

        await somebody.Field("E-mail address").FillAsync("adam@northwind.test");
        await somebody.Field("Password").FillAsync("wrong");
        await somebody.Button("Sign in").ClickAsync();
        await Expect(somebody.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The e-mail address or the password is wrong.");
        await Expect(somebody.Field("E-mail address")).ToHaveValueAsync("adam@northwind.test");

        await somebody.Field("Password").FillAsync("demo");
        await somebody.Button("Sign in").ClickAsync();
        await Expect(somebody.Heading("Apps")).ToBeVisibleAsync();
    }

    [Fact]
    [Trait("capability", "A8")]
    public async Task Settings_KeepWhatWasTyped()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.GoAsync(Settings);
        await adam.Field("Title").FillAsync("Northwind for iOS");
        await adam.Field("Repository URL").FillAsync("ftp://git.northwind.test/ios");
        adam.Expect(422);
        await adam.Button("Save").ClickAsync();
        await Expect(adam.Field("Repository URL")).ToHaveAccessibleDescriptionAsync(
            "Another URL removes the app's SSH key, which was set for this one. Leave it empty for an app without a repository. "
            + "It is not an https or ssh address. An address such as https://git.example.com/team/app.git or git@git.example.com:team/app.git.");
        await Expect(adam.Field("Repository URL")).ToHaveValueAsync("ftp://git.northwind.test/ios");
        await Expect(adam.Field("Title")).ToHaveValueAsync("Northwind for iOS");
        await Expect(adam.Heading("Northwind iOS")).ToBeVisibleAsync();
    }

    [Fact]
    [Trait("capability", "A17")]
    public async Task Editor_NamesLineAndColumn_AndKeepsTheText()
    {
        var piet = await VisitAsAsync("Piet de Vries");
        await piet.GoAsync(Editor);
        var editor = await piet.InEditorAsync("format_version: \"23\"\nworkflows:\n  primary:\n    steps: fast\n");
        piet.Expect(422);
        await piet.Button("Save").ClickAsync();
        await Expect(piet.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not saved: there is an error in the file. What you typed is below.");
        await Expect(piet.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Line 4, column 12");
        await Expect(editor).ToContainTextAsync("steps: fast");

        await piet.Link("Line 4, column 12").ClickAsync();
        await Expect(editor).ToBeFocusedAsync();
        await Expect(piet.Page.Locator(".cm-activeLine")).ToHaveTextAsync("    steps: fast");
    }

    [Fact]
    [Trait("capability", "A17")]
    public async Task Editor_AsksBeforeItSavesOverSomebodyElse()
    {
        var piet = await VisitAsAsync("Piet de Vries");
        var olivia = await VisitAsAsync("Olivia Hart");
        await piet.GoAsync(Editor);
        await olivia.GoAsync(Editor);
        await olivia.InEditorAsync("format_version: \"23\"\n# Olivia\n");
        await olivia.Button("Save").ClickAsync();
        await Expect(olivia.Text("Saved as version 4.")).ToBeVisibleAsync();

        await piet.InEditorAsync("format_version: \"23\"\n# Piet\n");
        piet.Expect(409);
        await piet.Button("Save").ClickAsync();
        await Expect(piet.Heading("Somebody saved before you")).ToBeVisibleAsync();
        await Expect(piet.Page.Locator(".diff")).ToContainTextAsync("# Olivia");
        await Expect(piet.Page.Locator(".diff")).ToContainTextAsync("# Piet");
        await piet.Button("Go on editing mine").ClickAsync();
        await Expect(piet.Editor).ToContainTextAsync("# Piet");
        await piet.Button("Save").ClickAsync();
        await Expect(piet.Text("Saved as version 5.")).ToBeVisibleAsync();
    }
}
