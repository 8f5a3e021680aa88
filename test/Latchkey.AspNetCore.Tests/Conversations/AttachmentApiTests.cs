using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Latchkey.Tests;

namespace Latchkey.AspNetCore.Tests.Conversations;

/// <summary>Files over HTTP: cleaned when they come, shown to those in the conversation, never as active content.</summary>
public sealed class AttachmentApiTests : IAsyncLifetime
{
    private const string All = "/support-access/v1/conversations";
    private const int Limit = 20_000;
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync(options => options.Access.Attachments = new() { HarBytes = Limit, TextBytes = Limit });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Picture_IsCleaned_Sent_AndShownToThoseInTheConversationAlone()
    {
        var (id, other) = (await OpenAsync("adam", "northwind-ios"), await OpenAsync("adam", "northwind-ios"));
        var picture = Pictures.Png(more: Pictures.Chunk("tEXt", "GPS 47.4979"u8.ToArray()));
        var upload = await UploadAsync("adam", id, picture, "image/svg+xml", "shot.svg");
        var file = $"{All}/{id}/attachments/{upload.GetProperty("id").GetString()}";
        Assert.Equal(("png", "image/png", "shot.svg.png", 5, 4), (
            upload.GetProperty("type").GetString(), upload.GetProperty("media_type").GetString(), upload.GetProperty("name").GetString(), upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32()));
        var removed = Assert.Single(upload.GetProperty("removed").EnumerateArray());
        Assert.Equal(("metadata", "tEXt", 1), (removed.GetProperty("kind").GetString(), removed.GetProperty("name").GetString(), removed.GetProperty("count").GetInt32()));

        var nothing = await AnswerAsync("sam", HttpMethod.Get, $"{All}/{id}/attachments/att_unknown");
        Assert.Equal(HttpStatusCode.NotFound, nothing.Status);
        Assert.Equal(nothing, await AnswerAsync("sam", HttpMethod.Get, file));
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync("adam", HttpMethod.Get, file)).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync("adam", id, upload)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync("sam", HttpMethod.Get, file)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync("olivia", HttpMethod.Get, file)).Status);
        foreach (var who in new[] { "dana", "carla", "tess" }) Assert.Equal(nothing, await AnswerAsync(who, HttpMethod.Get, file));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            Assert.Equal(nothing, await AnswerAsync("adam", method, $"{All}/{other}/attachments/{upload.GetProperty("id").GetString()}"));
        }

        using var client = _host.Program("sam");
        using var answer = await client.GetAsync(file);
        Assert.Equal(Pictures.Png(), await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(("image/png", "inline; filename=shot.svg.png; filename*=UTF-8''shot.svg.png"), (answer.Content.Headers.ContentType!.ToString(), answer.Content.Headers.ContentDisposition!.ToString()));
        Assert.Equal(
            ("nosniff", "default-src 'none'; sandbox", "no-store, private"),
            (answer.Headers.GetValues("X-Content-Type-Options").Single(), answer.Headers.GetValues("Content-Security-Policy").Single(), answer.Headers.CacheControl!.ToString()));
    }

    [Fact]
    public async Task TextOfAForm_IsTakenByItsContent_AndDownloaded()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("x"), "note" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("step 3\npassword: hunter2\n")), "file", "C:\\tmp\\Bericht für Sam.html" },
        };
        using var client = _host.Program("adam");
        using var answer = await client.PostAsync($"{All}/{id}/attachments", form);
        var upload = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("text", "Bericht für Sam.html.txt"), (upload.GetProperty("type").GetString(), upload.GetProperty("name").GetString()));

        using var file = await client.GetAsync($"{All}/{id}/attachments/{upload.GetProperty("id").GetString()}");
        Assert.Equal("step 3\npassword: [removed]\n", await file.Content.ReadAsStringAsync());
        Assert.Equal(("text/plain; charset=utf-8", "attachment"), (file.Content.Headers.ContentType!.ToString(), file.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal("Bericht für Sam.html.txt", file.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("{\"log\":{\"entries\":[")]
    [InlineData("")]
    public async Task WhatIsNotAccepted_IsRefused_NamingTheFile(string text)
    {
        var id = await OpenAsync("adam", "northwind-ios");
        var answer = await PostAsync("adam", id, Encoding.UTF8.GetBytes(text), "image/png", "a.png");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("file", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task TooLargeAFile_IsRefused_WhetherItsLengthIsToldOrNot()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        foreach (var (bytes, told) in new[] { (Limit + 1, true), (Limit + 1, false), (Limit + 100_000, true), (Limit + 100_000, false) })
        {
            using var client = _host.Program("adam");
            using HttpContent content = told ? new ByteArrayContent(new byte[bytes]) : new StreamContent(new Unsized(bytes));
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{All}/{id}/attachments") { Content = content };
            if (!told) request.Headers.TransferEncodingChunked = true;
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal("file", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("field").GetString());
        }
    }

    [Fact]
    public async Task OnlyItsSender_ErasesAFile()
    {
        var id = await OpenAsync("adam", "northwind-ios");
        var upload = await UploadAsync("adam", id, "a log"u8.ToArray(), "text/plain", "a.log");
        var file = $"{All}/{id}/attachments/{upload.GetProperty("id").GetString()}";
        await SendAsync("adam", id, upload);

        Assert.Equal(HttpStatusCode.Forbidden, (await AnswerAsync("sam", HttpMethod.Delete, file)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync("adam", HttpMethod.Delete, file)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AnswerAsync("adam", HttpMethod.Get, file)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AnswerAsync("adam", HttpMethod.Delete, file)).Status);
    }

    private async Task<string> OpenAsync(string who, string app)
    {
        using var client = _host.Program(who);
        using var answer = await client.PostAsJsonAsync(All, new { subject = "Signing fails", text = "Since today", app });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> UploadAsync(string who, string id, byte[] bytes, string type, string name)
    {
        var answer = await PostAsync(who, id, bytes, type, name);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> PostAsync(string who, string id, byte[] bytes, string type, string name)
    {
        using var client = _host.Program(who);
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return await client.PostAsync($"{All}/{id}/attachments?name={Uri.EscapeDataString(name)}", content);
    }

    private async Task<HttpResponseMessage> SendAsync(string who, string id, JsonElement upload)
    {
        using var client = _host.Program(who);
        return await client.PostAsJsonAsync($"{All}/{id}/messages", new { attachments = new[] { upload.GetProperty("id").GetString() } });
    }

    private async Task<(HttpStatusCode Status, string Body)> AnswerAsync(string who, HttpMethod method, string path)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(method, path);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A file that does not say how long it is.</summary>
    private sealed class Unsized(int length) : MemoryStream(new byte[length])
    {
        public override bool CanSeek => false;
    }
}
