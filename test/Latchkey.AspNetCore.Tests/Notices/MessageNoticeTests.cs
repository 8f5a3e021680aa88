using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Messages as notices: in the inbox at once, by mail once in a while, and gone once they are read.</summary>
public sealed class MessageNoticeTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Root = "/support-access";
    private const string Inbox = $"{Root}/inbox";
    private readonly MailSink _sink = new();
    private SampleHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync(options =>
        {
            (options.Mail.Host, options.Mail.Port, options.Mail.From) = ("127.0.0.1", _sink.Port, "support@sample.test");
            options.AllowPrivateWebhooks = true;
        });
        _host.Apps.Administrators.IntersectWith(["adam"]);
        (_adam, _sam) = (_host.Program("adam"), _host.Program("sam"));
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        _sam.Dispose();
        await _host.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task TheBell_CountsConversations_NotMessages_AndForgetsWhatIsRead()
    {
        var id = await OpenAsync();
        await SayAsync(_sam, id, "Which step?");
        await SayAsync(_sam, id, "And since when?");
        await SaidAsync(_adam, "2 new messages from Sam Okafor in “Signing fails”.");

        using var browser = _host.Browser("adam");
        var page = await browser.OpenAsync(Inbox);
        var link = page.Find(".lk-notices a")!.GetAttribute("href")!;
        Assert.Equal($"{Root}/conversations/{id}", link);
        Assert.Contains("1 not seen", (await browser.OpenAsync($"/apps/{App}")).Find("#lk-bell")!.GetAttribute("aria-label"));
        await browser.OpenAsync(link);
        Assert.Equal(0, (int)(await _adam.GetFromJsonAsync<JsonObject>($"{Root}/v1/inbox"))!["unseen"]!);
    }

    [Fact]
    public async Task AQuarterOfAnHour_IsOneMail_WithNoWordOfTheMessages()
    {
        var id = await OpenAsync();
        foreach (var text in new[] { "Which step?", "And since when?", "SECRET-IN-TEXT" })
        {
            await SayAsync(_sam, id, text);
        }

        await SaidAsync(_adam, "3 new messages from Sam Okafor in “Signing fails”.");
        Assert.Empty(_sink.Taken);
        _host.Clock.Advance(NoticeRules.MessagesWait);
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), taken => taken == 1);
        await Told.WhenAsync(() => _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None), next => next is null);
        var mail = Assert.Single(_sink.Taken);
        Assert.Equal(("adam@northwind.test", "3 new messages from Sam Okafor: Signing fails"), (mail.To, mail.Header("Subject")));
        Assert.Equal(2, mail.Body.Split($"https://sample.test{Root}/conversations/{id}").Length - 1);
        Assert.DoesNotContain("SECRET-IN-TEXT", mail.Text + mail.Body);
    }

    [Fact]
    public async Task WhatIsReadBeforeTheMailIsDue_IsNotMailed()
    {
        var id = await OpenAsync();
        await SayAsync(_sam, id, "Which step?");
        await UnseenAsync(_adam, 1);
        using var seen = await _adam.PostAsJsonAsync($"{Root}/v1/conversations/{id}/seen", new { });
        Assert.Equal(HttpStatusCode.NoContent, seen.StatusCode);
        await UnseenAsync(_adam, 0);
        Assert.Null(await _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None));
    }

    [Fact]
    public async Task AnAgent_IsMailed_WithTheConversationBehindTheLink()
    {
        var id = await OpenAsync();
        using var taken = await _sam.PostAsJsonAsync($"{Root}/v1/conversations/{id}/assign", new { to = "me" });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await SayAsync(_adam, id, "Still failing.");
        await SaidAsync(_sam, "2 new messages from Adam Reyes in “Signing fails”.");
        _host.Clock.Advance(NoticeRules.MessagesWait);
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), count => count == 1);
        var mail = _sink.Taken.Single();
        Assert.Equal("New message from Adam Reyes: Signing fails", mail.Header("Subject"));
        Assert.Contains($"https://sample.test{Root}/conversations/{id}", mail.Body);
        Assert.Contains("one of the support team", mail.Body);
    }

    [Fact]
    public async Task TheWebhook_IsToldOfSupportsMessages_WhereThatWasChosen_WhateverTheSubjectHolds()
    {
        await using var receiver = await HookReceiver.StartAsync();
        using var owner = _host.Program("olivia");
        using var set = await owner.PutAsJsonAsync($"{Root}/v1/accounts/northwind/notice-webhook", new { url = receiver.Address });
        using var chosen = await owner.PutAsJsonAsync($"{Root}/v1/accounts/northwind/notices/message", new { webhook = true });
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (set.StatusCode, chosen.StatusCode));
        var id = await OpenAsync("\"},{\"type\":\"evil\" </script> \\u202e");
        await SayAsync(_sam, id, "SECRET-IN-TEXT");
        await Told.WhenAsync(() => Task.FromResult(receiver.Calls.Count), calls => calls == 1);
        var body = JsonNode.Parse(receiver.Calls.Single().Body)!;
        Assert.Equal(("support_access.message", id), ((string)body["type"]!, (string)body["data"]!["subject"]!));
        Assert.Equal("New message from Sam Okafor: \"},{\"type\":\"evil\" </script> \\u202e", (string)body["data"]!["title"]!);
        Assert.DoesNotContain("SECRET-IN-TEXT", receiver.Calls.Single().Body);
    }

    [Fact]
    public async Task Everyone_ChoosesTheirOwnMails_BelowWhatTheOwnerAllows()
    {
        using var owner = _host.Program("olivia");
        using var none = await owner.PutAsJsonAsync($"{Root}/v1/accounts/northwind/notices/on", new { email = false });
        using var browser = _host.Browser("adam");
        Assert.True((await browser.OpenAsync(Inbox)).Shows($"a[href='{Inbox}/mails']"));
        var page = await browser.OpenAsync($"{Inbox}/mails");
        Assert.False(page.Shows("input[value=on]"));
        Assert.Contains("Access is turned on or changed", page.Find(".lk-sheet > ul")!.TextContent);
        Assert.True(page.Find("input[type=checkbox][value=message]")!.HasAttribute("checked"));

        using var off = await _adam.PutAsJsonAsync($"{Inbox.Replace("/inbox", "/v1/inbox", StringComparison.Ordinal)}/mails/message", new { email = false });
        var choices = (await off.Content.ReadFromJsonAsync<JsonObject>())!["choices"]!.AsArray();
        Assert.False((bool)choices.Single(c => (string)c!["event"]! == "message")!["email"]!);
        Assert.Equal((true, false), Pair(choices.Single(c => (string)c!["event"]! == "on")!));
        Assert.False((await browser.OpenAsync($"{Inbox}/mails")).Find("input[type=checkbox][value=message]")!.HasAttribute("checked"));

        var id = await OpenAsync();
        await SayAsync(_sam, id, "Which step?");
        await UnseenAsync(_adam, 1);
        Assert.Null(await _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None));
        foreach (var (path, body) in new (string, object)[] { ("mails/first_entry", new { email = true }), ("mails/nothing", new { email = true }) })
        {
            using var refused = await _sam.PutAsJsonAsync($"{Root}/v1/inbox/{path}", body);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        using var bad = await _sam.PutAsJsonAsync($"{Root}/v1/inbox/mails/message", new { });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, bad.StatusCode);

        static (bool, bool) Pair(JsonNode c) => ((bool)c["email"]!, (bool)c["allowed"]!);
    }

    private async Task<string> OpenAsync(string subject = "Signing fails")
    {
        using var answer = await _adam.PostAsJsonAsync($"{Root}/v1/conversations", new { subject, text = "Since Monday.", app = App });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        // Whoever answers before they are told of the opening would be mailed of that: it is told first.
        await UnseenAsync(_sam, 1);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }

    private static async Task SayAsync(HttpClient who, string id, string text)
    {
        using var answer = await who.PostAsJsonAsync($"{Root}/v1/conversations/{id}/messages", new { text });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static Task<int> UnseenAsync(HttpClient who, int count) =>
        Told.WhenAsync(async () => (int)(await who.GetFromJsonAsync<JsonObject>($"{Root}/v1/inbox"))!["unseen"]!, unseen => unseen == count);

    private static Task<string> SaidAsync(HttpClient who, string sentence) => Told.WhenAsync(
        async () => (string?)(await who.GetFromJsonAsync<JsonObject>($"{Root}/v1/inbox"))!["items"]!.AsArray().FirstOrDefault()?["sentence"] ?? "", said => said == sentence);
}
