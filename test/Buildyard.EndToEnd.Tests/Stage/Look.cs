using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Buildyard.EndToEnd;

/// <summary>
/// Looks at a page as different readers have it: light, dark, on a phone. Asks axe-core what somebody with a screen reader would
/// trip over, and keeps pictures where <c>LATCHKEY_SCREENSHOTS</c> names a directory.
/// </summary>
public sealed class Look
{
    private readonly List<string> _findings = [];

    private static readonly string s_axe = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "axe.min.js"));
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("LATCHKEY_SCREENSHOTS");

    /// <summary>What was found so far; nothing, where all is well.</summary>
    public IReadOnlyCollection<string> Findings => _findings;

    public async Task AtAsync(IPage page, string name)
    {
        await ArriveAsync(page);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await TakeAsync(page, name, "light");
        // The driver runs it beside the page: the page's content policy stays as it is.
        await page.EvaluateAsync(s_axe);
        await CheckAsync(page, name, "light", "{}");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await TakeAsync(page, name, "dark");
        // The dark page is the same one in other colours; what asks about colour is asked again.
        await CheckAsync(page, name, "dark", "{ runOnly: ['color-contrast', 'link-in-text-block'] }");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });

        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(360, 780);
        await TakeAsync(page, name, "phone");
        _findings.AddRange((await page.EvaluateAsync<string[]>(WiderThanThePage)).Select(wide => $"{name} (phone): wider than the screen: {wide}"));
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }

    /// <summary>Keeps a picture of part of a page.</summary>
    public static async Task TakeAsync(IPage page, string name, string how, Clip? clip = null)
    {
        if (s_pictures is null) return;
        Directory.CreateDirectory(s_pictures);
        await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{how}.png"), FullPage = clip is null, Clip = clip });
    }

    /// <summary>Waits until a click has led to an address that ends in <paramref name="path"/>, and its page is all there.</summary>
    public static async Task ArriveAtAsync(IPage page, [StringSyntax(StringSyntaxAttribute.Regex)] string path)
    {
        await page.WaitForURLAsync(new Regex(path + "$", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { WaitUntil = WaitUntilState.Commit });
        await ArriveAsync(page);
    }

    /// <summary>
    /// A click returns when the next page has begun to arrive. The page itself is asked whether it is all there: the driver's word for that
    /// can come while nobody listens for it yet.
    /// </summary>
    private static async Task ArriveAsync(IPage page)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (!await IsThereAsync(page))
        {
            Assert.False(patience.IsCancellationRequested, $"{page.Url} is still arriving.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    private static async Task<bool> IsThereAsync(IPage page)
    {
        try
        {
            return await page.EvaluateAsync<bool>("() => document.readyState === 'complete'");
        }
        catch (PlaywrightException e) when (e.Message.Contains("context was destroyed", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private async Task CheckAsync(IPage page, string name, string how, string options)
    {
        var found = await page.EvaluateAsync<JsonElement>($"() => axe.run({{ resultTypes: ['violations'], ...{options} }})");
        var nodes = found.GetProperty("violations").EnumerateArray()
            .SelectMany(violation => violation.GetProperty("nodes").EnumerateArray(), (violation, node) => (Rule: violation.GetProperty("id"), Node: node));
        _findings.AddRange(nodes.Select(n => $"{name} ({how}): {n.Rule}: {n.Node.GetProperty("html")}: {n.Node.GetProperty("failureSummary")}"));
    }

    // What is cut off or scrolls in a box of its own is as wide as it likes.
    private const string WiderThanThePage = """
        () => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1);
          return wide.slice(0, 3).map(e => e.outerHTML.slice(0, 200));
        }
        """;
}
