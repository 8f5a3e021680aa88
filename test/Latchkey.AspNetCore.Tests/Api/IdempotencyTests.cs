using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Api;

/// <summary>A POST that is sent again is done once, and answered as it was; what holds a credential is told once.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private const string Api = "/support-access/v1";
    private SampleHost _host = null!;
    private string _messages = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        var (_, body) = await PostAsync("adam", $"{Api}/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" });
        _messages = $"{Api}/conversations/{JsonElement.Parse(body).GetProperty("id").GetString()}/messages";
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AnAnswerWithACredential_IsToldOnce()
    {
        using (var adam = _host.Program("adam"))
        {
            (await adam.PutAsJsonAsync($"{Api}/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        }

        var entering = new { app = "northwind-ios", reason = "Signing fails" };
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("sam", $"{Api}/sessions", entering, "enter")).Status);
        var (status, body) = await PostAsync("sam", $"{Api}/sessions", entering, "enter");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("already_done", body, StringComparison.Ordinal);
        Assert.Single(_host.Access.Find(_host.Apps.Apps["northwind-ios"].Id)!.Sessions);
    }

    [Fact]
    public async Task OneThatComesWhileTheFirstIsUnderWay_WaitsForIt_AndSaysTheSame()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("adam", _messages, new { text = "Once" }, "same")));
        Assert.Equal((HttpStatusCode.Created, answers[0].Body), Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task WhatWasRefused_WasNotDone_AndIsRefusedAgain()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync("adam", _messages, new { text = "" }, "empty")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status));
    }

    [Fact]
    public async Task AKey_IsKeptForADay_AndTheLastHundredOfEachCaller()
    {
        var first = await PostAsync("adam", _messages, new { text = "First" }, "key");
        var others = await PostAsync("olivia", _messages, new { text = "Olivia's" }, "key");
        for (var i = 0; i < 99; i++)
        {
            _host.Clock.Advance(TimeSpan.FromSeconds(2));
            await PostAsync("adam", _messages, new { text = $"{i}" }, $"key-{i}");
        }

        Assert.Equal(first, await PostAsync("adam", _messages, new { text = "First" }, "key"));
        await PostAsync("adam", _messages, new { text = "One more" }, "one-more");
        _host.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first.Body, (await PostAsync("adam", _messages, new { text = "First" }, "key")).Body);
        Assert.Equal(others, await PostAsync("olivia", _messages, new { text = "Olivia's" }, "key"));

        _host.Clock.Advance(TimeSpan.FromDays(1));
        Assert.NotEqual(others.Body, (await PostAsync("olivia", _messages, new { text = "Olivia's" }, "key")).Body);
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string who, string path, object body, string? key = null)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
