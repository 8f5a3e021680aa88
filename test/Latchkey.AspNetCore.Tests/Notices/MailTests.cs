using System.Net.Http.Json;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Notices by mail: what they say, and what becomes of them when the mail server does not do its part.</summary>
public sealed class MailTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private readonly MailSink _sink = new();
    private SampleHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync(options =>
        {
            options.Mail.Host = "127.0.0.1";
            options.Mail.Port = _sink.Port;
            options.Mail.From = "support@sample.test";
        });
        _host.Apps.Administrators.IntersectWith(["adam"]);
        _adam = _host.Browser("adam");
    }

    public async ValueTask DisposeAsync()
    {
        _adam.Dispose();
        await _host.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task SaysOneSentence_AndOneLinkThatOnlyShows()
    {
        await _adam.TurnOnAsync(App);
        var mail = await TakenAsync(1);
        Assert.Equal("adam@northwind.test", mail.To);
        Assert.Equal("Support access to Northwind iOS is on", mail.Header("Subject"));
        Assert.Equal("\"Adam Reyes\" <adam@northwind.test>", mail.Header("To"));
        Assert.Equal("\"Sample Support\" <support@sample.test>", mail.Header("From"));
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.NotEmpty(mail.Header("Date"));
        Assert.Matches("^<notice-[0-9a-f]{32}@sample\\.test>$", mail.Header("Message-ID"));
        Assert.StartsWith("multipart/alternative", mail.Header("Content-Type"));
        Assert.Contains("Content-Type: text/plain; charset=utf-8", mail.Text);
        Assert.Contains("Content-Type: text/html; charset=utf-8", mail.Text);
        const string Sentence = "Adam Reyes turned on support access to Northwind iOS: Sample Support can work there as administrator until 5 Dec 2026, 12:00 UTC.";
        Assert.Equal(2, mail.Body.Split(Sentence).Length - 1);
        Assert.Equal(2, mail.Body.Split("https://").Length - 1);
        Assert.Equal(2, mail.Body.Split($"https://sample.test/apps/{App}").Length - 1);
    }

    [Theory]
    [InlineData("Refuses")]
    [InlineData("Drops")]
    public async Task AServerThatTakesItLater_GetsItOnce_AsTheSameMail(string mood)
    {
        _sink.Mood = Enum.Parse<Mood>(mood);
        await _adam.TurnOnAsync(App);
        await AgainAsync();
        _sink.Mood = Mood.Takes;
        await AgainAsync();
        var mail = await TakenAsync(1);
        if (_sink.Broken.TryPeek(out var broken))
        {
            Assert.Contains(mail.Header("Message-ID"), broken);
        }

        await SettledAsync();
        _host.Clock.Advance(TimeSpan.FromHours(5));
        await SettledAsync();
        Assert.Single(_sink.Taken);
    }

    [Fact]
    public async Task AServerThatHangs_HoldsUpNobody()
    {
        _sink.Mood = Mood.Hangs;
        await _adam.TurnOnAsync(App);
        await Told.WhenAsync(() => Task.FromResult(_sink.Tries), tries => tries == 1);
        using var sam = _host.Browser("sam");
        await sam.EnterAsync(App);
        await Told.WhenAsync(
            () => _host.Access.Notices.CountUnseenAsync(ReaderId.Of(new AccountId("northwind"), new PersonId("adam")), CancellationToken.None), unseen => unseen == 2);

        _sink.Mood = Mood.Takes;
        _host.Clock.Advance(TimeSpan.FromSeconds(31));
        var tried = await Told.WhenAsync(
            async () => (await _host.Access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, _host.Clock.GetUtcNow().AddHours(1), 10, CancellationToken.None)).Select(d => d.Delivery).FirstOrDefault(d => d.Attempts == 1),
            tried => tried is not null);
        _host.Clock.Advance(tried!.NextAt - _host.Clock.GetUtcNow());
        await TakenAsync(2);
    }

    [Fact]
    public async Task WhatNoServerTakesForThreeDays_IsGivenUp_AndSaid()
    {
        _sink.Mood = Mood.Refuses;
        await _adam.TurnOnAsync(App);
        var began = _host.Clock.GetUtcNow();
        while (await NextAsync() is { } next)
        {
            Assert.True(next <= began.AddDays(3));
            _host.Clock.Advance(next - _host.Clock.GetUtcNow());
        }

        var lost = Assert.Single(await _host.Access.Notices.ReadLostAsync(new AccountId("northwind"), 10, CancellationToken.None));
        Assert.Contains("try again later", lost.Problem);
        Assert.InRange(_sink.Tries, 10, 40);
    }

    [Fact]
    public async Task OneMailboxThatIsGone_HoldsUpNoOther()
    {
        _host.Apps.Administrators.Add("olivia");
        _sink.Mood = Mood.KnowsNobody;
        await _adam.TurnOnAsync(App);
        await Told.WhenAsync(() => Task.FromResult(_sink.Tries), tries => tries == 2);
    }

    [Fact]
    public async Task WhoLostTheRoleMeanwhile_GetsNone()
    {
        _sink.Mood = Mood.Refuses;
        await _adam.TurnOnAsync(App);
        var next = (await NextAsync())!.Value;
        _host.Apps.Administrators.Clear();
        _sink.Mood = Mood.Takes;
        _host.Clock.Advance(next - _host.Clock.GetUtcNow());
        await SettledAsync();
        Assert.Empty(_sink.Taken);
    }

    [Fact]
    public async Task AStorm_IsBundled()
    {
        for (var i = 0; i < 13; i++)
        {
            await _adam.TurnOnAsync(App);
            await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");
        }

        var now = _host.Clock.GetUtcNow();
        await Told.WhenAsync(() => _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None), next => next is null || next > now);
        Assert.InRange(_sink.Taken.Count, 1, 20);
        while (await NextAsync() is { } next)
        {
            _host.Clock.Advance(next - _host.Clock.GetUtcNow());
        }

        var single = _sink.Taken.Count(m => !m.Header("Subject").EndsWith("more notices about support access", StringComparison.Ordinal));
        var more = _sink.Taken.Except(_sink.Taken.Where(m => !m.Header("Subject").EndsWith("more notices about support access", StringComparison.Ordinal))).ToList();
        // How many go as one depends on how fast they come.
        Assert.InRange(_sink.Taken.Count, 20, 26);
        Assert.Equal(26, single + more.Sum(m => int.Parse(m.Header("Subject").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(more, m => Assert.Contains("https://sample.test/support-access/inbox", m.Body));
    }

    [Fact]
    public async Task NamesThatTryToBreakHeaders_StayNames()
    {
        // As an older ledger holds them: of a host they are not taken any more.
        var app = _host.Apps.Apps[App].Ref;
        app = app with { Name = app.Name with { Title = "Evil\r\nBcc: all@northwind.test\u202Egnp.exe " + new string('x', 300) + " žluťoučký" } };
        _host.Apps.Members["adam"] = _host.Apps.Members["adam"] with { Name = "Žofie X-Evil: yes \"quoted\" \u202E<b@x.test>" };
        await _host.Access.TurnOnAsync(app, new Lender(new("adam"), "Žofie\r\nX-Evil: yes", MayTurn: true, IsAgent: false, PromotedBySupport: false, []), new Terms());
        var mail = await TakenAsync(1);
        Assert.Equal("adam@northwind.test", mail.To);
        var headers = mail.Text.Split("\n\n")[0].Split('\n');
        Assert.DoesNotContain(headers, h => h.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase) || h.StartsWith("X-Evil", StringComparison.OrdinalIgnoreCase));
        Assert.All(headers, h => Assert.True(h.Length <= 998 && h.All(c => c is >= ' ' and <= '~'), h));
        Assert.Contains("=?utf-8?", mail.Header("To"));
        Assert.DoesNotContain("\u202E", mail.Body);
    }

    [Fact]
    public async Task TheClosingReport_CarriesCountsAndTheLedgersRoot()
    {
        await _adam.TurnOnAsync(App);
        using var sam = _host.Browser("sam");
        await sam.EnterAsync(App);
        await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");
        await TakenAsync(3);
        var mail = _sink.Taken.Single(m => m.Header("Subject").StartsWith("Report:", StringComparison.Ordinal));
        var edge = await _host.Access.History.ReadEdgeAsync(new AccountId("northwind"), CancellationToken.None);
        Assert.Contains("Used by Sam Okafor: 1 session, 1 read, 0 changes.", mail.Body);
        Assert.Contains($"{edge.Size} entries, root hash {edge.Root()}.", mail.Body);
        Assert.Contains("https://sample.test/support-access/apps/app_1/reports/grt_", mail.Body);
    }

    [Fact]
    [Trait("capability", "K1")]
    public async Task WhoWasNamedAndMayNotOpenIt_ReadsTheCounts_AndIsLedToTheirNotices()
    {
        using var olivia = _host.Program("olivia");
        using var put = await olivia.PutAsJsonAsync("/support-access/v1/accounts/northwind/notices/report", new { people = new[] { "tess" } });
        Assert.True(put.IsSuccessStatusCode);
        await _adam.TurnOnAsync(App);
        await (await _adam.OpenAsync($"/apps/{App}")).SubmitAsync("form[action$='/access/off']");
        await TakenAsync(3);
        var reports = _sink.Taken.Where(m => m.Header("Subject").StartsWith("Report:", StringComparison.Ordinal)).ToDictionary(m => m.To);
        Assert.Equal(["adam@northwind.test", "tess@northwind.test"], reports.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("https://sample.test/support-access/apps/app_1/reports/grt_", reports["adam@northwind.test"].Body);
        var named = reports["tess@northwind.test"].Body;
        Assert.Contains("It was never used.", named);
        Assert.Contains("https://sample.test/support-access/inbox", named);
        Assert.DoesNotContain("/reports/", named);
    }

    [Fact]
    public async Task TheClosingReport_OfAWholeAccount_CountsAppByApp()
    {
        _host.Apps.Owners.IntersectWith(["olivia"]);
        _host.Apps.Administrators.Add("olivia");
        using var olivia = _host.Program("olivia");
        using var sam = _host.Program("sam");
        var talk = await IdOfAsync(olivia.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Everything stops", text = "In each app." }));
        var request = await IdOfAsync(sam.PostAsJsonAsync("/support-access/v1/requests", new { account = "northwind", conversation = talk, reason = "Looking at all of them" }));
        await IdOfAsync(olivia.PostAsJsonAsync($"/support-access/v1/requests/{request}/approve", new { }));
        foreach (var app in new[] { App, "northwind-android", App })
        {
            using var entered = await sam.PostAsJsonAsync("/support-access/v1/sessions", new { app, reason = "Looking at it" });
            Assert.True(entered.IsSuccessStatusCode, await entered.Content.ReadAsStringAsync());
        }

        using var ended = await olivia.DeleteAsync("/support-access/v1/accounts/northwind/access");
        Assert.True(ended.IsSuccessStatusCode);
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.ToArray()), taken => taken.Any(m => m.Header("Subject").StartsWith("Report:", StringComparison.Ordinal)));
        var mail = _sink.Taken.Single(m => m.Header("Subject").StartsWith("Report:", StringComparison.Ordinal));
        Assert.Equal("olivia@northwind.test", mail.To);
        Assert.Contains("Used by Sam Okafor: 3 sessions, 0 reads, 0 changes.", mail.Body);
        Assert.Contains("Northwind iOS: 2 sessions, 0 reads, 0 changes.", mail.Body);
        Assert.Contains("Northwind Android: 1 session, 0 reads, 0 changes.", mail.Body);
    }

    private static async Task<string> IdOfAsync(Task<HttpResponseMessage> answer)
    {
        using var response = await answer;
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return (string)System.Text.Json.Nodes.JsonNode.Parse(body)!["id"]!;
    }

    private async Task<SunkMail> TakenAsync(int count)
    {
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), taken => taken == count);
        return _sink.Taken.Last();
    }

    /// <summary>Waits until something was tried and nothing is due now, and answers when the next is.</summary>
    private async Task<DateTimeOffset?> NextAsync()
    {
        await Told.WhenAsync(() => Task.FromResult(_sink.Tries), tries => tries > 0);
        await Told.WhenAsync(() => _host.Access.Notices.NextDueAsync(CancellationToken.None), due => due is null || due > _host.Clock.GetUtcNow());
        return await Told.WhenAsync(
            () => _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None), next => next is null || next > _host.Clock.GetUtcNow());
    }

    private async Task SettledAsync() => await Told.WhenAsync(
        () => _host.Access.Notices.NextDeliveryAsync(NoticeChannel.Email, CancellationToken.None), next => next is null);

    /// <summary>Turns the clock to the next try.</summary>
    private async Task AgainAsync()
    {
        if (await NextAsync() is { } next)
        {
            _host.Clock.Advance(next - _host.Clock.GetUtcNow());
        }
    }
}
