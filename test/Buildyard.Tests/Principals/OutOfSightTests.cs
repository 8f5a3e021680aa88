using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Buildyard.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Principals;

/// <summary>For support, an app that is not lent and one that does not exist are one and the same: byte for byte, and without a look into the host's data.</summary>
public sealed partial class OutOfSightTests : IAsyncLifetime
{
    private readonly Queries _queries = new();
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync(
        configure: builder => builder.Services.ConfigureDbContext<BuildyardDb>(options => options.AddInterceptors(_queries)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("sam, nothing lent")]
    [InlineData("lead, nothing lent, cookie")]
    [InlineData("sam inside, cookie")]
    [InlineData("sam inside, token")]
    public async Task NotLent_AndUnknown_AnswerTheSameBytesAndHeaders_AndAskNothingOfTheHost(string name)
    {
        var cast = await Cast.MeetAsync(_host);
        var agent = cast.All.Single(p => p.Name == name);
        var routes = RouteTable.Rows.Keys.Where(r => r.Contains("{app}", StringComparison.Ordinal) || r.Contains("{slug}", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(routes);
        foreach (var route in routes)
        {
            foreach (var page in (bool[])[false, true])
            {
                _queries.Clear();
                var notLent = await AskAsync(agent, route, Cast.Never, page);
                Assert.DoesNotContain(_queries.Seen, sql => sql.Contains("\"apps\"", StringComparison.Ordinal));
                Assert.StartsWith("404", notLent, StringComparison.Ordinal);
                Assert.Equal(await AskAsync(agent, route, "no-such-app-is", page), notLent);
            }
        }
    }

    [Fact]
    public async Task Entering_AndListening_TellNothingEither()
    {
        var cast = await Cast.MeetAsync(_host);
        var sam = cast.All.Single(p => p.Name == "sam, nothing lent");
        async Task<string> Enter(string app) => await SendAsync(sam.Ask(HttpMethod.Post, Address("/support-access/v1/sessions"), JsonContent.Create(new { app, reason = "Signing step fails" })));
        async Task<string> Listen(string app) => await SendAsync(sam.Ask(HttpMethod.Get, Address($"/support-access/v1/events?app={app}")));

        _queries.Clear();
        var (entered, heard) = (await Enter(Cast.Never), await Listen(Cast.Never));
        Assert.NotEmpty(_queries.Seen);
        Assert.DoesNotContain(_queries.Seen, sql => sql.Contains("\"apps\"", StringComparison.Ordinal));
        Assert.StartsWith("404", entered, StringComparison.Ordinal);
        Assert.StartsWith("404", heard, StringComparison.Ordinal);
        Assert.Equal(await Enter("no-such-app-is"), entered);
        Assert.Equal(await Listen("no-such-app-is"), heard);
    }

    [Fact]
    public async Task EnteringBadly_TellsNothingOfWhatWasOpenBefore()
    {
        var cast = await Cast.MeetAsync(_host);
        var lead = cast.All.Single(p => p.Name == "lead outside");
        string[] apps = [Cast.Ended, await IdAsync(Cast.Ended), Cast.Never, await IdAsync(Cast.Never), "no-such-app"];
        foreach (var reason in (object?[])["Signing step fails", "", null, new string('x', 501), 7])
        {
            var answers = new List<string>();
            foreach (var app in apps)
                answers.Add(await SendAsync(lead.Ask(HttpMethod.Post, Address("/support-access/v1/sessions"), JsonContent.Create(new { app, reason }))));
            Assert.Single(answers.Distinct(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task AskingByName_TellsNothing()
    {
        var cast = await Cast.MeetAsync(_host);
        var sam = cast.All.Single(p => p.Name == "sam, nothing lent");
        foreach (var (field, name) in new[] { ("app", Cast.Never), ("app", await IdAsync(Cast.Never)), ("account", await AccountAsync(Cast.Never)) })
        {
            var nobodys = $"{name[..^1]}{(name[^1] == 'x' ? 'y' : 'x')}";
            foreach (var (reason, page) in ((string, bool)[])[("", false), ("", true), ("x", false), ("Signing step fails", false), ("Signing step fails", false), ("Signing step fails", true)])
            {
                if (page && field == "account") continue;
                Assert.Equal(await AskFor(nobodys), await AskFor(name));

                async Task<string> AskFor(string typed)
                {
                    var (path, body) = page
                        ? ("/support-access/console/ask", (HttpContent)new FormUrlEncodedContent([new(field, typed), new("reason", reason)]))
                        : ("/support-access/v1/requests", JsonContent.Create(new Dictionary<string, string> { [field] = typed, ["reason"] = reason }));
                    return Drawn().Replace((await SendAsync(sam.Ask(HttpMethod.Post, Address(path), body, page))).Replace(typed, "*", StringComparison.Ordinal), "*");
                }
            }
        }
    }

    [Fact]
    public async Task AMembersRequest_IsSeenByTheCount()
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");
        _queries.Clear();
        (await adam.GetAsync("/api/apps/northwind-ios")).EnsureSuccessStatusCode();
        Assert.Contains(_queries.Seen, sql => sql.Contains("\"apps\"", StringComparison.Ordinal));
    }

    private async Task<string> IdAsync(string slug)
    {
        await using var scope = _host.App.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Apps.SingleAsync(a => a.Slug == slug)).Id;
    }

    private async Task<string> AccountAsync(string slug)
    {
        await using var scope = _host.App.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Apps.SingleAsync(a => a.Slug == slug)).AccountId;
    }

    /// <summary>Ids, times, and what guards forms.</summary>
    [GeneratedRegex("req_[0-9a-f]{32}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|CfDJ8[A-Za-z0-9_-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Drawn();

    private Task<string> AskAsync(Principal agent, string route, string app, bool page)
    {
        var (method, pattern) = (HttpMethod.Parse(route.Split(' ')[0]), route.Split(' ')[1]);
        var path = pattern.Replace("{app}", app, StringComparison.Ordinal).Replace("{slug}", app, StringComparison.Ordinal)
            .Replace("{number:int}", "1", StringComparison.Ordinal).Replace("{person}", "prs_1", StringComparison.Ordinal).Replace("{session}", "ses_1", StringComparison.Ordinal).Replace("{act}", "act_1", StringComparison.Ordinal);
        return SendAsync(agent.Ask(method, Address(path), Body(method, pattern), page));
    }

    private static HttpContent? Body(HttpMethod method, string pattern)
    {
        if (method == HttpMethod.Get || method == HttpMethod.Delete) return null;
        if (pattern.EndsWith("/bitrise-yml", StringComparison.Ordinal)) return new StringContent("no: version", MediaTypeHeaderValue.Parse("application/yaml"));
        return pattern.StartsWith("/api/", StringComparison.Ordinal) || pattern.Contains("/v1/", StringComparison.Ordinal)
            ? JsonContent.Create(new { })
            : new FormUrlEncodedContent([new("reason", "Signing step fails")]);
    }

    /// <summary>Everything that comes back but the date.</summary>
    private async Task<string> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _host.Call().SendAsync(request);
            var headers = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").Order(StringComparer.Ordinal);
            return $"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n\n{await answer.Content.ReadAsStringAsync()}";
        }
    }

    private Uri Address(string path) => new(_host.Address, path);

    /// <summary>What requests ask the database. What goes on behind them at the same time is not theirs.</summary>
    private sealed class Queries : DbCommandInterceptor
    {
        private readonly HttpContextAccessor _request = new();
        private readonly ConcurrentQueue<string> _seen = new();

        public IReadOnlyCollection<string> Seen => _seen;

        public void Clear() => _seen.Clear();

        public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
        {
            if (_request.HttpContext is not null) _seen.Enqueue(result.CommandText);
            return result;
        }
    }
}
