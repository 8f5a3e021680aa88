using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AngleSharp.Html.Dom;
using Buildyard.Hosting;

namespace Buildyard.Workflows;

public sealed class YamlHistoryTests : IAsyncLifetime
{
    private const string Yaml = "/api/apps/northwind-ios/bitrise-yml";
    private const string Editor = "/apps/northwind-ios/workflow/yml";
    private const string Small = "format_version: \"23\"\nworkflows:\n  a: {}\n";
    private BuildyardHost _host = null!;
    private HttpClient _piet = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _piet = await _host.CallAsAsync("piet@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Saving_MakesANewVersion_WithAuthorAndMessage()
    {
        var saved = await Put(Small, message: "Start over");

        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        var version = await saved.JsonAsync();
        Assert.Equal(4, version.GetProperty("number").GetInt32());
        Assert.Equal("Piet de Vries", version.GetProperty("author").GetString());
        Assert.Equal("member", version.GetProperty("author_kind").GetString());
        Assert.Equal("Start over", version.GetProperty("message").GetString());
        var read = await _piet.GetAsync(Yaml);
        Assert.Equal("application/yaml", read.Content.Headers.ContentType!.MediaType);
        Assert.Equal("\"4\"", read.Headers.ETag!.Tag);
        Assert.Equal(Small, await read.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task SavingTheSameText_MakesNoVersion()
    {
        var current = await _piet.GetStringAsync(Yaml);

        var saved = await Put(current);

        Assert.Equal(3, (await saved.JsonAsync()).GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task ByteOrderMark_AndLineEnds_StayAsTheyAre()
    {
        var bytes = Encoding.UTF8.GetBytes("\uFEFFformat_version: 11\r\nworkflows: {}\r\n");

        Assert.Equal(HttpStatusCode.OK, (await Put(bytes)).StatusCode);
        Assert.Equal(bytes, await _piet.GetByteArrayAsync(Yaml));

        // Through the editor too, although a browser's text area knows neither.
        var browser = await _host.BrowseAsAsync("piet@northwind.test");
        await browser.SubmitAsync(Editor, Editor, ("content", "format_version: 12\r\nworkflows: {}\r\n"));
        Assert.Equal(Encoding.UTF8.GetBytes("\uFEFFformat_version: 12\r\nworkflows: {}\r\n"), await _piet.GetByteArrayAsync(Yaml));
    }

    [Fact]
    public async Task Editor_KeepsPlainLineEnds()
    {
        await Put(Small);
        var browser = await _host.BrowseAsAsync("piet@northwind.test");

        await browser.SubmitAsync(Editor, Editor, ("content", "format_version: 12\r\nworkflows: {}\r\n"));

        Assert.Equal("format_version: 12\nworkflows: {}\n", await _piet.GetStringAsync(Yaml));
    }

    [Fact]
    public async Task InvalidYaml_IsRefused_WithLineAndColumn()
    {
        var answer = await Put("format_version: 11\nworkflows:\n  a:\n    before_run: [ghost]\n");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var problem = await answer.JsonAsync();
        Assert.Equal("invalid_yaml", problem.GetProperty("type").GetString());
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal((4, 18), (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
        Assert.Contains("ghost", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("\"3\"", (await _piet.GetAsync(Yaml)).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task NotText_TooLarge_AndOtherMediaTypes_AreRefused()
    {
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Put([0x66, 0xff, 0xfe])).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Put(new byte[(400 * 1024) + 1])).StatusCode);
        var json = await _piet.PutAsync(Yaml, new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
    }

    [Fact]
    public async Task IfMatch_SavesOverThatVersionOnly()
    {
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put(Small, ifMatch: "\"2\"")).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put(Small, ifMatch: "\"soon\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Put(Small, ifMatch: "\"3\"")).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put(Small + "# more\n", ifMatch: "\"3\"")).StatusCode);
    }

    [Fact]
    public async Task ManySaves_AtOnce_GiveOneNumberEach()
    {
        var saves = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Put($"{Small}# {i}\n")));

        var numbers = new List<int>();
        foreach (var save in saves)
        {
            Assert.True(save.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict);
            if (save.StatusCode == HttpStatusCode.OK) numbers.Add((await save.JsonAsync()).GetProperty("number").GetInt32());
        }
        Assert.Equal(Enumerable.Range(4, numbers.Count), numbers.Order());
    }

    [Fact]
    public async Task Versions_ArePaged_NewestFirst()
    {
        for (var i = 0; i < 5; i++) await Put($"{Small}# {i}\n");

        var first = await (await _piet.GetAsync($"{Yaml}/versions?limit=5")).JsonAsync();
        var second = await (await _piet.GetAsync($"{Yaml}/versions?limit=5&before={first.GetProperty("next").GetInt32()}")).JsonAsync();

        Assert.Equal([8, 7, 6, 5, 4], Numbers(first));
        Assert.Equal([3, 2, 1], Numbers(second));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.GetProperty("next").ValueKind);
        var absurd = await _piet.GetAsync($"{Yaml}/versions?limit=0");
        Assert.Equal("limit", (await absurd.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        var word = await _piet.GetAsync($"{Yaml}/versions?before=x");
        Assert.Equal("before", (await word.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Restoring_MakesTheOldTextTheNewestVersion()
    {
        var first = await _piet.GetStringAsync($"{Yaml}/versions/1");

        var restored = await _piet.PostAsync($"{Yaml}/versions/1/restore", null);

        Assert.Equal(4, (await restored.JsonAsync()).GetProperty("number").GetInt32());
        Assert.Equal(first, await _piet.GetStringAsync(Yaml));
        Assert.Equal(HttpStatusCode.NotFound, (await _piet.PostAsync($"{Yaml}/versions/99/restore", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _piet.GetAsync($"{Yaml}/versions/99")).StatusCode);
    }

    [Fact]
    public async Task Editor_LosesNothing_WhenTheTextIsNotValid()
    {
        var browser = await _host.BrowseAsAsync("piet@northwind.test");
        const string Typed = "format_version: 11\nworkflows:\n- <typed & kept>\n";

        var answer = await browser.SubmitAsync(Editor, Editor, ("content", Typed), ("message", "My words"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.PageAsync();
        Assert.Equal(Typed, ((IHtmlTextAreaElement)page.QuerySelector("textarea[name=content]")!).Value);
        Assert.Equal("My words", page.QuerySelector("input[name=message]")!.GetAttribute("value"));
        Assert.Equal("3", page.QuerySelector("[data-line]")!.GetAttribute("data-line"));
        Assert.Contains("Line 3, column 1", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Editor_ShowsWhatSomebodySavedMeanwhile_AndAsks()
    {
        var browser = await _host.BrowseAsAsync("piet@northwind.test");
        var open = await browser.PageAsync(Editor);
        var form = open.Forms.Single(f => f.GetAttribute("action") == Editor);
        await Put(Small, message: "Faster");

        var conflict = await browser.SubmitAsync(form, Editor, ("content", "format_version: 11\nworkflows:\n  mine: {}\n"), ("message", "Mine"));

        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        var page = await conflict.PageAsync();
        Assert.Contains("saved version 4", page.Text(), StringComparison.Ordinal);
        Assert.NotEmpty(page.QuerySelectorAll(".diff-row.diff-changed"));
        var again = page.Forms.Single(f => f.GetAttribute("action") == Editor);

        var editing = await (await browser.SubmitAsync(again, Editor, ("then", "edit"))).PageAsync();
        Assert.Contains("mine: {}", ((IHtmlTextAreaElement)editing.QuerySelector("textarea[name=content]")!).Value, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.SubmitAsync(again, Editor, ("then", "save"))).StatusCode);
        Assert.Contains("mine: {}", await _piet.GetStringAsync(Yaml), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevelopersRead_EngineersWrite()
    {
        (string Who, int Reads, int Writes)[] table =
        [
            ("adam@northwind.test", 200, 200),
            ("piet@northwind.test", 200, 200),
            ("dana@northwind.test", 200, 403),
            ("tess@northwind.test", 403, 403),
            ("carla@contoso.test", 404, 404),
            ("sam@support.test", 404, 404),
        ];
        foreach (var (who, reads, writes) in table)
        {
            var client = await _host.CallAsAsync(who);
            var read = await client.GetAsync(Yaml);
            var written = await Put(Small, client: client);
            Assert.Equal((who, reads, writes), (who, (int)read.StatusCode, (int)written.StatusCode));
        }
    }

    private Task<HttpResponseMessage> Put(string text, string? message = null, string? ifMatch = null, HttpClient? client = null) =>
        Put(Encoding.UTF8.GetBytes(text), message, ifMatch, client);

    private async Task<HttpResponseMessage> Put(byte[] bytes, string? message = null, string? ifMatch = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, message is null ? Yaml : $"{Yaml}?message={Uri.EscapeDataString(message)}");
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/yaml");
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await (client ?? _piet).SendAsync(request);
    }

    private static IEnumerable<int> Numbers(System.Text.Json.JsonElement list) =>
        list.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("number").GetInt32());
}
