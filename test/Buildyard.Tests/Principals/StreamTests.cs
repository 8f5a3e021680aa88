using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Buildyard.Builds;
using Buildyard.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Principals;

/// <summary>
/// Every stream, and all that ends somebody's part in it: from then on it tells them nothing, while others hear on. A route that answers with a
/// stream and is not in the table fails.
/// </summary>
public sealed class StreamTests : IAsyncLifetime
{
    private const string App = Cast.Lent;
    private const string Access = $"/support-access/v1/apps/{App}/access";

    /// <summary>The routes that answer with a stream, and where a build is followed.</summary>
    private static readonly Dictionary<string, string> s_streams = new(StringComparer.Ordinal)
    {
        ["GET /support-access/v1/events"] = $"/support-access/v1/events?app={App}",
        ["GET /apps/{app}/builds/live"] = $"/apps/{App}/builds/live",
        ["GET /apps/{app}/builds/{number:int}/live"] = $"/apps/{App}/builds/1/live",
        ["GET /api/apps/{app}/builds/{number:int}/log"] = $"/api/apps/{App}/builds/1/log",
    };

    private static readonly string[] s_ofMembers = ["signed out", "taken off the app", "given a role that sees less", "removed from the account"];
    private static readonly string[] s_ofSupport = ["signed out", "suspended", "removed", "turned off", "session ended by the customer", "left"];

    private BuildyardHost _host = null!;
    private HttpClient _olivia = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _olivia = await _host.CallAsAsync("olivia@northwind.test");
        (await _olivia.PostAsJsonAsync($"/api/apps/{App}/builds", new { workflow = "primary" })).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Each stream with each end. By <c>GET /support-access/v1/events</c> a tester may still hear what a developer may.</summary>
    public static TheoryData<string, string, string> Ends => [
        .. from stream in s_streams.Keys from end in s_ofMembers
           where !end.StartsWith("given", StringComparison.Ordinal) || stream.EndsWith("}/live", StringComparison.Ordinal) || stream.EndsWith("/log", StringComparison.Ordinal)
           select (stream, "dana@northwind.test", end),
        .. from stream in s_streams.Keys from end in s_ofSupport select (stream, "sam@support.test", end),
    ];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task WhatEndsSomebodysPart_EndsTheirStream_AndOthersHearOn(string stream, string who, string end)
    {
        await TurnOnAsync("admin");
        // Whoever comes in before this was told to everybody is told of it too.
        await Yard.UntilAsync(async () => await (await _olivia.GetAsync("/support-access/v1/inbox")).JsonAsync(), inbox => inbox.GetProperty("items").GetArrayLength() > 0);
        var (theirs, own, session) = await ComeAsync(who, stream);
        using var listener = await Follower.OpenAsync(theirs, s_streams[stream]);
        using var other = await Follower.OpenAsync(_olivia, s_streams[stream]);
        var before = await listener.FirstAsync();
        await other.FirstAsync();

        await EndAsync(who, own, session, end);
        (await _olivia.PostAsJsonAsync($"/api/apps/{App}/builds/1/abort", new { })).EnsureSuccessStatusCode();
        await TurnOnAsync("viewer");

        Assert.Contains("event: ", await other.NextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("event: ", (await listener.RestAsync()).Replace("event: ended", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Matches("^(:|id: [A-Za-z0-9_-]+ event: ready)", before.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task EveryRouteThatAnswersWithAStream_IsInTheTable()
    {
        var cast = await Cast.MeetAsync(_host);
        var owner = cast.All.Single(p => p.Name == "owner");
        using var http = _host.Call();
        var found = new List<string>();
        foreach (var route in RouteTable.Rows.Keys.Where(r => r.StartsWith("GET ", StringComparison.Ordinal)))
        {
            using var request = owner.Ask(HttpMethod.Get, new Uri(_host.Address, PrincipalTests.Fill(route["GET ".Length..], cast, owner)));
            request.Headers.Accept.Clear();
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream") found.Add(route);
        }

        Assert.Equal(s_streams.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private async Task TurnOnAsync(string role) => (await _olivia.PutAsJsonAsync(Access, new { role })).EnsureSuccessStatusCode();

    /// <summary>What somebody follows the stream with, what they are signed in by, and support's session in the app.</summary>
    private async Task<(HttpClient Theirs, HttpClient Own, string? Session)> ComeAsync(string who, string stream)
    {
        var own = await _host.CallAsAsync(who);
        if (!who.EndsWith("@support.test", StringComparison.Ordinal)) return (own, own, null);
        var entered = await (await own.PostAsJsonAsync("/support-access/v1/sessions", new { app = App, reason = "Signing step fails" })).JsonAsync();
        var inside = _host.Call();
        inside.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", entered.GetProperty("token").GetString());
        return (stream.Contains("/events", StringComparison.Ordinal) ? own : inside, own, entered.GetProperty("session").GetString());
    }

    private async Task EndAsync(string who, HttpClient own, string? session, string end)
    {
        var person = await PersonAsync(who);
        using var answer = end switch
        {
            "signed out" => await own.PostAsync("/api/logout", null),
            "taken off the app" => await _olivia.DeleteAsync($"/api/apps/{App}/team/{person}"),
            "given a role that sees less" => await _olivia.PutAsJsonAsync($"/api/apps/{App}/team/{person}", new { role = "tester" }),
            "removed from the account" => await SubmitAsync("olivia@northwind.test", "/account", "/account/members/remove", ("person", person)),
            "suspended" => await SubmitAsync("lee@support.test", "/support/team", "/support/team/suspend", ("agent", person), ("suspended", "true")),
            "removed" => await SubmitAsync("lee@support.test", "/support/team", "/support/team/remove", ("agent", person)),
            "turned off" => await _olivia.DeleteAsync(Access),
            "session ended by the customer" => await _olivia.DeleteAsync($"/support-access/v1/apps/{App}/sessions/{session}"),
            _ => await own.DeleteAsync($"/support-access/v1/sessions/{session}"),
        };
        Assert.True((int)answer.StatusCode < 400, $"{end}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<HttpResponseMessage> SubmitAsync(string by, string page, string action, params (string Name, string Value)[] fields) =>
        await (await _host.BrowseAsAsync(by)).SubmitAsync(page, action, fields);

    private async Task<string> PersonAsync(string email)
    {
        await using var scope = _host.App.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<BuildyardDb>().People.SingleAsync(p => p.Email == email)).Id;
    }

    /// <summary>One reader of a stream.</summary>
    private sealed class Follower(HttpResponseMessage answer, StreamReader lines) : IDisposable
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

        public static async Task<Follower> OpenAsync(HttpClient by, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            var answer = await by.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            answer.EnsureSuccessStatusCode();
            return new Follower(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
        }

        /// <summary>What says that the stream stands.</summary>
        public Task<string> FirstAsync() => NextAsync();

        public async Task<string> NextAsync()
        {
            var said = new StringBuilder();
            while (await lines.ReadLineAsync().WaitAsync(s_patience) is { Length: > 0 } line) said.AppendLine(line);
            return said.ToString();
        }

        /// <summary>All that comes until the stream ends, or is cut. That it still stands, said again and again, is no end.</summary>
        public async Task<string> RestAsync()
        {
            var said = new StringBuilder();
            try
            {
                await ReadAsync().WaitAsync(s_patience);
            }
            catch (IOException)
            {
                // Cut.
            }

            return said.ToString();

            async Task ReadAsync()
            {
                while (await lines.ReadLineAsync() is { } line) said.AppendLine(line);
            }
        }

        public void Dispose()
        {
            lines.Dispose();
            answer.Dispose();
        }
    }
}
