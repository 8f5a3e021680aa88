using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Buildyard.Hosting;
using Latchkey.AspNetCore.Tests;
using Latchkey.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Notifications;

/// <summary>The story of a request, told by mail to everyone whom it concerns: each thing once, whatever restarts.</summary>
public sealed partial class ToldTests : IAsyncLifetime
{
    private const string Root = "/support-access/v1";
    private const string Adam = "adam@northwind.test";
    private const string Olivia = "olivia@northwind.test";
    private const string Sam = "sam@support.test";
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly MailSink _mail = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-told-");
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _mail.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    [Trait("capability", "K1")]
    [Trait("capability", "P2")]
    public async Task ARequestsStory_IsMailedToWhomTheAccountChose_EachThingOnce_AcrossRestarts()
    {
        await ChooseAsync();
        var talk = await AskForHelpAsync();
        var request = await AskForAccessAsync(talk);
        await TakenAsync(2);
        await LooksAtItAsync(request);
        await PostAsync(Adam, $"{Root}/requests/{request}/approve", new { duration = "P2D" });
        await TakenAsync(5);
        await RestartAsync(TimeSpan.FromMinutes(16));
        await TakenAsync(6);
        foreach (var (agent, taken) in new[] { (Sam, 8), ("sue@support.test", 10) })
        {
            await PostAsync(agent, $"{Root}/sessions", new { app = "northwind-ios", reason = "The signing step fails" });
            await TakenAsync(taken);
        }

        // A minute short of each instant nothing is told; while nobody runs, what was due is told at the start.
        await ElapseAsync(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(17), 10);
        await ElapseAsync(TimeSpan.FromMinutes(1), 12);
        await ElapseAsync(TimeSpan.FromHours(23) - TimeSpan.FromMinutes(1), 12);
        await RestartAsync(TimeSpan.FromMinutes(1));
        await TakenAsync(14);
        await ElapseAsync(TimeSpan.FromHours(1), 18);
        await RestartAsync(TimeSpan.FromDays(2));
        await ElapseAsync(TimeSpan.FromHours(1), 18);

        string[] customers =
        [
            "Support asks for access to Northwind iOS", "Support access to Northwind iOS is on", "Support entered Northwind iOS", "Support entered Northwind iOS",
            "Support access to Northwind iOS is about to end", "Support access to Northwind iOS is about to end", "Support access to Northwind iOS has ended",
            "Report: support access to Northwind iOS",
        ];
        Assert.Equal([.. customers, "New message from Sam Okafor: The signing step fails"], SubjectsOf(Adam));
        Assert.Equal(customers, SubjectsOf(Olivia));
        Assert.Equal(["The request for access to Northwind iOS"], SubjectsOf(Sam));
        Assert.Equal(_mail.Taken.Count, _mail.Taken.Select(m => m.Header("Message-ID")).Distinct().Count());
        foreach (var mail in _mail.Taken)
        {
            await LeadsToAPageAsync(mail);
        }
    }

    /// <summary>Entries one by one, and the end, by mail too.</summary>
    private async Task ChooseAsync()
    {
        var olivia = await _host.CallAsAsync(Olivia);
        var account = (await (await olivia.GetAsync($"{Root}/apps/northwind-ios/access")).JsonAsync()).GetProperty("account").GetString();
        foreach (var kind in new[] { "each_entry", "ended" })
        {
            (await olivia.PutAsJsonAsync($"{Root}/accounts/{account}/notices/{kind}", new { administrators = true, in_app = true, email = true })).EnsureSuccessStatusCode();
        }
    }

    private async Task<string> AskForHelpAsync()
    {
        var talk = await PostAsync(Adam, $"{Root}/conversations", new { app = "northwind-ios", subject = "The signing step fails", text = "Since Monday." });
        await TakenAsync(0);
        await PostAsync(Sam, $"{Root}/conversations/{talk}/messages", new { text = "I would like to look myself." });
        return talk;
    }

    private Task<string> AskForAccessAsync(string talk) => PostAsync(Sam, $"{Root}/requests", new { conversation = talk, reason = "Looking at the signing step" });

    /// <summary>The link of the mail on a request shows it, and leaves it as it is.</summary>
    private async Task LooksAtItAsync(string request)
    {
        await LeadsToAPageAsync(_mail.Taken.Single(m => m.To == Adam));
        var found = (await (await (await _host.CallAsAsync(Sam)).GetAsync($"{Root}/requests?limit=1")).JsonAsync()).GetProperty("items")[0];
        Assert.Equal((request, "pending"), (found.GetProperty("id").GetString(), found.GetProperty("state").GetString()));
    }

    private async Task LeadsToAPageAsync(SunkMail mail)
    {
        Assert.Contains("Content-Type: text/plain; charset=utf-8", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/html; charset=utf-8", mail.Text, StringComparison.Ordinal);
        var links = Links().Matches(mail.Body).Select(m => m.Value).ToList();
        var link = new Uri(Assert.Single(links.Distinct()));
        Assert.Equal((2, "buildyard.test"), (links.Count, link.Host));
        var page = await (await _host.BrowseAsAsync(mail.To)).GetAsync(link.PathAndQuery);
        Assert.True(page.StatusCode == HttpStatusCode.OK, $"{mail.Header("Subject")}: {link} answers {page.StatusCode}.");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
    }

    private string[] SubjectsOf(string to) => [.. _mail.Taken.Where(m => m.To == to).Select(m => m.Header("Subject")).OrderBy(s => s.StartsWith("New message", StringComparison.Ordinal))];

    private async Task<string> PostAsync(string who, string path, object body)
    {
        var answer = await (await _host.CallAsAsync(who)).PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var said = await answer.JsonAsync();
        return (said.TryGetProperty("id", out var id) ? id : said.GetProperty("session")).GetString()!;
    }

    private async Task RestartAsync(TimeSpan down)
    {
        await _host.DisposeAsync();
        _clock.Advance(down);
        _host = await StartAsync();
    }

    private async Task ElapseAsync(TimeSpan by, int taken)
    {
        _clock.Advance(by);
        await TakenAsync(taken);
    }

    /// <summary>Waits until so many mails came, and none is on its way.</summary>
    private async Task TakenAsync(int count)
    {
        var notices = _host.App.Services.GetRequiredService<Latchkey.SupportAccess>().Notices;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (_mail.Taken.Count < count || await IsBusyAsync())
        {
            Assert.False(patience.IsCancellationRequested, $"{count} mails were expected; there are: {string.Join("; ", _mail.Taken.Select(m => $"{m.To} {m.Header("Subject")}"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        Assert.Equal(count, _mail.Taken.Count);

        async Task<bool> IsBusyAsync()
        {
            var now = _clock.GetUtcNow();
            return (await notices.ReadNewAsync(1, CancellationToken.None)).Count > 0
                || await notices.NextDueAsync(CancellationToken.None) <= now
                || await notices.NextDeliveryAsync(Latchkey.NoticeChannel.Email, CancellationToken.None) <= now;
        }
    }

    private Task<BuildyardHost> StartAsync() => BuildyardHost.StartAsync(
        _clock,
        _directory.FullName,
        ["--Smtp:Host", "127.0.0.1", "--Smtp:Port", _mail.Port.ToString(CultureInfo.InvariantCulture), "--Smtp:From", "support@buildyard.test", "--public-url", "https://buildyard.test"]);

    [GeneratedRegex("https?://[^\\s\"<]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();
}
