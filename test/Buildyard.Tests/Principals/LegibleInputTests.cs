using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Principals;

/// <summary>Whatever support sends, wherever: characters that make it read as something else are refused by name, and nothing is changed. The table of routes says where.</summary>
public sealed class LegibleInputTests : IAsyncLifetime
{
    private const string App = $"/api/apps/{Cast.Lent}";
    private BuildyardHost _host = null!;
    private HttpClient _http = null!;
    private Cast _cast = null!;
    private Principal _support = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _http = _host.Call();
        _cast = await Cast.MeetAsync(_host);
        _support = One("sam inside, token");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static readonly int[] s_hidden =
    [
        0x01, 0x1B, 0x7F, 0x9B, 0x00AD, 0x061C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064,
        0x2066, 0x2067, 0x2068, 0x2069, 0x206A, 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFFF9, 0xE0001, 0xE0041, 0xE007F, 0xE0100,
    ];

    [Fact]
    public async Task EveryRoute_ThatSupportMayChangeThingsBy_RefusesThem_InItsBodyAndItsAddress()
    {
        var routes = RouteTable.Rows.Where(row => row.Key.Split(' ')[0] is not ("GET" or "ANY") && IsLetIn(row.Value) && row.Key.Contains("{app}", StringComparison.Ordinal)).Select(row => row.Key).ToList();
        // As many as a table is worth that nobody would count: pages and calls, in every corner of an app.
        Assert.InRange(routes.Count, 90, 300);
        foreach (var route in routes)
        {
            var (method, path) = (HttpMethod.Parse(route.Split(' ')[0]), PrincipalTests.Fill(route.Split(' ')[1], _cast, _support));
            await RefusesAsync(route, method, $"{path}?note=a%E2%80%AEb", null, "note");
            if (method != HttpMethod.Delete) await RefusesAsync(route, method, path, Body(path), path.EndsWith("/bitrise-yml", StringComparison.Ordinal) ? "body" : "some");
        }
    }

    [Fact]
    public async Task EachOfThem_IsRefused_ByName()
    {
        foreach (var point in s_hidden)
        {
            var error = await RefusedAsync(HttpMethod.Put, $"{App}/env-vars/FLAVOR", JsonContent.Create(new { value = $"a{char.ConvertFromUtf32(point)}b" }));
            Assert.Equal(("value", $"It holds the character U+{point:X4}."), (error.GetProperty("field").GetString(), error.GetProperty("problem").GetString()));
            Assert.NotEqual("", error.GetProperty("accepted").GetString());
        }
    }

    [Fact]
    public async Task HoweverItIsWritten_ItIsFound()
    {
        byte[] bom = [0xEF, 0xBB, 0xBF];
        foreach (var (body, field) in ((HttpContent, string)[])[
            (Raw("""{"title":"a\u202eb"}"""u8), "title"),
            (Raw([.. bom, .. """{"title":"a\u202eb"}"""u8]), "title"),
            (Raw("{\"title\":\"a\u202eb\"}"u8, "application/problem+json"), "title"),
            (Raw("""{"list":["",{"deep":[1,"\u2066"]}]}"""u8), "list[1].deep[1]"),
            (Raw("""{"ti\u200btle":""}"""u8), "ti⟨U+200B⟩tle")])
        {
            var error = await RefusedAsync(HttpMethod.Patch, App, body);
            Assert.Equal(field, error.GetProperty("field").GetString());
        }
        Assert.Equal((415, "unsupported_media_type"), await AskAsync(_support, HttpMethod.Patch, App, Raw(Encoding.Unicode.GetBytes("{\"title\":\"a\u202eb\"}"), "application/json; charset=utf-16")));

        var file = new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "a.mobileprovision" } };
        // A client would encode it; the server takes it as it is too.
        file.First().Headers.ContentDisposition = ContentDispositionHeaderValue.Parse("form-data; name=\"file\"; filename*=utf-8''a%E2%80%AEb");
        Assert.Equal("file", (await RefusedAsync(HttpMethod.Post, $"/apps/{Cast.Lent}/workflow/signing", file)).GetProperty("field").GetString());
        Assert.Equal("na⟨U+202E⟩me", (await RefusedAsync(HttpMethod.Post, $"/apps/{Cast.Lent}/settings", new FormUrlEncodedContent([new("na\u202eme", "x")]))).GetProperty("field").GetString());
    }

    [Fact]
    public async Task Yaml_IsRefused_WithThePlace_AndStaysAsItWas()
    {
        var before = await TextAsync();
        var error = await RefusedAsync(HttpMethod.Put, $"{App}/bitrise-yml", Raw(Encoding.UTF8.GetBytes(before + "# safe \u202E evil\n"), "application/yaml"));
        Assert.Equal($"It holds the character U+202E in line {before.Split('\n').Length}, column 8.", error.GetProperty("problem").GetString());
        Assert.Equal(before, await TextAsync());
    }

    [Theory]
    [InlineData("\"a\\u202Eb\"")]
    [InlineData("\"a\\x1B[2Kb\"")]
    [InlineData("[{\"a\\u200Bb\": c}]")]
    public async Task Yaml_WithAnEscapeThatStandsForOne_IsRefusedToo(string value)
    {
        var before = await TextAsync();
        var error = await RefusedAsync(HttpMethod.Put, $"{App}/bitrise-yml", Raw(Encoding.UTF8.GetBytes($"{before}meta:\n  note: {value}\n"), "application/yaml"));
        Assert.Contains("which can't be seen as it is", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await TextAsync());
    }

    [Fact]
    public async Task Form_OfABrowser_IsAnsweredWithAPage()
    {
        using var request = _support.Ask(HttpMethod.Post, new Uri(_host.Address, $"/apps/{Cast.Lent}/settings"), new FormUrlEncodedContent([new("title", "a\u202eb")]), page: true);
        using var answer = await _http.SendAsync(request);
        Assert.Equal((422, "text/html"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("title: It holds the character U+202E.", (await answer.PageAsync()).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatNobodyIsShown_MayHoldAnything()
    {
        Assert.Equal((200, null), await AskAsync(_support, HttpMethod.Put, $"{App}/secrets/ODD", JsonContent.Create(new { value = "a\u202e\u200bb" })));
        Assert.Equal((302, null), await AskAsync(_support, HttpMethod.Post, $"/apps/{Cast.Lent}/workflow/secrets/set", new FormUrlEncodedContent([new("name", "ODD_TOO"), new("value", "a\u202eb")])));
        Assert.Equal("other", (await RefusedAsync(HttpMethod.Put, $"{App}/secrets/ODD", Raw("""{"value":"a","other":"\u202e"}"""u8))).GetProperty("field").GetString());
    }

    [Fact]
    public async Task PicturesAndEveryScript_AreTaken_AndMembersAreNotAsked()
    {
        foreach (var text in (string[])["⚙\uFE0F 👩\u200D💻", "می\u200Cخواهم", "a\tb\nc"])
            Assert.Equal((200, null), await AskAsync(_support, HttpMethod.Put, $"{App}/env-vars/FLAVOR", JsonContent.Create(new { value = text })));
        Assert.Equal((200, null), await AskAsync(One("admin"), HttpMethod.Put, $"{App}/env-vars/FLAVOR", JsonContent.Create(new { value = "a\u202eb" })));
        // What the customer wrote themselves doesn't stop support from working beside it.
        Assert.Equal((200, null), await AskAsync(_support, HttpMethod.Put, $"{App}/env-vars/OTHER", JsonContent.Create(new { value = "plain" })));
    }

    // The letter of an agent inside by token, in the order of Cast.All.
    private static bool IsLetIn(string row) => row.Split('=')[0].Replace(" ", "", StringComparison.Ordinal)[12] == '+';

    private static HttpContent Body(string path) => path.EndsWith("/bitrise-yml", StringComparison.Ordinal)
        ? Raw("# a\u202eb"u8, "application/yaml")
        : path.StartsWith("/api/", StringComparison.Ordinal) ? Raw("""{"some":"a\u202eb"}"""u8) : new FormUrlEncodedContent([new("some", "a\u202eb")]);

    private static ByteArrayContent Raw(ReadOnlySpan<byte> bytes, string type = "application/json") => new(bytes.ToArray()) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    private async Task RefusesAsync(string route, HttpMethod method, string path, HttpContent? body, string field)
    {
        using var request = _support.Ask(method, new Uri(_host.Address, path), body);
        using var answer = await _http.SendAsync(request);
        Assert.True((int)answer.StatusCode == 422, $"{route} by its {field}: {answer.StatusCode}");
        var errors = (await answer.JsonAsync()).GetProperty("errors");
        Assert.True(errors[0].GetProperty("field").GetString() == field && errors[0].GetProperty("problem").GetString()!.Contains("U+202E", StringComparison.Ordinal), $"{route}: {errors}");
    }

    private async Task<JsonElement> RefusedAsync(HttpMethod method, string path, HttpContent body)
    {
        using var request = _support.Ask(method, new Uri(_host.Address, path), body);
        using var answer = await _http.SendAsync(request);
        Assert.Equal(422, (int)answer.StatusCode);
        return (await answer.JsonAsync()).GetProperty("errors")[0];
    }

    private async Task<(int Status, string? Problem)> AskAsync(Principal by, HttpMethod method, string path, HttpContent body)
    {
        using var request = by.Ask(method, new Uri(_host.Address, path), body);
        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? (await answer.JsonAsync()).GetProperty("type").GetString() : null);
    }

    private async Task<string> TextAsync()
    {
        using var request = One("admin").Ask(HttpMethod.Get, new Uri(_host.Address, $"{App}/bitrise-yml"));
        using var answer = await _http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private Principal One(string name) => _cast.All.Single(p => p.Name == name);
}
