using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Builds;

/// <summary>A story at a site that builds for real, with an app without a repository.</summary>
public abstract class BuildStory(Chromium chromium) : Story(chromium)
{
    protected const string Slug = "yard";
    protected const string App = "/apps/" + Slug;

    protected override Task<Site> OpenSiteAsync() => Site.OpenYardAsync();

    /// <summary>Adds the app of Olivia's: its workflow primary runs scripts, and the workflow waits does nothing for long.</summary>
    protected async Task AddAppAsync(params IReadOnlyList<string> scripts)
    {
        var owner = await Site.Host.CallAsAsync("olivia@northwind.test");
        var steps = scripts.Index().Select(s => Step(scripts.Count == 1 ? "Say" : $"Say {s.Index + 1}", s.Item));
        var yaml = $"format_version: \"23\"\nworkflows:\n  primary:\n    # Ours: say hello.\n    steps:\n{string.Concat(steps)}  waits:\n    steps:\n{Step("Wait", "sleep 600")}";
        await Site.Host.AddAppAsync(owner, Slug, "Yard", yaml);
    }

    private static string Step(string title, string script) =>
        $"    - script@1:\n        title: {title}\n        inputs:\n        - content: |\n            {script.ReplaceLineEndings("\n            ")}\n";

    /// <summary>Starts a build by the form of the builds page; the browser is then at the build.</summary>
    protected static async Task StartAsync(Visitor visitor, string workflow)
    {
        await visitor.GoAsync($"{App}/builds");
        await visitor.Page.GetByText("Start build").ClickAsync();
        await visitor.Page.Locator("#f-target").SelectOptionAsync($"workflow:{workflow}");
        await visitor.Button("Start").ClickAsync();
        await Look.ArriveAtAsync(visitor.Page, "/builds/[0-9]+");
    }

    /// <summary>Waits until the page that is open says so, by itself.</summary>
    protected static Task SaysAsync(Visitor visitor, string state) =>
        Expect(visitor.Page.Locator("h2 + .state[role=status]")).ToHaveTextAsync(state, new() { Timeout = 60_000 });
}
