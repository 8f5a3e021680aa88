using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Capabilities;

/// <summary>
/// What Sam does by the forms of an app's pages: before access he finds nothing there, inside it takes effect, the customer sees
/// it with its difference and undoes it, and after the end his page is gone. Each story has an app of its own.
/// </summary>
public abstract class CapabilityStory(Chromium chromium, SharedYard yard) : Story(chromium), IClassFixture<SharedYard>
{
    private const string Yaml =
        "format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        title: Say\n        inputs:\n        - content: echo hello\n  extra:\n    summary: For the night\n";

    private Visitor? _sam;
    private Visitor? _olivia;
    private HttpClient? _owner;
    private string _app = "";

    /// <summary>The agent, inside the app by the bar.</summary>
    protected Visitor Sam => _sam ?? throw new InvalidOperationException("Nobody of support has entered.");

    /// <summary>The customer: owner of the app.</summary>
    protected Visitor Olivia => _olivia ?? throw new InvalidOperationException("Nobody has come.");

    /// <summary>Olivia at the API.</summary>
    protected HttpClient Owner => _owner ?? throw new InvalidOperationException("There is no app yet.");

    /// <summary>Adds the story's app; what it needs beforehand is done then.</summary>
    protected async Task AddAppAsync(string title, string yaml = Yaml)
    {
        _owner = await Site.Host.CallAsAsync("olivia@northwind.test");
        using var added = await _owner.PostAsJsonAsync("/api/apps", new { title, bitrise_yml = yaml });
        added.EnsureSuccessStatusCode();
        _app = (await added.JsonAsync()).GetProperty("slug").GetString()!;
        _olivia = await ComeAsync("Olivia Hart");
        _sam = await ComeAsync("Sam Okafor");
    }

    /// <summary>Lends the app to support; Sam, who found nothing there, enters.</summary>
    protected async Task EnterAsync()
    {
        Assert.Equal(404, await Sam.StatusOfAsync(Path()));
        (await Owner.PutAsJsonAsync($"/support-access/v1/apps/{_app}/access", new { })).EnsureSuccessStatusCode();
        await Sam.EnterAsync(_app);
    }

    protected string Path(string below = "") => $"/apps/{_app}{below}";

    protected string Api(string below = "") => $"/api/apps/{_app}{below}";

    /// <summary>Presses a button and waits until the page says that it is done.</summary>
    protected static async Task DoAsync(Visitor visitor, string button)
    {
        await visitor.Button(button).ClickAsync();
        await Expect(visitor.Page.Locator(".alert-success")).ToBeVisibleAsync();
    }

    /// <summary>Access ends, and the address that Sam was at says so.</summary>
    protected async Task EndAsync()
    {
        var address = new Uri(Sam.Page.Url).PathAndQuery;
        // A stream that is cut is a connection lost, which the browser notes.
        Sam.Expect("/live");
        (await Owner.DeleteAsync($"/support-access/v1/apps/{_app}/access")).EnsureSuccessStatusCode();
        Assert.Equal(410, await Sam.StatusOfAsync(address));
        await Expect(Sam.Heading("Access has ended")).ToBeVisibleAsync();
    }

    /// <summary>Olivia sees at a page what Sam did.</summary>
    protected async Task SeesAsync(string page, ILocator there)
    {
        await Olivia.GoAsync(page);
        await Expect(there.First).ToBeAttachedAsync();
    }

    /// <summary>Olivia reads on the activity page what was done, with its difference.</summary>
    protected async Task<ILocator> ReadsAsync(string did, params IEnumerable<string> difference)
    {
        await Olivia.GoAsync($"/support-access/apps/{_app}/activity");
        var act = Olivia.Page.Locator(".lk-act").Filter(new() { HasText = did }).First;
        await Expect(act).ToBeVisibleAsync();
        foreach (var part in difference) await Expect(act).ToContainTextAsync(part);
        return act;
    }

    /// <summary>Olivia reads it, looks at what undoing does, and undoes it.</summary>
    protected async Task UndoesAsync(string did, params IEnumerable<string> difference)
    {
        var act = await ReadsAsync(did, difference);
        await act.GetByRole(AriaRole.Link, new() { Name = "Undo…" }).ClickAsync();
        await Expect(Olivia.Heading("Undoing it does this")).ToBeVisibleAsync();
        await Olivia.Button("Undo it").ClickAsync();
        await Expect(act).ToContainTextAsync("undone by Olivia Hart");
    }

    /// <summary>It is as it was before: what was there isn't any more.</summary>
    protected async Task IsGoneAsync(string page, ILocator there)
    {
        await Olivia.GoAsync(page);
        await Expect(Olivia.Page.Locator("h1")).ToBeVisibleAsync();
        await Expect(there).ToHaveCountAsync(0);
    }

    /// <summary>All of it: the customer sees it, access ends, the customer undoes it.</summary>
    protected async Task IsSeenAndUndoneAsync(string page, ILocator there, string did, params IEnumerable<string> difference)
    {
        await SeesAsync(page, there);
        await EndAsync();
        await UndoesAsync(did, difference);
        await IsGoneAsync(page, there);
    }

    /// <summary>Runs a build of Olivia's until it is over.</summary>
    protected async Task BuildAsync()
    {
        var started = await (await Owner.PostAsJsonAsync(Api("/builds"), new { workflow = "primary" })).JsonAsync();
        var path = Api($"/builds/{started.GetProperty("number").GetInt32()}");
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await (await Owner.GetAsync(path, bound.Token)).JsonAsync()).GetProperty("ended_at").ValueKind == JsonValueKind.Null)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, bound.Token);
    }

    protected override Task<Site> OpenSiteAsync() => Task.FromResult(yard.Site);

    protected override ValueTask CloseSiteAsync(Site site) => ValueTask.CompletedTask;

    private async Task<Visitor> ComeAsync(string name)
    {
        if (yard.SignedIn.TryGetValue(name, out var cookies)) return await VisitAsync(new() { StorageState = cookies });
        var visitor = await VisitAsAsync(name);
        yard.SignedIn[name] = await visitor.Context.StorageStateAsync();
        return visitor;
    }
}
