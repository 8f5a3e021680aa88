using System.Net.Http.Headers;
using Latchkey.AspNetCore;

namespace Buildyard.Builds;

public sealed class LiveTests
{
    [Fact]
    public async Task Followers_HearEveryLineAsItComes_AndTheEnd()
    {
        await using var yard = await Yard.OpenAsync("echo first; sleep 2; printf 'second\\nno end'");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "first");

        var heard = await FollowAsync(yard.Owner, number);

        Assert.Contains("data: first", heard, StringComparison.Ordinal);
        Assert.Contains("data: second", heard, StringComparison.Ordinal);
        Assert.Contains("data: no end", heard, StringComparison.Ordinal);
        Assert.EndsWith("event: end\ndata: {\"status\":\"success\"}\n\n", heard, StringComparison.Ordinal);
        Assert.Equal("success", await yard.StatusAsync(number));
    }

    [Fact]
    public async Task WhoComesBack_GoesOnWhereTheyWere()
    {
        await using var yard = await Yard.OpenAsync("for i in $(seq 1 2000); do echo \"line $i\"; done");
        var number = await yard.StartAsync();
        await yard.OverAsync(number);
        var log = await yard.LogAsync(number);
        var offset = System.Text.Encoding.UTF8.GetByteCount(log[..log.IndexOf("line 1500\n", StringComparison.Ordinal)]);

        var heard = await FollowAsync(yard.Owner, number, offset);

        Assert.DoesNotContain("data: line 1499\n", heard, StringComparison.Ordinal);
        Assert.Contains("data: line 1500\n", heard, StringComparison.Ordinal);
        Assert.Contains("data: line 2000\n", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_IsRead_WhileItGrows()
    {
        await using var yard = await Yard.OpenAsync("while :; do echo more of it; sleep 0.01; done");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "more of it");

        var lengths = new List<int>();
        await Yard.UntilAsync(() => yard.LogAsync(number), log =>
        {
            lengths.Add(log.Length);
            return lengths.Distinct().Count() > 5;
        });

        Assert.Equal(lengths.Order(), lengths);
    }

    [Fact]
    public async Task OneStreamMoreThanAPersonMayHave_EndsTheirOldest_SayingSo()
    {
        await using var host = await Hosting.BuildyardHost.StartAsync();
        var tess = await host.CallAsAsync("tess@northwind.test");
        using var oldest = new StreamReader(await tess.GetStreamAsync("/apps/northwind-ios/builds/live", TestContext.Current.CancellationToken));
        var others = new List<Stream>();
        for (var i = 0; i < OpenStreams.MostOfOne; i++)
            others.Add(await tess.GetStreamAsync("/apps/northwind-ios/builds/live", TestContext.Current.CancellationToken));

        Assert.Contains("event: closed", await oldest.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        foreach (var other in others) await other.DisposeAsync();
    }

    [Fact]
    public async Task SupportsStream_IsCutWhenAccessEnds()
    {
        await using var yard = await Yard.OpenAsync("echo started; sleep 60");
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "started");
        var following = FollowAsync(support, number);

        (await yard.Owner.DeleteAsync($"/support-access/v1/apps/{Yard.App}/access")).EnsureSuccessStatusCode();

        await Assert.ThrowsAnyAsync<Exception>(() => following.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.IsNotType<TimeoutException>(following.Exception?.InnerException);
        Assert.True(following.IsFaulted);
        // A member's own build goes on.
        Assert.Equal("running", await Yard.UntilAsync(() => yard.StatusAsync(number), status => status != "starting"));
    }

    [Fact]
    public async Task Page_ShowsTheLogByStep_WithColours_AndNothingOfItAsMarkup()
    {
        await using var yard = await Yard.OpenAsync("printf '\\033[31mred\\033[0m <b>bold</b>\\n'; exit 1");
        await yard.RunAsync();
        var browser = await yard.Host.BrowseAsAsync("olivia@northwind.test");

        var page = await browser.PageAsync($"/apps/{Yard.App}/builds/1");

        var log = page.QuerySelectorAll("details.log-part").Single(d => d.QuerySelector("summary")!.TextContent == "Say");
        Assert.Equal("red", log.QuerySelector("span.c1")?.TextContent);
        Assert.Contains("<b>bold</b>", log.TextContent, StringComparison.Ordinal);
        Assert.True(log.HasAttribute("open"));
    }

    [Fact]
    public async Task Log_IsShownMarked_OnThePage_AndAsItComes_AndIsDownloadedAsItIs()
    {
        await using var yard = await Yard.OpenAsync("echo first; sleep 2; printf 'a\\u202eb \\u200b\\u00ad\\ufffd \\u2764\\ufe0f\\n'");
        var number = await yard.StartAsync();
        await yard.SaysAsync(number, "first");
        var browser = await yard.Host.BrowseAsAsync("olivia@northwind.test");

        using var stream = await browser.GetAsync($"/apps/{Yard.App}/builds/{number}/live");
        var live = System.Text.RegularExpressions.Regex.Unescape((await stream.Content.ReadAsStringAsync()).Replace("\\u0026", "&", StringComparison.Ordinal));
        var page = await browser.PageAsync($"/apps/{Yard.App}/builds/{number}");

        const string Marked = "a⟨U+202E⟩b ⟨U+200B⟩⟨U+00AD⟩\uFFFD ❤\uFE0F";
        Assert.Contains(Marked, System.Net.WebUtility.HtmlDecode(live), StringComparison.Ordinal);
        Assert.Contains(Marked, page.QuerySelectorAll("details.log-part").Single(d => d.QuerySelector("summary")!.TextContent == "Say").TextContent, StringComparison.Ordinal);
        Assert.Contains("a\u202Eb \u200B\u00AD", await yard.LogAsync(number), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhileABuildRuns_NeverShowsAStepsTextUnderAnotherStep()
    {
        await using var yard = await Yard.OpenAsync();
        var steps = string.Concat(Enumerable.Range(1, 60).Select(i => $"    - script@1:\n        title: Step {i}\n        inputs:\n        - content: echo Said by Step {i}\n"));
        await yard.SaveAsync($"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n{steps}");
        var browser = await yard.Host.BrowseAsAsync("olivia@northwind.test");
        var number = await yard.StartAsync();

        var shown = await Yard.UntilAsync(
            async () =>
            {
                var page = await browser.PageAsync($"/apps/{Yard.App}/builds/{number}");
                var parts = page.QuerySelectorAll("details.log-part").Select(d => (Title: d.QuerySelector("summary")!.TextContent.Trim(), Text: d.QuerySelector("pre")!.TextContent)).ToList();
                var said = parts.SelectMany(part => part.Text.Split('\n').Where(line => line.StartsWith("Said by ", StringComparison.Ordinal)).Select(line => (part.Title, Line: line))).ToList();
                Assert.All(said, s => Assert.Equal($"Said by {s.Title}", s.Line));
                return said.Count;
            },
            count => count == 60);

        Assert.Equal(60, shown);
    }

    private static async Task<string> FollowAsync(HttpClient by, int number, long? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Yard.Path}/{number}/log");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (from is { } offset) request.Headers.Add("Last-Event-ID", offset.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var answer = await by.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        return await reader.ReadToEndAsync();
    }
}
