using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.Principals;

/// <summary>What a request shows decides for whom it speaks, and every way of borrowing somebody else's fails.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;
    private Cast _cast = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync(clock: _clock);
        _cast = await Cast.MeetAsync(_host);
        _http = _host.Call();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("admin, cookie")]
    [InlineData("sam inside, cookie")]
    public async Task Cookie_WithoutProofOfOurPage_ChangesNothing(string name)
    {
        var bare = One(name) with { FormToken = null };
        foreach (var (method, path, body) in Changes())
            Assert.Equal((400, "antiforgery"), await AskAsync(bare, method, path, body));
        Assert.Equal((400, "antiforgery"), await AskAsync(bare with { FormToken = One("lead, nothing lent, cookie").FormToken }, HttpMethod.Patch, "/api/apps/northwind-ios", JsonContent.Create(new { title = "Taken" })));
        Assert.Equal("Northwind iOS", (await _cast.SendAsync(One("admin"), HttpMethod.Get, "/api/apps/northwind-ios")).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("sam inside, token")]
    public async Task Bearer_NeedsNoProof(string name) =>
        Assert.Equal((200, null), await AskAsync(One(name), HttpMethod.Patch, "/api/apps/northwind-ios", JsonContent.Create(new { title = "Renamed" })));

    [Theory]
    [InlineData("admin, cookie", "admin")]
    [InlineData("sam inside, cookie", "sam inside, token")]
    [InlineData("admin, cookie", "sam inside, token")]
    public async Task CookieAndBearer_Together_AreRefused(string cookie, string bearer)
    {
        var both = One(cookie) with { Bearer = One(bearer).Bearer };
        Assert.Equal((400, "cookie_and_bearer"), await AskAsync(both, HttpMethod.Get, "/api/apps/northwind-ios"));
        Assert.Equal((400, "cookie_and_bearer"), await AskAsync(both, HttpMethod.Patch, "/api/apps/northwind-ios", JsonContent.Create(new { title = "Renamed" })));
    }

    [Fact]
    public async Task SessionCookie_OfOneApp_OpensNoOther()
    {
        var lee = new Principal("lee", Cast.Lent, "lee@support.test", "");
        await lee.TakeAsync(await _host.BrowseAsAsync(lee.Email!), "/signin");
        var ios = await CookieAsync(lee, Cast.Lent);
        var android = await CookieAsync(lee, Cast.Viewed);
        Assert.Equal((200, null), await AskAsync(lee, HttpMethod.Get, "/api/apps/northwind-ios"));
        Assert.Equal((200, null), await AskAsync(lee, HttpMethod.Get, "/api/apps/northwind-android"));

        lee.Browser!.Cookies.Add(new Cookie(ios.Name, android.Value, "/", _host.Address.Host));
        lee.Browser.Cookies.Add(new Cookie(android.Name, ios.Value, "/", _host.Address.Host));
        Assert.Equal((403, "no_session"), await AskAsync(lee, HttpMethod.Get, "/api/apps/northwind-ios"));
        Assert.Equal((403, "no_session"), await AskAsync(lee, HttpMethod.Get, "/api/apps/northwind-android"));
    }

    [Fact]
    public async Task SessionCookie_OfAnotherAgent_OrAnotherSignIn_OpensNothing()
    {
        var session = One("sam inside, cookie").Browser!.Cookies.GetCookies(_host.Address).Where(c => c.Name.StartsWith("latchkey.", StringComparison.Ordinal)).ToList();
        foreach (var email in (string[])["sue@support.test", "lee@support.test", "sam@support.test", "adam@northwind.test"])
        {
            var thief = new Principal(email, Cast.Lent, email, "");
            var browser = await _host.BrowseAsAsync(email);
            foreach (var cookie in session) browser.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", _host.Address.Host));
            await thief.TakeAsync(browser, "/signin");
            var answer = await AskAsync(thief, HttpMethod.Put, "/api/apps/northwind-ios/bitrise-yml", new StringContent("no: version", System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/yaml")));
            // Adam is let in by his own role, and his YAML is refused; the others have not entered, or have been in and are told so.
            Assert.Contains(answer, (IEnumerable<(int, string?)>)(email[0] == 'a' ? [(422, "invalid_yaml")] : [(403, "no_session")]));
        }
    }

    [Fact]
    public async Task SessionCookie_WithoutASignIn_IsNobody()
    {
        var sam = One("sam inside, cookie");
        var browser = _host.Browse();
        foreach (Cookie cookie in sam.Browser!.Cookies.GetCookies(_host.Address))
            if (cookie.Name.StartsWith("latchkey.", StringComparison.Ordinal)) browser.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", _host.Address.Host));
        var nobody = new Principal("nobody", Cast.Lent, null, "");
        await nobody.TakeAsync(browser, "/signin");
        Assert.Equal((401, "not_signed_in"), await AskAsync(nobody, HttpMethod.Get, "/api/apps/northwind-ios"));
    }

    [Fact]
    public async Task EnterCode_IsRedeemedOnce()
    {
        var sam = One("sam inside, cookie");
        var way = await WayAsync(sam);
        Assert.Equal(303, (await RedeemAsync(sam, way)).Status);
        Assert.Equal((410, "code_spent"), await RedeemAsync(sam, way));
    }

    [Fact]
    public async Task EnterCode_LookedAt_IsNotRedeemed()
    {
        var sam = One("sam inside, cookie");
        var way = await WayAsync(sam);
        for (var i = 0; i < 3; i++)
        {
            using var looked = await sam.Browser!.GetAsync(way);
            Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
            Assert.False(looked.Headers.Contains("Set-Cookie"));
        }

        Assert.Equal(303, (await RedeemAsync(sam, way)).Status);
    }

    [Fact]
    public async Task EnterCode_OfAnotherAgentOrSignIn_IsNotRedeemed_AndNotSpent()
    {
        var sam = One("sam inside, cookie");
        var way = await WayAsync(sam);
        foreach (var email in (string[])["lee@support.test", "sam@support.test"])
        {
            var other = new Principal(email, Cast.Lent, email, "");
            await other.TakeAsync(await _host.BrowseAsAsync(email), "/signin");
            Assert.Equal((410, "code_spent"), await RedeemAsync(other, way));
        }

        Assert.Equal(303, (await RedeemAsync(sam, way)).Status);
    }

    [Theory]
    [InlineData(59_999, 303)]
    [InlineData(60_000, 410)]
    public async Task EnterCode_HoldsSixtySeconds(int milliseconds, int status)
    {
        var sam = One("sam inside, cookie");
        var way = await WayAsync(sam);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(status, (await RedeemAsync(sam, way)).Status);
    }

    [Fact]
    public async Task AfterTheEnd_OnlyWhoWasThere_IsToldSo_ForADay()
    {
        var (sam, lee) = (One("sam inside, token"), One("lead outside"));
        await _cast.SendAsync(One("admin"), HttpMethod.Delete, "/support-access/v1/apps/northwind-ios/access");

        Assert.Equal((410, "access_ended"), await AskAsync(sam, HttpMethod.Get, "/api/apps/northwind-ios"));
        Assert.Equal((404, "not_found"), await AskAsync(lee, HttpMethod.Get, "/api/apps/northwind-ios"));
        _clock.Advance(TimeSpan.FromHours(11));
        Assert.Equal((410, "access_ended"), await AskAsync(sam, HttpMethod.Get, "/api/apps/northwind-ios"));
        _clock.Advance(TimeSpan.FromHours(13));
        Assert.NotEqual(410, (await AskAsync(sam, HttpMethod.Get, "/api/apps/northwind-ios")).Status);
    }

    private static IEnumerable<(HttpMethod, string, HttpContent?)> Changes() =>
    [
        (HttpMethod.Patch, "/api/apps/northwind-ios", JsonContent.Create(new { title = "Taken" })),
        (HttpMethod.Post, "/apps/northwind-ios/settings", new FormUrlEncodedContent([new("title", "Taken")])),
        (HttpMethod.Put, "/support-access/v1/apps/northwind-ios/access", JsonContent.Create(new { })),
        (HttpMethod.Delete, "/support-access/v1/apps/northwind-ios/access", null),
        (HttpMethod.Post, "/support-access/v1/sessions", JsonContent.Create(new { app = "northwind-ios", reason = "Signing step fails" })),
        (HttpMethod.Post, "/signout", null),
    ];

    private async Task<string> WayAsync(Principal agent, string app = Cast.Lent)
    {
        var entered = await _cast.SendAsync(agent, HttpMethod.Post, "/support-access/v1/sessions", new { app, reason = "Signing step fails" });
        return new Uri(entered.GetProperty("enter_url").GetString()!).PathAndQuery;
    }

    /// <summary>Enters an app. Answers the cookie that came with it.</summary>
    private async Task<Cookie> CookieAsync(Principal agent, string app)
    {
        IEnumerable<Cookie> Sessions() => agent.Browser!.Cookies.GetCookies(_host.Address).Where(c => c.Name.StartsWith("latchkey.", StringComparison.Ordinal));
        var before = Sessions().Select(c => c.Name).ToHashSet();
        var way = await WayAsync(agent, app);
        (await agent.Browser!.SubmitAsync(way, way)).Dispose();
        return Sessions().Single(c => !before.Contains(c.Name));
    }

    private Task<(int Status, string? Problem)> RedeemAsync(Principal agent, string way) => AskAsync(agent, HttpMethod.Post, way, new FormUrlEncodedContent([]));

    private async Task<(int Status, string? Problem)> AskAsync(Principal by, HttpMethod method, string path, HttpContent? body = null)
    {
        using var request = by.Ask(method, new Uri(_host.Address, path), body);
        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? (await answer.JsonAsync()).GetProperty("type").GetString() : null);
    }

    private Principal One(string name) => _cast.All.Single(p => p.Name == name);
}
