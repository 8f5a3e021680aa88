using System.Net;

namespace Latchkey.AspNetCore.Tests.Conversations;

/// <summary>Conversations as a browser without a script has them.</summary>
public sealed class ConversationPageTests : IAsyncLifetime
{
    private const string Compose = "#lk-compose";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync(options => options.HelpLinks.Add(new HelpLink("Guide", "/guide", "How it works.")));
        (_adam, _sam) = (_host.Browser("adam"), _host.Browser("sam"));
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        _sam.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task AskAnswerSolveAndAskAgain_WithFormsAlone()
    {
        var help = await _adam.OpenAsync("/support-access/help");
        Assert.Contains("Guide", help.Text);
        Assert.Contains("When you ask support, it appears here", help.Text);
        var mine = await AskAsync();
        Assert.Contains("Waiting on Sample Support", mine.Text);

        var inbox = await _sam.OpenAsync("/support-access/console/inbox");
        Assert.Contains("Signing <fails> 1 new", inbox.Text);
        Assert.Contains("Waiting on us", inbox.Text);
        var theirs = await _sam.OpenAsync(inbox.Find("h3 a")!.GetAttribute("href")!);
        Assert.Contains("Line one Line two", theirs.TextOf(".lk-text"));
        Assert.Contains("has not let us into this app", theirs.Text);
        theirs = await (await theirs.SubmitAsync("form[action$='/take']")).FollowAsync();
        Assert.Contains("Given to Sam Okafor", theirs.Text);
        theirs = await (await theirs.SubmitAsync(Compose, ("text", "Which step? <b>x</b>"))).FollowAsync();
        Assert.Contains("Waiting on the customer", theirs.Text);
        Assert.DoesNotContain("1 new", (await _sam.OpenAsync("/support-access/console/inbox")).Text);

        help = await _adam.OpenAsync("/support-access/help");
        Assert.Contains("1 new", help.Text);
        mine = await _adam.OpenAsync(help.Find("h3 a")!.GetAttribute("href")!);
        Assert.Contains("Sam Okafor · Support", mine.Text);
        Assert.Contains("Which step? <b>x</b>", mine.Text);
        Assert.DoesNotContain("took it on", mine.Text);
        mine = await (await mine.SubmitAsync("form[action$='/solve']")).FollowAsync();
        Assert.Contains("called it solved", mine.Text);
        mine = await (await mine.SubmitAsync(Compose, ("text", "It is back"))).FollowAsync();
        Assert.Contains("Waiting on Sample Support", mine.Text);
    }

    [Fact]
    public async Task WhatWasTyped_StaysWithWhyItWasRefused()
    {
        var form = await _adam.OpenAsync("/support-access/conversations/new?app=northwind-android");
        Assert.Equal("app_2", form.Find("#lk-app option[selected]")!.GetAttribute("value"));
        var refused = await form.SubmitAsync("form[action$='/conversations']", ("subject", "ab"), ("text", "Kept text"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("The subject has 2 characters; it takes 3 to 120.", refused.TextOf("#lk-subject-error"));
        Assert.Equal("Kept text", refused.TextOf("#lk-text"));

        var talk = await AskAsync();
        refused = await talk.SubmitAsync(Compose, ("text", "turned \u202e round"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("U+202E", refused.TextOf("#lk-text-error"));
        Assert.Equal("turned \u202e round", refused.TextOf("#lk-text"));
    }

    [Fact]
    public async Task PleaseLook_OpensOnce_ThenGoesOn()
    {
        await _adam.TurnOnAsync("northwind-ios");
        var panel = await _adam.OpenAsync("/apps/northwind-ios");
        var talk = await (await panel.SubmitAsync("form[action$='/look']")).FollowAsync();
        Assert.Contains("Support access is on, please look.", talk.Text);
        await (await _adam.OpenAsync("/apps/northwind-ios")).SubmitAsync("form[action$='/look']");
        var inbox = await _sam.OpenAsync("/support-access/console/inbox");
        Assert.Contains("2 new", inbox.TextOf("h3"));
        var theirs = await _sam.OpenAsync(inbox.Find("h3 a")!.GetAttribute("href")!);
        Assert.Contains("/console/enter/northwind-ios?conversation=cnv_", theirs.Find("aside a[href*='/enter/']")!.GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALongConversation_ShowsItsEnd_AndLeadsToWhatWasBefore()
    {
        var talk = await AskAsync();
        var path = talk.Find(Compose)!.GetAttribute("action")!;
        var conversation = (await _host.Access.Conversations.ReadAsync(new ConversationQuery(), CancellationToken.None))[0];
        for (var i = 0; i < 60; i++)
        {
            await _host.Access.SendAsync(conversation, Speaker.Of(new AgentRef(new("sam"), "Sam Okafor", "sam-1")), new Said($"word {i:00}"));
        }

        talk = await _adam.OpenAsync(path[..path.LastIndexOf('/')]);
        Assert.Contains("word 59", talk.Text);
        Assert.DoesNotContain("word 09", talk.Text);
        var earlier = await _adam.OpenAsync(talk.Find(".lk-earlier a")!.GetAttribute("href")!);
        Assert.Contains("word 09", earlier.Text);
        Assert.DoesNotContain("word 59", earlier.Text);
        Assert.False(earlier.Shows(Compose));
    }

    [Fact]
    public async Task TenThousandMessages_MakeItsPageNoLonger()
    {
        var talk = await AskAsync();
        var path = talk.Find(Compose)!.GetAttribute("action")!;
        path = path[..path.LastIndexOf('/')];
        var conversation = (await _host.Access.Conversations.ReadAsync(new ConversationQuery(), CancellationToken.None))[0];
        await SendHundredAsync(conversation);
        var few = await _adam.GetByteArrayOrErrorAsync(path);
        for (var hundreds = 1; hundreds < 100; hundreds++)
        {
            await SendHundredAsync(conversation);
        }

        var many = await _adam.GetByteArrayOrErrorAsync(path);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (few.Status, many.Status));
        Assert.InRange(many.Body.Length, 1, few.Body.Length * 11 / 10);
    }

    [Fact]
    public async Task WhoeverMayNotSee_GetsTheSameNothing()
    {
        var talk = await AskAsync();
        var path = talk.Find(Compose)!.GetAttribute("action")!;
        path = path[..path.LastIndexOf('/')];
        foreach (var who in new[] { "dana", "tess", "carla" })
        {
            using var browser = _host.Browser(who);
            var seen = await browser.GetByteArrayOrErrorAsync(path);
            var nothing = await browser.GetByteArrayOrErrorAsync("/support-access/conversations/cnv_none");
            Assert.Equal((nothing.Status, Convert.ToHexString(nothing.Body)), (seen.Status, Convert.ToHexString(seen.Body)));
            Assert.Equal(HttpStatusCode.NotFound, seen.Status);
        }

        using var dana = _host.Browser("dana");
        Assert.Contains("Only administrators of an app", (await dana.OpenAsync("/support-access/help")).Text);
    }

    /// <summary>A hundred agents say a word each, at once.</summary>
    private async Task SendHundredAsync(ConversationRecord conversation)
    {
        var sent = await Task.WhenAll(Enumerable.Range(100, 100).Select(i => _host.Access.SendAsync(
            conversation, Speaker.Of(new AgentRef(new($"agent-{i}"), $"Agent {i}", $"agent-{i}-1")), new Said("a word"))));
        Assert.All(sent, s => Assert.Null(s.Refusal));
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
    }

    private async Task<Page> AskAsync()
    {
        var form = await _adam.OpenAsync("/support-access/conversations/new?app=northwind-ios");
        return await (await form.SubmitAsync("form[action$='/conversations']", ("subject", "Signing <fails>"), ("text", "Line one\r\nLine two"))).FollowAsync();
    }
}
