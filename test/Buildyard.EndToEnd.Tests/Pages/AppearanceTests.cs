using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>Every page, light, dark and on a phone: axe-core finds nothing, and nothing is wider than the screen.</summary>
public sealed class AppearanceTests(Chromium chromium) : Story(chromium)
{
    private static readonly string s_long = string.Concat(Enumerable.Repeat("Northwind field service for ", 3))[..80];
    private static readonly string s_unbroken = new('w', 80);

    [Fact]
    public async Task Doors()
    {
        var somebody = await VisitAsync();
        await somebody.GoAsync("/");
        await Look.AtAsync(somebody.Page, "demo");
        await somebody.GoAsync("/signin");
        await Look.AtAsync(somebody.Page, "signin");
        somebody.Expect(401, 404, 422);
        await somebody.Button("Sign in").ClickAsync();
        await Look.AtAsync(somebody.Page, "signin-empty");
        await somebody.Field("E-mail address").FillAsync("adam@northwind.test");
        await somebody.Field("Password").FillAsync("wrong");
        await somebody.Button("Sign in").ClickAsync();
        await Look.AtAsync(somebody.Page, "signin-wrong");
        await somebody.GoAsync("/welcome/no-such-link");
        await Look.AtAsync(somebody.Page, "welcome-unknown");
        await somebody.GoAsync("/nowhere");
        await Look.AtAsync(somebody.Page, "nothing-here");

        var olivia = await VisitAsAsync("Olivia Hart");
        await olivia.GoAsync("/account");
        await olivia.Field("E-mail address").FillAsync("new@northwind.test");
        await olivia.Button("Make a link").ClickAsync();
        await Look.AtAsync(olivia.Page, "account-invited");
        await somebody.Page.GotoAsync(await olivia.Field("One-time link").InputValueAsync());
        await Look.AtAsync(somebody.Page, "welcome");
        await somebody.Button("Go on").ClickAsync();
        await Look.AtAsync(somebody.Page, "welcome-empty");
    }

    [Fact]
    public async Task AppsAndTheirOwner()
    {
        var olivia = await VisitAsAsync("Olivia Hart");
        await Look.AtAsync(olivia.Page, "dashboard");
        await olivia.GoAsync(Ios);
        await Look.AtAsync(olivia.Page, "app");
        await olivia.GoAsync("/apps/new");
        await Look.AtAsync(olivia.Page, "new-app");
        olivia.Expect(422);
        await olivia.Button("Add app").ClickAsync();
        await Look.AtAsync(olivia.Page, "new-app-empty");
        await olivia.GoAsync("/account");
        await Look.AtAsync(olivia.Page, "account");
        await olivia.GoAsync("/account/billing");
        await Look.AtAsync(olivia.Page, "billing");
        await olivia.GoAsync(Settings);
        await olivia.Page.GetByText("Delete this app").ClickAsync();
        await Look.AtAsync(olivia.Page, "settings-delete");

        await olivia.GoAsync("/apps/new");
        await olivia.Field("Title").FillAsync(s_unbroken);
        await olivia.Field("Repository URL").FillAsync($"https://git.northwind.test/{new string('r', 200)}.git");
        await olivia.Button("Add app").ClickAsync();
        await Look.AtAsync(olivia.Page, "app-long");
        await olivia.GoAsync("/");
        await Look.AtAsync(olivia.Page, "dashboard-long");
    }

    [Fact]
    [Trait("capability", "T1")]
    public async Task SupportAccess()
    {
        var adam = await VisitAsAsync("Adam Reyes", new() { ViewportSize = new() { Width = 1200, Height = 800 } });
        var dana = await VisitAsAsync("Dana Kim");
        var tess = await VisitAsAsync("Tess Moreau");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync(Activity);
        await Look.AtAsync(adam.Page, "activity-empty");
        await adam.GoAsync(Settings);
        await Look.AtAsync(adam.Page, "settings-off");
        await adam.Field("How long").SelectOptionAsync("an exact end…");
        await adam.Field("Exact end (your time)").FillAsync("2020-01-01T10:00");
        adam.Expect(422);
        await adam.Page.Switch().ClickAsync();
        await Expect(adam.Page.Panel().GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Look.AtAsync(adam.Page, "settings-refused");
        await adam.TurnOnAsync();
        await Look.AtAsync(adam.Page, "settings-on");
        await adam.Page.GetByText("Change…").ClickAsync();
        await Look.AtAsync(adam.Page, "settings-change");

        await sam.EnterAsync();
        await WorkAsync(sam);
        await adam.GoAsync(Settings);
        await Expect(adam.Page.Panel()).ToContainTextAsync("3 changes");
        await Look.AtAsync(adam.Page, "settings-support-inside");
        await PictureOfTheReadmeAsync(adam);
        await tess.GoAsync(Settings);
        await Look.AtAsync(tess.Page, "settings-onlooker");
        await dana.GoAsync(Settings);
        await Look.AtAsync(dana.Page, "settings-promoted");
        await adam.GoAsync(Ios);
        await Look.AtAsync(adam.Page, "app-support-inside");
        await adam.GoAsync(Team);
        await Look.AtAsync(adam.Page, "team-promoted");
        await adam.GoAsync(Activity);
        foreach (var fold in await adam.Page.Locator(".lk-diff-fold summary").AllAsync()) await fold.ClickAsync();
        await Look.AtAsync(adam.Page, "activity");
        await adam.TurnOffAsync();
        await Look.AtAsync(adam.Page, "settings-ended");
        await adam.GoAsync(Activity);
        await Look.AtAsync(adam.Page, "activity-ended");
    }

    [Fact]
    public async Task WorkflowEditor()
    {
        var piet = await VisitAsAsync("Piet de Vries");
        var olivia = await VisitAsAsync("Olivia Hart");
        await piet.GoAsync(Editor);
        await Look.AtAsync(piet.Page, "editor");
        await piet.GoAsync($"{Editor}/versions");
        await Look.AtAsync(piet.Page, "versions");
        await piet.GoAsync($"{Editor}/versions/2");
        await Look.AtAsync(piet.Page, "version");
        await piet.GoAsync($"{Editor}/versions/2?compare=current");
        await Look.AtAsync(piet.Page, "version-compared");
        Assert.Equal(404, await piet.StatusOfAsync($"{Editor}/versions/77"));
        await Look.AtAsync(piet.Page, "version-unknown");

        await piet.GoAsync(Editor);
        await piet.InEditorAsync("format_version: \"23\"\nworkflows:\n  primary:\n    steps: fast\n  a b:\n    before_run: [gone]\n");
        piet.Expect(409, 422);
        await piet.Button("Save").ClickAsync();
        await Look.AtAsync(piet.Page, "editor-refused");
        await olivia.GoAsync(Editor);
        await olivia.InEditorAsync("format_version: \"23\"\n# Olivia\n");
        await olivia.Button("Save").ClickAsync();
        await Look.AtAsync(olivia.Page, "editor-saved");
        await piet.InEditorAsync("format_version: \"23\"\n# Piet\n");
        await piet.Button("Save").ClickAsync();
        await Look.AtAsync(piet.Page, "conflict");

        var dana = await VisitAsAsync("Dana Kim");
        await dana.GoAsync(Editor);
        await Look.AtAsync(dana.Page, "editor-readonly");
    }

    [Fact]
    [Trait("capability", "N6")]
    [Trait("capability", "V1")]
    public async Task SupportsOwnPages()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        var lee = await VisitAsAsync("Lee Park");
        await sam.GoAsync(Console);
        await Look.AtAsync(sam.Page, "console-empty");
        await adam.TurnOnAsync("northwind-android");
        await adam.TurnOnAsync();
        await sam.GoAsync("/support-access/console/enter/northwind-ios");
        await Look.AtAsync(sam.Page, "enter");
        await sam.Page.Locator("form.lk-form").EvaluateAsync("form => form.noValidate = true");
        sam.Expect(404, 410, 422);
        await sam.Button("Enter as support").ClickAsync();
        await Look.AtAsync(sam.Page, "enter-refused");
        await sam.EnterAsync();
        await Look.AtAsync(sam.Page, "bar-app");
        foreach (var (name, path) in new[] { ("settings", Settings), ("team", Team), ("editor", Editor) })
        {
            await sam.GoAsync(path);
            await Look.AtAsync(sam.Page, $"bar-{name}");
        }

        await sam.GoAsync(Console);
        await Look.AtAsync(sam.Page, "console");
        await sam.Page.GetByLabel("Give back Northwind Android").ClickAsync();
        await Look.AtAsync(sam.Page, "console-give-back");
        await sam.GoAsync("/support-access/enter/unknown");
        await Look.AtAsync(sam.Page, "code-spent");
        await sam.GoAsync("/apps/contoso-web");
        await Look.AtAsync(sam.Page, "not-found");
        await sam.GoAsync(Ios);
        await adam.Page.Switch().ClickAsync();
        await Expect(sam.Heading("Access has ended")).ToBeVisibleAsync();
        await Look.AtAsync(sam.Page, "ended-live");
        await sam.GoAsync(Ios);
        await Look.AtAsync(sam.Page, "ended");
        await lee.GoAsync("/support/team");
        await Look.AtAsync(lee.Page, "support-team");
    }

    [Fact]
    public async Task LongNames()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync(Settings);
        await adam.Field("Title").FillAsync(s_long);
        await adam.Button("Save").ClickAsync();
        await Expect(adam.Text("Saved.")).ToBeVisibleAsync();
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await sam.GoAsync("/support-access/console/enter/northwind-ios");
        await sam.Field("Reason").FillAsync(string.Concat(Enumerable.Repeat("Signing fails in the release workflow since Thursday. ", 10))[..500]);
        await sam.Field("Ticket (optional)").FillAsync(new string('T', 64));
        await sam.Button("Enter as support").ClickAsync();
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();
        await sam.GoAsync(Settings);
        await sam.Field("Title").FillAsync(s_unbroken);
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved.")).ToBeVisibleAsync();
        await Look.AtAsync(sam.Page, "long-bar");
        await sam.GoAsync(Console);
        await Look.AtAsync(sam.Page, "long-console");
        await adam.GoAsync(Settings);
        await Look.AtAsync(adam.Page, "long-settings");
        await adam.GoAsync(Activity);
        await Look.AtAsync(adam.Page, "long-activity");
    }

    private static async Task WorkAsync(Visitor sam)
    {
        await sam.GoAsync(Settings);
        await sam.Field("Repository URL").FillAsync("git@git.northwind.test:mobile/ios-app.git");
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved.")).ToBeVisibleAsync();
        await sam.GoAsync(Team);
        await sam.Field("Role of Dana Kim").SelectOptionAsync("Admin");
        await sam.Button("Change the role of Dana Kim").ClickAsync();
        await Expect(sam.Text("The role is changed.")).ToBeVisibleAsync();
        await sam.GoAsync(Editor);
        await sam.Editor.ClickAsync();
        await sam.Page.Keyboard.PressAsync("Control+Home");
        await sam.Page.Keyboard.InsertTextAsync("# Support was here\n");
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Text("Saved as version 4.")).ToBeVisibleAsync();
        await sam.GoAsync(Ios);
    }

    /// <summary>The picture that the README shows: the switch on, and support at work.</summary>
    private async Task PictureOfTheReadmeAsync(Visitor adam)
    {
        Site.Clock.Advance(TimeSpan.FromMinutes(12));
        await adam.Page.ReloadAsync();
        var panel = (await adam.Page.Panel().BoundingBoxAsync())!;
        await adam.Page.SetViewportSizeAsync(1200, (int)(panel.Y + panel.Height) + 24);
        await EndToEnd.Look.TakeAsync(adam.Page, "settings-on", "readme", new() { Width = 1200, Height = panel.Y + panel.Height + 24 });
    }
}
