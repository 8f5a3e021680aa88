using System.Net.Http.Json;

namespace Latchkey.AspNetCore.Tests;

/// <summary>The stream of events: what it tells nobody, what its ids say, and what ends it.</summary>
public sealed class EventsTests : IAsyncLifetime
{
    private const string Events = "/support-access/v1/events";
    private const string Api = "/support-access/v1";
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>
    /// Nothing is lent, and was once. The customer rules, asks a second person among themselves, takes that back; another one does too: no agent
    /// hears of it, on no stream, and no id moves.
    /// </summary>
    [Theory]
    [Trait("capability", "N2")]
    [InlineData("sue", "")]
    [InlineData("sam", "?app=northwind-ios")]
    public async Task WhatCustomersDoAmongThemselves_NoAgentHears_AndNoIdTells(string who, string query)
    {
        await LendOnceAsync();
        await using var listening = await Listener.OpenAsync(_host, who, Events + query);
        var first = await listening.NextAsync();
        await OnItsOwnAsync("olivia", "northwind", "northwind-ios");
        await OnItsOwnAsync("carla", "contoso", "contoso-web");

        // Sam was in the app: that access ended comes into his inbox, whenever it does.
        if (who == "sue")
        {
            Assert.Equal(("ready", first.Id), await FirstAsync(who, first.Id));
        }

        await SendAsync("adam", HttpMethod.Post, $"{Api}/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" });
        Event heard;
        do
        {
            heard = await listening.NextAsync();
        }
        while (who == "sam" && heard.Name == "inbox");
        Assert.Equal("conversation", heard.Name);
        Assert.All(new[] { first, heard }, e => Assert.Matches("^[A-Za-z0-9_-]{22}$", e.Id));
    }

    /// <summary>Whoever comes back with the last id that they heard is told whether they missed something of what they may hear.</summary>
    [Theory]
    [InlineData("sam")]
    [InlineData("adam")]
    public async Task ComingBack_WithTheLastId_SaysWhetherAnythingWasMissed(string who)
    {
        string id;
        await using (var listening = await Listener.OpenAsync(_host, who, Events))
        {
            Assert.Equal("ready", (await listening.NextAsync()).Name);
            await SendAsync("adam", HttpMethod.Put, $"{Api}/apps/northwind-ios/access", new { });
            // Adam finds a notice of it in his inbox, a moment later.
            id = (await listening.UntilAsync(who == "adam" ? "inbox" : "access")).Id;
        }

        Assert.Equal(("ready", id), await FirstAsync(who, id));
        await SendAsync("adam", HttpMethod.Delete, $"{Api}/apps/northwind-ios/access", null);
        Assert.Equal("refresh", (await FirstAsync(who, id)).Name);
    }

    /// <summary>A process tells nothing from another one's ids, not even from the same count: whoever brings one is told to ask anew.</summary>
    [Theory]
    [InlineData("sam")]
    [InlineData("adam")]
    public async Task AnIdOfAnotherProcess_OrNone_AsksForEverythingAnew(string who)
    {
        await using var before = await SampleHost.StartAsync();
        await using var listening = await Listener.OpenAsync(before, who, Events);
        var old = (await listening.NextAsync()).Id;
        foreach (var id in (string[])[old, "1-1", "nonsense"])
        {
            Assert.Equal("refresh", (await FirstAsync(who, id)).Name);
        }
    }

    /// <summary>What ends a sign-in ends its streams: the next thing that would be told is not, and with nothing to tell it ends all the same.</summary>
    [Theory]
    [InlineData("sam", "", true)]
    [InlineData("sam", "", false)]
    [InlineData("sam", "?app=northwind-ios", true)]
    [InlineData("adam", "", true)]
    [InlineData("adam", "", false)]
    [InlineData("adam", "?app=northwind-ios", true)]
    public async Task WhoIsNotSignedInAnyMore_HearsNothing_AndTheStreamEnds(string who, string query, bool somethingHappens)
    {
        await LendOnceAsync();
        await SendAsync("olivia", HttpMethod.Put, $"{Api}/apps/northwind-ios/access", new { });
        await using var listening = await Listener.OpenAsync(_host, who, Events + query);
        await listening.NextAsync();
        _host.Apps.Agents.Remove(who);
        _host.Apps.Members.Remove(who);
        if (somethingHappens)
        {
            await SendAsync("olivia", HttpMethod.Post, $"{Api}/conversations", new { subject = "Signing fails", text = "Since today", app = "northwind-ios" });
        }

        await listening.AssertEndsAsync(() => _host.Clock.Advance(TimeSpan.FromSeconds(20)));
    }

    /// <summary>Whoever was in an app hears that access to it has ended, on every stream about it, last.</summary>
    [Fact]
    [Trait("capability", "T3")]
    public async Task TheEndOfAccess_IsTheLastThingThatAnAgentHears()
    {
        await SendAsync("adam", HttpMethod.Put, $"{Api}/apps/northwind-ios/access", new { });
        await SendAsync("sam", HttpMethod.Post, $"{Api}/sessions", new { app = "northwind-ios", reason = "Signing step fails" });
        var listeners = new List<Listener>();
        for (var i = 0; i < 10; i++)
        {
            listeners.Add(await Listener.OpenAsync(_host, "sam", Events + "?app=northwind-ios"));
            await listeners[^1].NextAsync();
        }

        await SendAsync("adam", HttpMethod.Delete, $"{Api}/apps/northwind-ios/access", null);
        foreach (var listening in listeners)
        {
            Assert.Contains("\"reason\":\"ended\"", (await listening.UntilAsync("ended")).Data, StringComparison.Ordinal);
            await Assert.ThrowsAsync<EndOfStreamException>(listening.NextAsync);
            await listening.DisposeAsync();
        }
    }

    /// <summary>The host's word that somebody left the team, or signed out, ends their streams at once.</summary>
    [Theory]
    [InlineData("removed")]
    [InlineData("signed out")]
    public async Task WhatTheHostReports_EndsAnAgentsStreams_AtOnce(string what)
    {
        await using var listening = await Listener.OpenAsync(_host, "sam", Events);
        await listening.NextAsync();
        var sam = _host.Apps.Agents["sam"];
        _host.Apps.Agents.Remove("sam");
        if (what == "removed")
        {
            await _host.Access.TeamChangedAsync(TeamChange.Removed, sam.Id, sam.Name, by: null);
        }
        else
        {
            await _host.Access.SignedOutAsync(sam.Id, sam.SignIn);
        }

        await listening.AssertEndsAsync();
    }

    /// <summary>However many streams one person opens: the oldest makes room and says so, and nobody else's is touched.</summary>
    [Fact]
    public async Task OneStreamMoreThanAPersonMayHave_EndsTheirOldest_SayingSo()
    {
        await using var sues = await Listener.OpenAsync(_host, "sue", Events);
        await sues.NextAsync();
        await using var oldest = await Listener.OpenAsync(_host, "sam", Events);
        Assert.Equal("ready", (await oldest.NextAsync()).Name);
        var others = new List<Listener>();
        for (var i = 0; i < OpenStreams.MostOfOne; i++)
        {
            others.Add(await Listener.OpenAsync(_host, "sam", i % 2 == 0 ? Events : Events + "?app="));
            Assert.Equal("ready", (await others[^1].NextAsync()).Name);
        }

        var closed = await oldest.NextAsync();
        Assert.Equal(("closed", """{"reason":"too_many"}"""), (closed.Name, closed.Data));
        await Assert.ThrowsAsync<EndOfStreamException>(oldest.NextAsync);

        await SendAsync("adam", HttpMethod.Put, $"{Api}/apps/northwind-ios/access", new { });
        foreach (var listening in others.Append(sues))
        {
            Assert.Equal("access", (await listening.UntilAsync("access")).Name);
            await listening.DisposeAsync();
        }
    }

    /// <summary>What happens is decided once for all streams of a sign-in, not once a stream.</summary>
    [Fact]
    public async Task WhatHappens_IsAskedOfTheHostOnce_HoweverManyStreamsTellIt()
    {
        var listeners = new List<Listener>();
        for (var i = 0; i < 10; i++)
        {
            listeners.Add(await Listener.OpenAsync(_host, "adam", Events + "?app=northwind-ios"));
            await listeners[^1].NextAsync();
        }

        var asked = _host.Apps.Asked;
        await _host.Access.TurnOnAsync(_host.Apps.Apps["northwind-ios"].Ref, new Lender(
            new("olivia"), "Olivia Brandt", MayTurn: true, IsAgent: false, PromotedBySupport: false, []), new Terms());
        foreach (var listening in listeners)
        {
            await listening.UntilAsync("access");
            await listening.DisposeAsync();
        }

        // Once for the access itself, and once for the notice of it.
        Assert.InRange(_host.Apps.Asked - asked, 1, 3);
    }

    private async Task<(string Name, string Id)> FirstAsync(string who, string lastId)
    {
        await using var again = await Listener.OpenAsync(_host, who, Events, lastId);
        var first = await again.NextAsync();
        return (first.Name, first.Id);
    }

    private async Task LendOnceAsync()
    {
        await SendAsync("adam", HttpMethod.Put, $"{Api}/apps/northwind-ios/access", new { });
        await SendAsync("sam", HttpMethod.Post, $"{Api}/sessions", new { app = "northwind-ios", reason = "Signing step fails" });
        await SendAsync("adam", HttpMethod.Delete, $"{Api}/apps/northwind-ios/access", null);
    }

    private async Task OnItsOwnAsync(string owner, string account, string app)
    {
        await SendAsync(owner, HttpMethod.Put, $"{Api}/accounts/{account}/policy", new { approvers = 2 });
        await SendAsync(owner, HttpMethod.Put, $"{Api}/apps/{app}/access", new { });
        var asked = _host.Access.Find(new AccountId(account)).Requests[^1];
        await SendAsync(owner, HttpMethod.Post, $"{Api}/requests/{asked.Id}/withdraw", new { });
        await _host.Access.AppChangedAsync(_host.Apps.Apps[app].Ref);
        await SendAsync(owner, HttpMethod.Put, $"{Api}/accounts/{account}/policy", new { approvers = 1 });
    }

    private async Task SendAsync(string who, HttpMethod method, string path, object? body)
    {
        using var client = _host.Program(who);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private readonly record struct Event(string Id, string Name, string Data);

    /// <summary>One stream, as a client reads it.</summary>
    private sealed class Listener(HttpClient client, StreamReader lines) : IAsyncDisposable
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

        public static async Task<Listener> OpenAsync(SampleHost host, string who, string path, string? lastId = null)
        {
            var client = host.Program(who);
            if (lastId is not null)
            {
                client.DefaultRequestHeaders.Add("Last-Event-ID", lastId);
            }

            return new Listener(client, new StreamReader(await client.GetStreamAsync(path)));
        }

        public async Task<Event> NextAsync()
        {
            var said = new Dictionary<string, string>();
            while (await ReadAsync() is { } line)
            {
                if (line.Length > 0 && line[0] != ':')
                {
                    var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
                    said[name] = value;
                }
                else if (said.Count > 0)
                {
                    return new Event(said["id"], said["event"], said["data"]);
                }
            }

            throw new EndOfStreamException();
        }

        public async Task<Event> UntilAsync(string name)
        {
            Event heard;
            do
            {
                heard = await NextAsync();
            }
            while (heard.Name != name);
            return heard;
        }

        /// <summary>Turns the clock until the stream is over; until then it tells nothing, but for a notice of before that was on its way.</summary>
        public async Task AssertEndsAsync(Action? turn = null)
        {
            var rest = lines.ReadToEndAsync();
            await Told.WhenAsync(
                () =>
                {
                    turn?.Invoke();
                    return Task.FromResult(rest.IsCompleted);
                },
                isOver => isOver);
            Assert.DoesNotMatch("event: (?!inbox)", await rest);
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            client.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task<string?> ReadAsync() => lines.ReadLineAsync().WaitAsync(s_patience);
    }
}
