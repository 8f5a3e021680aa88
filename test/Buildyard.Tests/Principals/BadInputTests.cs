using System.Net.Http.Headers;
using System.Text;
using Buildyard.Hosting;

namespace Buildyard.Principals;

/// <summary>What can't be accepted is answered with a problem document that names the field, and changes nothing.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const string Access = "/support-access/v1/apps/northwind-ios/access";
    private BuildyardHost _host = null!;
    private HttpClient _admin = null!;
    private HttpClient _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _admin = await _host.CallAsAsync("adam@northwind.test");
        _agent = await _host.CallAsAsync("sam@support.test");
        (await _admin.PutAsync(Access, Json("""{"duration":"P7D","role":"viewer","note":"As it was"}"""))).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public Task Bodies_ThatAreNotAnObject_AreRefused() => RefusesAsync(HttpMethod.Put, Access, "body", [
        "[]", "null", "true", "1", "\"P7D\"", "{", "{}{}", "not json", "{'role':'admin'}", "{\"role\":\"admin\",}", "\u0000",
        $$"""{"note":{{new string('[', 200)}}{{new string(']', 200)}}}""", $$"""{"note":"{{new string('a', 20_000)}}"}""",
    ]);

    [Fact]
    public async Task Bodies_OfAnotherType_AreRefused()
    {
        foreach (var type in (string?[])["text/plain", "application/x-www-form-urlencoded", "application/xml", null])
        {
            var content = new ByteArrayContent("""{"duration":"P1D"}"""u8.ToArray()) { Headers = { ContentType = type is null ? null : new MediaTypeHeaderValue(type) } };
            using var answer = await _admin.PutAsync(Access, content);
            Assert.Equal((415, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }

        await RefusesAsync(_admin, new HttpRequestMessage(HttpMethod.Put, Access) { Content = Raw([.. "{\"note\":\""u8, 0xC3, 0x28, .. "\"}"u8]) }, "note");
    }

    [Fact]
    public async Task FieldsThatAreNotKnown_AreNamed()
    {
        foreach (var name in (string[])["rolle", "Role", "__proto__", "", "from", "until "])
            await RefusesAsync(HttpMethod.Put, Access, name, [$$"""{"{{name}}":"admin"}"""]);
        await RefusesAsync(HttpMethod.Put, Access, "body", ["""{"\ud800":1}"""]);
    }

    [Fact]
    public Task FieldsThatComeTwice_AreNamed() =>
        RefusesAsync(HttpMethod.Put, Access, "role", ["""{"role":"admin","role":"admin"}""", """{"role":"admin","ro\u006ce":"viewer"}"""]);

    [Fact]
    public async Task ValuesOfAnotherType_AreNamed()
    {
        foreach (var field in (string[])["duration", "until", "role", "note"])
            await RefusesAsync(HttpMethod.Put, Access, field, [.. ((string[])["1", "1.5", "true", "[]", "{}", "[\"P1D\"]"]).Select(value => $$"""{"{{field}}":{{value}}}""")]);
        await RefusesAsync(HttpMethod.Put, Access, "also", ["""{"also":"app.read"}""", """{"also":[1]}""", """{"also":[null]}""", """{"also":{}}""", """{"also":["\ud800"]}"""]);
    }

    [Fact]
    public Task Durations_ThatAreNone_OrOutOfRange_AreRefused() => RefusesAsync(HttpMethod.Put, Access, "duration", [.. ((string[])[
        "", "P", "PT", "P1DT", "14", "14d", "p1d", " P1D", "P1D ", "-P1D", "P-1D", "+P1D", "P1.5D", "PT1.5H", "P1,5D", "P1Y", "P1M", "PT0S", "P0D", "PT59S", "PT59.999S",
        "P30DT1S", "P31D", "P9999W", "P999999D", "P9999999D", "PT9999999H", "PT999999999S", "P١D", "PT1M\\u0000", "\\ud800"]).Select(d => $$"""{"duration":"{{d}}"}""")]);

    [Fact]
    public Task Dates_ThatAreNone_OrOutOfRange_AreRefused() => RefusesAsync(HttpMethod.Put, Access, "until", [.. ((string[])[
        "", "tomorrow", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01 00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T23:59:60Z",
        "10000-01-01T00:00:00Z", "-2026-12-01T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-12-01T00:00:00+25:00", "2026-12-01T00:00:00+1",
        "0001-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"]).Select(d => $$"""{"until":"{{d}}"}"""),
        """{"duration":"P1D","until":"2099-01-01T00:00:00Z"}"""]);

    [Fact]
    public async Task RolesAndPermissions_ThatCantBeLent_AreRefused()
    {
        await RefusesAsync(HttpMethod.Put, Access, "role", ["""{"role":""}""", """{"role":"owner"}""", """{"role":"Admin"}""", """{"role":"admin "}""", """{"role":"\ud83d"}"""]);
        await RefusesAsync(HttpMethod.Put, Access, "also", [
            """{"also":["app.delete"]}""", """{"also":["support_access.manage"]}""", """{"also":["no.such"]}""", """{"also":[""]}""",
            $$"""{"also":[{{string.Join(',', Enumerable.Repeat("\"app.read\"", 33))}}]}"""]);
    }

    [Fact]
    public Task Notes_ThatDisguiseThemselves_OrDontEnd_AreRefused() => RefusesAsync(HttpMethod.Put, Access, "note", [.. s_oddTexts.Append(new string('a', 501)).Select(t => $$"""{"note":"{{t}}"}""")]);

    [Fact]
    public async Task Entering_NamesTheField()
    {
        const string path = "/support-access/v1/sessions";
        await RefusesAsync(HttpMethod.Post, path, "app", ["{}", "", """{"app":1,"reason":"Signing"}""", """{"app":null,"reason":"Signing"}""", """{"app":"\ud800","reason":"Signing"}"""]);
        await RefusesAsync(HttpMethod.Post, path, "reason", [
            """{"app":"northwind-ios"}""", """{"app":"northwind-ios","reason":1}""", """{"app":"northwind-ios","reason":["x"]}""",
            .. s_oddTexts.Concat(["", "  ", "ab", " ab ", new string('a', 501)]).Select(t => $$"""{"app":"northwind-ios","reason":"{{t}}"}""")]);
        await RefusesAsync(HttpMethod.Post, path, "ticket", [.. s_oddTexts.Append(new string('1', 65)).Select(t => $$"""{"app":"northwind-ios","reason":"Signing","ticket":"{{t}}"}""")]);
        await RefusesAsync(HttpMethod.Post, path, "resaon", ["""{"app":"northwind-ios","resaon":"Signing"}"""]);
        foreach (var key in (string[])["two words", new string('k', 129)])
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json("""{"app":"northwind-ios","reason":"Signing"}""") };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            await RefusesAsync(_agent, request, "Idempotency-Key");
        }
    }

    [Fact]
    public async Task Lists_NameTheQuery()
    {
        var lists = ((HttpClient Who, string Path)[])[
            (_admin, "/support-access/v1/apps/northwind-ios/activity"), (_admin, "/support-access/v1/apps/northwind-ios/history"),
            (_admin, "/support-access/v1/apps/northwind-ios/sessions"), (_agent, "/support-access/v1/agent/sessions")];
        foreach (var (who, path) in lists)
        {
            foreach (var limit in (string[])["0", "-1", "201", "1.5", "abc", "%201", "99999999999999999999", "١"])
                await RefusesAsync(who, new HttpRequestMessage(HttpMethod.Get, $"{path}?limit={limit}"), "limit");
            foreach (var cursor in (string[])["x", "cA", "cC0x", "%00", "%ED%A0%80", "!!!!", new string('A', 500), "cDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
                await RefusesAsync(who, new HttpRequestMessage(HttpMethod.Get, $"{path}?cursor={cursor}"), "cursor");
        }

        foreach (var field in (string[])["session", "agent"])
            await RefusesAsync(_admin, new HttpRequestMessage(HttpMethod.Get, $"{lists[0].Path}?{field}=two%20words"), field);
    }

    private static readonly string[] s_oddTexts = ["bell \\u0007 here", "nul \\u0000 here", "half \\ud83d here", "\\udc00 first", "turned \\u202e round", "isolated \\u2066 text"];

    private static ByteArrayContent Json(string text) => Raw(Encoding.UTF8.GetBytes(text));

    private static ByteArrayContent Raw(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private async Task RefusesAsync(HttpMethod method, string path, string field, string[] bodies)
    {
        foreach (var body in bodies)
            await RefusesAsync(method == HttpMethod.Put ? _admin : _agent, new HttpRequestMessage(method, path) { Content = Json(body) }, field, body);
    }

    private async Task RefusesAsync(HttpClient who, HttpRequestMessage request, string field, string body = "")
    {
        var shown = $"{request.Method} {request.RequestUri} {body[..Math.Min(body.Length, 100)]}";
        var before = await StateAsync();
        using (request)
        {
            using var answer = await who.SendAsync(request);
            Assert.True((int)answer.StatusCode is 400 or 422, $"{shown}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            var problem = await answer.JsonAsync();
            Assert.Equal("invalid", problem.GetProperty("type").GetString());
            Assert.True(field == problem.GetProperty("field").GetString(), $"{shown}: {problem}");
            Assert.NotEqual("", problem.GetProperty("detail").GetString());
        }

        Assert.Equal(before, await StateAsync());
    }

    private async Task<string> StateAsync() => await (await _admin.GetAsync(Access)).Content.ReadAsStringAsync();
}
