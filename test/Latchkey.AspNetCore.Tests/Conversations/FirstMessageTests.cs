using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Conversations;

/// <summary>What goes with a conversation's first message, and what comes back where something of it, or of an answer, is refused.</summary>
public sealed class FirstMessageTests : IAsyncLifetime
{
    private const string Root = "/support-access";
    private const string All = $"{Root}/v1/conversations";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        (_adam, _browser) = (_host.Program("adam"), _host.Browser("adam"));
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        _browser.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task TakesFilesAlong_Cleaned()
    {
        using var form = Form("Since today", ("a.log", "password: hunter2\n"), ("b.har", """{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[]}}"""));
        using var answer = await _adam.PostAsync(All, form);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        var message = Assert.Single((await ItemsAsync(id!)).EnumerateArray(), i => i.GetProperty("kind").GetString() == "message");
        var files = message.GetProperty("attachments").EnumerateArray().Select(f => f.GetString()).ToList();
        Assert.Equal(2, files.Count);
        using var sam = _host.Program("sam");
        Assert.Equal("password: [removed]\n", await sam.GetStringAsync($"{All}/{id}/attachments/{files[0]}"));
    }

    [Fact]
    public async Task WhereAFileIsRefused_NothingIsOpened()
    {
        using var form = Form("Since today", ("a.log", "fine\n"), ("b.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"));
        using var answer = await _adam.PostAsync(All, form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("file", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("field").GetString());
        Assert.Empty((await _adam.GetFromJsonAsync<JsonElement>(All)).GetProperty("items").EnumerateArray());
        using var many = Form("Since today", [.. Enumerable.Range(0, 21).Select(i => ($"{i}.log", "x"))]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.PostAsync(All, many)).StatusCode);
    }

    [Fact]
    public async Task ThePage_SendsFilesWithoutAScript_AndSaysBesideTheFieldWhatIsWrong()
    {
        var page = await _browser.OpenAsync($"{Root}/conversations/new?app=northwind-ios");
        var token = page.Find("form[data-lk-files] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var bad = Form("", ("b.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"));
        bad.Add(new StringContent(token), "__RequestVerificationToken");
        var refused = await PostAsync($"{Root}/conversations", bad);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("Choose the files again.", refused.TextOf("#lk-file-error"));
        Assert.Equal("Signing fails", refused.Find("#lk-subject")!.GetAttribute("value"));

        using var good = Form("", ("a.log", "x\n"));
        good.Add(new StringContent(token), "__RequestVerificationToken");
        var talk = await (await PostAsync($"{Root}/conversations", good)).FollowAsync();
        Assert.Contains("a.log", talk.TextOf(".lk-stream .lk-file > p"));
    }

    [Fact]
    public async Task FilesOfAnother_OrOfNone_AreRefused_NamingTheField()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        using var upload = await _adam.PostAsync($"{All}/{other}/attachments?name=a.log", new StringContent("x"));
        var foreign = (await upload.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        foreach (var file in new[] { foreign, "att_unknown", "not an id" })
        {
            using var answer = await _adam.PostAsJsonAsync($"{All}/{mine}/messages", new { text = "Here", attachments = new[] { file } });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal("attachments", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("field").GetString());
        }

        Assert.Single((await ItemsAsync(mine)).EnumerateArray(), i => i.GetProperty("kind").GetString() == "message");
    }

    [Fact]
    public async Task AnAnswerThatIsRefused_ComesBackToTheConversation_WithWhatWasTyped()
    {
        var id = await OpenAsync();
        using var sam = _host.Program("sam");
        using var asked = await sam.PostAsJsonAsync($"{Root}/v1/requests", new { conversation = id, reason = "Looking at the signing step" });
        Assert.Equal(HttpStatusCode.Created, asked.StatusCode);
        var note = new string('n', 501);
        var talk = await _browser.OpenAsync($"{Root}/conversations/{id}");
        var declined = await talk.SubmitAsync("form[action$='/deny']", ("note", note));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, declined.Status);
        Assert.True(declined.Shows("details[open] input[name=note][aria-invalid=true]"));
        Assert.Equal(note, declined.Find("input[name=note]")!.GetAttribute("value"));
        Assert.NotEmpty(declined.TextOf("details[open] .lk-error"));

        var allowed = await talk.SubmitAsync("form[action$='/approve']", ("length", "forever"), ("role", "viewer"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, allowed.Status);
        Assert.Equal("viewer", allowed.Find("details[open] select[name=role] option[selected]")!.GetAttribute("value"));
        Assert.NotEmpty(allowed.TextOf("details[open] .lk-error"));

        var answered = await talk.SubmitAsync("form[action$='/deny']", ("note", "Not this week"));
        Assert.Contains("Not this week", (await answered.FollowAsync()).Text);
    }

    private static MultipartFormDataContent Form(string text, params (string Name, string Content)[] files)
    {
        var form = new MultipartFormDataContent { { new StringContent("Signing fails"), "subject" }, { new StringContent(text), "text" }, { new StringContent("northwind-ios"), "app" } };
        foreach (var (name, content) in files)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", name);
        }

        return form;
    }

    private async Task<Page> PostAsync(string path, HttpContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        request.Headers.Accept.ParseAdd("text/html");
        return await Page.ReadAsync(_browser, await _browser.SendAsync(request));
    }

    private async Task<string> OpenAsync()
    {
        using var answer = await _adam.PostAsJsonAsync(All, new { subject = "Signing fails", text = "Since today", app = "northwind-ios" });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> ItemsAsync(string id) => (await _adam.GetFromJsonAsync<JsonElement>($"{All}/{id}/items")).GetProperty("items");
}
