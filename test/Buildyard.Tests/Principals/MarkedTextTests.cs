using System.Net.Http.Headers;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Buildyard.Hosting;
using Latchkey;

namespace Buildyard.Principals;

/// <summary>
/// Members may write what they like, and strangers bring it by hooks and commits. Every page is read by a customer and by support: none shows a character
/// by which a text reads as something else, but by its name. A page that forgets to is found here; what a form would send back stays as it is.
/// </summary>
public sealed class MarkedTextTests : IAsyncLifetime
{
    private const char Turn = '\u202E';
    private const string Shown = "⟨U+202E⟩";

    /// <summary>Everything that a file can say of a workflow, each with a turn in it.</summary>
    private const string Yaml = """
        format_version: "23"
        title: pro-ZZ
        app:
          envs:
          - FLAVOR: "env-ZZ"
          - LINES: "two\nlines-ZZ"
        workflows:
          primary:
            title: title-ZZ
            summary: summary-ZZ
            description: description-ZZ
            envs:
            - INNER: "inner-ZZ"
            triggers:
              push:
              - branch: "push-ZZ"
                commit_message: "message-ZZ"
            steps:
            - script@1:
                title: step-ZZ
                inputs:
                - content: |
                    echo content-ZZ
                    echo twice
                - other: "input-ZZ"
          support-testing:
            title: copy-ZZ
            steps:
            - script@1:
                title: copied-ZZ
                inputs:
                - content: "echo copied-ZZ"
          _checkout:
            description: utility-ZZ
        trigger_map:
        - push_branch: "map-ZZ"
          workflow: primary
        """;

    private static readonly string s_turned = Yaml.Replace("ZZ", $"{Turn}x", StringComparison.Ordinal);

    /// <summary>Pages on which something of it has to be read: they are where a customer decides.</summary>
    private static readonly string[] s_telling =
    [
        "/apps/{app}", "/apps/{app}/builds", "/apps/{app}/builds/{number:int}", "/apps/{app}/workflow", "/apps/{app}/workflow/envs", "/apps/{app}/workflow/triggers",
        "/apps/{app}/workflow/workflows/{workflow}", "/apps/{app}/workflow/compare", "/apps/{app}/workflow/yml/versions/{number:int}",
        "/support-access/apps/{app}/activity", "/support-access/apps/{app}/changes/{act}", "/support-access/conversations/{id}",
    ];

    private BuildyardHost _host = null!;
    private HttpClient _http = null!;
    private Cast _cast = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _http = _host.Call();
        _cast = await Cast.MeetAsync(_host);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task NoPage_ShowsWhatHides()
    {
        var plain = await VersionAsync();
        await SaveAsync(s_turned, message: "saved");
        await _cast.SendAsync(One("admin"), HttpMethod.Post, $"/api/apps/{Cast.Lent}/builds", new { workflow = "primary", branch = $"branch-{Turn}", tag = $"tag-{Turn}", message = $"message-{Turn}\nmore-{Turn}" });
        var number = await BuildsAsync();
        // A proposal to a text that holds some, and a change of support that took some away.
        await _cast.SendAsync(One("admin"), HttpMethod.Post, $"/support-access/v1/conversations/{_cast.Conversation}/shares", new { kind = "snapshot" });
        await _cast.SendAsync(One("sam inside, cookie"), HttpMethod.Post, $"/support-access/v1/conversations/{_cast.Conversation}/proposals", new { target = """["env","FLAVOR"]""", after = "plain", why = "It is turned" });
        await _cast.SendAsync(One("sam inside, token"), HttpMethod.Put, $"/api/apps/{Cast.Lent}/env-vars/LINES", new { value = "plain" });
        await SaveAsync(plain, "as support", One("sam inside, token"));
        var changes = await _cast.SendAsync(One("admin"), HttpMethod.Get, $"/support-access/v1/apps/{Cast.Lent}/changes");
        var act = changes.GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString()!;
        await _cast.SendAsync(One("admin"), HttpMethod.Post, $"/api/apps/{Cast.Lent}/bitrise-yml/versions/4/restore");

        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        var telling = new HashSet<string>(StringComparer.Ordinal);
        foreach (var who in (Principal[])[One("admin, cookie"), One("sam inside, cookie")])
        {
            foreach (var route in RouteTable.Rows.Keys.Where(r => r.StartsWith("GET /", StringComparison.Ordinal)).Select(r => r[4..]))
            {
                var path = PrincipalTests.Fill(route.Replace("{act}", act, StringComparison.Ordinal), _cast, who);
                string[] ways = route switch
                {
                    "/apps/{app}/workflow/yml/versions/{number:int}" => [.. from version in (string[])["4", "5", "6"] from query in (string[])["", "?compare=previous", "?compare=current"] select path[..^1] + version + query],
                    "/apps/{app}/builds/{number:int}" => [path[..^1] + number],
                    "/apps/{app}/workflow/compare" => [path + "?left=primary&right=support-testing"],
                    _ => [path],
                };
                foreach (var way in ways)
                {
                    if (await PageAsync(who, way) is not { } page) continue;
                    foreach (var text in Texts(page))
                    {
                        if (HiddenCharacters.IndexIn(text) >= 0) wrong.Add($"{way}: {HiddenCharacters.Mark(text.Trim())}");
                        if (text.Contains(Shown, StringComparison.Ordinal)) telling.Add(route);
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(s_telling.Except(telling));
    }

    [Fact]
    public async Task WhatAFormSendsBack_IsWhatWasWritten()
    {
        await SaveAsync(s_turned, message: "");
        var editor = await PageAsync(One("admin, cookie"), $"/apps/{Cast.Lent}/workflow/yml");
        Assert.Contains($"title-{Turn}x", editor!.QuerySelector("textarea[name=content]")!.TextContent, StringComparison.Ordinal);
        var workflow = await PageAsync(One("admin, cookie"), $"/apps/{Cast.Lent}/workflow/workflows/primary");
        Assert.Equal($"summary-{Turn}x", workflow!.QuerySelector<IHtmlInputElement>("input[name=summary]")!.Value);
    }

    /// <summary>What a page says: its texts, and what it says of parts that can't be seen or touched. Not what a form holds.</summary>
    private static IEnumerable<string> Texts(IHtmlDocument page) => page.Descendants<IText>()
        .Where(text => !text.Ancestors<IHtmlTextAreaElement>().Any() && !text.Ancestors<IHtmlScriptElement>().Any())
        .Select(text => text.Data)
        .Concat(page.All.SelectMany(element => ((string[])["title", "aria-label", "label", "placeholder", "alt", "data-message"]).Select(element.GetAttribute).OfType<string>()));

    private async Task<IHtmlDocument?> PageAsync(Principal who, string path)
    {
        using var request = who.Ask(HttpMethod.Get, new Uri(_host.Address, path), page: true);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/html" ? await answer.PageAsync() : null;
    }

    private async Task SaveAsync(string yaml, string message, Principal? by = null)
    {
        using var request = (by ?? One("admin")).Ask(
            HttpMethod.Put, new Uri(_host.Address, $"/api/apps/{Cast.Lent}/bitrise-yml?message={Uri.EscapeDataString(message)}"), new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")));
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> VersionAsync()
    {
        using var request = One("admin").Ask(HttpMethod.Get, new Uri(_host.Address, $"/api/apps/{Cast.Lent}/bitrise-yml"));
        using var answer = await _http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<int> BuildsAsync() =>
        (await _cast.SendAsync(One("admin"), HttpMethod.Get, $"/api/apps/{Cast.Lent}/builds")).GetProperty("builds").EnumerateArray().Max(build => build.GetProperty("number").GetInt32());

    private Principal One(string name) => _cast.All.Single(p => p.Name == name);
}
