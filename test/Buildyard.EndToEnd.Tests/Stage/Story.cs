using Microsoft.Playwright;

namespace Buildyard.EndToEnd;

/// <summary>A test with a Buildyard of its own and people at browsers. It fails when any page complained on the way, or looked wrong.</summary>
public abstract class Story(Chromium chromium) : IAsyncLifetime
{
    protected const string Ios = "/apps/northwind-ios";
    protected const string Settings = Ios + "/settings";
    protected const string Team = Settings + "/team";
    protected const string Editor = Ios + "/workflow/yml";
    protected const string Console = "/support-access/console";
    protected const string Activity = "/support-access/apps/northwind-ios/activity";

    private readonly List<Visitor> _visitors = [];
    private Site? _site;

    /// <summary>What was looked at closely in this story.</summary>
    protected Look Look { get; } = new();

    protected Site Site => _site ?? throw new InvalidOperationException("The story has not begun.");

    public virtual async ValueTask InitializeAsync() => _site = await OpenSiteAsync();

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed) await DescribeAsync();
        foreach (var visitor in _visitors) await visitor.Context.CloseAsync();
        if (_site is not null) await CloseSiteAsync(_site);
        var complaints = string.Join('\n', _visitors.SelectMany(v => v.Complaints).Concat(Look.Findings));
        Assert.True(complaints.Length == 0, complaints);
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens what the story plays at.</summary>
    protected virtual Task<Site> OpenSiteAsync() => Site.OpenAsync();

    protected virtual ValueTask CloseSiteAsync(Site site) => site.DisposeAsync();

    /// <summary>Somebody who has not signed in.</summary>
    protected async Task<Visitor> VisitAsync(BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.Locale ??= "en-GB";
        options.TimezoneId ??= "UTC";
        options.ReducedMotion ??= ReducedMotion.Reduce;
        var context = await chromium.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        var visitor = new Visitor(Site, context, await context.NewPageAsync());
        visitor.Listen();
        _visitors.Add(visitor);
        return visitor;
    }

    /// <summary>Somebody of the demo, signed in.</summary>
    protected async Task<Visitor> VisitAsAsync(string name, BrowserNewContextOptions? options = null)
    {
        var visitor = await VisitAsync(options);
        await visitor.SignInAsync(name);
        return visitor;
    }

    private async Task DescribeAsync()
    {
        foreach (var page in _visitors.SelectMany(v => v.Context.Pages))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- {page.Url}\n{await page.Locator("main").InnerTextAsync()}");
        }
    }
}
