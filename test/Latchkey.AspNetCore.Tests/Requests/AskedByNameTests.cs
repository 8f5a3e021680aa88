using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Latchkey.AspNetCore.Tests.Requests;

/// <summary>
/// An agent plays one story on two hosts that differ in one thing: whether anybody has the name that they ask by. Status, headers, bodies, pages,
/// lists, notices and the stream of events are the same, byte for byte, until the customer answers.
/// </summary>
[Trait("capability", "N2")]
public sealed partial class AskedByNameTests
{
    private const string Requests = "/support-access/v1/requests";
    /// <summary>The field, the name as it is typed, and the app that has it on the one host and is not there on the other.</summary>
    public static TheoryData<string, string, string> Names => new()
    {
        { "app", "northwind-android", "northwind-android" },
        { "app", "contoso-web", "contoso-web" },
        { "app", "app_3", "contoso-web" },
        { "app", "Contoso-Web", "contoso-web" },
        { "account", "contoso", "contoso-web" },
        { "account", "Contoso", "contoso-web" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Hit_AndMiss_AreTheSameBytes(string field, string name, string app)
    {
        Assert.Equal(await StoryAsync(field, name, app, isThere: false), await StoryAsync(field, name, app, isThere: true));
    }

    [Theory]
    [InlineData("no such\napp")]
    [InlineData("")]
    [InlineData("naïve")]
    public async Task AnOddName_IsAFaultOfItsOwn(string name)
    {
        await using var host = await SampleHost.StartAsync();
        foreach (var field in (string[])["app", "account"])
        {
            var answer = await SendAsync(host, "sam", Requests, new Dictionary<string, string> { [field] = name, ["reason"] = "Signing fails" });
            Assert.Contains($"\"field\":\"{field}\"", answer, StringComparison.Ordinal);
            Assert.StartsWith("422", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnOpenConversation_ShowsNothingOfIt_AndTheCustomerReadsItElsewhere()
    {
        await using var host = await SampleHost.StartAsync();
        var talk = IdOf(await SendAsync(host, "adam", "/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" }));
        var asked = IdOf(await SendAsync(host, "sam", Requests, new { app = "northwind-ios", reason = "Signing fails" }));
        foreach (var who in (string[])["sam", "adam"])
        {
            Assert.DoesNotContain(asked, await GetAsync(host, who, $"/support-access/v1/conversations/{talk}/items"), StringComparison.Ordinal);
        }

        using var adam = host.Browser("adam");
        Assert.Contains("asks for temporary access", (await adam.OpenAsync("/apps/northwind-ios")).TextOf(".lk-request"), StringComparison.Ordinal);
        Assert.Contains("\"state\":\"denied\"", await SendAsync(host, "adam", $"{Requests}/{asked}/deny", new { }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deny")]
    [InlineData("approve")]
    public async Task TheCustomersAnswer_ByTheIdThatTheAgentGot_IsTold(string answer)
    {
        await using var host = await SampleHost.StartAsync();
        var asked = IdOf(await SendAsync(host, "sam", Requests, new { app = "contoso-web", reason = "Signing fails" }));
        using var carla = host.Browser("carla");
        Assert.Contains("learns that it exists only once you answer", (await carla.OpenAsync("/apps/contoso-web")).TextOf(".lk-request"), StringComparison.Ordinal);
        Assert.StartsWith("404", await SendAsync(host, "adam", $"{Requests}/{asked}/{answer}", new { }), StringComparison.Ordinal);
        var answered = await SendAsync(host, "carla", $"{Requests}/{asked}/{answer}", new { });
        Assert.Contains("\"account\":\"contoso\",\"app\":\"app_3\"", answered, StringComparison.Ordinal);

        var told = JsonElement.Parse((await GetAsync(host, "sam", Requests)).Split("\n\n")[1]).GetProperty("items")[0];
        Assert.Equal(
            (asked, answer == "deny" ? "denied" : "approved", "Carla Ruiz"),
            (told.GetProperty("id").GetString(), told.GetProperty("state").GetString(), told.GetProperty("decided_by_name").GetString()));
        Assert.False(told.TryGetProperty("app", out _) || told.TryGetProperty("account", out _));
        await UnseenAsync(host, "sam", 1);
        var notice = JsonElement.Parse((await GetAsync(host, "sam", "/support-access/v1/inbox")).Split("\n\n")[1]).GetProperty("items")[0];
        Assert.StartsWith("The request for access to contoso-web was", notice.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"unseen\":0", await SendAsync(host, "sam", "/support-access/v1/inbox/seen", new { through = notice.GetProperty("id").GetString() }), StringComparison.Ordinal);
        Assert.Equal(answer == "approve", (await GetAsync(host, "sam", "/support-access/v1/agent/apps")).Contains("contoso-web", StringComparison.Ordinal));
    }

    /// <summary>As many at once as a program can send: no more names are looked for than may be asked by in a day, found or not, and one name once.</summary>
    [Theory]
    [Trait("capability", "R9")]
    [InlineData("no-such-app-{0}", SupportAccess.MostAskedByName)]
    [InlineData("found-{0}", SupportAccess.MostAskedByName)]
    [InlineData("contoso-web", 1)]
    [InlineData("no-such-app", 1)]
    public async Task AskedAtOnce_NoMoreNamesAreLookedFor_ThanMayBeAsked(string names, int made)
    {
        await using var host = await SampleHost.StartAsync();
        string[] all = [.. Enumerable.Range(0, 4 * SupportAccess.MostAskedByName).Select(i => string.Format(CultureInfo.InvariantCulture, names, i))];
        foreach (var app in all.Where(name => name.StartsWith("found", StringComparison.Ordinal)))
        {
            host.Apps.Apps.Add(app, new HostApp(new($"app_{app}"), new("contoso"), app, app, "Contoso"));
        }

        var answers = await Task.WhenAll(all.Select(app => SendAsync(host, "sam", Requests, new { app, reason = "Signing fails" })));
        Assert.Equal(made, answers.Count(a => a.StartsWith("201", StringComparison.Ordinal)));
        Assert.Equal(made, host.Apps.LookedFor.Count);
        Assert.All(
            answers.Where(a => !a.StartsWith("201", StringComparison.Ordinal)),
            a => Assert.Matches(made > 1 ? "^429.*too_many" : "^409.*already_pending", a.ReplaceLineEndings(" ")));
    }

    /// <summary>An agent who hangs up while the name is looked for, to read from their own list how far that came, reads that it was done.</summary>
    [Theory]
    [InlineData("contoso-web")]
    [InlineData("no-such-app")]
    public async Task HangingUp_LeavesNothingHalfDone(string app)
    {
        await using var host = await SampleHost.StartAsync();
        host.Apps.LooksUntilHungUp = true;
        using var sam = host.Program("sam");
        using var hangUp = new CancellationTokenSource();
        var asking = sam.PostAsJsonAsync(Requests, new { app, reason = "Signing fails" }, hangUp.Token);
        await Told.WhenAsync(() => Task.FromResult(host.Apps.LookedFor.Count), looked => looked == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Told.WhenAsync(() => GetAsync(host, "sam", Requests), list => list.Contains($"\"{app}\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("contoso-web")]
    [InlineData("no-such-app")]
    [InlineData("no such app")]
    public async Task AnAnswer_WaitsForItsBeat(string app)
    {
        await using var host = await SampleHost.StartAsync();
        var began = Stopwatch.GetTimestamp();
        await SendAsync(host, "sam", Requests, new { app, reason = "Signing fails" });
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(250));
    }

    private static async Task<string> StoryAsync(string field, string name, string app, bool isThere)
    {
        await using var host = await SampleHost.StartAsync(options => (options.Access.TicketPattern, options.Access.TicketExample) = ("SUP-[0-9]+", "SUP-1"));
        var found = host.Apps.Apps[app];

        // Somebody of the customer's speaks with support about that very app, on both hosts.
        var admin = found.Account.Value == "contoso" ? "carla" : "adam";
        using var listener = host.Program("sam");
        using var events = new StreamReader(await listener.GetStreamAsync("/support-access/v1/events"));
        var talk = IdOf(await SendAsync(host, admin, "/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app }));
        while (await events.ReadLineAsync() is { } line && !line.Contains("event: inbox", StringComparison.Ordinal))
        {
            // What was said of this is not heard later in place of something else.
        }

        await UnseenAsync(host, "sam", 1);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        if (!isThere)
        {
            host.Apps.Apps.Remove(app);
        }

        var reads = ReadsOf(host, name, found, talk);
        var told = new List<string>();
        foreach (var wrong in new Dictionary<string, object>[]
        {
            new() { ["reason"] = "" }, new() { ["reason"] = "x" }, new() { ["role"] = "boss" }, new() { ["duration"] = "P99D" }, new() { ["also"] = new[] { "no.such" } },
            new() { ["ticket"] = "none" }, new() { ["ticket"] = "" }, new() { ["colour"] = "red" },
        })
        {
            told.Add(await AskAsync(wrong));
        }

        foreach (var step in (string[])["withdrawn", "expired", "deleted", "refused"])
        {
            told.Add($"-- {step}");
            told.Add(await AskAsync([]));
            told.Add(await AskAsync([]));
            await ReadAsync();
            if (isThere && step == "deleted")
            {
                host.Apps.Apps.Remove(app);
                await host.Access.AppDeletedAsync(found.Id);
            }

            if (step == "refused")
            {
                await host.Access.RuleAsync(found.Account, Owner(), AccountPolicy.Default with { Refuses = true });
                await ReadAsync();
                await host.Access.RuleAsync(found.Account, Owner(), AccountPolicy.Default);
            }

            if (step == "expired")
            {
                host.Clock.Advance(TimeSpan.FromDays(4));
                await HearAsync("event: inbox");
            }

            await ReadAsync();
            var id = IdOf(await GetAsync(host, "sam", Requests + "?limit=1"));
            told.Add(await SendAsync(host, "sue", $"{Requests}/{id}/withdraw", new { }));
            told.Add(await SendAsync(host, "sam", $"{Requests}/{id}/withdraw", new { }));
            told.Add(await SendAsync(host, "sam", $"{Requests}/{id}/approve", new { }));
            if (step != "expired")
            {
                await HearAsync("event: inbox");
            }

            await ReadAsync();
            if (isThere && step == "deleted")
            {
                host.Apps.Apps.Add(app, found);
            }
        }

        // Whatever customers are told has been told, so that its place among the events would be seen.
        if (isThere && !char.IsUpper(name[0]))
        {
            using var customer = host.Program(admin);
            await Told.WhenAsync(async () => JsonElement.Parse(await customer.GetStringAsync("/support-access/v1/inbox")).GetProperty("items").GetArrayLength(), count => count >= 2);
        }

        await HearAsync(IdOf(await SendAsync(host, "sam", Requests, new { app = "the-last", reason = "Signing fails", ticket = "SUP-1" })));
        return Masked(string.Join('\n', told));

        async Task HearAsync(string what)
        {
            for (var line = ""; !line.Contains(what, StringComparison.Ordinal);)
            {
                line = await events.ReadLineAsync() ?? throw new EndOfStreamException();
                if (!line.StartsWith(':') && line.Length > 0)
                {
                    told.Add(line);
                }
            }
        }

        Task<string> AskAsync(Dictionary<string, object> wrong)
        {
            var body = new Dictionary<string, object> { [field] = name, ["reason"] = "Signing fails", ["ticket"] = "SUP-7" };
            foreach (var (key, value) in wrong)
            {
                body[key] = value;
            }

            return SendAsync(host, "sam", Requests, body);
        }

        async Task ReadAsync()
        {
            foreach (var path in reads)
            {
                foreach (var who in (string[])["sam", "lee"])
                {
                    told.Add(path.Contains("/v1/", StringComparison.Ordinal) ? await GetAsync(host, who, path) : await PageAsync(host, who, path));
                }
            }
        }
    }

    /// <summary>Whatever an agent can read, by the host's own list of its addresses; of the stream is read what it says.</summary>
    private static string[] ReadsOf(SampleHost host, string name, HostApp app, string talk) =>
    [
        .. host.Reads.Where(path => !path.EndsWith("/v1/events", StringComparison.Ordinal) && !path.Contains("/assets/", StringComparison.Ordinal))
            .Select(path => Parameter().Replace(path, match => match.Value switch
            {
                "{app}" or "{slug}" => app.Slug,
                "{account}" => app.Account.Value,
                "{id}" => talk,
                _ => "none_1",
            })),
        "/support-access/v1/requests?limit=1",
        "/support-access/console/ask?app=" + name,
    ];

    private static Lender Owner() => new(new("owner"), "Owner", MayTurn: true, IsAgent: false, PromotedBySupport: false, []);

    private static async Task<string> SendAsync(SampleHost host, string who, string path, object body)
    {
        using var client = host.Program(who);
        using var answer = await client.PostAsJsonAsync(path, body);
        return await TextOf(answer);
    }

    private static async Task<string> GetAsync(SampleHost host, string who, string path)
    {
        using var client = host.Program(who);
        using var answer = await client.GetAsync(path);
        return await TextOf(answer);
    }

    private static async Task<string> PageAsync(SampleHost host, string who, string path)
    {
        using var browser = host.Browser(who);
        using var page = await browser.GetAsync(path);
        return await TextOf(page);
    }

    private static async Task<string> TextOf(HttpResponseMessage answer)
    {
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").Order(StringComparer.Ordinal);
        return $"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n\n{await answer.Content.ReadAsStringAsync()}";
    }

    private static Task<int> UnseenAsync(SampleHost host, string who, int count) => Told.WhenAsync(
        async () => JsonElement.Parse((await GetAsync(host, who, "/support-access/v1/inbox")).Split("\n\n")[1]).GetProperty("unseen").GetInt32(), unseen => unseen == count);

    private static string IdOf(string answer) => Id().Match(answer) is { Success: true } match ? match.Value : throw new InvalidOperationException(answer);

    // What is drawn at random: ids, sealed places, and what guards forms. Of the stream's ids stays which of them are the same.
    private static string Masked(string text)
    {
        var seen = new List<string>();
        return Random().Replace(EventId().Replace(text, match => $"id: {(seen.Contains(match.Value) ? seen.IndexOf(match.Value) : Add(match.Value))}"), "*");

        int Add(string id)
        {
            seen.Add(id);
            return seen.Count - 1;
        }
    }

    [GeneratedRegex("{[a-z]+}", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Parameter();

    [GeneratedRegex("^id: [A-Za-z0-9_-]{22}$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex EventId();

    [GeneratedRegex("(req|cnv)_[0-9a-f]{32}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Id();

    [GeneratedRegex(
        "(req|cnv|msg)_[0-9a-f]{32}"
        + "|(?<=\"(next_cursor|cursor|id)\":\")[A-Za-z0-9_-]{22}(?=\")"
        + "|(?<=lk-n-|name=\"through\" value=\")[A-Za-z0-9_-]{22}"
        + "|CfDJ8[A-Za-z0-9_-]+|(?<=127\\.0\\.0\\.1:)[0-9]+|Antiforgery\\.[A-Za-z0-9_-]+",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Random();
}
