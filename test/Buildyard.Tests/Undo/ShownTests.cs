using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using AngleSharp.Dom;
using Buildyard.Hosting;

namespace Buildyard.Undo;

/// <summary>N5: nothing of support's becomes the customer's that the page didn't show, whole and as it takes effect.</summary>
public sealed class ShownTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private const string Pages = "/support-access/apps/northwind-ios";
    private const string Evil = "printf '%s' \"$API_TOKEN\" | rev";
    private const string Yaml = """
        format_version: "23"
        workflows:
          primary:
            steps:
            - script@1:
                title: Hello
                inputs:
                - content: echo hello
          release:
            steps:
            - script@1:
                inputs:
                - content: echo ship

        """;

    private BuildyardHost _host = null!;
    private HttpClient _support = null!;
    private HttpClient _adam = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _browser = await _host.BrowseAsAsync("adam@northwind.test");
        await SaveAsync(_adam, Yaml);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task WhatAnAliasSays_IsShownWhereItTakesEffect()
    {
        var library = Yaml + $"  _lib:\n    steps:\n    - script@1:\n        inputs: &tools\n        - content: {Evil}\n";
        await SaveAsync(_support, library);
        await SaveAsync(_support, AliasedIn(library));

        Assert.Contains(Added($"content: {Evil}"), await NewestAsync());
    }

    [Fact]
    public async Task WhatAnAnchorInOnePart_DoesToAnother_IsShown()
    {
        var shared = Yaml.Replace("inputs:\n        - content: echo hello", "inputs: &hello\n        - content: echo hello", StringComparison.Ordinal)
            .Replace("inputs:\n        - content: echo ship", "inputs: *hello", StringComparison.Ordinal);
        await SaveAsync(_adam, shared);
        await SaveAsync(_support, shared.Replace("content: echo hello", $"content: {Evil}", StringComparison.Ordinal));

        var shown = await NewestAsync();
        Assert.Equal(2, shown.Count(line => line == Added($"content: {Evil}")));
    }

    [Fact]
    public async Task BehindAnyNumberOfOtherLines_TheLastIsShown()
    {
        await SaveAsync(_support, Yaml.Replace("  release:", string.Concat(Enumerable.Repeat("  # nothing to see\n", 520)) + "  release:", StringComparison.Ordinal)
            .Replace("echo ship", Evil, StringComparison.Ordinal) + string.Concat(Enumerable.Range(0, 700).Select(i => $"  w{i}: {{}}\n")));

        Assert.Contains(Added($"content: {Evil}"), await NewestAsync());
        Assert.Contains(Added("w699: {}"), await NewestAsync());
    }

    [Theory]
    [InlineData("- content: echo hello", "- content: echo hello\n          opts: {is_sensitive: true}")]
    [InlineData("steps:\n    - script@1:\n        title: Hello\n        inputs:\n        - content: echo hello", "steps: [{script@1: {title: Hello, inputs: [{content: echo hello}]}}]")]
    public async Task AStepsEdit_IsShownWhole_HoweverItIsWritten(string was, string written)
    {
        await SaveAsync(_adam, Yaml.Replace(was, written, StringComparison.Ordinal));
        (await _support.PatchAsJsonAsync($"{App}/workflows/primary/steps/1", new { inputs = new { content = Evil } })).EnsureSuccessStatusCode();

        Assert.Contains(await NewestAsync(), line => line.StartsWith('+') && line.Contains("API_TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsTakenOverFromACopy_IsShownWrittenOut()
    {
        using var copied = await _support.PostAsync("/apps/northwind-ios/workflow/support-testing", new FormUrlEncodedContent([new("from", "primary")]), TestContext.Current.CancellationToken);
        var yaml = await _adam.GetStringAsync($"{App}/bitrise-yml", TestContext.Current.CancellationToken) + $"  _lib:\n    steps:\n    - script@1:\n        inputs: &tools\n        - content: {Evil}\n";
        var copy = yaml.IndexOf("support-testing:", StringComparison.Ordinal);
        await SaveAsync(_support, yaml[..copy].Replace("workflows:\n", "workflows:\n" + yaml[yaml.IndexOf("  _lib:", StringComparison.Ordinal)..], StringComparison.Ordinal)
            + yaml[copy..yaml.IndexOf("  _lib:", StringComparison.Ordinal)].Replace("inputs:\n        - content: echo hello", "inputs: *tools", StringComparison.Ordinal));

        const string Compare = "/apps/northwind-ios/workflow/compare";
        var form = (await _browser.PageAsync($"{Compare}?left=primary&right=support-testing")).Forms.Single(f => f.GetAttribute("action") == Compare);
        var page = await (await _browser.SubmitAsync(form, Compare, ("then", "all"))).PageAsync();

        Assert.Contains(page.QuerySelectorAll(".diff-row .new"), cell => cell.TextContent.Contains(Evil, StringComparison.Ordinal));
    }

    /// <summary>What can't be shown is not kept: it is undone, or a member saves their own.</summary>
    [Fact]
    public async Task WhatIsTooLongToShow_IsNotKept_NorTakenOver()
    {
        var bomb = Bomb(Yaml, "hello");
        await SaveAsync(_support, bomb);
        var change = await NewestActAsync();
        var page = await _browser.PageAsync($"{Pages}/changes/{change}");

        Assert.Contains("It can't be kept. Written out, bitrise.yml", page.Text(), StringComparison.Ordinal);
        Assert.Contains("10,000 lines", page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(page.Forms, form => form.GetAttribute("action")?.EndsWith("/keep", StringComparison.Ordinal) == true);
        Assert.InRange(page.Source.Length, 1, 1_000_000);
        var refused = await _adam.PostAsync($"{Changes}/{change}/keep", null, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Conflict, "not_shown"), (refused.StatusCode, (await refused.JsonAsync()).GetProperty("type").GetString()));

        using var copied = await _support.PostAsync("/apps/northwind-ios/workflow/support-testing", new FormUrlEncodedContent([new("from", "primary")]), TestContext.Current.CancellationToken);
        await SaveAsync(_support, (await _adam.GetStringAsync($"{App}/bitrise-yml", TestContext.Current.CancellationToken)).Replace("content: echo hello", $"content: {Evil}", StringComparison.Ordinal));
        const string Compare = "/apps/northwind-ios/workflow/compare";
        var form = (await _browser.PageAsync($"{Compare}?left=release&right=primary")).Forms.Single(f => f.GetAttribute("action") == Compare);
        var take = await (await _browser.SubmitAsync(form, Compare, ("then", "all"))).PageAsync();
        Assert.Contains("10,000 lines", take.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(take.QuerySelectorAll("button"), button => button.GetAttribute("value") == "save");
        var version = (await (await _adam.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions")[0].GetProperty("number").GetInt32();
        using var saved = await _browser.SubmitAsync(form, Compare, ("then", "save"));
        Assert.Equal(version, (await (await _adam.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions")[0].GetProperty("number").GetInt32());

        (await _adam.PostAsync($"{Changes}/{change}/undo", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    /// <summary>Each piece of a difference says whose it is, where the lines that say so are left out.</summary>
    [Fact]
    public async Task EachPieceOfADifference_NamesWhatItStandsIn()
    {
        await SaveAsync(_adam, Yaml.Replace("  release:\n    steps:\n", "  release:\n    envs:\n    - A: one\n    - B: two\n    # The last.\n    - C: three\n    steps:\n    - git-clone@8: {}\n", StringComparison.Ordinal));
        await SaveAsync(_support, (await _adam.GetStringAsync($"{App}/bitrise-yml", TestContext.Current.CancellationToken)).Replace("echo ship", Evil, StringComparison.Ordinal));

        var kept = await _browser.PageAsync($"{Pages}/changes/{await NewestActAsync()}");
        var version = (await (await _adam.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions")[0].GetProperty("number").GetInt32();
        var beside = await _browser.PageAsync($"/apps/northwind-ios/workflow/yml/versions/{version}?compare=previous");

        Assert.Equal("workflows › release › steps › script@1 › inputs", kept.QuerySelector("[id^=lk-k-] .lk-diff-gap .lk-diff-text")!.TextContent);
        Assert.Contains("workflows › release › steps › script@1 › inputs", beside.QuerySelector(".diff-fold")!.TextContent, StringComparison.Ordinal);
    }

    /// <summary>Who is told that it rests on another one meanwhile is shown all of both before they are asked again.</summary>
    [Fact]
    public async Task WhereItRestsOnAnother_ThePageThatSaysSo_ShowsBothWhole()
    {
        await SaveAsync(_support, Yaml.Replace("echo hello", Evil, StringComparison.Ordinal));
        await SaveAsync(_support, Yaml.Replace("echo hello", $"{Evil} | cat", StringComparison.Ordinal));
        var change = await NewestActAsync();
        var page = $"{Pages}/changes/{change}";

        using var refused = await _browser.SubmitAsync(page, $"{page}/keep", ("with", ""));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal([Added($"content: {Evil}"), Added($"content: {Evil} | cat")], Kept(await refused.PageAsync()));
    }

    /// <summary>A list tells what there is to decide; it is decided where all of it is seen.</summary>
    [Fact]
    public async Task Lists_KeepNothing()
    {
        await SaveAsync(_support, Yaml.Replace("echo ship", Evil, StringComparison.Ordinal));
        var grant = (await (await _adam.GetAsync("/support-access/v1/apps/northwind-ios/access")).JsonAsync()).GetProperty("grant").GetProperty("id").GetString();

        foreach (var path in (string[])[$"{Pages}/activity", $"{Pages}/reports/{grant}"])
        {
            var page = await _browser.PageAsync(path);
            Assert.DoesNotContain(page.Forms, form => form.GetAttribute("action")?.Contains("/changes/", StringComparison.Ordinal) == true);
            Assert.Contains(page.Links, link => link.TextContent.Contains("Keep or undo", StringComparison.Ordinal));
        }
    }

    /// <summary>A file of some lines that says a thousand of them a hundred times.</summary>
    private static string Bomb(string yaml, string said) => yaml.Replace(
        "workflows:\n",
        $"workflows:\n  _many:\n    envs: &many\n{string.Concat(Enumerable.Range(0, 100).Select(i => $"    - E{i}: {said}\n"))}{string.Concat(Enumerable.Range(0, 150).Select(i => $"  _m{i}:\n    envs: *many\n"))}",
        StringComparison.Ordinal);

    private async Task<string?> NewestActAsync() =>
        (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();

    /// <summary>What the page of the newest change shows that it would keep: each line of the difference, with its sign.</summary>
    private async Task<List<string>> NewestAsync()
    {
        var change = await NewestActAsync();
        var page = await _browser.PageAsync($"{Pages}/changes/{change}");
        Assert.All(page.QuerySelectorAll("details[id^=lk-k-]"), fold => Assert.True(fold.HasAttribute("open")));
        return Kept(page);
    }

    private static List<string> Kept(IDocument page) => [.. page.QuerySelectorAll("[id^=lk-k-] .lk-diff-added .lk-diff-text").Select(line => Added(line.TextContent))];

    private static string Added(string line) => $"+ {line.Trim().TrimStart('-').Trim()}";

    private static string AliasedIn(string yaml)
    {
        // An anchor stands before what refers to it.
        var at = yaml.IndexOf("  _lib:", StringComparison.Ordinal);
        return yaml[..at].Replace("workflows:\n", "workflows:\n" + yaml[at..], StringComparison.Ordinal).Replace("inputs:\n        - content: echo hello", "inputs: *tools", StringComparison.Ordinal);
    }

    private static async Task SaveAsync(HttpClient caller, string yaml)
    {
        using var answer = await caller.PutAsync($"{App}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")));
        Assert.True(answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }
}
