using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Support;

/// <summary>
/// Sam, an agent, is an admin of a customer too, under a second address of his own mailbox. Whatever a customer decides about support, he
/// does not decide it, and in the customer's name he does nothing.
/// </summary>
[Trait("capability", "R4")]
public sealed class DisguiseTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Access = "/support-access/v1";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;
    private HttpClient _disguised = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _sam = await _host.CallAsAsync("sam@support.test");
        await using (var scope = _host.App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
            var piet = await db.People.SingleAsync(p => p.Email == "piet@northwind.test", TestContext.Current.CancellationToken);
            piet.Email = piet.UserName = "Sam+Home@Support.Test";
            piet.NormalizedEmail = piet.NormalizedUserName = "SAM+HOME@SUPPORT.TEST";
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        _disguised = await _host.CallAsAsync("sam+home@support.test");
        (await _adam.PutAsJsonAsync($"/api/apps/{App}/team/{await IdAsync("Piet de Vries")}", new { role = "admin" })).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task TurnsNothingOn_AnswersNoRequest_ButMayEnd()
    {
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PutAsJsonAsync($"{Access}/apps/{App}/access", new { })));
        var conversation = await ConversationAsync();
        var request = await IdOfAsync(_sam.PostAsJsonAsync($"{Access}/requests", new { conversation, reason = "Looking at signing" }));
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/requests/{request}/approve", new { })));
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/requests/{request}/deny", new { })));
        (await _adam.PostAsJsonAsync($"{Access}/requests/{request}/approve", new { duration = "PT1H" })).EnsureSuccessStatusCode();

        // Longer than it is, or more than it is: both are lent by the customer alone.
        var extension = await IdOfAsync(_sam.PostAsJsonAsync($"{Access}/requests", new { app = App, reason = "A day more" }));
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/requests/{extension}/approve", new { })));
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PutAsJsonAsync($"{Access}/apps/{App}/access", new { duration = "P14D", also = new[] { "build.secrets.use" } })));
        Assert.Equal(HttpStatusCode.OK, (await _disguised.DeleteAsync($"{Access}/apps/{App}/access")).StatusCode);
    }

    [Fact]
    public async Task SpeaksForNobody_AndAppliesNothing()
    {
        var conversation = await ConversationAsync();
        foreach (var (path, body) in new (string, object)[] { ("messages", new { text = "I allow it" }), ("shares", new { kind = "snapshot" }) })
        {
            Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/conversations/{conversation}/{path}", body)));
        }

        await IdOfAsync(_adam.PostAsJsonAsync($"{Access}/conversations/{conversation}/shares", new { kind = "snapshot" }));
        var target = (await (await _sam.GetAsync($"{Access}/conversations/{conversation}/proposals/targets")).JsonAsync()).GetProperty("items").EnumerateArray()
            .First(t => t.GetProperty("value").GetString() == "Northwind iOS").GetProperty("id").GetString();
        var proposal = await IdOfAsync(_sam.PostAsJsonAsync(
            $"{Access}/conversations/{conversation}/proposals", new { target, after = "Northwind for iOS", why = "As in the store" }));
        foreach (var answer in new[] { "apply", "decline" })
        {
            Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/proposals/{proposal}/{answer}", new { })));
        }

        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"{Access}/conversations", new { app = App, subject = "Please come in", text = "At once." })));
    }

    [Fact]
    public async Task AllowsNoSecrets_AndSettlesNothing()
    {
        var support = await _host.CallAsSupportAsync(App);
        (await support.PostAsJsonAsync($"/api/apps/{App}/builds", new { workflow = "primary" })).EnsureSuccessStatusCode();
        (await support.PatchAsJsonAsync($"/api/apps/{App}", new { title = "By support" })).EnsureSuccessStatusCode();
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsJsonAsync($"/api/apps/{App}/builds/1/secrets", new { allow = "session" })));
        var change = (await (await _adam.GetAsync($"{Access}/apps/{App}/changes")).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();
        Assert.Equal("support_in_disguise", await ProblemAsync(_disguised.PostAsync($"{Access}/apps/{App}/changes/{change}/keep", null)));
    }

    [Fact]
    public async Task DoesNothingInTheCustomersName_AndRevealsNothing()
    {
        (await _adam.PutAsJsonAsync($"/api/apps/{App}/secrets/TOKEN", new { value = "hunter22" })).EnsureSuccessStatusCode();
        foreach (var (method, path, body) in ((string, string, object?)[])[
            ("PUT", $"team/{await IdAsync("Dana Kim")}", new { role = "admin" }), ("POST", "secrets/TOKEN/reveal", null), ("GET", "incoming-webhook", null),
            ("POST", "builds", new { workflow = "primary" }), ("PATCH", "", new { title = "His" }), ("PUT", "env-vars/MINE", new { value = "x" })])
        {
            using var asked = new HttpRequestMessage(HttpMethod.Parse(method), $"/api/apps/{App}/{path}".TrimEnd('/')) { Content = body is null ? null : JsonContent.Create(body) };
            var answer = await _disguised.SendAsync(asked, TestContext.Current.CancellationToken);
            if (method == "GET") Assert.DoesNotContain("/hooks/github/", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            else Assert.Equal("support_in_disguise", await ProblemAsync(Task.FromResult(answer)));
        }
    }

    /// <summary>He is in the customer's list of people, where they can take him out, and is counted nowhere as one of them.</summary>
    [Fact]
    public async Task IsChosenForNothing_AndToldNothing_WhateverAnOldDirectorySays()
    {
        var (piet, olivia) = (await IdAsync("Piet de Vries"), await IdAsync("Olivia Hart"));
        Assert.DoesNotContain(piet, (await (await _adam.GetAsync($"/api/apps/{App}/integrations")).JsonAsync()).GetProperty("members").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.PutAsJsonAsync($"/api/apps/{App}/integrations/service-user", new { person = piet })).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _adam.PutAsJsonAsync($"/api/apps/{App}/notifications/build_failed", new { audience = "chosen", people = new[] { piet } })).StatusCode);
        await using var scope = _host.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var app = await db.Apps.SingleAsync(a => a.Slug == App, TestContext.Current.CancellationToken);
        db.ServiceUsers.Add(new ServiceUser { Id = "svc_old", AppId = app.Id, PersonId = piet });
        db.NotificationRules.Add(new NotificationRule { Id = "ntf_old", AppId = app.Id, Event = NotificationEvent.BuildFailed, Audience = NotificationAudience.Chosen, People = $"{piet} {olivia}" });
        db.NotificationRules.Add(new NotificationRule { Id = "ntf_team", AppId = app.Id, Event = NotificationEvent.BuildSucceeded, Audience = NotificationAudience.Team });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        foreach (var what in Enum.GetValues<NotificationEvent>())
            await scope.ServiceProvider.GetRequiredService<Notifier>().NotifyAsync(app, what, $"{what}", "/");
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, await db.InboxItems.CountAsync(item => item.PersonId == olivia, TestContext.Current.CancellationToken));
        Assert.Equal(0, await db.InboxItems.CountAsync(item => item.PersonId == piet, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Sam@Support.Test", "sam@support.test", true)]
    [InlineData("sam+a+b@support.test", "sam@support.test", true)]
    [InlineData("sam+a@support.test", "sam+b@support.test", true)]
    [InlineData("sam@support.test.", "sam@support.test", true)]
    [InlineData("samuel@support.test", "sam@support.test", false)]
    [InlineData("+sam@support.test", "@support.test", false)]
    [InlineData("sam@support.test", "sam@support.test.example", false)]
    public void OneMailbox_IsToldByItsAddresses(string one, string other, bool same) => Assert.Equal(same, Mailbox.Of(one) == Mailbox.Of(other));

    private async Task<string> ConversationAsync() =>
        await IdOfAsync(_adam.PostAsJsonAsync($"{Access}/conversations", new { app = App, subject = "Signing fails", text = "Please look." }));

    private async Task<string> IdAsync(string name) =>
        (await (await _adam.GetAsync($"/api/apps/{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray()
            .Single(m => m.GetProperty("name").GetString() == name).GetProperty("person").GetString()!;

    private static async Task<string> IdOfAsync(Task<HttpResponseMessage> answer)
    {
        var body = await (await answer).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((await answer).IsSuccessStatusCode, body);
        return System.Text.Json.JsonElement.Parse(body).GetProperty("id").GetString()!;
    }

    private static async Task<string?> ProblemAsync(Task<HttpResponseMessage> answer)
    {
        var body = await (await answer).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.False((await answer).IsSuccessStatusCode, body);
        return System.Text.Json.JsonElement.Parse(body).GetProperty("type").GetString();
    }
}
