using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Builds;

/// <summary>N5: what the customer looks at before it lets anything of support's near a secret: a build, and a change that rests on another.</summary>
public sealed class GuardedTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    public async Task KeepingAChange_ShowsWhatItRestsOn_AndKeepsThatToo()
    {
        var (adam, sam) = await InsideAsync();
        await RenameAsync(sam, "Northwind for iOS");
        await RenameAsync(sam, "Northwind for iPhone and iPad");
        await adam.GoAsync(Activity);
        await adam.Page.Locator("a[href*='/changes/']").First.ClickAsync();

        await Expect(adam.Heading("Keeping it keeps this too")).ToBeVisibleAsync();
        await Expect(adam.Page.Locator("main")).ToContainTextAsync("Sets the title of the app back to “Northwind for iOS”.");
        await Look.AtAsync(adam.Page, "change-rests-on");
        await adam.Button("Keep 2 changes").ClickAsync();

        await Expect(adam.Heading("Left behind by support")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task ABuildOfSupports_SaysWhatWouldBeAllowed_OnceItsCommitIsKnown()
    {
        var (adam, sam) = await InsideAsync();
        await StartAsync(sam, "");
        await StartAsync(sam, new string('a', 40));
        await adam.GoAsync($"{Ios}/builds/1");
        await Expect(adam.Page.Locator("main")).ToContainTextAsync("Which commit it builds is known once it has fetched the source.");
        await Expect(adam.Button("Allow secrets for this build")).ToHaveCountAsync(0);
        await Look.AtAsync(adam.Page, "build-guarded-unknown");

        await adam.GoAsync($"{Ios}/builds/2");
        await Expect(adam.Page.Locator("main")).ToContainTextAsync("commit aaaaaaa and these variables:");
        await Look.AtAsync(adam.Page, "build-guarded");
        await adam.Button("Allow secrets for this build").ClickAsync();

        await Expect(adam.Page.Locator("main")).ToContainTextAsync("It has secrets, allowed by Adam Reyes.");
    }

    private async Task<(Visitor Adam, Visitor Sam)> InsideAsync()
    {
        var (adam, sam) = (await VisitAsAsync("Adam Reyes"), await VisitAsAsync("Sam Okafor"));
        await adam.TurnOnAsync();
        await sam.EnterAsync();
        return (adam, sam);
    }

    private static async Task RenameAsync(Visitor sam, string title)
    {
        await sam.GoAsync(Settings);
        await sam.Field("Title").FillAsync(title);
        await sam.Button("Save").ClickAsync();
        await Expect(sam.Field("Title")).ToHaveValueAsync(title);
        await Expect(sam.Page.Locator("main")).ToContainTextAsync(title);
    }

    private static async Task StartAsync(Visitor sam, string commit)
    {
        await sam.GoAsync($"{Ios}/builds");
        await sam.Page.GetByText("Start build").First.ClickAsync();
        await sam.Page.GetByText("Tag, commit, variables").ClickAsync();
        await sam.Field("Commit").FillAsync(commit);
        await sam.Field("Environment variables").FillAsync("EXPORT_METHOD=ad-hoc\nVERBOSE=yes");
        await sam.Button("Start").ClickAsync();
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Support · Sam Okafor");
    }
}
