using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Conversations;

public sealed class ConversationApiTests : IAsyncLifetime
{
    private const string All = "/support-access/v1/conversations";
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AnAdministratorAsks_AnAgentAnswers_BothReadIt()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        var listed = Assert.Single(Items(await GetAsync("sam", $"{All}?state=waiting_on_support")));
        Assert.Equal(("Signing fails", "Northwind iOS", "Northwind", 1), (
            listed.GetProperty("subject").GetString(), listed.GetProperty("app_title").GetString(), listed.GetProperty("account_title").GetString(), listed.GetProperty("unread").GetInt32()));

        Assert.Equal(HttpStatusCode.Created, (await PostAsync("sam", $"{All}/{id}/messages", new { text = "Which step?\n\tThe last?" })).StatusCode);
        var items = Items(await GetAsync("adam", $"{All}/{id}/items"));
        Assert.Equal(["message", "message", "opened"], items.Select(i => i.GetProperty("kind").GetString()));
        Assert.Equal(("Which step?\n\tThe last?", "sam", "Sam Okafor"), (
            items[0].GetProperty("text").GetString(), items[0].GetProperty("by_agent").GetString(), items[0].GetProperty("by_name").GetString()));
        Assert.Equal("waiting_on_customer", (await GetAsync("adam", $"{All}/{id}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task WhoMaySeeIt_IsTheTeam_ItsAdministrators_AndTheAccountsOwner()
    {
        var aboutApp = await OpenAsync("adam", "northwind-ios");
        var aboutAccount = await OpenAsync("olivia", null);
        await OpenAsync("carla", "contoso-web");
        foreach (var (who, seen) in new (string, string[])[]
        {
            ("sam", [aboutApp, aboutAccount]), ("olivia", [aboutApp, aboutAccount]), ("adam", [aboutApp]), ("dana", []), ("tess", []), ("carla", []),
        })
        {
            var listed = Items(await GetAsync(who, All)).Select(c => c.GetProperty("id").GetString()!).ToHashSet();
            var nothing = await AnswerAsync(who, HttpMethod.Get, $"{All}/cnv_unknown");
            foreach (var id in new[] { aboutApp, aboutAccount })
            {
                Assert.Equal(seen.Contains(id), listed.Contains(id));
                foreach (var (method, path) in new[]
                {
                    (HttpMethod.Get, ""), (HttpMethod.Get, "/items"), (HttpMethod.Post, "/messages"), (HttpMethod.Post, "/seen"), (HttpMethod.Post, "/solve"), (HttpMethod.Post, "/reopen"),
                })
                {
                    var answer = await AnswerAsync(who, method, $"{All}/{id}{path}");
                    if (seen.Contains(id))
                    {
                        Assert.NotEqual(HttpStatusCode.NotFound, answer.Status);
                    }
                    else
                    {
                        Assert.Equal(nothing, answer);
                    }
                }
            }
        }

        Assert.Equal(HttpStatusCode.NotFound, (await AnswerAsync("adam", HttpMethod.Post, $"{All}/{aboutApp}/assign")).Status);
    }

    [Fact]
    public async Task OnlyAdministratorsOpen_AndSupportNeverInAMembersClothes()
    {
        foreach (var (who, app, type) in new[]
        {
            ("dana", "northwind-ios", "not_allowed"), ("adam", null, "not_allowed"), ("sam", "northwind-ios", "not_allowed"),
            ("sam-at-home", "northwind-ios", "support_in_disguise"),
        })
        {
            var answer = await PostAsync(who, All, new { subject = "Signing fails", text = "Help", app });
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(type, (await JsonAsync(answer)).GetProperty("type").GetString());
        }

        var id = await OpenAsync("adam", "northwind-ios");
        Assert.Equal("support_in_disguise", (await JsonAsync(await PostAsync("sam-at-home", $"{All}/{id}/messages", new { text = "I agree" }))).GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync("adam", All, new { subject = "Signing fails", text = "Help", app = "contoso-web" })).StatusCode);
    }

    [Theory]
    [InlineData("""{"subject":"ab","text":"x"}""", "subject")]
    [InlineData("""{"subject":"Signing","text":""}""", "text")]
    [InlineData("""{"subject":"Signing","text":"\u001b[31m"}""", "text")]
    [InlineData("""{"subject":"Sign\u202eing","text":"x"}""", "subject")]
    [InlineData("""{"subject":"Signing","text":"x","app":"nowhere"}""", "app")]
    [InlineData("""{"subject":"Signing","text":"x","colour":"red"}""", "colour")]
    public async Task WhatCantBeAccepted_IsNamed(string body, string field)
    {
        using var content = new StringContent(body, null, "application/json");
        using var client = _host.Program("olivia");
        var answer = await client.PostAsync(All, content);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(field, (await JsonAsync(answer)).GetProperty("field").GetString());
    }

    [Fact]
    public async Task ALongText_IsTaken_AndAReplayDoesNothing()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        var text = new string('ä', 10_000);
        var first = await PostAsync("adam", $"{All}/{id}/messages", new { text }, "key-1");
        var again = await PostAsync("adam", $"{All}/{id}/messages", new { text }, "key-1");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        var other = await JsonAsync(await PostAsync("adam", $"{All}/{id}/messages", new { text = "another" }, "key-1"));
        Assert.Equal(("invalid", "Idempotency-Key"), (other.GetProperty("type").GetString(), other.GetProperty("field").GetString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync("adam", $"{All}/{id}/messages", new { text = text + "x" }, "key-2")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("adam", $"{All}/{id}/messages", new { text = "short" }, "key-2")).StatusCode);
        Assert.Equal(3, Items(await GetAsync("sam", $"{All}/{id}/items")).Count(i => i.GetProperty("kind").GetString() == "message"));
    }

    [Fact]
    public async Task TooManyMessages_Are429()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(HttpStatusCode.Created, (await PostAsync("adam", $"{All}/{id}/messages", new { text = "again" })).StatusCode);
        }

        var answer = await PostAsync("adam", $"{All}/{id}/messages", new { text = "again" });
        Assert.Equal((HttpStatusCode)429, answer.StatusCode);
        Assert.Equal("too_many", (await JsonAsync(answer)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task SolvedReopenedAssigned_ShowInTheInboxThatAsksForThem()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        Assert.Equal("sam", (await JsonAsync(await PostAsync("sam", $"{All}/{id}/assign", new { to = "me" }))).GetProperty("assigned").GetString());
        Assert.Single(Items(await GetAsync("sam", $"{All}?assigned=me")));
        Assert.Empty(Items(await GetAsync("sue", $"{All}?assigned=me")));
        Assert.Equal("solved", (await JsonAsync(await PostAsync("sam", $"{All}/{id}/solve", null))).GetProperty("state").GetString());
        Assert.Empty(Items(await GetAsync("sam", $"{All}?state=open")));
        await PostAsync("adam", $"{All}/{id}/messages", new { text = "Not yet" });
        Assert.Single(Items(await GetAsync("sam", $"{All}?state=open&assigned=me&q=yet")));
        Assert.Empty(Items(await GetAsync("sam", $"{All}?q=elsewhere")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AnswerAsync("sam", HttpMethod.Get, $"{All}?state=lost")).Status);
    }

    [Fact]
    public async Task Seen_IsPerReader_AndUpToWhatWasSeen()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        await PostAsync("adam", $"{All}/{id}/messages", new { text = "And this" });
        var first = Items(await GetAsync("sam", $"{All}/{id}/items"))[1].GetProperty("cursor").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync("sam", $"{All}/{id}/seen", new { up_to = first })).StatusCode);
        Assert.Equal(1, (await GetAsync("sam", $"{All}/{id}")).GetProperty("unread").GetInt32());
        await PostAsync("sam", $"{All}/{id}/seen", null);
        Assert.Equal((0, 2), ((await GetAsync("sam", $"{All}/{id}")).GetProperty("unread").GetInt32(), (await GetAsync("sue", $"{All}/{id}")).GetProperty("unread").GetInt32()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync("sam", $"{All}/{id}/seen", new { up_to = "nowhere" })).StatusCode);
    }

    [Theory]
    [InlineData("sam", true)]
    [InlineData("adam", true)]
    [InlineData("olivia", true)]
    [InlineData("dana", false)]
    [InlineData("carla", false)]
    public async Task TheStream_TellsThoseWhoMaySee_TheIdAndNothingElse(string who, bool hears)
    {
        using var client = _host.Program(who);
        using var stream = await client.GetStreamAsync("/support-access/v1/events");
        using var lines = new StreamReader(stream);
        Assert.Contains("ready", await NextAsync(lines));
        var id = await OpenAsync("olivia", "northwind-ios");

        // Something that everybody here hears of in their own account comes after it.
        await PostAsync("carla", All, new { subject = "The end", text = "x", app = "contoso-web" });
        await _host.Access.TurnOnAsync(
            _host.Apps.Apps[who == "carla" ? "contoso-web" : "northwind-ios"].Ref, new Lender(new("olivia"), "Olivia", true, false, false, []), new Terms());
        var heard = new List<string>();
        string next;
        do
        {
            heard.Add(next = await NextAsync(lines));
        }
        while (!next.Contains("event: access", StringComparison.Ordinal));

        Assert.Equal(hears, heard.Exists(h => h.Contains($"event: conversation\ndata: {{\"id\":\"{id}\"}}", StringComparison.Ordinal)));
        Assert.DoesNotContain(heard, h => h.Contains("Signing", StringComparison.Ordinal));
    }

    private static async Task<string> NextAsync(StreamReader lines)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var said = new List<string>();
        while (await lines.ReadLineAsync(patience.Token) is { Length: > 0 } line)
        {
            said.Add(line);
        }

        return string.Join('\n', said);
    }

    private async Task<string> OpenAsync(string who, string? app)
    {
        var answer = await PostAsync(who, All, new { subject = "Signing fails", text = "Since today", app });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await JsonAsync(answer)).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> GetAsync(string who, string path)
    {
        using var client = _host.Program(who);
        return await client.GetFromJsonAsync<JsonElement>(path);
    }

    private async Task<HttpResponseMessage> PostAsync(string who, string path, object? body, string? key = null)
    {
        using var client = _host.Program(who);
        using var content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        }

        return await client.PostAsync(path, content);
    }

    private async Task<(HttpStatusCode Status, string Body)> AnswerAsync(string who, HttpMethod method, string path)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(method, path);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>();

    private static List<JsonElement> Items(JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];
}
