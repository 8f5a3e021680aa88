using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Mission;

/// <summary>Two weeks pass, by a clock that is turned.</summary>
[Trait("capability", "T5")]
public sealed partial class EndOfWindowTests(Chromium chromium) : Story(chromium)
{
    [Fact]
    [Trait("capability", "N3")]
    public async Task Access_EndsByItself_AtTheExactInstant()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.TurnOnAsync();
        var end = Site.Clock.GetUtcNow().AddDays(14);
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ends {end:ddd d MMM yyyy, HH:mm}");
        await Expect(adam.Page.Panel()).ToContainTextAsync(TwoWeeks());

        Site.Clock.Advance(end - Site.Clock.GetUtcNow() - TimeSpan.FromMinutes(25));
        var sam = await VisitAsAsync("Sam Okafor");
        await sam.EnterAsync();
        await Expect(sam.Page.Bar()).ToContainTextAsync("ends in 24 min");
        await adam.Page.ReloadAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync("On, ends soon");
        await Expect(adam.Page.Panel()).ToContainTextAsync("in 24 minutes");

        Site.Clock.Advance(TimeSpan.FromMinutes(25) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, await sam.StatusOfAsync(Ios));
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();

        Site.Clock.Advance(TimeSpan.FromSeconds(1));
        await Expect(sam.Heading("Access has ended")).ToBeVisibleAsync();
        await Expect(sam.Page.Locator("body")).ToContainTextAsync($"Support access to this app ended at {end:HH:mm}");
        await adam.Page.IsOffAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ended today {end:HH:mm} by itself, on time.");
        Assert.Equal(410, await sam.StatusOfAsync(Settings));
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Support access to this app ended at");
        Assert.Equal(end, await EndToldAsync(sam));
    }

    [Fact]
    public async Task Access_EndsOnTime_WithNobodyRunning()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.GoAsync(Settings);
        var end = Site.Clock.GetUtcNow().AddMinutes(20);
        await adam.Field("How long").SelectOptionAsync("an exact end…");
        await adam.Field("Exact end (your time)").FillAsync($"{end:yyyy-MM-dd'T'HH:mm}");
        await adam.Page.Switch().ClickAsync();
        await adam.Page.IsOnAsync();
        await sam.EnterAsync();

        adam.Expect("net::ERR_");
        sam.Expect("net::ERR_");
        sam.Expect(410);
        await Site.StopAsync();
        Site.Clock.Advance(TimeSpan.FromHours(3));
        await Site.StartAsync();

        // Pages that were open all the while find their server again.
        await Expect(sam.Heading("Access has ended")).ToBeVisibleAsync();
        await adam.Page.IsOffAsync();
        Assert.Equal(410, await sam.StatusOfAsync(Ios));
        await Expect(sam.Page.Locator("main")).ToContainTextAsync("Support access to this app ended at");
        Assert.Equal(end, await EndToldAsync(sam));
        await adam.GoAsync(Settings);
        await adam.Page.IsOffAsync();
        await Expect(adam.Page.Panel()).ToContainTextAsync($"Ended today {end:HH:mm} by itself, on time.");
    }

    /// <summary>When access ended, as the next request is told.</summary>
    private static async Task<DateTimeOffset> EndToldAsync(Visitor agent) => (await agent.ReadAsync(Settings)).GetProperty("ended_at").GetDateTimeOffset();

    // The page's own second may have begun to run.
    [GeneratedRegex("in (?:14 days|13 days 23 hours)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TwoWeeks();
}
